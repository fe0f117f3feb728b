import * as arrow from 'apache-arrow';
import { FaultlineError } from '../../core/base';
import type { Frame, FrameArrays, FrameSpec, FrameType } from '../../core/model';
import type { Cell, SqlResult } from '../../core/store';

/** Arrow record batches as a frame. Columns are copied once, so that each can be transferred. */
export function batchesToFrame<S extends FrameSpec>(
  batches: readonly arrow.RecordBatch[],
  spec: S,
): Frame<S> {
  const rows = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const col: Record<string, FrameArrays[FrameType]> = {};
  for (const [name, type] of Object.entries(spec)) {
    const vectors = batches.map((batch) => batch.getChild(name));
    if (vectors.some((vector) => vector === null)) {
      throw new FaultlineError('internal', `The result has no column ${name}.`);
    }
    col[name] = readColumn(vectors as arrow.Vector[], type, rows);
  }
  return { rows, col: col as Frame<S>['col'] };
}

function readColumn(
  vectors: readonly arrow.Vector[],
  type: FrameType,
  rows: number,
): FrameArrays[FrameType] {
  switch (type) {
    case 'f64':
      return numbers(new Float64Array(rows), vectors, Float64Array);
    case 'i32':
      return numbers(new Int32Array(rows), vectors, Int32Array);
    case 'bool':
      return numbers(new Uint8Array(rows), vectors, undefined);
    case 'i64': {
      const out = new BigInt64Array(rows);
      each(vectors, (value, i) => {
        out[i] = typeof value === 'bigint' ? value : BigInt(Number(value ?? 0));
      });
      return out;
    }
    case 'str':
      return list(vectors, rows, (v) => (v === null ? '' : textOf(v)));
    case 'str?':
      return list(vectors, rows, (v) => (v === null ? null : textOf(v)));
    case 'map':
      return list(vectors, rows, mapRecord);
  }
}

function each(
  vectors: readonly arrow.Vector[],
  visit: (value: unknown, index: number) => void,
): void {
  let at = 0;
  for (const vector of vectors) {
    for (let i = 0; i < vector.length; i++) visit(vector.get(i), at++);
  }
}

function numbers<A extends Float64Array | Int32Array | Uint8Array>(
  out: A,
  vectors: readonly arrow.Vector[],
  direct: Float64ArrayConstructor | Int32ArrayConstructor | undefined,
): A {
  let at = 0;
  for (const vector of vectors) {
    const data: unknown = vector.nullCount === 0 && direct ? vector.toArray() : undefined;
    if (direct && data instanceof direct) {
      out.set(data, at);
      at += vector.length;
      continue;
    }
    for (let i = 0; i < vector.length; i++) {
      const value: unknown = vector.get(i);
      out[at++] = value === null ? Number.NaN : Number(value);
    }
  }
  return out;
}

function list<T>(
  vectors: readonly arrow.Vector[],
  rows: number,
  convert: (value: unknown) => T,
): T[] {
  const out = new Array<T>(rows);
  each(vectors, (value, i) => {
    out[i] = convert(value);
  });
  return out;
}

/** Text of a value as people know it; Arrow's own values (wide integers, decimals) print themselves. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null
    ? (value as { toString(): string }).toString()
    : String(value);
}

function mapRecord(value: unknown): Readonly<Record<string, string>> {
  if (!(value instanceof arrow.MapRow)) return {};
  const entries = [...(value as Iterable<[unknown, unknown]>)];
  return Object.fromEntries(entries.map(([k, v]) => [String(k), String(v)]));
}

/** Arrow record batches as cells, at most `limit` rows. */
export function batchesToCells(
  batches: readonly arrow.RecordBatch[],
  schema: arrow.Schema,
  limit: number,
): SqlResult {
  const columns = schema.fields.map(({ name, type }) => ({ name, type: String(type) }));
  const total = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const rows = Math.min(limit, total);
  const data = columns.map((_, c) => {
    const cells: Cell[] = [];
    for (const batch of batches) {
      const vector = batch.getChildAt(c);
      const take = Math.min(vector?.length ?? 0, rows - cells.length);
      for (let i = 0; i < take; i++) cells.push(cell(vector?.get(i)));
    }
    return cells;
  });
  return { columns, data, rows, truncated: total > limit };
}

function cell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return value;
  if (value instanceof arrow.MapRow) {
    const entries = [...(value as Iterable<[unknown, unknown]>)];
    return Object.fromEntries(entries.map(([k, v]) => [String(k), cell(v)]));
  }
  if (value instanceof arrow.StructRow) {
    return Object.fromEntries(Object.entries(value.toJSON()).map(([k, v]) => [k, cell(v)]));
  }
  if (value instanceof arrow.Vector) return [...(value as Iterable<unknown>)].map(cell);
  if (value instanceof Date) return value.toISOString();
  // A HUGEINT or DECIMAL comes as words of a little-endian integer: its text is what people know.
  return textOf(value);
}
