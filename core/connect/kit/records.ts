import type { Signal } from '../../model';
import type { ByteSource, FormatItem } from '../format';
import { lineBlocks } from '../import-lines';
import { isJsonObject, type JsonObject } from '../import-json';
import type { DroppedPlace } from './dropped-place';
import type { RowSink } from './rows';

/** One record of a file as it stands there: its value, or why it has none. */
export type RawRecord<V> =
  | { readonly where: string; readonly text: string; readonly value: V }
  | { readonly where: string; readonly text: string; readonly reason: string };

/** Records as they come off a source, many at once, so that a record costs no await. */
export interface RecordBlock<V> {
  readonly records: readonly RawRecord<V>[];
  /** Places that were no UTF-8. */
  readonly malformed: number;
}

/**
 * Whole lines without their line ends. Empty ones are no records; with `blank` they come as '', for formats
 * whose records go over several lines.
 */
export async function* textLines(
  source: ByteSource,
  signal: AbortSignal,
  { blank = false }: { readonly blank?: boolean } = {},
): AsyncGenerator<RecordBlock<string>> {
  for await (const block of lineBlocks(source, signal)) {
    const records: RawRecord<string>[] = [];
    if (block.passedOver) {
      const { line, start, bytes } = block.passedOver;
      const reason = `the line has over ${bytes} bytes`;
      records.push({ where: `line ${line}`, text: start, reason });
    }
    let line = block.firstLine;
    const lines = block.text.split('\n');
    // After the last line end nothing stands.
    if (lines.at(-1) === '') lines.pop();
    for (const raw of lines) {
      const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (text.trim() !== '') records.push({ where: `line ${line}`, text, value: text });
      else if (blank) records.push({ where: `line ${line}`, text: '', value: '' });
      line++;
    }
    yield { records, malformed: block.malformed };
  }
}

/**
 * JSON lines. A line that is no object is a record with a reason; the last one may have been cut. `parse` is
 * `parseExact` where numbers may be beyond 2^53.
 */
export async function* jsonLines(
  source: ByteSource,
  signal: AbortSignal,
  parse: (text: string) => unknown = JSON.parse,
): AsyncGenerator<RecordBlock<JsonObject>> {
  for await (const { records, malformed } of textLines(source, signal)) {
    yield { records: records.map((record) => parsedLine(record, parse)), malformed };
  }
}

function parsedLine(
  record: RawRecord<string>,
  parse: (text: string) => unknown,
): RawRecord<JsonObject> {
  if (!('value' in record)) return record;
  const { where, text } = record;
  try {
    const value: unknown = parse(text);
    if (isJsonObject(value)) return { where, text, value };
  } catch {
    // Said below.
  }
  return { where, text, reason: 'the line is not a JSON object' };
}

export interface RecordReader<V> {
  readonly sink: RowSink;
  /** What records that are none are counted as. */
  readonly signal: Signal;
  /** Puts the record into the sink (any number of rows), or says why it can't be taken; '' where it was. */
  readonly add: (value: V, where: string, text: string) => string;
  /** Where a record stands that `add` has just not taken; else it is read out of its text. */
  readonly place?: (value: V) => DroppedPlace;
  /** Rows that wait for more, e.g. a message over several lines; called once at the end. */
  readonly end?: () => void;
}

/** The usual body of `read`: every record goes into the sink or is dropped with its reason. */
export async function* readRecords<V>(
  blocks: AsyncIterable<RecordBlock<V>>,
  { sink, signal, add, place, end }: RecordReader<V>,
): AsyncGenerator<FormatItem> {
  for await (const { records, malformed } of blocks) {
    if (malformed > 0) noteMalformed(sink, malformed);
    for (const record of records) {
      const { where, text } = record;
      const reason = 'value' in record ? add(record.value, where, text) : record.reason;
      if (reason === '') continue;
      sink.drop(signal, where, text, reason, 'value' in record ? place?.(record.value) : undefined);
    }
    yield* sink.items();
  }
  end?.();
  yield* sink.items(true);
}

export function noteMalformed(sink: RowSink, count: number): void {
  sink.notices.add(
    'malformed-text',
    'warning',
    (n) => `${n} places are no UTF-8 and stand as U+FFFD.`,
    count,
  );
}
