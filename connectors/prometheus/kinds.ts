import { familyOf, type MetricFamily } from '../../core/connect';

/**
 * Kind, unit and help of a metric: what the server states, else what its name says by Prometheus' naming
 * rules (`_total` counts up, and so do `_sum` and `_count` where both are there). Backfilled and
 * remote-written series have no metadata.
 */
export function kindOf(
  metric: string,
  stated: ReadonlyMap<string, MetricFamily>,
  isThere: (metric: string) => boolean,
): MetricFamily {
  const family = familyOf(metric, (name) => stated.get(name));
  if (family.kind !== 'unknown') return family;
  return { ...family, kind: kindByName(metric, isThere) };
}

function kindByName(metric: string, isThere: (metric: string) => boolean): string {
  if (metric.endsWith('_total')) return 'counter';
  const pair = /^(.+)_(sum|count)$/.exec(metric);
  const base = pair?.[1];
  if (base !== undefined && isThere(`${base}_sum`) && isThere(`${base}_count`)) return 'counter';
  // What Prometheus itself records about each scrape has no metadata either.
  if (metric === 'up' || /^scrape_|_info$/.test(metric)) return 'gauge';
  return 'unknown';
}
