import type { Rng } from '../base';

export type Interval = readonly [number, number];

/** Two-sided 95 % of the standard normal distribution. */
const Z95 = 1.959963984540054;

/**
 * Wilson's score interval of a share (Wilson 1927): holds its level for few cases and for shares of 0 and 1.
 * [0, 1] where there is no case.
 */
export function wilson(hits: number, cases: number, z = Z95): Interval {
  if (cases <= 0) return [0, 1];
  const p = hits / cases;
  const z2 = z * z;
  const middle = (p + z2 / (2 * cases)) / (1 + z2 / cases);
  const half = (z / (1 + z2 / cases)) * Math.sqrt((p * (1 - p)) / cases + z2 / (4 * cases * cases));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Percentile bootstrap (Efron 1979): 95 % of the statistic over cases drawn with replacement. */
export function bootstrap<T>(
  cases: readonly T[],
  statistic: (drawn: readonly T[]) => number,
  rng: Rng,
  draws = 1000,
): Interval {
  if (cases.length === 0) return [Number.NaN, Number.NaN];
  const values = Array.from({ length: draws }, () =>
    statistic(cases.map((one) => cases[rng.int(cases.length)] ?? one)),
  )
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b);
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/** Linear between the two nearest of ascending values; NaN where there is none. */
export function quantile(ascending: readonly number[], q: number): number {
  const at = (ascending.length - 1) * q;
  const low = ascending[Math.floor(at)];
  const high = ascending[Math.ceil(at)];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
