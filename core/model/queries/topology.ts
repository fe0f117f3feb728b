import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { PEER_SQL, SERVICE_OF } from './pieces';

/** Spans of a grid of buckets with their service and, for calls, who they say they call. */
const SPANS = `w AS (
  SELECT trace_id, span_id, parent_span_id, kind, duration, status, svc.entity_id AS service,
    ((start - :from) // :step)::INTEGER AS bucket, CASE WHEN kind IN (3, 4) THEN ${PEER_SQL} END AS said
  FROM spans JOIN svc USING (resource_id) WHERE start >= :from AND start < :from + :step * :buckets
)`;

/** Calls between services, and calls to what records no spans of its own, as their callers saw them. */
const CALLS = `spoken AS (
  SELECT c.bucket, p.service AS source, c.service AS target, c.duration, c.status = 2 OR p.status = 2 AS bad,
    p.trace_id, p.span_id
  FROM w c JOIN w p ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
  WHERE c.service <> p.service
),
silent AS (
  SELECT w.bucket, w.service AS source, w.said AS target, w.duration, w.status = 2 AS bad
  FROM w ANTI JOIN spoken ON spoken.trace_id = w.trace_id AND spoken.span_id = w.span_id
  WHERE w.said IS NOT NULL
)`;

export const traffic = defineQuery({
  id: 'topology.traffic',
  version: 1,
  title: 'Calls of every edge and requests of every service over time',
  params: z.object({ from: zNs, step: zNs, buckets: z.number().int().positive() }),
  /** A row with an empty source is about the requests that the target itself recorded. */
  columns: {
    bucket: 'i32',
    source: 'str',
    target: 'str',
    n: 'f64',
    errors: 'f64',
    p50_ms: 'f64',
    p99_ms: 'f64',
  },
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${SPANS},
${CALLS},
f AS (
  SELECT bucket, source, target, duration, bad FROM spoken
  UNION ALL SELECT bucket, source, target, duration, bad FROM silent
  UNION ALL SELECT bucket, '', service, duration, status = 2 FROM w
    WHERE kind NOT IN (3, 4) AND (kind <> 1 OR parent_span_id = '')
)
SELECT bucket, source, target, count(*)::DOUBLE AS n, count(*) FILTER (WHERE bad)::DOUBLE AS errors,
  quantile_cont(duration / 1e6, 0.5) AS p50_ms, quantile_cont(duration / 1e6, 0.99) AS p99_ms
FROM f GROUP BY bucket, source, target ORDER BY source, target, bucket`,
});

export const edgeCalls = defineQuery({
  id: 'topology.edge-calls',
  version: 1,
  title: 'Calls of one edge in a window',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.literal(1),
    source: z.string(),
    target: z.string(),
  }),
  columns: { calls: 'f64', errors: 'f64', p50_ms: 'f64', p99_ms: 'f64' },
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${SPANS},
${CALLS},
f AS (
  SELECT source, target, duration, bad FROM spoken UNION ALL SELECT source, target, duration, bad FROM silent
)
SELECT count(*)::DOUBLE AS calls, count(*) FILTER (WHERE bad)::DOUBLE AS errors,
  quantile_cont(duration / 1e6, 0.5) AS p50_ms, quantile_cont(duration / 1e6, 0.99) AS p99_ms
FROM f WHERE source = :source AND target = :target`,
});

export const placement = defineQuery({
  id: 'topology.placement',
  version: 1,
  title: 'Which instance of which service runs on which host',
  params: z.object({ limit: z.number().int().positive() }),
  columns: { service: 'str', instance: 'str', host: 'str', total: 'i32' },
  sql: () => `
WITH p AS (
  SELECT DISTINCT s.entity_id AS service, coalesce(i.entity_id, '') AS instance, coalesce(h.entity_id, '') AS host
  FROM (SELECT * FROM resource_entities WHERE role = 'service') s
    LEFT JOIN (SELECT * FROM resource_entities WHERE role = 'service_instance') i USING (resource_id)
    LEFT JOIN (SELECT * FROM resource_entities WHERE role = 'host') h USING (resource_id)
  WHERE i.entity_id IS NOT NULL OR h.entity_id IS NOT NULL
)
SELECT service, instance, host, (count(*) OVER ())::INTEGER AS total FROM p
ORDER BY service, instance, host LIMIT :limit`,
});
