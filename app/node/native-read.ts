import {
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  type DuckDBDataChunk,
  type DuckDBResult,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import { FaultlineError } from '../../core/base';
import type { Frame, FrameArrays, FrameSpec, FrameType } from '../../core/model';
import type { Cell, SqlResult } from '../../core/store';

/** A streamed result as a frame, column by column. */
export async function readFrame<S extends FrameSpec>(
  result: DuckDBResult,
  spec: S,
): Promise<Frame<S>> {
  const names = result.columnNames();
  const chunks: DuckDBDataChunk[] = [];
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    chunks.push(chunk);
    rows += chunk.rowCount;
  }
  const col: Record<string, FrameArrays[FrameType]> = {};
  for (const [name, type] of Object.entries(spec)) {
    const index = names.indexOf(name);
    if (index < 0) throw new FaultlineError('internal', `The result has no column ${name}.`);
    const vectors = chunks.map((chunk) => chunk.getColumnVector(index));
    col[name] = readColumn(vectors, type, rows);
  }
  return { rows, col: col as Frame<S>['col'] };
}

function readColumn(
  vectors: readonly DuckDBVector[],
  type: FrameType,
  rows: number,
): FrameArrays[FrameType] {
  switch (type) {
    case 'f64':
      return fill(new Float64Array(rows), vectors, (v) => (v === null ? Number.NaN : Number(v)));
    case 'i32':
      return fill(new Int32Array(rows), vectors, Number);
    case 'bool':
      return fill(new Uint8Array(rows), vectors, (v) => (v === true ? 1 : 0));
    case 'i64': {
      const out = new BigInt64Array(rows);
      each(vectors, (value, i) => {
        out[i] = typeof value === 'bigint' ? value : BigInt(Number(value ?? 0));
      });
      return out;
    }
    case 'str':
      return list(vectors, rows, (v) => (v === null ? '' : String(v)));
    case 'str?':
      return list(vectors, rows, (v) => (v === null ? null : String(v)));
    case 'map':
      return list(vectors, rows, mapRecord);
  }
}

function each(
  vectors: readonly DuckDBVector[],
  visit: (value: DuckDBValue, index: number) => void,
): void {
  let at = 0;
  for (const vector of vectors) {
    const count = vector.itemCount;
    for (let i = 0; i < count; i++) visit(vector.getItem(i), at++);
  }
}

function fill<A extends Float64Array | Int32Array | Uint8Array>(
  out: A,
  vectors: readonly DuckDBVector[],
  convert: (value: DuckDBValue) => number,
): A {
  each(vectors, (value, i) => {
    out[i] = convert(value);
  });
  return out;
}

function list<T>(
  vectors: readonly DuckDBVector[],
  rows: number,
  convert: (value: DuckDBValue) => T,
): T[] {
  const out = new Array<T>(rows);
  each(vectors, (value, i) => {
    out[i] = convert(value);
  });
  return out;
}

function mapRecord(value: DuckDBValue): Readonly<Record<string, string>> {
  if (!(value instanceof DuckDBMapValue)) return {};
  return Object.fromEntries(value.entries.map((e) => [String(e.key), String(e.value)]));
}

/** A result of free SQL, at most `limit` rows of it. */
export async function readCells(result: DuckDBResult, limit: number): Promise<SqlResult> {
  const names = result.deduplicatedColumnNames();
  const columns = names.map((name, i) => ({ name, type: String(result.columnType(i)) }));
  const data: Cell[][] = names.map(() => []);
  let rows = 0;
  let truncated = false;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const take = Math.min(chunk.rowCount, limit - rows);
    truncated ||= take < chunk.rowCount;
    for (let c = 0; c < names.length; c++) {
      const vector = chunk.getColumnVector(c);
      for (let i = 0; i < take; i++) data[c]?.push(cell(vector.getItem(i)));
    }
    rows += take;
  }
  return { columns, data, rows, truncated };
}

function cell(value: DuckDBValue): Cell {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(value.entries.map((e) => [e.key?.toString() ?? '', cell(e.value)]));
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([k, v]) => [k, cell(v)]));
  }
  if (value instanceof DuckDBListValue) return value.items.map(cell);
  return value.toString();
}
