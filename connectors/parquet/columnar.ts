import { FaultlineError, asFaultlineError, throwIfAborted } from '../../core/base';
import {
  ColumnRows,
  OtelRows,
  RowSink,
  SIGNAL_OF_SHAPE,
  columnsKey,
  previewMapped,
  readMapped,
  shapeOf,
  type ByteSource,
  type ColumnFile,
  type Described,
  type FileFormat,
  type FormatItem,
  type MappedTable,
  type ReadChoices,
  type RecordBlock,
  type Shape,
  type TableHead,
} from '../../core/connect';

export const COLUMNAR_TABLES = [
  'resources',
  'metric_series',
  'samples',
  'histogram_samples',
  'exemplars',
  'logs',
  'spans',
  'span_events',
  'span_links',
  'alerts',
  'changes',
  'stated_relations',
] as const;

export type OpenFile = (source: ByteSource, signal: AbortSignal) => Promise<ColumnFile>;

/** Reading and preview of a format whose files come column by column. */
export function columnar(open: OpenFile): Pick<FileFormat, 'describe' | 'read' | 'preview'> {
  return {
    describe: () => describeAs([], null),
    read: (source, signal, choices) => read(open, source, signal, choices),
    preview: async (source, signal, choices) => {
      const first = await open(source.parts?.[0] ?? source, signal);
      return previewMapped(await tableOf([first], signal), choices);
    },
  };
}

function describeAs(signals: Described['signals'], time: Described['time']): Described {
  return { signals, time, zone: 'UTC', clock: 'whoever wrote the table', guessed: false };
}

async function* read(
  open: OpenFile,
  source: ByteSource,
  signal: AbortSignal,
  choices?: ReadChoices,
): AsyncGenerator<FormatItem> {
  const sink = new RowSink();
  const otel = new OtelRows(sink, choices);
  const shapes = new Set<Shape>();
  const parts = source.parts ?? [source];
  for (let at = 0; at < parts.length;) {
    throwIfAborted(signal);
    const part = parts[at];
    if (!part) break;
    const file = await opened(open, part, parts.length, sink, signal);
    if (!file) {
      at++;
      continue;
    }
    const shape = choices?.mapping ? undefined : shapeOf(file.columns);
    if (shape) {
      if (!shapes.has(shape)) {
        shapes.add(shape);
        const signals = [...new Set([...shapes].map((one) => SIGNAL_OF_SHAPE[one]))];
        yield { kind: 'described', described: describeAs(signals, 'ns') };
      }
      yield* readKnown(file, shape, otel, sink, signal, parts.length > 1);
      at++;
      continue;
    }
    const run = await runFrom(open, parts, at, file, sink, signal);
    yield* readMapped(run.table, choices);
    at = run.next;
  }
  yield* sink.items(true);
}

/** A part that is damaged is said and passed over; a file that is alone is damaged as a whole. */
async function opened(
  open: OpenFile,
  part: ByteSource,
  parts: number,
  sink: RowSink,
  signal: AbortSignal,
): Promise<ColumnFile | undefined> {
  try {
    return await open(part, signal);
  } catch (error) {
    const known = asFaultlineError(error);
    if (parts === 1 || known.code !== 'format/damaged') throw error;
    noteDamaged(sink, known);
    return undefined;
  }
}

function noteDamaged(sink: RowSink, { message }: FaultlineError): void {
  sink.notices.add(
    'parts-damaged',
    'warning',
    (n) => `${n} files of the table could not be read (${message}).`,
  );
}

async function* readKnown(
  file: ColumnFile,
  shape: Shape,
  otel: OtelRows,
  sink: RowSink,
  signal: AbortSignal,
  named: boolean,
): AsyncGenerator<FormatItem> {
  const rows = new ColumnRows(file, signal, named);
  otel.use(file.columns, (name) => rows.get(name));
  for await (const { records } of rows.blocks()) {
    for (const record of records) {
      const reason = 'value' in record ? otel.add(shape, record.value) : record.reason;
      if (reason !== '') sink.drop(SIGNAL_OF_SHAPE[shape], record.where, record.text, reason);
    }
    yield* sink.items();
  }
}

/** Files after one another with the same columns are one table. */
async function runFrom(
  open: OpenFile,
  parts: readonly ByteSource[],
  from: number,
  first: ColumnFile,
  sink: RowSink,
  signal: AbortSignal,
): Promise<{ readonly table: MappedTable<number>; readonly next: number }> {
  const files = [first];
  let next = from + 1;
  for (; next < parts.length; next++) {
    const part = parts[next];
    const file = part && (await opened(open, part, parts.length, sink, signal));
    if (file && columnsKey(file) !== columnsKey(first)) break;
    if (file) files.push(file);
  }
  return { table: await tableOf(files, signal), next };
}

const HEAD_ROWS = 200;

async function tableOf(
  files: readonly ColumnFile[],
  signal: AbortSignal,
): Promise<MappedTable<number>> {
  const [first] = files;
  if (!first) throw new FaultlineError('internal', 'A table of no files.');
  const rows = new ColumnRows(first, signal, files.length > 1);
  return {
    name: first.name,
    head: await headOf(first, signal),
    shape: rows.shape,
    blocks: joined(rows, files),
  };
}

async function* joined(
  rows: ColumnRows,
  files: readonly ColumnFile[],
): AsyncGenerator<RecordBlock<number>> {
  for (const file of files) {
    rows.use(file);
    yield* rows.blocks();
  }
}

async function headOf(file: ColumnFile, signal: AbortSignal): Promise<TableHead> {
  const rows = new ColumnRows(file, signal, false);
  const columns = file.columns.map(({ name }) => name);
  const head: unknown[][] = [];
  for await (const { records } of rows.blocks()) {
    for (const record of records.slice(0, HEAD_ROWS - head.length)) {
      if ('value' in record) head.push(columns.map((name) => rows.plain(name, record.value)));
    }
    if (head.length >= HEAD_ROWS) break;
  }
  return { columns, rows: head };
}
