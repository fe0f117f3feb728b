import type { Attributes } from '../../model';
import { splitLabels, type MetricFamily } from '../prometheus-labels';
import type { RowSink, SeriesHead } from './rows';

/** Prometheus' base units (prometheus.io/docs/practices/naming); other endings say nothing. */
const UNITS: ReadonlySet<string> = new Set([
  'seconds',
  'bytes',
  'ratio',
  'celsius',
  'volts',
  'amperes',
  'joules',
  'grams',
  'meters',
]);

/** The unit that a metric's name ends with by Prometheus' naming rules ('seconds', 'bytes', …), else ''. */
export function unitOfName(metric: string): string {
  if (/_(bucket|count|gcount|info)$/.test(metric)) return '';
  if (metric.endsWith('_created')) return 'seconds';
  const base = metric.replace(/_(total|sum|gsum)$/, '');
  const word = base.slice(base.lastIndexOf('_') + 1);
  return word !== base && UNITS.has(word) ? word : '';
}

/**
 * What a metric is by its name alone: `_total` counts up, and so do `_sum` and `_count` where their other half
 * or their buckets are there, or a unit stands before them.
 */
export function kindOfName(
  metric: string,
  isThere: (metric: string) => boolean,
): 'counter' | 'gauge' | 'unknown' {
  if (metric.endsWith('_total')) return 'counter';
  const [, base, half] = /^(.+)_(sum|count)$/.exec(metric) ?? [];
  if (base !== undefined) {
    const other = half === 'sum' ? 'count' : 'sum';
    const known = isThere(`${base}_${other}`) || isThere(`${base}_bucket`);
    if (known || unitOfName(base) !== '') return 'counter';
  }
  // What Prometheus itself records about each scrape has no metadata either.
  if (metric === 'up' || /^scrape_|_info$|_created$/.test(metric)) return 'gauge';
  return 'unknown';
}

/** The trace that an exemplar names, by any of the usual labels, and its other labels. */
export function exemplarOf(labels: Iterable<readonly [string, string]>): {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
} {
  let traceId = '';
  let spanId = '';
  const attributes: Record<string, string> = {};
  for (const [name, value] of labels) {
    if (/^trace_?id$/i.test(name) && traceId === '') traceId = idOf(value);
    else if (/^span_?id$/i.test(name) && spanId === '') spanId = idOf(value);
    else attributes[name] = value;
  }
  return { traceId, spanId, attributes };
}

const idOf = (value: string): string => (/^[0-9A-F]+$/i.test(value) ? value.toLowerCase() : value);

export type NativeBucket = readonly [lower: number, upper: number, count: number];

/**
 * A native histogram's buckets as upper bounds and counts, the empty ones between them filled in; an open end
 * (+Inf, -Inf) has no bound. Undefined where the buckets overlap or have no order.
 */
export function boundsOfBuckets(
  buckets: readonly NativeBucket[],
): { readonly bounds: readonly number[]; readonly counts: readonly bigint[] } | undefined {
  const bounds: number[] = [];
  const counts: bigint[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [lower, upper, count] of [...buckets].sort(([a], [b]) => a - b)) {
    if (!(upper > last) || !(upper >= lower) || !Number.isFinite(count)) return undefined;
    // A zero bucket without width holds what is exactly its bound.
    if (lower > last && lower < upper) {
      bounds.push(lower);
      counts.push(0n);
    }
    if (upper !== Number.POSITIVE_INFINITY) bounds.push(upper);
    counts.push(BigInt(Math.round(count)));
    last = upper;
  }
  if (last !== Number.POSITIVE_INFINITY) counts.push(0n);
  return { bounds, counts };
}

/** A native histogram at a time; counts may be fractions (gauges, results of rate). */
export interface NativePoint {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly NativeBucket[];
}

/** Series by their Prometheus labels, in a sink: resource and labels apart, kind and unit by the name. */
export class PrometheusSeries {
  private readonly names = new Set<string>();

  constructor(
    private readonly sink: RowSink,
    /** What a series without a name is called, as results of expressions are. */
    private readonly nameless = 'value',
    /** What is stated about a metric, where the file says it. */
    private readonly stated: (metric: string) => MetricFamily | undefined = () => undefined,
  ) {}

  /** The series' id; its name is the label `__name__`. */
  id(labels: Attributes, histogram = false): bigint {
    let metric = labels['__name__'] ?? '';
    if (metric === '') {
      metric = this.nameless;
      this.sink.notices.add(
        'metric-unnamed',
        'info',
        (n) =>
          `${n} series have no name, as results of expressions have none; they are called "${metric}". Give the name of the metric where it matters.`,
      );
    }
    this.names.add(metric);
    const { resource, rest } = splitLabels(Object.entries(labels));
    return this.sink.series({
      metric,
      ...this.about(metric, rest, histogram),
      resource,
      labels: rest,
    });
  }

  /** Puts a native histogram into the sink, or says why it can't be taken; '' where it was. */
  native(series: bigint, ts: bigint, { count, sum, buckets }: NativePoint): string {
    const shape = boundsOfBuckets(buckets);
    if (!shape || !Number.isFinite(count))
      return 'the buckets of the histogram do not fit together';
    if (!Number.isInteger(count) || buckets.some(([, , n]) => !Number.isInteger(n))) {
      this.sink.notices.add(
        'counts-rounded',
        'info',
        (n) => `${n} histograms have fractions as counts; they were rounded to whole ones.`,
      );
    }
    this.sink.histogram(series, ts, {
      count: BigInt(Math.round(count)),
      sum: Number.isNaN(sum) ? null : sum,
      ...shape,
    });
    return '';
  }

  private about(
    metric: string,
    labels: Attributes,
    histogram: boolean,
  ): Pick<SeriesHead, 'kind' | 'unit' | 'description' | 'temporality'> {
    const { kind, unit, description } = this.stated(metric) ?? UNKNOWN;
    const byName =
      histogram || (metric.endsWith('_bucket') && labels['le'] !== undefined)
        ? 'histogram'
        : kindOfName(metric, (other) => this.names.has(other));
    const found = kind === 'unknown' ? byName : (kind as typeof byName);
    return {
      kind: found,
      unit: unit === '' ? unitOfName(metric) : unit,
      description,
      temporality: found === 'counter' || found === 'histogram' ? 'cumulative' : '',
    };
  }
}

const UNKNOWN: MetricFamily = { kind: 'unknown', unit: '', description: '' };
