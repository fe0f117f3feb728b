import { asFaultlineError, throwIfAborted, type FaultlineError } from '../../core/base';
import {
  OtelRows,
  RowSink,
  SIGNAL_OF_SHAPE,
  columnTable,
  columnsKey,
  previewMapped,
  readKnown,
  readMapped,
  shapeOf,
  type ByteSource,
  type ColumnFile,
  type Described,
  type FileFormat,
  type FormatItem,
  type MappedTable,
  type ReadChoices,
  type Shape,
} from '../../core/connect';

export type OpenFile = (source: ByteSource, signal: AbortSignal) => Promise<ColumnFile>;

/** Reading and preview of a format whose files come column by column. */
export function columnar(open: OpenFile): Pick<FileFormat, 'describe' | 'read' | 'preview'> {
  return {
    describe: () => describeAs([], null),
    read: (source, signal, choices) => read(open, source, signal, choices),
    preview: async (source, signal, choices) => {
      const first = await open(source.parts?.[0] ?? source, signal);
      return previewMapped(await columnTable([first], signal), choices);
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
  return { table: await columnTable(files, signal), next };
}
