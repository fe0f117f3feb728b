import {
  csvFields,
  csvRecords,
  describeMapped,
  guessMapping,
  headCsv,
  headLines,
  peeked,
  previewMapped,
  readMapped,
  rowShape,
  type ByteSource,
  type Delimiter,
  type FileFormat,
  type Head,
  type MappedTable,
  type RawRecord,
  type ReadChoices,
  type RecordBlock,
  type TableHead,
} from '../../core/connect';

type Row = readonly string[];

/** Tables of text with any columns, separated by comma, tab, semicolon or bar (RFC 4180). */
export const csvTable: FileFormat = {
  id: 'csv-table',
  title: 'Table (CSV, TSV)',
  tables: ['resources', 'logs', 'metric_series', 'samples', 'spans', 'alerts', 'changes'],
  sniff,
  describe: (head) => describeMapped(tableOf(head)?.head ?? NONE, head.name),
  async *read(source, signal, choices) {
    yield* readMapped(await opened(source, signal, choices), choices);
  },
  preview: async (source, signal, choices) =>
    previewMapped(await opened(source, signal, choices), choices),
};

const NONE: TableHead = { columns: [], rows: [] };

interface Found {
  readonly delimiter: Delimiter;
  readonly head: TableHead;
}

/** Delimiter and columns; without a header where the first line holds a number or a time, or as the mapping says. */
function tableOf(head: Head, header?: boolean): Found | undefined {
  const csv = headCsv(head);
  if (!csv) return undefined;
  const { delimiter, rows } = csv;
  if (header ?? isHeader(csv.header)) return { delimiter, head: { columns: csv.header, rows } };
  const columns = csv.header.map((_, at) => `column ${at + 1}`);
  return { delimiter, head: { columns, rows: [csv.header, ...rows], header: false } };
}

/** Names are there, differ, and none is a number or a time. */
function isHeader(cells: Row): boolean {
  const names = cells.filter((cell) => cell !== '');
  const named = names.length >= cells.length - 1 && new Set(names).size === names.length;
  return named && !names.some((name) => /^[-+.\d][-+.\d:TZ, /]*$/.test(name));
}

async function opened(
  given: ByteSource,
  signal: AbortSignal,
  choices: ReadChoices | undefined,
): Promise<MappedTable<Row>> {
  const { head: start, source } = await peeked(given, signal);
  const { delimiter, head } = tableOf(start, choices?.mapping?.header) ?? plain(start);
  const width = head.columns.length;
  const records = csvRecords(source, signal, delimiter);
  return {
    name: given.name,
    head,
    shape: rowShape(head.columns),
    blocks: head.header === false ? records : withoutFirst(records),
    fault: (row) =>
      row.length === width ? '' : `it has ${row.length} fields, the table has ${width} columns`,
  };
}

/** What is no table by its head (few rows, uneven ones, a header alone): its first line names the columns. */
function plain(start: Head): Found {
  const [first = '', ...lines] = headLines(start);
  const delimiter = ([',', '\t', ';', '|'] as const).reduce((best, one) =>
    first.split(one).length > first.split(best).length ? one : best,
  );
  const columns = csvFields(first, delimiter).map((name) => name.trim());
  const rows = lines.map((line) => csvFields(line, delimiter));
  return {
    delimiter,
    head: { columns, rows: rows.filter(({ length }) => length === columns.length) },
  };
}

async function* withoutFirst(
  blocks: AsyncIterable<RecordBlock<Row>>,
): AsyncGenerator<RecordBlock<Row>> {
  let first = true;
  for await (const block of blocks) {
    const records: readonly RawRecord<Row>[] =
      first && block.records.length > 0 ? block.records.slice(1) : block.records;
    first &&= block.records.length === 0;
    yield { ...block, records };
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  const found = head.text.includes('\0') ? undefined : tableOf(head);
  if (!found) return { confidence: 0, why: '' };
  const { columns, rows, header } = found.head;
  const words = columns.filter((name) => /^[\p{L}\p{N} _.:@/()[\]%#-]{1,64}$/u.test(name));
  if (words.length < columns.length * 0.8) return { confidence: 0, why: '' };
  const whole = rows.filter(({ length }) => length === columns.length).length / rows.length;
  const mapping = guessMapping(found.head, head.name);
  if (mapping) {
    const sure = whole > 0.95 && header !== false ? 0.3 : 0.15;
    return { confidence: sure, why: `A table of ${columns.length} columns: ${list(columns)}.` };
  }
  if (whole < 0.95 || header === false) return { confidence: 0, why: '' };
  return {
    confidence: 0.05,
    why: `A table of ${columns.length} columns, but none is known as a time: ${list(columns)}.`,
  };
}

const list = (columns: readonly string[]): string =>
  columns.length > 8 ? `${columns.slice(0, 8).join(', ')} …` : columns.join(', ');
