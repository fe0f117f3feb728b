import { median, poissonZ, robustSpread } from '../stats';

/** How far buckets of a course over time stand out from those of the baseline, as |z|. */

type Span = readonly [from: number, to: number];

const LEAST_BUCKETS = 3;
/** Spread that is assumed at least, as a share of the level. */
const LEAST_SPREAD = 0.05;
/** Standard deviations of a normal that its middle 80 % span. */
const MIDDLE_80 = 2.563;

/**
 * |z| of each bucket of a metric; NaN where the bucket has no sample. Counts of few things (errors a scrape,
 * busy workers) are compared as counts: median and MAD of such a baseline are 0, and next to 0 a single
 * event would be infinitely far.
 */
export function metricZ(values: Float64Array, baseline: Span): Float64Array {
  const base = [...values.subarray(...baseline)].filter((v) => !Number.isNaN(v));
  const z = new Float64Array(values.length).fill(Number.NaN);
  if (base.length < LEAST_BUCKETS) return z;
  const center = median(base);
  const level = median([...values].filter((v) => !Number.isNaN(v)));
  const spread = Math.max(spreadOf(base, center), LEAST_SPREAD * Math.abs(level), 1e-9);
  for (const [i, value] of values.entries()) z[i] = Math.abs(value - center) / spread;
  const unit = countUnit(values);
  if (unit === undefined) return z;
  const counts = base.map((v) => v / unit);
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  const variance = counts.reduce((sum, c) => sum + (c - mean) ** 2, 0) / counts.length;
  // What hardly varies is a setting or a state (1 = up), not a count: there every step is news.
  if (variance < mean / 2) return z;
  const most = episodeZ(values, unit, mean);
  return z.map((own, i) => Math.min(own, most[i] ?? own));
}

/**
 * MAD, or what the middle 80 % span if that is more: a percentile read off a histogram has the same value
 * most of the time, so that its MAD is 0, and still moves all day.
 */
function spreadOf(base: readonly number[], center: number): number {
  const sorted = Float64Array.from(base).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return Math.max(robustSpread(base, center), (at(0.9) - at(0.1)) / MIDDLE_80);
}

/** The unit whose small multiples all values are; undefined where they are not counts. */
function countUnit(values: Float64Array): number | undefined {
  let unit = Number.POSITIVE_INFINITY;
  for (const v of values) {
    if (v < 0) return undefined;
    if (v > 0 && v < unit) unit = v;
  }
  if (unit === Number.POSITIVE_INFINITY) return undefined;
  for (const v of values) {
    const count = v / unit;
    // Scrapes are not evenly spaced, so rates of counters are only nearly multiples.
    if (count < 20 && Math.abs(count - Math.round(count)) > 0.05) return undefined;
  }
  return unit;
}

/** Poisson z of each count; neighbours on the same side of the mean are judged together, as one episode. */
function episodeZ(values: Float64Array, unit: number, mean: number): Float64Array {
  const z = new Float64Array(values.length).fill(Number.NaN);
  let members: number[] = [];
  let sum = 0;
  const close = (): void => {
    const pooled = Math.abs(poissonZ(sum, mean * members.length));
    for (const i of members) z[i] = pooled;
    [members, sum] = [[], 0];
  };
  let above = false;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const count = value / unit;
    if (members.length > 0 && count > mean !== above) close();
    above = count > mean;
    members.push(i);
    sum += count;
  }
  close();
  return z;
}

/** What one request can say at most, in standard deviations: single requests are slow for many reasons. */
const ONE_REQUEST = 3;
const LEAST_LOG_SPREAD = 0.15;

/**
 * |z| of the mean log latency of each bucket, given how many requests it has: the fewer, the wider a mean
 * scatters, and one request alone (3) never makes a bucket hot.
 */
export function latencyZ(logMs: Float64Array, n: Float64Array, baseline: Span): Float64Array {
  const z = new Float64Array(logMs.length).fill(Number.NaN);
  const known: number[] = [];
  for (let i = baseline[0]; i < baseline[1]; i++) if (!Number.isNaN(logMs[i] ?? NaN)) known.push(i);
  if (known.length < LEAST_BUCKETS) return z;
  const center = median(known.map((i) => logMs[i] ?? 0));
  const off = (i: number): number => (logMs[i] ?? NaN) - center;
  // Deviations of means, brought to one request: sd of a mean of n is that of one over the root of n.
  const one = robustSpread(
    known.map((i) => off(i) * Math.sqrt(n[i] ?? 0)),
    0,
  );
  for (let i = 0; i < z.length; i++) {
    const root = Math.sqrt(n[i] ?? 0);
    const spread = Math.max(one / Math.max(1, root), LEAST_LOG_SPREAD);
    z[i] = Math.min(Math.abs(off(i)) / spread, ONE_REQUEST * root);
  }
  return z;
}

/** Buckets between two samples last as long as the one before them: a scrape every 15 s leaves no stripes. */
export function held(z: Float64Array): Float64Array {
  const known = [...z.keys()].filter((i) => !Number.isNaN(z[i] ?? NaN));
  const gaps = known.slice(1).map((at, i) => at - (known[i] ?? 0));
  const gap = gaps.sort((a, b) => a - b)[Math.floor((gaps.length - 1) * 0.75)] ?? 1;
  const out = new Float64Array(z.length);
  let since = Number.POSITIVE_INFINITY;
  let value = 0;
  for (const [i, own] of z.entries()) {
    if (Number.isNaN(own)) since++;
    else [value, since] = [own, 0];
    out[i] = since < gap ? value : 0;
  }
  return out;
}

/** The worst of `many` courses as one: with more to choose from, chance alone reaches further. */
export function amongMany(z: number, many: number): number {
  return Math.sqrt(Math.max(0, z * z - 2 * Math.log(Math.max(1, many))));
}
