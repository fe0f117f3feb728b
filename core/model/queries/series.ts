import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { SERVICE_OF, WIN } from './pieces';

/** Duration of one operation over time: for the figure beside its evidence. */
export const operationOverTime = defineQuery({
  id: 'series.operation',
  version: 1,
  title: 'Median and 99th percentile of an operation over time',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.number().int(),
    service: z.string(),
    operation: z.string(),
  }),
  columns: { bucket: 'i32', n: 'f64', p50_ms: 'f64', p99_ms: 'f64' },
  sql: () => `
WITH svc AS (${SERVICE_OF})
SELECT ((start - :from) // :step)::INTEGER AS bucket, count(*)::DOUBLE AS n,
  quantile_cont(duration / 1e6, 0.5) AS p50_ms, quantile_cont(duration / 1e6, 0.99) AS p99_ms
FROM spans JOIN svc USING (resource_id)
WHERE svc.entity_id = :service AND name = :operation AND start >= :from AND start < :from + :step * :buckets
GROUP BY bucket ORDER BY bucket`,
});

/** Errors and requests of one service over time. */
export const errorsOverTime = defineQuery({
  id: 'series.errors',
  version: 1,
  title: 'Share of failed spans of a service over time',
  params: z.object({ from: zNs, step: zNs, buckets: z.number().int(), service: z.string() }),
  columns: { bucket: 'i32', n: 'f64', ratio: 'f64' },
  sql: () => `
WITH svc AS (${SERVICE_OF})
SELECT ((start - :from) // :step)::INTEGER AS bucket, count(*)::DOUBLE AS n, avg((status = 2)::INTEGER) AS ratio
FROM spans JOIN svc USING (resource_id)
WHERE svc.entity_id = :service AND start >= :from AND start < :from + :step * :buckets
GROUP BY bucket ORDER BY bucket`,
});

/** Where a service's time went: own time per operation and call, baseline against incident. */
export const timeSpent = defineQuery({
  id: 'series.time-spent',
  version: 1,
  title: 'Share of span time by operation, baseline against incident',
  params: z.object({ baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs, service: z.string() }),
  columns: { name: 'str', base_ms: 'f64', incident_ms: 'f64', base_n: 'f64', incident_n: 'f64' },
  sql: () => `
WITH svc AS (${SERVICE_OF}),
w AS (SELECT s.trace_id, s.span_id, s.name, s.duration / 1e6 AS ms,
    ${WIN('s.start')} AS win
  FROM spans s JOIN svc USING (resource_id) WHERE svc.entity_id = :service),
kids AS (SELECT s.trace_id, s.parent_span_id AS span_id, sum(s.duration) / 1e6 AS kid_ms FROM spans s
  WHERE s.parent_span_id <> '' AND s.kind <> 5
    AND s.trace_id IN (SELECT trace_id FROM w) GROUP BY s.trace_id, s.parent_span_id),
f AS (SELECT w.name, w.win, greatest(0, w.ms - coalesce(kids.kid_ms, 0)) AS self_ms
  FROM w LEFT JOIN kids ON kids.trace_id = w.trace_id AND kids.span_id = w.span_id WHERE w.win IS NOT NULL)
SELECT name, coalesce(sum(self_ms) FILTER (WHERE win = 0), 0) AS base_ms,
  coalesce(sum(self_ms) FILTER (WHERE win = 1), 0) AS incident_ms,
  count(*) FILTER (WHERE win = 0)::DOUBLE AS base_n, count(*) FILTER (WHERE win = 1)::DOUBLE AS incident_n
FROM f GROUP BY name ORDER BY incident_ms DESC, name`,
});
