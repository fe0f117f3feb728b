import {
  RowSink,
  csvRecords,
  headCsv,
  headJsonLines,
  jsonLines,
  peeked,
  readRecords,
  type ByteSource,
  type Delimiter,
  type FileFormat,
  type Head,
  type JsonObject,
  type RawRecord,
  type RecordBlock,
} from '../../core/connect';
import { EventReader } from './events';

/**
 * Timesketch's timelines, CSV or JSON lines: `message`, `datetime` (ISO 8601), `timestamp_desc`, mostly
 * `timestamp` (µs). Events become log records; those that `faultline export` wrote become what they were.
 * Source: timesketch.org, guides/user/import-from-json-csv.
 */
export const timesketch: FileFormat = {
  id: 'timesketch',
  title: 'Timesketch timeline',
  tables: ['resources', 'logs', 'spans', 'alerts', 'changes', 'metric_series', 'samples'],
  sniff,
  describe: (head) => ({
    signals: /"data_type":\s*"faultline:/.test(head.text)
      ? ['logs', 'spans', 'alerts', 'changes', 'samples']
      : ['logs'],
    time: 'text',
    zone: 'stated',
    clock: 'whatever each event was taken from',
    guessed: false,
  }),
  async *read(given, signal, choices) {
    const { head, source } = await peeked(given, signal);
    const sink = new RowSink();
    const events = new EventReader(sink, choices);
    const table = head.text.trimStart().startsWith('{') ? undefined : headCsv(head);
    const blocks = table ? tableRows(source, signal, table) : jsonLines(source, signal);
    yield* readRecords(blocks, { sink, signal: 'logs', add: (event) => events.add(event) });
  },
};

const NEEDED = ['message', 'datetime', 'timestamp_desc'];

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headJsonLines(head);
  const fits = lines.filter((event) => NEEDED.every((name) => name in event));
  if (fits.length > 0 && fits.length >= lines.length * 0.8) {
    return {
      confidence: 0.96,
      why: `JSON lines with ${NEEDED.join(', ')}, as Timesketch asks for.`,
    };
  }
  const table = headCsv(head);
  if (table && NEEDED.every((name) => table.header.includes(name))) {
    return { confidence: 0.96, why: `A table with ${NEEDED.join(', ')}, as Timesketch asks for.` };
  }
  return { confidence: 0, why: '' };
}

/** The rows of a table as objects; what is empty is not there. */
async function* tableRows(
  source: ByteSource,
  signal: AbortSignal,
  { header, delimiter }: { readonly header: readonly string[]; readonly delimiter: Delimiter },
): AsyncGenerator<RecordBlock<JsonObject>> {
  let first = true;
  for await (const block of csvRecords(source, signal, delimiter)) {
    const rows = first && block.records.length > 0 ? block.records.slice(1) : block.records;
    first &&= block.records.length === 0;
    yield { ...block, records: rows.map((row) => objectOf(row, header)) };
  }
}

function objectOf(
  record: RawRecord<readonly string[]>,
  header: readonly string[],
): RawRecord<JsonObject> {
  if (!('value' in record)) return record;
  const { where, text, value } = record;
  if (value.length !== header.length) {
    return {
      where,
      text,
      reason: `it has ${value.length} fields, the table ${header.length} columns`,
    };
  }
  const fields = header.flatMap((name, at) => (value[at] ? [[name, value[at]] as const] : []));
  return { where, text, value: Object.fromEntries(fields) };
}
