import { TELEMETRY, type Batch, type TelemetryTable } from '../../model';
import {
  readFile,
  type ByteSource,
  type FileFormat,
  type FileReport,
  type FormatItem,
  type ReadChoices,
} from '..';

/** A value of a row as tests compare it: bigints as they are, maps as records, lists as arrays. */
export type Cell =
  null | string | number | bigint | boolean | Record<string, string> | readonly (number | bigint)[];
export type Row = Readonly<Record<string, Cell>>;

/** The rows of a batch as objects, for assertions only. */
export function rowsOf(batch: Batch): readonly Row[] {
  const names = Object.keys(TELEMETRY[batch.table]);
  return Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(names.map((name, i) => [name, cell(batch, i, row)])),
  );
}

function cell(batch: Batch, at: number, row: number): Cell {
  const column = batch.columns[at]!;
  switch (column.type) {
    case 'map': {
      const { offsets, keys, values } = column.data;
      const record: Record<string, string> = {};
      for (let i = offsets[row]!; i < offsets[row + 1]!; i++) record[keys[i]!] = values[i]!;
      return record;
    }
    case 'f64[]':
    case 'i64[]':
      return [
        ...column.data.items.subarray(column.data.offsets[row], column.data.offsets[row + 1]),
      ];
    case 'utf8':
      return column.data[row] ?? null;
    case 'bool':
      return column.data[row] === 1;
    default:
      return column.valid?.[row] === 0 ? null : (column.data[row] ?? null);
  }
}

/** Rows of every table in several batches. */
export function tablesOf(
  batches: readonly Batch[],
): Readonly<Partial<Record<TelemetryTable, readonly Row[]>>> {
  const tables: Partial<Record<TelemetryTable, Row[]>> = {};
  for (const batch of batches) (tables[batch.table] ??= []).push(...rowsOf(batch));
  return tables;
}

/** A source over bytes that hands them out in chunks of `step`. */
export function bytesSource(name: string, content: Uint8Array | string, step = 65536): ByteSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const stream = (): ReadableStream<Uint8Array> => {
    let at = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.slice(at, at + step));
        at += step;
      },
    });
  };
  return { name, size: bytes.length, stream };
}

export interface ReadResult {
  readonly report: FileReport;
  readonly items: readonly FormatItem[];
  readonly batches: readonly Batch[];
}

/** Reads content through the import kit and keeps everything that came. */
export async function readAll(
  source: ByteSource,
  formats: readonly FileFormat[],
  as?: string,
  choices?: ReadChoices,
): Promise<ReadResult> {
  const items: FormatItem[] = [];
  const report = await readFile(source, formats, {
    signal: new AbortController().signal,
    as,
    choices,
    onItem: (item) => void items.push(item),
  });
  const batches = items.flatMap((item) => (item.kind === 'batch' ? [item.batch] : []));
  return { report, items, batches };
}
