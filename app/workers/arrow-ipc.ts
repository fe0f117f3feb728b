import * as arrow from 'apache-arrow';
import type { Batch, ColumnData, MapData } from '../../core/model';
import type { Placement } from '../../core/store';

const encoder = new TextEncoder();

/** A batch with its place in the source as one EOS-terminated Arrow IPC stream. */
export function batchToIpc(batch: Batch, { sourceId, firstRowNo }: Placement): Uint8Array {
  const { rows } = batch;
  const places = new BigInt64Array(rows);
  for (let i = 0; i < rows; i++) places[i] = firstRowNo + BigInt(i);
  const columns: arrow.Data[] = [
    arrow.makeData({
      type: new arrow.Int32(),
      length: rows,
      nullCount: 0,
      data: new Int32Array(rows).fill(sourceId),
    }),
    arrow.makeData({ type: new arrow.Int64(), length: rows, nullCount: 0, data: places }),
    ...batch.columns.map((column) => columnToArrow(column, rows)),
  ];
  const fields = columns.map((data, i) => new arrow.Field(`c${i}`, data.type, true));
  const schema = new arrow.Schema(fields);
  const struct = arrow.makeData({
    type: new arrow.Struct(fields),
    length: rows,
    nullCount: 0,
    children: columns,
  });
  return arrow.tableToIPC(
    new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]),
    'stream',
  );
}

function columnToArrow(column: ColumnData, length: number): arrow.Data {
  switch (column.type) {
    case 'i32':
      return arrow.makeData({
        type: new arrow.Int32(),
        length,
        data: column.data,
        ...nulls(column.valid),
      });
    case 'i64':
      return arrow.makeData({
        type: new arrow.Int64(),
        length,
        data: column.data,
        ...nulls(column.valid),
      });
    case 'f64':
      return arrow.makeData({
        type: new arrow.Float64(),
        length,
        data: column.data,
        ...nulls(column.valid),
      });
    case 'bool':
      return arrow.makeData({
        type: new arrow.Bool(),
        length,
        nullCount: 0,
        data: pack(column.data),
      });
    case 'utf8':
      return utf8(column.data);
    case 'map':
      return map(column.data, length);
    case 'f64[]':
      return list(new arrow.Float64(), column.data.offsets, column.data.items, length);
    case 'i64[]':
      return list(new arrow.Int64(), column.data.offsets, column.data.items, length);
  }
}

/** One bit a value, least significant first. */
function pack(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) {
    if (values[i]) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return bits;
}

function nulls(valid: Uint8Array | undefined): { nullCount: number; nullBitmap?: Uint8Array } {
  if (!valid) return { nullCount: 0 };
  let nullCount = 0;
  for (const v of valid) if (!v) nullCount++;
  return { nullCount, nullBitmap: pack(valid) };
}

function utf8(values: readonly (string | null)[]): arrow.Data {
  const length = values.length;
  const valueOffsets = new Int32Array(length + 1);
  let room = 0;
  for (const value of values) room += value === null ? 0 : value.length * 3;
  const bytes = new Uint8Array(room);
  const valid = new Uint8Array(length).fill(1);
  let at = 0;
  let missing = false;
  for (let i = 0; i < length; i++) {
    const value = values[i] ?? null;
    if (value === null) {
      valid[i] = 0;
      missing = true;
    } else if (value !== '') {
      at += encoder.encodeInto(value, bytes.subarray(at)).written;
    }
    valueOffsets[i + 1] = at;
  }
  return arrow.makeData({
    type: new arrow.Utf8(),
    length,
    valueOffsets,
    data: bytes.subarray(0, at),
    ...nulls(missing ? valid : undefined),
  });
}

const KEY = new arrow.Field('key', new arrow.Utf8(), false);
const VALUE = new arrow.Field('value', new arrow.Utf8(), true);
const ENTRY = new arrow.Struct<{ key: arrow.Utf8; value: arrow.Utf8 }>([KEY, VALUE]);
const MAP_TYPE = new arrow.Map_<arrow.Utf8, arrow.Utf8>(
  new arrow.Field('entries', ENTRY, false),
  false,
);

function map({ offsets, keys, values }: MapData, length: number): arrow.Data {
  const child = arrow.makeData({
    type: ENTRY,
    length: keys.length,
    nullCount: 0,
    children: [utf8(keys), utf8(values)],
  });
  return arrow.makeData({ type: MAP_TYPE, length, nullCount: 0, valueOffsets: offsets, child });
}

function list(
  type: arrow.Float64 | arrow.Int64,
  offsets: Int32Array,
  items: Float64Array | BigInt64Array,
  length: number,
): arrow.Data {
  const child = arrow.makeData({
    type: type as arrow.Float64,
    length: items.length,
    nullCount: 0,
    data: items as Float64Array,
  });
  const listType = new arrow.List(new arrow.Field('item', type as arrow.Float64, true));
  return arrow.makeData({ type: listType, length, nullCount: 0, valueOffsets: offsets, child });
}
