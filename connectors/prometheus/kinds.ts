import { familyOf, kindOfName, type MetricFamily } from '../../core/connect';

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
  return { ...family, kind: kindOfName(metric, isThere) };
}
