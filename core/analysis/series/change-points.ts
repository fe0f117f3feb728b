import { filled } from './values';

export interface ChangePointOptions {
  /** Added for each change point, times log n: a line and a spread for a segment more have four parameters. */
  readonly penalty: number;
  /** Residual variance below which a fit is as good as exact, as a share of the whole variance. */
  readonly floor: number;
  /** Shortest segment in rows, and as a share of the series. */
  readonly leastRows: number;
  readonly leastShare: number;
  /** Longer series are cut on means of blocks: a change point is then the first row of a block. */
  readonly mostRows: number;
}

export const changePointDefaults: ChangePointOptions = {
  penalty: 12,
  floor: 0.02,
  leastRows: 5,
  leastShare: 0.02,
  mostRows: 2000,
};

/** First rows of what is new, ascending, and how many rows stood in one block (1: every row was looked at). */
export interface ChangePoints {
  readonly at: readonly number[];
  readonly block: number;
}

/**
 * Change points of one series or of several read together (one array each, equally long; NaN is a missing
 * value and keeps the last one). Optimal partitioning with PELT's pruning (Killick, Fearnhead & Eckley,
 * JASA 2012); a segment costs n·log of the residual variance around its own line, so that a trend is no
 * change, a bend or a jump is; spikes are pulled in first (Hampel 1974).
 */
export function changePoints(
  dims: readonly ArrayLike<number>[],
  options: ChangePointOptions = changePointDefaults,
): ChangePoints {
  const length = dims[0]?.length ?? 0;
  const block = Math.max(1, Math.ceil(length / options.mostRows));
  const n = Math.floor(length / block);
  const least = Math.max(options.leastRows, Math.floor(options.leastShare * n));
  if (n < 2 * least) return { at: [], block };
  const sums = dims.map((dim) => sumsOf(scaled(blockMeans(despiked(filled(dim)), block, n))));
  const cuts = partition(n, least, options.penalty * Math.log(n), (from, to) => {
    let cost = 0;
    for (const one of sums) cost += Math.log(residual(one, from, to) / (to - from) + options.floor);
    return cost * (to - from);
  });
  return { at: cuts.map((cut) => cut * block), block };
}

type Cost = (from: number, to: number) => number;

function partition(n: number, least: number, penalty: number, cost: Cost): readonly number[] {
  const best = new Float64Array(n + 1).fill(Infinity);
  const before = new Int32Array(n + 1);
  // A start that lost at row e can still win for ends before e + least.
  const until = new Int32Array(n + 1).fill(n + 1);
  best[0] = -penalty;
  let starts: number[] = [];
  for (let end = least; end <= n; end++) {
    const fresh = end - least;
    if (fresh === 0 || fresh >= least) starts.push(fresh);
    const totals: number[] = [];
    for (const from of starts) {
      const total = (best[from] ?? Infinity) + cost(from, end);
      totals.push(total);
      if (total + penalty < (best[end] ?? Infinity)) {
        best[end] = total + penalty;
        before[end] = from;
      }
    }
    const limit = best[end] ?? Infinity;
    starts.forEach((from, i) => {
      if ((totals[i] ?? 0) >= limit) until[from] = Math.min(until[from] ?? end, end + least);
    });
    starts = starts.filter((from) => (until[from] ?? 0) > end);
  }
  const cuts: number[] = [];
  for (let end = before[n] ?? 0; end > 0; end = before[end] ?? 0) cuts.push(end);
  return cuts.reverse();
}

interface Sums {
  readonly x: Float64Array;
  readonly xx: Float64Array;
  readonly tx: Float64Array;
}

function sumsOf(values: Float64Array): Sums {
  const n = values.length;
  const [x, xx, tx] = [new Float64Array(n + 1), new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let i = 0; i < n; i++) {
    const v = values[i] ?? 0;
    x[i + 1] = (x[i] ?? 0) + v;
    xx[i + 1] = (xx[i] ?? 0) + v * v;
    tx[i + 1] = (tx[i] ?? 0) + i * v;
  }
  return { x, xx, tx };
}

/** Sum of squares around the least-squares line of rows [from, to). */
function residual({ x, xx, tx }: Sums, from: number, to: number): number {
  const n = to - from;
  const s = (x[to] ?? 0) - (x[from] ?? 0);
  const t = (tx[to] ?? 0) - (tx[from] ?? 0) - from * s;
  const flat = (xx[to] ?? 0) - (xx[from] ?? 0) - (s * s) / n;
  const rows = ((n - 1) * n * (n + 1)) / 12;
  const slope = t - (s * (n - 1)) / 2;
  return Math.max(0, rows > 0 ? flat - (slope * slope) / rows : flat);
}

/** Half width of the median that a spike is held against, and how many spreads from it are one. */
const BESIDE = 3;
const SPIKE = 8;

function despiked(values: Float64Array): Float64Array {
  const n = values.length;
  const medians = Float64Array.from(values, (_, i) =>
    middle(values.slice(Math.max(0, i - BESIDE), Math.min(n, i + BESIDE + 1))),
  );
  const off = values.map((v, i) => Math.abs(v - (medians[i] ?? v)));
  const limit = SPIKE * 1.4826 * middle(off);
  if (!(limit > 0)) return values;
  return values.map((v, i) => ((off[i] ?? 0) > limit ? (medians[i] ?? v) : v));
}

function middle(values: Float64Array): number {
  return Float64Array.from(values).sort()[values.length >> 1] ?? 0;
}

function blockMeans(values: Float64Array, block: number, n: number): Float64Array {
  if (block === 1) return values;
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < block; j++) sum += values[i * block + j] ?? 0;
    return sum / block;
  });
}

/** Mean 0, variance 1; a constant stays at 0. */
function scaled(values: Float64Array): Float64Array {
  let mean = 0;
  for (const v of values) mean += v / values.length;
  let variance = 0;
  for (const v of values) variance += (v - mean) ** 2 / values.length;
  // Rounding alone makes the variance of a constant more than nothing.
  const sd = Math.sqrt(variance);
  return sd > 1e-9 * Math.abs(mean) ? values.map((v) => (v - mean) / sd) : values.map(() => 0);
}
