import { seriesId, type Attributes } from '../model';
import type { Recorder } from './recorder';

/** A metric as a sample names it: histograms come as _bucket, _sum and _count. */
export interface Metric {
  readonly name: string;
  readonly kind: 'gauge' | 'counter' | 'histogram';
  readonly unit: string;
  readonly help: string;
}

export const gauge = (name: string, help: string, unit = ''): Metric => ({
  name,
  kind: 'gauge',
  unit,
  help,
});
export const counter = (name: string, help: string, unit = ''): Metric => ({
  name,
  kind: 'counter',
  unit,
  help,
});

/** As many digits as exporters write. */
export function round(value: number): number {
  return Number(value.toPrecision(10));
}

/** The three parts of a classic histogram in seconds. */
export interface HistogramMetric {
  readonly bucket: Metric;
  readonly sum: Metric;
  readonly count: Metric;
}
export function histogram(name: string, help: string): HistogramMetric {
  return {
    bucket: { name: `${name}_bucket`, kind: 'histogram', unit: '', help },
    sum: counter(`${name}_sum`, help, 'seconds'),
    count: counter(`${name}_count`, help),
  };
}

/** One scrape target: its labels are the resource, as an import of the same text would make it. */
export class Target {
  private readonly known = new Map<string, bigint>();
  private readonly resource: bigint;
  constructor(
    private readonly recorder: Recorder,
    labels: Attributes,
  ) {
    this.resource = recorder.resources.intern(labels);
  }

  /** `key` tells the label sets of one metric apart; `labels` is asked for once per series. */
  put(ts: bigint, metric: Metric, key: string, labels: () => Attributes, value: number): void {
    const full = `${metric.name}\u0000${key}`;
    let id = this.known.get(full);
    if (id === undefined) {
      id = this.add(metric, labels());
      this.known.set(full, id);
    }
    const { col } = this.recorder.samples;
    col.series_id.push(id);
    col.ts.push(ts);
    col.value.push(value);
    this.recorder.samples.endRow();
  }

  private add(metric: Metric, labels: Attributes): bigint {
    const id = seriesId(metric.name, this.resource, labels);
    const { col } = this.recorder.series;
    col.series_id.push(id);
    col.metric.push(metric.name);
    col.kind.push(metric.kind);
    col.unit.push(metric.unit);
    col.description.push(metric.help);
    col.temporality.push(metric.kind === 'gauge' ? '' : 'cumulative');
    col.step.push(0n);
    col.resource_id.push(this.resource);
    col.labels.push(labels);
    this.recorder.series.endRow();
    return id;
  }
}

export const NO_LABELS = (): Attributes => ({});
