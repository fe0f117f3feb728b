import type { FrameSpec, Frame } from '../../../../core/model';
import { formatCount } from '../../ui';
import type { Grid, Span } from './scale';

/** Seconds of each bucket that lie inside the recording: the first and last are often cut. */
export function coveredSeconds(grid: Grid, whole: Span): Float64Array {
  const seconds = new Float64Array(grid.buckets);
  for (let i = 0; i < grid.buckets; i++) {
    const from = Math.max(whole.from, grid.from + i * grid.step);
    const to = Math.min(whole.to, grid.from + (i + 1) * grid.step);
    seconds[i] = Math.max(0, to - from) / 1000;
  }
  return seconds;
}

export interface ServiceSeries {
  /** Requests a second. */
  readonly rate: Float64Array;
  readonly p99: Float64Array;
  /** Failed share of requests. */
  readonly errors: Float64Array;
}

interface RequestSpec extends FrameSpec {
  readonly entity_id: 'str';
  readonly bucket: 'i32';
  readonly n: 'f64';
  readonly errors: 'f64';
  readonly p99_ms: 'f64';
  readonly stored: 'f64';
}

/** What requests are estimated from, in words; '' where each was counted. */
export function estimateText({ col }: Frame<RequestSpec>): string {
  const sum = (values: Float64Array): number => values.reduce((all, one) => all + one, 0);
  const [requests, stored] = [sum(col.n), sum(col.stored)];
  if (Math.abs(requests - stored) < 0.5) return '';
  return `≈ Estimated: ${formatCount(stored)} sampled spans stand for ${formatCount(Math.round(requests))} requests.`;
}

/** Rows of `timeline.service-requests` as series by service. No request is rate 0 and unknown latency. */
export function serviceSeries(
  frame: Frame<RequestSpec>,
  grid: Grid,
  whole: Span,
): ReadonlyMap<string, ServiceSeries> {
  const seconds = coveredSeconds(grid, whole);
  const found = new Map<string, ServiceSeries>();
  for (let i = 0; i < frame.rows; i++) {
    const id = frame.col.entity_id[i] ?? '';
    let series = found.get(id);
    if (!series) {
      series = {
        rate: Float64Array.from(seconds, (s) => (s > 0 ? 0 : Number.NaN)),
        p99: new Float64Array(grid.buckets).fill(Number.NaN),
        errors: new Float64Array(grid.buckets).fill(Number.NaN),
      };
      found.set(id, series);
    }
    const bucket = frame.col.bucket[i] ?? 0;
    const n = frame.col.n[i] ?? 0;
    const covered = seconds[bucket] ?? 0;
    series.rate[bucket] = covered > 0 ? n / covered : Number.NaN;
    series.p99[bucket] = frame.col.p99_ms[i] ?? Number.NaN;
    series.errors[bucket] = n > 0 ? (frame.col.errors[i] ?? 0) / n : Number.NaN;
  }
  return found;
}

/** One column of a bucketed frame, spread over the grid; buckets without a row are `missing`. */
export function spread(
  buckets: Int32Array,
  values: Float64Array,
  size: number,
  missing: number,
): Float64Array {
  const out = new Float64Array(size).fill(missing);
  for (let i = 0; i < buckets.length; i++) {
    const bucket = buckets[i] ?? -1;
    if (bucket >= 0 && bucket < size) out[bucket] = values[i] ?? missing;
  }
  return out;
}

/** Volume of all signals a bucket, 0–1: each signal against its own largest bucket, then their mean. */
export function volumeShare(signals: readonly Float64Array[]): Float64Array {
  const size = signals[0]?.length ?? 0;
  const out = new Float64Array(size);
  const present = signals
    .map((values) => ({ values, max: values.reduce((a, b) => Math.max(a, b), 0) }))
    .filter(({ max }) => max > 0);
  for (const { values, max } of present)
    for (let i = 0; i < size; i++) out[i] = (out[i] ?? 0) + (values[i] ?? 0) / max / present.length;
  return out;
}

/** Mean heat of all rows at the middle of each bucket of a grid, 0–1. */
export function meanHeat(
  rows: readonly { readonly grid: Grid; readonly heat: Float32Array }[],
  grid: Grid,
): Float64Array {
  const out = new Float64Array(grid.buckets);
  if (rows.length === 0) return out;
  for (const { grid: own, heat } of rows) {
    for (let i = 0; i < grid.buckets; i++) {
      const middle = grid.from + (i + 0.5) * grid.step;
      out[i] =
        (out[i] ?? 0) + (heat[Math.floor((middle - own.from) / own.step)] ?? 0) / rows.length;
    }
  }
  return out;
}
