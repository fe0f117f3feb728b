import { boundsOfBuckets } from '../../core/connect';
import type { NativeHistogram, RawSeries } from './api';

export interface HistogramPoint {
  readonly ts: number;
  readonly count: bigint;
  /** NaN where no sum came at that time. */
  readonly sum: number;
  /** Upper bounds without +Inf. */
  readonly bounds: readonly number[];
  /** A count per bucket, not cumulative; one more than bounds. */
  readonly counts: readonly bigint[];
}

export interface HistogramSeries {
  /** Without `le` and name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly HistogramPoint[];
}

export interface Assembled {
  readonly histograms: readonly HistogramSeries[];
  /** Bucket series that are no counts (recorded rates, no +Inf bucket): they stay what they are. */
  readonly plain: readonly RawSeries[];
  /** Bucket samples at times where the +Inf bucket has none; they have no place in a histogram. */
  readonly stray: number;
}

interface Bucket {
  readonly bound: number;
  readonly series: RawSeries;
}

/** Puts the `_bucket` series of one classic histogram together, one point for each scrape. */
export function assemble(buckets: readonly RawSeries[], sums: readonly RawSeries[]): Assembled {
  const sumOf = new Map(sums.map((series) => [keyWithoutLe(series.labels), series]));
  const groups = new Map<string, RawSeries[]>();
  for (const series of buckets) {
    const key = keyWithoutLe(series.labels);
    const group = groups.get(key);
    if (group) group.push(series);
    else groups.set(key, [series]);
  }
  const histograms: HistogramSeries[] = [];
  const plain: RawSeries[] = [];
  let stray = 0;
  for (const [key, group] of groups) {
    const sorted = group
      .map((series): Bucket => ({ bound: boundOf(series.labels), series }))
      .sort((a, b) => a.bound - b.bound);
    const infinite = sorted.at(-1);
    const whole = group.every(({ values }) => values.every((v) => Number.isInteger(v) && v >= 0));
    if (!whole || infinite?.bound !== Number.POSITIVE_INFINITY) {
      plain.push(...group);
      continue;
    }
    const points = pointsOf(sorted, infinite.series.ts, sumOf.get(key));
    const placed = points.reduce((n, { counts }) => n + counts.length, 0);
    stray += group.reduce((n, { ts }) => n + ts.length, 0) - placed;
    const { le: _, __name__: __, ...labels } = infinite.series.labels;
    histograms.push({ labels, points });
  }
  return { histograms, plain, stray };
}

function boundOf(labels: Readonly<Record<string, string>>): number {
  const le = labels['le'] ?? '';
  return le === '+Inf' ? Number.POSITIVE_INFINITY : le === '' ? Number.NaN : Number(le);
}

function keyWithoutLe(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== 'le' && name !== '__name__')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function pointsOf(
  sorted: readonly Bucket[],
  times: readonly number[],
  sums: RawSeries | undefined,
): readonly HistogramPoint[] {
  const at = sorted.map(() => 0);
  const sumTimes = new Map(sums?.ts.map((ts, i) => [ts, sums.values[i]]));
  return times.map((ts) => {
    const bounds: number[] = [];
    const counts: bigint[] = [];
    let below = 0;
    for (const [i, { bound, series }] of sorted.entries()) {
      let next = at[i] ?? 0;
      while ((series.ts[next] ?? Number.POSITIVE_INFINITY) < ts) next++;
      at[i] = next;
      if (series.ts[next] !== ts) continue;
      const upTo = series.values[next] ?? 0;
      if (Number.isFinite(bound)) bounds.push(bound);
      // A scrape in the middle of an update may see a bucket below its predecessor by one.
      counts.push(BigInt(Math.max(0, upTo - below)));
      below = Math.max(below, upTo);
    }
    const sum = sumTimes.get(ts) ?? Number.NaN;
    return { ts, count: BigInt(below), sum, bounds, counts };
  });
}

/** A native histogram's buckets as bounds and counts; none where they do not fit together. */
export function fromNative({ ts, count, sum, buckets }: NativeHistogram): HistogramPoint {
  const { bounds, counts } = boundsOfBuckets(buckets) ?? { bounds: [], counts: [] };
  return { ts, count: BigInt(Math.round(count)), sum, bounds, counts };
}
