import type { Batch, ColumnData, TelemetryTable } from '../../model';
import { TELEMETRY } from '../../model';

export type Cell = string | number | bigint | null | Readonly<Record<string, string>>;
export type Row = Readonly<Record<string, Cell>>;

function cell(column: ColumnData, i: number): Cell {
  if ('valid' in column && column.valid && column.valid[i] === 0) return null;
  switch (column.type) {
    case 'map': {
      const { offsets, keys, values } = column.data;
      const record: Record<string, string> = {};
      for (let at = offsets[i]!; at < offsets[i + 1]!; at++) record[keys[at]!] = values[at]!;
      return record;
    }
    case 'f64[]':
    case 'i64[]':
      throw new Error('the simulation has no lists');
    default:
      return column.data[i] ?? null;
  }
}

/** All rows by table, as objects: for tests only. */
export function rowsOf(batches: Iterable<Batch>): Record<TelemetryTable, Row[]> {
  const tables = Object.fromEntries(
    Object.keys(TELEMETRY).map((table) => [table, [] as Row[]]),
  ) as Record<TelemetryTable, Row[]>;
  for (const batch of batches) {
    const names = Object.keys(TELEMETRY[batch.table]);
    for (let i = 0; i < batch.rows; i++) {
      const row: Record<string, Cell> = {};
      batch.columns.forEach((column, c) => (row[names[c]!] = cell(column, i)));
      tables[batch.table].push(row);
    }
  }
  return tables;
}

/** A row as text that equals another's exactly where all cells do; map entries in any order. */
export function rowText(row: Row): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Resource attributes by id. */
export function resourcesOf(rows: readonly Row[]): Map<bigint, Readonly<Record<string, string>>> {
  return new Map(
    rows.map((row) => [
      row['resource_id'] as bigint,
      row['attributes'] as Readonly<Record<string, string>>,
    ]),
  );
}

export interface SeriesOf {
  readonly metric: string;
  readonly kind: string;
  /** Resource and own labels together. */
  readonly labels: Readonly<Record<string, string>>;
  readonly points: { readonly ts: bigint; readonly value: number }[];
}

export function seriesOf(tables: Record<TelemetryTable, Row[]>): readonly SeriesOf[] {
  const resources = resourcesOf(tables.resources);
  const all = new Map<bigint, SeriesOf>();
  for (const row of tables.metric_series) {
    all.set(row['series_id'] as bigint, {
      metric: row['metric'] as string,
      kind: row['kind'] as string,
      labels: {
        ...resources.get(row['resource_id'] as bigint),
        ...(row['labels'] as Readonly<Record<string, string>>),
      },
      points: [],
    });
  }
  for (const row of tables.samples) {
    all
      .get(row['series_id'] as bigint)!
      .points.push({ ts: row['ts'] as bigint, value: row['value'] as number });
  }
  return [...all.values()];
}
