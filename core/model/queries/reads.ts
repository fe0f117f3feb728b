import type { TimeWindow } from '../../base';
import type { Reads } from '../reads';
import type { TelemetryTable } from '../tables';

interface Windows {
  readonly from: bigint;
  readonly to: bigint;
  readonly baseFrom: bigint;
  readonly baseTo: bigint;
}

/** Rows of these tables in baseline and incident, and nothing else. */
export const inBoth =
  (...tables: readonly TelemetryTable[]) =>
  ({ from, to, baseFrom, baseTo }: Windows): Reads =>
    of(tables, [
      { from: baseFrom, to: baseTo },
      { from, to },
    ]);

/** Rows of these tables in one window. */
export const inWindow =
  (...tables: readonly TelemetryTable[]) =>
  ({ from, to }: TimeWindow): Reads =>
    of(tables, [{ from, to }]);

/** Rows of these tables up to the end of a window, however old. */
export const until =
  (...tables: readonly TelemetryTable[]) =>
  ({ from, to, baseFrom, baseTo }: Windows): Reads =>
    of(tables, [
      { from: BEGIN, to: [from, to, baseFrom, baseTo].reduce((a, b) => (a > b ? a : b)) },
    ]);

/** All rows of these tables. */
export const wholly =
  (...tables: readonly TelemetryTable[]) =>
  (): Reads =>
    of(tables, [{ from: BEGIN, to: END }]);

/** Rows of these tables on a grid. */
export const onGrid =
  (...tables: readonly TelemetryTable[]) =>
  (grid: { readonly from: bigint; readonly step: bigint; readonly buckets: number }): Reads =>
    of(tables, [{ from: grid.from, to: grid.from + grid.step * BigInt(grid.buckets) }]);

/** Both of these. */
export const and =
  <P>(a: (params: P) => Reads, b: (params: P) => Reads) =>
  (params: P): Reads => ({ ...a(params), ...b(params) });

const BEGIN = -(2n ** 63n);
const END = 2n ** 63n - 1n;

function of(tables: readonly TelemetryTable[], windows: readonly TimeWindow[]): Reads {
  return Object.fromEntries(tables.map((table) => [table, windows]));
}
