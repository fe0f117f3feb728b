import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { ASKED_METRIC_VALUES, METRIC_VALUES, SUBJECT_OF, WIN } from './pieces';

/**
 * Every metric series with its level before and in the incident. `shift` is the change of the median in
 * units of the baseline's spread (MAD × 1.4826, Rousseeuw and Croux 1993), floored at 1 % of the level.
 */
export const metricCatalog = defineQuery({
  id: 'metrics.catalog',
  version: 1,
  title: 'Metric series with their level before and in the incident',
  params: z.object({ baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs, entity: z.string() }),
  columns: {
    series_id: 'i64',
    metric: 'str',
    unit: 'str',
    kind: 'str',
    entity_id: 'str',
    labels: 'map',
    points: 'f64',
    baseline: 'f64',
    incident: 'f64',
    shift: 'f64',
  },
  sql: ({ entity }) => `
WITH subject AS (${SUBJECT_OF}),
m AS (SELECT series_id, any_value(metric) AS metric, any_value(unit) AS unit, any_value(kind) AS kind,
    coalesce(any_value(subject.entity_id), '') AS entity_id, any_value(labels) AS labels
  FROM metric_series LEFT JOIN subject USING (resource_id)
  ${entity === '' ? '' : 'WHERE subject.entity_id = :entity'} GROUP BY series_id),
v AS (SELECT series_id, v, ${WIN('ts')} AS win
  FROM (${METRIC_VALUES}) WHERE v IS NOT NULL AND isfinite(v)
  ${entity === '' ? '' : 'AND series_id IN (SELECT series_id FROM m)'}),
q AS (SELECT series_id, count(*) AS points, median(v) FILTER (WHERE win = 0) AS base, mad(v) FILTER (WHERE win = 0) AS spread,
    median(v) FILTER (WHERE win = 1) AS now FROM v GROUP BY series_id)
SELECT m.series_id, m.metric, m.unit, m.kind, m.entity_id, m.labels, q.points::DOUBLE AS points, q.base AS baseline,
  q.now AS incident,
  coalesce((q.now - q.base) / greatest(1.4826 * q.spread, 0.01 * abs(q.base), 1e-9), 0) AS shift
FROM m JOIN q ON q.series_id = m.series_id ORDER BY abs(shift) DESC, m.metric, m.series_id`,
});

/** Several series over time, as buckets: for small multiples. */
export const metricCurves = defineQuery({
  id: 'metrics.curves',
  version: 1,
  title: 'Metric series over time, mean and range of every bucket',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.number().int(),
    series: z.array(z.bigint()),
  }),
  columns: { series_id: 'i64', bucket: 'i32', v: 'f64', lo: 'f64', hi: 'f64' },
  sql: () => `
WITH v AS (${ASKED_METRIC_VALUES})
SELECT series_id, ((ts - :from) // :step)::INTEGER AS bucket, avg(v) AS v, min(v) AS lo, max(v) AS hi FROM v
WHERE ts >= :from AND ts < :from + :step * :buckets AND v IS NOT NULL AND isfinite(v)
GROUP BY series_id, bucket ORDER BY series_id, bucket`,
});

/** All series over a window on one grid; a bucket without a sample has no row. */
export const seriesGrid = defineQuery({
  id: 'analysis.series-grid',
  version: 1,
  title: 'Every metric series on one grid, mean of every bucket',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.number().int(),
  }),
  columns: { series_id: 'i64', bucket: 'i32', v: 'f64' },
  rowsOf: ['samples'],
  sql: () => `
WITH v AS (${METRIC_VALUES})
SELECT series_id, ((ts - :from) // :step)::INTEGER AS bucket, avg(v) AS v FROM v
WHERE ts >= :from AND ts < :from + :step * :buckets AND v IS NOT NULL AND isfinite(v)
GROUP BY series_id, bucket ORDER BY series_id, bucket`,
});

/** Values of the asked series as they were sampled. */
export const seriesValues = defineQuery({
  id: 'analysis.series-values',
  version: 1,
  title: 'Metric series sample by sample',
  params: z.object({ from: zNs, to: zNs, series: z.array(z.bigint()) }),
  columns: { series_id: 'i64', ts: 'i64', v: 'f64' },
  rowsOf: ['samples'],
  sql: () => `
WITH v AS (${ASKED_METRIC_VALUES})
SELECT series_id, ts, v FROM v WHERE ts >= :from AND ts < :to AND v IS NOT NULL AND isfinite(v)
ORDER BY series_id, ts`,
});
