import { FaultlineError } from '../../base';
import type { FormatItem } from '../format';
import { ColumnRows, type ColumnFile } from './column-rows';
import type { MappedTable } from './mapped-table';
import type { TableHead } from './mapping-guess';
import type { OtelRows } from './otel-columns';
import { SIGNAL_OF_SHAPE, type Shape } from './otel-names';
import type { RecordBlock } from './records';
import type { RowSink } from './rows';

/** The tables that columns of OpenTelemetry's names and mapped ones can fill. */
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

/** A file whose columns are called as OpenTelemetry does, through `otel` into `sink`. */
export async function* readKnown(
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

const HEAD_ROWS = 200;

/** Files of the same columns as one table for a mapping; `named`: places name the file. */
export async function columnTable(
  files: readonly ColumnFile[],
  signal: AbortSignal,
  named = files.length > 1,
): Promise<MappedTable<number>> {
  const [first] = files;
  if (!first) throw new FaultlineError('internal', 'A table of no files.');
  const rows = new ColumnRows(first, signal, named);
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
