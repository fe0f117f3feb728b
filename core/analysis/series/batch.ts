import { filled } from './values';

export interface AnomalyOptions {
  /** Width of the mean that is judged, in rows, odd: what lasts counts, one row alone counts a part. */
  readonly smooth: number;
  /**
   * -log10 of the exponential tail's probability at which a row of a series of 1,000 is an anomaly. Of normal
   * noise, which has a lighter tail, about 5 rows in 1,000 lie above 2, and none above 3.5.
   */
  readonly least: number;
  /** Added per tenfold length: more rows have more chances. */
  readonly perTenfold: number;
  /** Share of the far tail (98 %) in the scale, beside the near one (90 %), as an exponent. */
  readonly far: number;
  /** A fall counts this much of a rise: most metrics are bounded below. */
  readonly falls: number;
}

export const anomalyDefaults: AnomalyOptions = {
  smooth: 5,
  least: 2,
  perTenfold: 2,
  far: 0.2,
  falls: 0.5,
};

export interface Anomalies {
  /** -log10 of an exponential tail beyond the series' own tenth, per row. */
  readonly scores: Float64Array;
  readonly threshold: number;
  /** Rows at or above the threshold, ascending. */
  readonly rows: readonly number[];
}

/**
 * Rows of a whole series that stand out of it: deviation of a short mean from the median, in units of the
 * distance to the series' own upper (lower) tenth, which is one decade of an exponential tail (peaks over
 * threshold, Pickands 1975, with the shape of the exponential); the threshold grows with the length as the
 * largest of so many rows would. NaN is a missing value and keeps the last one; it is never an anomaly itself.
 */
export function anomalies(
  series: ArrayLike<number>,
  options: AnomalyOptions = anomalyDefaults,
): Anomalies {
  const n = series.length;
  const threshold = options.least + options.perTenfold * Math.log10(Math.max(1000, n) / 1000);
  const scores = new Float64Array(n);
  if (n < 20) return { scores, threshold, rows: [] };
  const values = filled(series);
  const smooth = runningMean(values, options.smooth);
  const sorted = Float64Array.from(smooth).sort();
  const at = (q: number): number => sorted[Math.round(q * (n - 1))] ?? 0;
  const floor = Math.max(resolution(values), 1e-9 * Math.abs(at(0.5)), Number.MIN_VALUE);
  const unit = (near: number, far: number): number => {
    const short = Math.max(Math.abs(at(near) - at(0.5)), floor);
    // Of an exponential tail, 98 % lies 1.7 times as far as 90 %.
    const long = Math.max(Math.abs(at(far) - at(0.5)) / 1.7, short);
    return short ** (1 - options.far) * long ** options.far;
  };
  const [up, down] = [unit(0.9, 0.98), unit(0.1, 0.02)];
  const rows: number[] = [];
  for (let i = 0; i < n; i++) {
    const off = (smooth[i] ?? 0) - at(0.5);
    const score = off >= 0 ? off / up : (options.falls * -off) / down;
    scores[i] = score;
    if (score >= threshold && Number.isFinite(series[i])) rows.push(i);
  }
  return { scores, threshold, rows };
}

/** The smallest difference between two values: counts are known to one, and their spread is no less. */
function resolution(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  let least = Infinity;
  for (let i = 1; i < sorted.length; i++) {
    const gap = (sorted[i] ?? 0) - (sorted[i - 1] ?? 0);
    if (gap > 0 && gap < least) least = gap;
  }
  return Number.isFinite(least) ? least : 0;
}

function runningMean(values: Float64Array, width: number): Float64Array {
  const half = width >> 1;
  return values.map((_, i) => {
    const from = Math.max(0, i - half);
    const to = Math.min(values.length, i + half + 1);
    let sum = 0;
    for (let j = from; j < to; j++) sum += values[j] ?? 0;
    return sum / (to - from);
  });
}
