import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  INTEGER,
  LIST,
  MAP,
  VARCHAR,
  listValue,
  mapValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Batch, ColumnData, MapData } from '../../core/model';
import type { Placement } from '../../core/store';

/** DuckDB's vector size. */
export const CHUNK_ROWS = 2048;

function typeOf(column: ColumnData): DuckDBType {
  switch (column.type) {
    case 'i32':
      return INTEGER;
    case 'i64':
      return BIGINT;
    case 'f64':
      return DOUBLE;
    case 'bool':
      return BOOLEAN;
    case 'utf8':
      return VARCHAR;
    case 'map':
      return MAP(VARCHAR, VARCHAR);
    case 'f64[]':
      return LIST(DOUBLE);
    case 'i64[]':
      return LIST(BIGINT);
  }
}

export function columnTypes(batch: Batch): DuckDBType[] {
  return [INTEGER, BIGINT, ...batch.columns.map(typeOf)];
}

/** The values of rows [at, at + rows) column by column, with their place in the source before them. */
export function chunkColumns(
  batch: Batch,
  { sourceId, firstRowNo }: Placement,
  at: number,
  rows: number,
): DuckDBValue[][] {
  const places = Array.from({ length: rows }, (_, i) => firstRowNo + BigInt(at + i));
  return [
    new Array<DuckDBValue>(rows).fill(sourceId),
    places,
    ...batch.columns.map((column) => slice(column, at, rows)),
  ];
}

function slice(column: ColumnData, at: number, rows: number): DuckDBValue[] {
  switch (column.type) {
    case 'i32':
    case 'i64':
    case 'f64': {
      const { data, valid } = column;
      const values: DuckDBValue[] = new Array<DuckDBValue>(rows);
      for (let i = 0; i < rows; i++) {
        values[i] = valid && !valid[at + i] ? null : (data[at + i] ?? null);
      }
      return values;
    }
    case 'bool':
      return Array.from({ length: rows }, (_, i) => column.data[at + i] === 1);
    case 'utf8':
      return column.data.slice(at, at + rows);
    case 'map':
      return mapSlice(column.data, at, rows);
    case 'f64[]':
    case 'i64[]': {
      const { offsets, items } = column.data;
      return Array.from({ length: rows }, (_, i) =>
        listValue([...items.subarray(offsets[at + i] ?? 0, offsets[at + i + 1] ?? 0)]),
      );
    }
  }
}

function mapSlice({ offsets, keys, values }: MapData, at: number, rows: number): DuckDBValue[] {
  return Array.from({ length: rows }, (_, i) => {
    const entries = [];
    const end = offsets[at + i + 1] ?? 0;
    for (let k = offsets[at + i] ?? 0; k < end; k++) {
      entries.push({ key: keys[k] ?? '', value: values[k] ?? '' });
    }
    return mapValue(entries);
  });
}
