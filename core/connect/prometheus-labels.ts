import type { Attributes } from '../model';

/** Labels that say where a series comes from; they become the resource. The others stay labels. */
const RESOURCE_LABELS: ReadonlySet<string> = new Set([
  'job',
  'instance',
  'service',
  'pod',
  'node',
  'namespace',
  'container',
]);

/** Labels of a Prometheus series as its resource and what is left, without its name. */
export function splitLabels(labels: Iterable<readonly [string, string]>): {
  readonly resource: Attributes;
  readonly rest: Attributes;
} {
  const resource: Record<string, string> = {};
  const rest: Record<string, string> = {};
  for (const [name, value] of labels) {
    if (name !== '__name__') (RESOURCE_LABELS.has(name) ? resource : rest)[name] = value;
  }
  return { resource, rest };
}

/** Suffixes that a family's samples carry, longest first. */
const SUFFIXES = ['_created', '_bucket', '_gcount', '_count', '_total', '_gsum', '_info', '_sum'];

/** Words of OpenMetrics and of Prometheus' metadata as `metric_series.kind`. */
const KINDS: Readonly<Record<string, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  unknown: 'unknown',
  untyped: 'unknown',
};

export interface MetricFamily {
  readonly kind: string;
  readonly unit: string;
  readonly description: string;
}

const NOTHING_KNOWN: MetricFamily = { kind: 'unknown', unit: '', description: '' };

/**
 * Kind, unit and help of a sample's name by what is stated about its family, whose kind is still the
 * source's word. `_sum` and `_count` of a histogram count up.
 */
export function familyOf(
  metric: string,
  stated: (name: string) => MetricFamily | undefined,
): MetricFamily {
  const exact = stated(metric);
  if (exact) return { ...exact, kind: KINDS[exact.kind] ?? 'unknown' };
  const suffix = SUFFIXES.find((s) => metric.endsWith(s));
  const family = suffix && stated(metric.slice(0, -suffix.length));
  if (!family) return NOTHING_KNOWN;
  const { description } = family;
  if (suffix === '_created') return { kind: 'gauge', unit: 'seconds', description };
  if (suffix === '_bucket' || family.kind === 'info') {
    return { kind: KINDS[family.kind] ?? 'unknown', unit: '', description };
  }
  const counts = suffix === '_count' || suffix === '_gcount';
  const up = suffix === '_total' || suffix === '_count' || suffix === '_sum';
  return { kind: up ? 'counter' : 'gauge', unit: counts ? '' : family.unit, description };
}

/** How a kind's values relate over time, as `metric_series.temporality`. */
export function temporalityOf(kind: string): string {
  return kind === 'counter' || kind === 'histogram' ? 'cumulative' : '';
}

/** A number as OpenMetrics, Prometheus and Go write it; undefined where it is none. */
export function parseGoFloat(word: string): number | undefined {
  const value = Number(word);
  if (!Number.isNaN(value) && word !== '' && /^[-+.\d]/.test(word) && !/^[-+]?I/.test(word)) {
    return value;
  }
  switch (word.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case '+inf':
    case 'inf':
    case '+infinity':
    case 'infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}
