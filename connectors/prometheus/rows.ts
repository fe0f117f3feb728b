import { exemplarOf, splitLabels, temporalityOf, type MetricFamily } from '../../core/connect';
import { BatchBuilder, ResourceInterner, seriesId, type Batch } from '../../core/model';
import type { ExemplarSeries } from './answers';
import type { RawSeries } from './api';
import { assemble, fromNative, type HistogramPoint } from './histograms';
import type { Family } from './plan';
import type { MsWindow } from './windows';

type Labels = Readonly<Record<string, string>>;

const NS_PER_MS = 1_000_000n;

/** Series of one request or more as rows; nothing is remembered from one to the next. */
export class SeriesRows {
  /** Rows of samples and histogram samples. */
  rows = 0;
  /** Bucket samples without a place in a histogram. */
  stray = 0;
  private readonly resources = new ResourceInterner();
  private readonly series = new BatchBuilder('metric_series');
  private readonly samples = new BatchBuilder('samples');
  private readonly histograms = new BatchBuilder('histogram_samples');
  private readonly exemplars = new BatchBuilder('exemplars');
  private readonly known = new Set<bigint>();

  constructor(
    private readonly kindOf: (metric: string) => MetricFamily,
    private readonly stepMs: number,
  ) {}

  /** The series of a family's metrics, in the order of their labels. */
  family({ names, histogram }: Family, found: readonly RawSeries[]): void {
    const [first = ''] = names;
    const of = (name: string): readonly RawSeries[] =>
      found.filter(({ labels }) => labels['__name__'] === name);
    if (!histogram) {
      for (const name of names) for (const series of of(name)) this.plain(series);
      return;
    }
    const base = first.slice(0, -'_bucket'.length);
    const { histograms, plain, stray } = assemble(of(first), of(`${base}_sum`));
    this.stray += stray;
    for (const { labels, points } of histograms) {
      this.histogramPoints(this.histogramSeries(base, labels), points);
    }
    for (const series of plain) this.plain(series);
    for (const name of names.slice(1)) for (const series of of(name)) this.plain(series);
  }

  /** Exemplars with their series; those of a bucket belong to its histogram. */
  exemplar({ seriesLabels, exemplars }: ExemplarSeries, window: MsWindow, isBucket: boolean): void {
    const inside = exemplars
      .map((exemplar) => ({ ...exemplar, ms: exemplarMs(exemplar.timestamp) }))
      .filter(({ ms }) => ms >= window.from && ms < window.to);
    if (inside.length === 0) return;
    const { le: _, __name__: metric = '', ...rest } = seriesLabels;
    const id = isBucket
      ? this.histogramSeries(metric.slice(0, -'_bucket'.length), rest)
      : this.plainSeries(seriesLabels);
    const { col } = this.exemplars;
    for (const { labels, value, ms } of inside) {
      const { traceId, spanId, attributes } = exemplarOf(Object.entries(labels));
      col.series_id.push(id);
      col.ts.push(BigInt(ms) * NS_PER_MS);
      col.value.push(Number(value));
      col.trace_id.push(traceId);
      col.span_id.push(spanId);
      col.attributes.push(attributes);
      this.exemplars.endRow();
    }
  }

  take(): readonly Batch[] {
    const resources = this.resources.take();
    const built = [this.series, this.samples, this.histograms, this.exemplars]
      .filter(({ rows }) => rows > 0)
      .map((builder): Batch => builder.take());
    return resources ? [resources, ...built] : built;
  }

  private plain({ labels, ts, values, histograms }: RawSeries): void {
    if (ts.length > 0) {
      const id = this.plainSeries(labels);
      const { col } = this.samples;
      for (let i = 0; i < ts.length; i++) {
        col.series_id.push(id);
        col.ts.push(BigInt(ts[i] ?? 0) * NS_PER_MS);
        col.value.push(values[i] ?? Number.NaN);
        this.samples.endRow();
      }
      this.rows += ts.length;
    }
    if (histograms.length > 0) {
      const { __name__: metric = '', ...rest } = labels;
      this.histogramPoints(this.histogramSeries(metric, rest), histograms.map(fromNative));
    }
  }

  private histogramPoints(id: bigint, points: readonly HistogramPoint[]): void {
    const { col } = this.histograms;
    for (const { ts, count, sum, bounds, counts } of points) {
      col.series_id.push(id);
      col.ts.push(BigInt(ts) * NS_PER_MS);
      col.count.push(count);
      col.sum.push(sum);
      col.bounds.push(bounds);
      col.counts.push(counts);
      this.histograms.endRow();
    }
    this.rows += points.length;
  }

  private plainSeries(labels: Labels): bigint {
    const metric = labels['__name__'] ?? '';
    const known = this.kindOf(metric);
    const isBucket = metric.endsWith('_bucket') && labels['le'] !== undefined;
    const kind = isBucket && known.kind === 'unknown' ? 'histogram' : known.kind;
    return this.row(metric, { ...known, kind }, labels);
  }

  private histogramSeries(metric: string, labels: Labels): bigint {
    return this.row(metric, { ...this.kindOf(metric), kind: 'histogram' }, labels);
  }

  private row(metric: string, { kind, unit, description }: MetricFamily, labels: Labels): bigint {
    const { resource, rest } = splitLabels(Object.entries(labels));
    const resourceId = this.resources.intern(resource);
    const id = seriesId(metric, resourceId, rest);
    if (this.known.has(id)) return id;
    this.known.add(id);
    const { col } = this.series;
    col.series_id.push(id);
    col.metric.push(metric);
    col.kind.push(kind);
    col.unit.push(unit);
    col.description.push(description);
    col.temporality.push(temporalityOf(kind));
    col.step.push(BigInt(this.stepMs) * NS_PER_MS);
    col.resource_id.push(resourceId);
    col.labels.push(rest);
    this.series.endRow();
    return id;
  }
}

/** Seconds; some versions answer in milliseconds. */
function exemplarMs(time: number): number {
  return Math.round(time > 100_000_000_000 ? time : time * 1000);
}
