import type { Attributes, Notice } from '../../model';
import type { Cell, CaseStore } from '../../store';
import { readSeries, text, type ExportedSeries, type Page } from './exporter';
import { doubleJson, grouped, keyValues, type Grouped } from './otlp-json';

/** Samples and histograms, each in a file of its own. */
export const METRICS = [
  {
    name: 'metrics.jsonl',
    select: 'SELECT ts, source_id, row_no, series_id, value FROM samples',
    times: 'SELECT ts FROM samples',
  },
  {
    name: 'histograms.jsonl',
    select:
      'SELECT ts, source_id, row_no, series_id, count, sum, bounds, counts FROM histogram_samples',
    times: 'SELECT ts FROM histogram_samples',
  },
] as const;

/** OTLP's AggregationTemporality; a counter of which nothing is said goes on from its start, as Prometheus' do. */
const TEMPORALITY: Readonly<Record<string, number>> = { delta: 1, cumulative: 2, '': 2 };

export class MetricLines {
  /** Series of kinds that OTLP has no number points for, by kind. */
  private readonly changed = new Map<string, Set<string>>();

  private constructor(
    private readonly series: ReadonlyMap<string, ExportedSeries>,
    private readonly resources: ReadonlyMap<string, Attributes>,
  ) {}

  static async of(
    store: CaseStore,
    resources: ReadonlyMap<string, Attributes>,
    signal: AbortSignal,
  ): Promise<MetricLines> {
    return new MetricLines(await readSeries(store, signal), resources);
  }

  /** Rows of a page, a line of them: by resource, then by metric, in the order of their first sight. */
  line(page: Page, from: number, to: number): string {
    const byResource: Grouped<readonly [ExportedSeries, object]> = new Map();
    for (let row = from; row < to; row++) {
      const series = this.series.get(text(page.col['series_id']?.[row]));
      if (!series) continue;
      grouped(byResource, series.resource).push([series, pointOf(page, row, series)]);
    }
    const isHistogram = page.col['bounds'] !== undefined;
    const resourceMetrics = [...byResource].map(([id, points]) => {
      const byMetric: Grouped<readonly [ExportedSeries, object]> = new Map();
      for (const point of points) grouped(byMetric, metricKey(point[0])).push(point);
      const metrics = [...byMetric.values()].map((own) => this.metricOf(own, isHistogram));
      const attributes = keyValues(this.resources.get(id) ?? {});
      return { resource: { attributes }, scopeMetrics: [{ scope: {}, metrics }] };
    });
    return JSON.stringify({ resourceMetrics });
  }

  private metricOf(
    points: readonly (readonly [ExportedSeries, object])[],
    isHistogram: boolean,
  ): object {
    const [first] = points;
    if (!first) return {};
    const [{ name, fields }] = first;
    const { unit = '', description = '', kind = '', temporality = '' } = fields;
    const dataPoints = points.map(([, point]) => point);
    const aggregationTemporality = TEMPORALITY[temporality] ?? 2;
    const head = { name, ...(unit !== '' && { unit }), ...(description !== '' && { description }) };
    if (isHistogram) return { ...head, histogram: { aggregationTemporality, dataPoints } };
    if (kind !== 'counter' && kind !== 'gauge') {
      const known = this.changed.get(kind) ?? new Set();
      this.changed.set(kind, known);
      for (const [{ id }] of points) known.add(id);
    }
    // The series of a classic histogram (`_bucket`) count as counters do.
    return kind === 'counter' || kind === 'histogram'
      ? { ...head, sum: { aggregationTemporality, isMonotonic: true, dataPoints } }
      : { ...head, gauge: { dataPoints } };
  }

  /** What became something else, with its count. */
  notices(): readonly Notice[] {
    return [...this.changed].map(([kind, { size }]) => ({
      code: 'kind-changed',
      severity: 'info' as const,
      count: size,
      message: `${size} series of the kind "${kind}" became ${kind === 'histogram' ? 'sums' : 'gauges'}: OTLP has no such points.`,
    }));
  }
}

const metricKey = ({ name, fields }: ExportedSeries): string =>
  JSON.stringify([
    name,
    fields['unit'],
    fields['description'],
    fields['kind'],
    fields['temporality'],
  ]);

function pointOf({ col }: Page, row: number, { labels }: ExportedSeries): object {
  const point = { timeUnixNano: text(col['ts']?.[row]), attributes: keyValues(labels) };
  if (col['bounds'] === undefined) {
    return { ...point, asDouble: doubleJson(Number(col['value']?.[row])) };
  }
  const sum = col['sum']?.[row];
  return {
    ...point,
    count: text(col['count']?.[row]),
    ...(sum !== null && sum !== undefined && { sum: doubleJson(Number(sum)) }),
    bucketCounts: listOf(col['counts']?.[row]).map(String),
    explicitBounds: listOf(col['bounds']?.[row]).map((bound) => doubleJson(Number(bound))),
  };
}

const listOf = (cell: Cell | undefined): readonly Cell[] => (Array.isArray(cell) ? cell : []);
