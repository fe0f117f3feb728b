import { filled } from './values';

/** Series on one grid, each z-normalised; those that hardly move have no shape. */
export interface Shaped {
  /** Mean 0, sum of squares 1, row by row; zeros where `moves` is 0. */
  readonly z: readonly Float64Array[];
  readonly moves: Uint8Array;
}

/** z-normalises; NaN keeps the last value, and what is further than six spreads out is pulled in. */
export function shaped(series: readonly ArrayLike<number>[]): Shaped {
  const moves = new Uint8Array(series.length);
  const z = series.map((one, i) => {
    const unit = unitVector(filled(one));
    moves[i] = unit ? 1 : 0;
    return unit ?? new Float64Array(one.length);
  });
  return { z, moves };
}

const FAR = 6;

function unitVector(values: Float64Array): Float64Array | undefined {
  const first = standardised(values);
  // Once more with the far ones cut: one spike would be all that is compared.
  return (
    first &&
    standardised(
      first.map((v) => Math.max(-FAR, Math.min(FAR, v))),
      true,
    )
  );
}

function standardised(values: Float64Array, unit = false): Float64Array | undefined {
  const n = values.length;
  let mean = 0;
  for (const v of values) mean += v / n;
  let squares = 0;
  for (const v of values) squares += (v - mean) ** 2;
  const sd = Math.sqrt(squares / n);
  if (!(sd > 1e-9 * Math.abs(mean)) || !Number.isFinite(sd)) return undefined;
  const by = unit ? sd * Math.sqrt(n) : sd;
  return values.map((v) => (v - mean) / by);
}

export interface Alike {
  readonly index: number;
  /** Pearson's correlation at the lag, -1 to 1; below 0 it moves the other way. */
  readonly correlation: number;
  /** Rows by which it comes later than the one asked about; negative: earlier. */
  readonly lag: number;
}

/**
 * Series shaped like one of them, by the largest correlation of the rows that overlap at a lag (the
 * z-normalised distance is sqrt(2 - 2r)); strongest first, ties by index. At least half of the rows overlap. Yields how
 * far it is, 0–1.
 */
export function* alike(
  series: readonly ArrayLike<number>[],
  asked: number,
  mostLag: number,
): Generator<number, readonly Alike[], void> {
  const { z, moves } = shaped(series);
  const query = z[asked];
  if (!query || moves[asked] === 0) return [];
  const reach = Math.min(mostLag, query.length >> 1);
  const out: Alike[] = [];
  for (const [index, other] of z.entries()) {
    if (index % 16 === 0) yield index / z.length;
    if (index === asked || moves[index] === 0) continue;
    let best: Alike = { index, correlation: 0, lag: 0 };
    for (let step = 0; step <= 2 * reach; step++) {
      // 0, 1, -1, 2, -2 …: of equal ones the smallest lag.
      const lag = step % 2 ? (step + 1) >> 1 : 0 - (step >> 1);
      const correlation = overlapping(query, other, lag);
      if (Math.abs(correlation) > Math.abs(best.correlation) + 1e-12)
        best = { index, correlation, lag };
    }
    // The last digits are rounding: they decide no order.
    out.push({ ...best, correlation: Math.round(best.correlation * 1e9) / 1e9 });
  }
  return out.sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation) || a.index - b.index);
}

/** Correlation of a[i] with b[i + lag] over the rows that both have. */
function overlapping(a: Float64Array, b: Float64Array, lag: number): number {
  const from = Math.max(0, -lag);
  const to = Math.min(a.length, b.length - lag);
  const n = to - from;
  if (n < 2) return 0;
  let [sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const x = a[i] ?? 0;
    const y = b[i + lag] ?? 0;
    sa += x;
    sb += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const [va, vb] = [aa - (sa * sa) / n, bb - (sb * sb) / n];
  // A stretch in which one of them stands still correlates with nothing.
  return va > 1e-6 && vb > 1e-6 ? (ab - (sa * sb) / n) / Math.sqrt(va * vb) : 0;
}
