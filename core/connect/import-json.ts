import { FaultlineError } from '../base';
import { BatchBuilder, ResourceInterner, type Signal, type TelemetryTable } from '../model';
import type { ByteSource, FormatItem } from './format';
import { chunksOf, joined } from './import-bytes';
import { excerpt, lineBlocks } from './import-lines';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One line of a JSON-lines file: an object, or why it is none. */
export type JsonLine =
  | { readonly line: number; readonly text: string; readonly value: JsonObject }
  | { readonly line: number; readonly text: string; readonly reason: string };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON lines, a block at a time. Empty lines are no records. For files of modest size. */
async function* jsonLines(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<readonly JsonLine[]> {
  for await (const block of lineBlocks(source, signal)) {
    const out: JsonLine[] = [];
    if (block.passedOver) {
      const { line, start, bytes } = block.passedOver;
      out.push({ line, text: start, reason: `the line has over ${bytes} bytes` });
    }
    const lines = block.text.split('\n');
    for (const [i, text] of lines.entries()) {
      if (text.trim() === '') continue;
      const line = block.firstLine + i;
      const value = parsed(text);
      if (isJsonObject(value)) out.push({ line, text, value });
      else {
        const cut = block.unfinished && i === lines.length - 1;
        const reason = cut ? 'the file ends within this line' : 'the line is not a JSON object';
        out.push({ line, text, reason });
      }
    }
    yield out;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A source's bytes whole. Throws 'format/damaged' where they are more than `maxBytes`. */
export async function bytesOf(
  source: ByteSource,
  signal: AbortSignal,
  maxBytes = 64 << 20,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(source.stream(), signal)) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new FaultlineError(
        'format/damaged',
        `${source.name} is larger than ${maxBytes >> 20} MiB as one document.`,
      );
    }
    chunks.push(chunk);
  }
  return joined(chunks);
}

/** A source as one JSON value. Throws 'format/damaged' where it is none or larger than `maxBytes`. */
export async function jsonDocument(
  source: ByteSource,
  signal: AbortSignal,
  maxBytes = 64 << 20,
): Promise<unknown> {
  const bytes = await bytesOf(source, signal, maxBytes);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new FaultlineError('format/damaged', `${source.name} is not valid JSON: ${why}`, {
      cause,
    });
  }
}

/** Any JSON value as attribute text: text as it is, other values as JSON. */
export function jsonText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** A text, or a number as text; '' for everything else. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** An object; {} for everything else. */
export function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** A list; [] for everything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The members of an object as attributes, under a prefix; nothing where it is no object. */
export function jsonAttributes(value: unknown, prefix = ''): Record<string, string> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined)
      .map(([key, v]) => [prefix + key, jsonText(v)]),
  );
}

/** Rows in a batch, about. */
const BATCH_ROWS = 20_000;

export interface JsonTable<T extends TelemetryTable> {
  readonly table: T;
  readonly signal: Signal;
  /** Appends the record, or says why it can't be taken over; '' where it was. */
  readonly add: (value: JsonObject, rows: BatchBuilder<T>, resources: ResourceInterner) => string;
}

/** Reads a file of JSON lines that are the rows of one table, with the resources that they name. */
export async function* readJsonTable<T extends TelemetryTable>(
  source: ByteSource,
  signal: AbortSignal,
  { table, signal: about, add }: JsonTable<T>,
): AsyncGenerator<FormatItem> {
  const rows = new BatchBuilder(table);
  const resources = new ResourceInterner();
  const flush = function* (): Generator<FormatItem> {
    const found = resources.take();
    if (found) yield { kind: 'batch', batch: found };
    if (rows.rows > 0) yield { kind: 'batch', batch: rows.take() };
  };
  for await (const lines of jsonLines(source, signal)) {
    for (const record of lines) {
      const reason = 'value' in record ? add(record.value, rows, resources) : record.reason;
      if (!reason) continue;
      const where = `line ${record.line}`;
      const text = excerpt(record.text);
      yield { kind: 'dropped', record: { signal: about, where, text, reason } };
    }
    if (rows.rows >= BATCH_ROWS) yield* flush();
  }
  yield* flush();
}
