import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { ASKED_METRIC_VALUES, SERVICE_OF } from './pieces';
import { onGrid } from './reads';
import { STANDS_FOR, effective, sumWhere } from './weights';

const GRID = 'start >= :from AND start < :from + :step * :buckets';

/** Counts are effective ones (`effective`), which are those of rows where no span says how it was sampled. */
export const entityPulse = defineQuery({
  id: 'analysis.entity-pulse',
  version: 2,
  title: 'Requests, errors and self-made latency of every service over time',
  params: z.object({ from: zNs, step: zNs, buckets: z.number().int() }),
  columns: { entity_id: 'str', bucket: 'i32', n: 'f64', errors: 'f64', log_ms: 'f64' },
  rowsOf: ['spans'],
  reads: onGrid('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${effective(GRID)},
s AS (SELECT svc.entity_id, ((start - :from) // :step)::INTEGER AS bucket, status, ln(duration / 1e6 + 0.05) AS l,
    ${STANDS_FOR} * of_errors AS weight
  FROM spans JOIN svc USING (resource_id), effective WHERE ${GRID})
SELECT entity_id, bucket, sum(weight) AS n, ${sumWhere('weight', 'status = 2')} AS errors,
  sum(l * weight) / sum(weight) AS log_ms
FROM s GROUP BY ALL ORDER BY ALL`,
});

export const metricPulse = defineQuery({
  id: 'analysis.metric-pulse',
  version: 1,
  title: 'Metric series over time, as buckets',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.number().int(),
    series: z.array(z.bigint()),
  }),
  columns: { series_id: 'i64', bucket: 'i32', v: 'f64' },
  rowsOf: ['samples'],
  reads: onGrid('samples'),
  sql: () => `
WITH v AS (${ASKED_METRIC_VALUES})
SELECT series_id, ((ts - :from) // :step)::INTEGER AS bucket, median(v) AS v FROM v
WHERE ts >= :from AND ts < :from + :step * :buckets AND v IS NOT NULL AND isfinite(v)
GROUP BY ALL ORDER BY ALL`,
});
