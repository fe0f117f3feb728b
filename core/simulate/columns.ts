import type { ColumnData, MapData } from '../model';

export function i32(column: ColumnData | undefined): Int32Array {
  return column?.data as Int32Array;
}
export function f64(column: ColumnData | undefined): Float64Array {
  return column?.data as Float64Array;
}
export function i64(column: ColumnData | undefined): BigInt64Array {
  return column?.data as BigInt64Array;
}
export function texts(column: ColumnData | undefined): readonly string[] {
  return column?.data as readonly string[];
}
export function maps(column: ColumnData | undefined): MapData {
  return column?.data as MapData;
}

/** Row `i` of a map column as an object. */
export function recordAt(map: MapData, i: number): Record<string, string> {
  const record: Record<string, string> = {};
  for (let at = map.offsets[i]!; at < map.offsets[i + 1]!; at++) {
    record[map.keys[at]!] = map.values[at]!;
  }
  return record;
}
