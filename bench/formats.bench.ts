import { join } from 'node:path';
import { formats } from '../connectors';
import type { Batch } from '../core/model';
import { SIGNAL_OF } from '../core/model';
import { readFile, type ByteSource } from '../core/connect';
import { sampleFolders } from '../core/connect/testing/formats-doc';
import { sampleFiles } from '../core/connect/testing/samples';

export interface FormatRate {
  readonly format: string;
  readonly sample: string;
  /** 'one file': copies one after the other; 'many files': the format allows only one document a file. */
  readonly as: 'one file' | 'many files';
  readonly megabytes: number;
  readonly rowsPerSecond: number;
  readonly megabytesPerSecond: number;
  /** Most that the heap and buffers had grown by when a batch was handed over. */
  readonly growthMegabytes: number;
  /** What every reader of the format pays at least. */
  readonly beside: string | null;
  /** Our time over that. */
  readonly times: number | null;
}

const BYTES = 6e6;
const RUNS = 3;
const signal = new AbortController().signal;

/** Every format's first whole sample, enlarged by copies: rows per second, memory and the least that any reader pays. */
export async function formatsBench(): Promise<readonly FormatRate[]> {
  const rates: FormatRate[] = [];
  const seen = new Set<string>();
  for (const { path, samples } of sampleFolders(join(process.cwd(), 'connectors'))) {
    for (const { file, format } of samples) {
      if (seen.has(format) || file.startsWith('damaged-')) continue;
      const files = sampleFiles(path, file);
      const [only] = files;
      if (files.length !== 1 || only === undefined) continue;
      const rate = await rateOf(format, file, only.bytes);
      if (!rate) continue;
      seen.add(format);
      rates.push(rate);
    }
  }
  return rates.sort((a, b) => (a.format < b.format ? -1 : 1));
}

async function rateOf(
  format: string,
  sample: string,
  bytes: Uint8Array,
): Promise<FormatRate | undefined> {
  const own = await readOnce(format, [bytes]);
  if (own.rows === 0) return undefined;
  const copies = Math.max(1, Math.round(BYTES / bytes.length));
  const joined = new Uint8Array(bytes.length * copies);
  for (let i = 0; i < copies; i++) joined.set(bytes, i * bytes.length);
  const isOne = (await readOnce(format, [joined])).rows === own.rows * copies;
  const parts = isOne ? [joined] : Array.from({ length: copies }, () => bytes);
  let best = Number.POSITIVE_INFINITY;
  let growth = 0;
  for (let run = 0; run < RUNS; run++) {
    const { ms, grown } = await readOnce(format, parts);
    best = Math.min(best, ms);
    growth = Math.max(growth, grown);
  }
  const least = leastOf(bytes, copies);
  const megabytes = joined.length / 1e6;
  return {
    format,
    sample,
    as: isOne ? 'one file' : 'many files',
    megabytes: round(megabytes),
    rowsPerSecond: Math.round((own.rows * copies) / (best / 1000)),
    megabytesPerSecond: round(megabytes / (best / 1000)),
    growthMegabytes: round(growth / 1e6),
    beside: least?.what ?? null,
    times: least ? round(best / least.ms) : null,
  };
}

const round = (value: number): number => Number(value.toPrecision(3));

async function readOnce(
  format: string,
  parts: readonly Uint8Array[],
): Promise<{ rows: number; ms: number; grown: number }> {
  let rows = 0;
  let grown = 0;
  const before = held();
  const onItem = (item: { kind: string; batch?: Batch }): void => {
    if (!item.batch) return;
    if (SIGNAL_OF[item.batch.table] !== undefined) rows += item.batch.rows;
    grown = Math.max(grown, held() - before);
  };
  const started = performance.now();
  for (const bytes of parts) {
    await readFile(sourceOf(bytes), formats, { signal, as: format, onItem });
  }
  return { rows, ms: performance.now() - started, grown };
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** JSON.parse of every document or line, else decoding the text and cutting it into lines; null for binary data. */
function leastOf(
  bytes: Uint8Array,
  copies: number,
): { readonly what: string; readonly ms: number } | undefined {
  if (bytes.includes(0)) return undefined;
  const text = new TextDecoder().decode(bytes);
  const [what, parse] = isJson(text)
    ? ['JSON.parse', (of: string) => void JSON.parse(of)]
    : text.split('\n').every((line) => line.trim() === '' || isJson(line))
      ? ['JSON.parse a line', parseLines]
      : ['decode and split', (of: string) => void of.split('\n')];
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    for (let i = 0; i < copies; i++) parse(new TextDecoder().decode(bytes));
    best = Math.min(best, performance.now() - started);
  }
  return { what, ms: best };
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseLines(text: string): void {
  for (const line of text.split('\n')) if (line.trim() !== '') JSON.parse(line);
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    name: 'bench',
    size: bytes.length,
    stream: () => {
      let at = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at >= bytes.length) controller.close();
          else controller.enqueue(bytes.subarray(at, at + (1 << 20)));
          at += 1 << 20;
        },
      });
    },
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
}
