import {
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  type DuckDBResult,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import { FaultlineError, throwIfAborted } from '../../core/base';
import type { Frame, FrameArrays, FrameSpec, FrameType } from '../../core/model';
import type { Cell, SqlResult } from '../../core/store';

/**
 * A streamed result as a frame. Each chunk is turned into columns as it comes and let go of: between two
 * chunks the event loop turns, so that whoever waits can look at a signal.
 */
export async function readFrame<S extends FrameSpec>(
  result: DuckDBResult,
  spec: S,
  signal?: AbortSignal,
): Promise<Frame<S>> {
  const names = result.columnNames();
  const columns = Object.entries(spec).map(([name, type]) => {
    const index = names.indexOf(name);
    if (index < 0) throw new FaultlineError('internal', `The result has no column ${name}.`);
    return { name, index, column: COLUMNS[type]() };
  });
  let rows = 0;
  for (;;) {
    throwIfAborted(signal);
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const { index, column } of columns) column.add(chunk.getColumnVector(index));
    rows += chunk.rowCount;
  }
  const col = Object.fromEntries(columns.map(({ name, column }) => [name, column.whole(rows)]));
  return { rows, col: col as Frame<S>['col'] };
}

/** A column that grows by chunks. */
interface GrowingColumn {
  add(vector: DuckDBVector): void;
  whole(rows: number): FrameArrays[FrameType];
}

const COLUMNS: Readonly<Record<FrameType, () => GrowingColumn>> = {
  f64: () =>
    typed(
      (n) => new Float64Array(n),
      (v) => (v === null ? Number.NaN : Number(v)),
    ),
  i32: () => typed((n) => new Int32Array(n), Number),
  bool: () =>
    typed(
      (n) => new Uint8Array(n),
      (v) => (v === true ? 1 : 0),
    ),
  i64: () =>
    typed(
      (n) => new BigInt64Array(n),
      (v) => (typeof v === 'bigint' ? v : BigInt(Number(v ?? 0))),
    ),
  str: () => listed((v) => (v === null ? '' : String(v))),
  'str?': () => listed((v) => (v === null ? null : String(v))),
  map: () => listed(mapRecord),
};

type Typed = Float64Array | Int32Array | Uint8Array | BigInt64Array;

function typed<A extends Typed>(
  make: (length: number) => A,
  convert: (value: DuckDBValue) => A[number],
): GrowingColumn {
  const pieces: A[] = [];
  return {
    add: (vector) => {
      const piece = make(vector.itemCount);
      for (let i = 0; i < piece.length; i++) piece[i] = convert(vector.getItem(i));
      pieces.push(piece);
    },
    whole: (rows) => {
      const out = make(rows);
      let at = 0;
      for (const piece of pieces) {
        // One of the four types on both sides, which the compiler cannot see.
        (out as Float64Array).set(piece as Float64Array, at);
        at += piece.length;
      }
      return out;
    },
  };
}

type Listed = FrameArrays['str' | 'str?' | 'map'][number];

function listed(convert: (value: DuckDBValue) => Listed): GrowingColumn {
  const out: Listed[] = [];
  return {
    add: (vector) => {
      const { itemCount } = vector;
      for (let i = 0; i < itemCount; i++) out.push(convert(vector.getItem(i)));
    },
    whole: () => out as unknown as FrameArrays['str'],
  };
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
