import type { NoticeCounts } from '../../core/connect';
import { BatchBuilder, seriesId, type Batch } from '../../core/model';
import { explicitOf } from './exponential';
import type { AttributeStage, MetricHead, PointStage } from './stages';

/** Series, samples, histograms and exemplars. One data point is one row; a summary's are several. */
export class MetricRows {
  private readonly known = new Map<string, bigint>();
  private readonly series = new BatchBuilder('metric_series');
  private readonly samples = new BatchBuilder('samples');
  private readonly histograms = new BatchBuilder('histogram_samples');
  private readonly exemplars = new BatchBuilder('exemplars');
  scope: readonly (readonly [string, string])[] = [];

  constructor(private readonly notices: NoticeCounts) {}

  get rows(): number {
    return this.samples.rows + this.histograms.rows * 4;
  }

  take(): readonly Batch[] {
    return [this.series, this.samples, this.histograms, this.exemplars]
      .filter((builder) => builder.rows > 0)
      .map((builder) => builder.take());
  }

  /** A point of a gauge or sum; why it is dropped, or ''. */
  number(head: MetricHead, point: PointStage, resource: bigint): string {
    const fault = faultOf(point);
    if (fault) return fault;
    if (!point.hasValue) return 'the point has no value';
    const id = this.seriesOf(head, resource, point.attributes);
    this.sample(id, point.ts, point.value);
    this.putExemplars(id, point);
    return '';
  }

  histogram(head: MetricHead, point: PointStage, resource: bigint): string {
    const fault = faultOf(point);
    if (fault) return fault;
    let { bounds, counts } = point;
    if (counts.length === 0 && bounds.length === 0) counts = [point.count];
    if (counts.length !== bounds.length + 1) return 'the bucket counts do not fit the bounds';
    for (let i = 1; i < bounds.length; i++) {
      if (!(bounds[i]! > bounds[i - 1]!)) return 'the bounds do not increase';
    }
    // A last bound of +Inf repeats what the last bucket means.
    if (bounds.at(-1) === Number.POSITIVE_INFINITY) {
      bounds = bounds.slice(0, -1);
      counts = [...counts.slice(0, -2), counts.at(-2)! + counts.at(-1)!];
    }
    return this.histogramRow(head, point, resource, bounds, counts);
  }

  exponential(head: MetricHead, point: PointStage, resource: bigint): string {
    const fault = faultOf(point);
    if (fault) return fault;
    const explicit = explicitOf(point);
    if (typeof explicit === 'string') return explicit;
    this.notices.add(
      'exponential-histogram',
      'info',
      (n) => `${n} exponential histogram points are kept with explicit bounds (same buckets).`,
    );
    return this.histogramRow(head, point, resource, explicit.bounds, explicit.counts);
  }

  private histogramRow(
    head: MetricHead,
    point: PointStage,
    resource: bigint,
    bounds: readonly number[],
    counts: readonly bigint[],
  ): string {
    const id = this.seriesOf(head, resource, point.attributes);
    const { col } = this.histograms;
    col.series_id.push(id);
    col.ts.push(point.ts);
    col.count.push(point.count);
    col.sum.push(point.sum);
    col.bounds.push(bounds);
    col.counts.push(counts);
    this.histograms.endRow();
    if (point.hasMinMax) {
      this.notices.add(
        'min-max-left-out',
        'info',
        (n) => `${n} histogram points carry min and max, which are not kept.`,
      );
    }
    this.putExemplars(id, point);
    return '';
  }

  /** A summary point becomes a sample per quantile, and `_sum` and `_count` as counters. */
  summary(head: MetricHead, point: PointStage, resource: bigint): string {
    const fault = faultOf(point);
    if (fault) return fault;
    const { attributes, ts } = point;
    const total = { ...head, kind: 'counter', temporality: 'cumulative' } as const;
    const counted = { ...total, name: `${head.name}_count`, unit: '' };
    this.sample(this.seriesOf(counted, resource, attributes), ts, Number(point.count));
    const summed = { ...total, name: `${head.name}_sum` };
    this.sample(this.seriesOf(summed, resource, attributes), ts, point.sum ?? 0);
    const own = attributes.length;
    for (let i = 0; i + 1 < point.quantiles.length; i += 2) {
      attributes.length = own;
      attributes.put('quantile', String(point.quantiles[i]));
      this.sample(this.seriesOf(head, resource, attributes), ts, point.quantiles[i + 1]!);
    }
    return '';
  }

  private sample(id: bigint, ts: bigint, value: number): void {
    const { col } = this.samples;
    col.series_id.push(id);
    col.ts.push(ts);
    col.value.push(value);
    this.samples.endRow();
  }

  private seriesOf(head: MetricHead, resource: bigint, attributes: AttributeStage): bigint {
    let key = `${head.name}\u0001${String(resource)}\u0001${head.kind}${head.temporality}`;
    for (let i = 0; i < attributes.length; i++) {
      key += `\u0001${attributes.keys[i]!}\u0002${attributes.values[i]!}`;
    }
    for (const [name, value] of this.scope) key += `\u0003${name}\u0002${value}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const labels = { ...Object.fromEntries(this.scope), ...attributes.record() };
    const id = seriesId(head.name, resource, labels);
    this.known.set(key, id);
    const { col } = this.series;
    col.series_id.push(id);
    col.metric.push(head.name);
    col.kind.push(head.kind);
    col.unit.push(head.unit);
    col.description.push(head.description);
    col.temporality.push(head.temporality);
    col.step.push(0n);
    col.resource_id.push(resource);
    col.labels.push(labels);
    this.series.endRow();
    return id;
  }

  private putExemplars(id: bigint, point: PointStage): void {
    const { col } = this.exemplars;
    for (const exemplar of point.exemplars) {
      col.series_id.push(id);
      col.ts.push(exemplar.ts > 0n ? exemplar.ts : point.ts);
      col.value.push(exemplar.value);
      col.trace_id.push(exemplar.traceId);
      col.span_id.push(exemplar.spanId);
      col.attributes.push(exemplar.attributes);
      this.exemplars.endRow();
    }
  }
}

const NO_RECORDED_VALUE = 1;

function faultOf(point: PointStage): string {
  if (point.fault) return point.fault;
  if (point.flags & NO_RECORDED_VALUE) return 'the point says that it has no recorded value';
  if (point.ts <= 0n) return 'the point has no time';
  return '';
}
