import type { TimeWindow } from '../../core/base';
import type { Grid } from './time-field';

/** A piece of a window with the number of its documents. */
export interface Slice extends TimeWindow {
  readonly count: number;
  /** Shards that were not counted: the slice is read whatever its count says. */
  readonly uncounted?: number;
}

/** Cells of a grid with their counts, cut to the window. */
export function cellsOf(
  window: TimeWindow,
  grid: Grid,
  counts: ReadonlyMap<number, number>,
): readonly Slice[] {
  const cells: Slice[] = [];
  for (let i = 0; i < grid.cells; i++) {
    const start = grid.from + BigInt(i) * grid.interval;
    const end = start + grid.interval;
    const from = start > window.from ? start : window.from;
    const to = end < window.to ? end : window.to;
    if (to > from) cells.push({ from, to, count: counts.get(i) ?? 0 });
  }
  return cells;
}

/**
 * Joins neighbours up to `target` documents, in order, without gap or overlap. A cell that alone has more
 * stays alone, so that it can be cut finer.
 */
export function packCells(cells: readonly Slice[], target: number): readonly Slice[] {
  const out: Slice[] = [];
  for (const cell of cells) {
    const last = out.at(-1);
    const joined = (last?.count ?? 0) + cell.count;
    if (last && joined <= target) {
      out[out.length - 1] = { from: last.from, to: cell.to, count: joined };
    } else out.push(cell);
  }
  return out;
}

/** What of a slice lies at or after a time; undefined where nothing does. */
export function after(slice: Slice, from: bigint): Slice | undefined {
  if (slice.to <= from) return undefined;
  return from > slice.from ? { ...slice, from } : slice;
}
