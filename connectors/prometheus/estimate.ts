import type { PrometheusApi } from './api';
import { familiesOf, sizeFamilies } from './count';
import { sum, type SizedFamily } from './plan';
import type { Selector } from './selector';
import { isSelected } from './make-plan';
import type { Metric, Survey } from './survey';
import type { MsWindow } from './windows';

/** Metrics whose samples are counted, to know how many a series has. */
const SAMPLED = 24;
/** Of an answer, for each sample: [1750000000.123,"12345.678"], and a share of the labels. */
const BYTES = 32;

export interface Estimated {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * What each metric would bring, by its number of series and by how many samples a series has here, which a few
 * metrics are counted for: spread evenly over the names, so that it costs one query a window however many there are.
 */
export async function estimate(
  api: PrometheusApi,
  found: Survey,
  selectors: readonly Selector[],
  windows: readonly MsWindow[],
): Promise<ReadonlyMap<string, Estimated>> {
  const wanted = found.metrics.filter((metric) => isSelected(metric));
  const all = new Set(found.metrics.map(({ name }) => name));
  const sample = familiesOf(spread(wanted), all, false);
  const sized = await sizeFamilies(api, sample, found, selectors, windows);
  const density = windows.map((_, w) => samplesOfSeries(sized, w));
  return new Map(found.metrics.map((metric) => [metric.name, of(metric, density)]));
}

function spread(metrics: readonly Metric[]): readonly Metric[] {
  const step = Math.max(1, metrics.length / SAMPLED);
  return Array.from(
    { length: Math.min(SAMPLED, metrics.length) },
    (_, i) => metrics[Math.floor(i * step)],
  ).filter((metric) => metric !== undefined);
}

/** Samples of all over series of all: metrics are scraped at different paces. */
function samplesOfSeries(sized: readonly SizedFamily[], w: number): number {
  const counted = sized.filter((family) => family.counted);
  const series = sum(counted.map(({ rowSeries }) => rowSeries[w] ?? 0));
  return series === 0 ? 0 : sum(counted.map(({ rows }) => rows[w] ?? 0)) / series;
}

function of({ name, series, histograms }: Metric, density: readonly number[]): Estimated {
  // Buckets of a histogram are one row together.
  const isHistogram = name.endsWith('_bucket') && histograms.some((n) => n > 0);
  const times = (counts: readonly number[]): number =>
    Math.round(sum(counts.map((n, w) => n * (density[w] ?? 0))));
  return { rows: times(isHistogram ? histograms : series), bytes: times(series) * BYTES };
}
