/** Small statistics on plain arrays; each says its source. */

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const mid = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[mid] ?? 0) : ((sorted[mid - 1] ?? 0) + (sorted[mid] ?? 0)) / 2;
}

/** Median absolute deviation, scaled to the standard deviation of a normal (Rousseeuw & Croux 1993). */
export function robustSpread(values: readonly number[], center = median(values)): number {
  return 1.4826 * median(values.map((v) => Math.abs(v - center)));
}

/** Upper tail of the standard normal (Abramowitz & Stegun 7.1.26, error below 1.5e-7), at least 1e-12. */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const upper = Math.max(1e-12, 0.5 * poly * Math.exp(-x * x));
  return z >= 0 ? upper : 1 - upper;
}

/** A sample by its count, sum and sum of squares. */
export interface Sums {
  readonly n: number;
  readonly sum: number;
  readonly sq: number;
}

/** Welch's t for two samples given by count, sum and sum of squares; the spread is at least `floor`. */
export function welch(a: Sums, b: Sums, floor: number): number {
  if (a.n < 1 || b.n < 1) return 0;
  const meanA = a.sum / a.n;
  const meanB = b.sum / b.n;
  const varA = Math.max(floor * floor, a.sq / a.n - meanA * meanA);
  const varB = Math.max(floor * floor, b.sq / b.n - meanB * meanB);
  return (meanB - meanA) / Math.sqrt(varA / a.n + varB / b.n);
}

/** z of a count against an expected one: Anscombe's square-root transform of Poisson counts (1948). */
export function poissonZ(observed: number, expected: number): number {
  return 2 * (Math.sqrt(observed + 0.375) - Math.sqrt(Math.max(0, expected) + 0.375));
}

/** Signed, compressed: a z of 1,000 says hardly more than one of 50. */
export function compress(z: number): number {
  return Math.sign(z) * Math.log1p(Math.abs(z));
}

/** The number, or 0 where there is none: what is not known counts for nothing. */
export function known(value: number | undefined): number {
  return value === undefined || !Number.isFinite(value) ? 0 : value;
}

export function clamp01(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value));
}

/** 0 below `low`, 1 above `high`, linear between. */
export function ramp(value: number, low: number, high: number): number {
  return clamp01((value - low) / (high - low));
}

/** Scaled so that the largest is 1; empty where nothing is positive. */
export function normalised(scores: ReadonlyMap<string, number>): Map<string, number> {
  const top = Math.max(0, ...scores.values());
  const out = new Map<string, number>();
  if (top <= 0) return out;
  for (const [id, score] of scores) if (score > 0) out.set(id, score / top);
  return out;
}

export function addTo(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

/** Log of the gamma function for x > 0 (Lanczos, in Press et al., Numerical Recipes), nine digits. */
export function logGamma(x: number): number {
  const shifted = x + 5.5;
  let [series, y] = [1.00000000019, x];
  for (const c of LANCZOS) series += c / ++y;
  return (x + 0.5) * Math.log(shifted) - shifted + Math.log((2.50662827463 * series) / x);
}

const LANCZOS = [
  76.18009173, -86.50532033, 24.01409824, -1.231739572, 0.001208650974, -0.000005395239385,
];

/** P(at least k of n) where the probability of each has a Beta(a, b) distribution. */
export function betaBinomialTail(k: number, n: number, a: number, b: number): number {
  const logBeta = (x: number, y: number): number => logGamma(x) + logGamma(y) - logGamma(x + y);
  const start = logBeta(a, b);
  let sum = 0;
  for (let j = k; j <= n; j++) {
    const ways = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1);
    sum += Math.exp(ways + logBeta(j + a, n - j + b) - start);
  }
  return Math.min(1, sum);
}

/** Regularised incomplete beta function I_x(a, b) by its continued fraction (Press et al., Numerical Recipes). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const ways = logGamma(a + b) - logGamma(a) - logGamma(b);
  const front = Math.exp(ways + a * Math.log(x) + b * Math.log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return Math.min(1, (front * betaFraction(x, a, b)) / a);
  return Math.max(0, 1 - (front * betaFraction(1 - x, b, a)) / b);
}

function betaFraction(x: number, a: number, b: number): number {
  const least = 1e-300;
  const away = (v: number): number => (Math.abs(v) < least ? least : v);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 400; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-11) break;
  }
  return h;
}
