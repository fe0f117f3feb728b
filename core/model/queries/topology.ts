import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { PEER_SQL, SERVICE_OF } from './pieces';
import { STANDS_FOR, sumWhere, weightedQuantiles } from './weights';

/** Spans of a grid of buckets with their service and, for calls, who they say they call. */
const SPANS = `w AS (
  SELECT trace_id, span_id, parent_span_id, kind, duration, status, svc.entity_id AS service, ${STANDS_FOR} AS weight,
    ((start - :from) // :step)::INTEGER AS bucket, CASE WHEN kind IN (3, 4) THEN ${PEER_SQL} END AS said
  FROM spans JOIN svc USING (resource_id) WHERE start >= :from AND start < :from + :step * :buckets
)`;

/** Calls between services, and calls to what records no spans of its own, as their callers saw them. */
const CALLS = `spoken AS (
  SELECT c.bucket, p.service AS source, c.service AS target, c.duration, c.status = 2 OR p.status = 2 AS bad,
    greatest(c.weight, p.weight) AS weight, p.trace_id, p.span_id
  FROM w c JOIN w p ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
  WHERE c.service <> p.service
),
silent AS (
  SELECT w.bucket, w.service AS source, w.said AS target, w.duration, w.status = 2 AS bad, w.weight
  FROM w ANTI JOIN spoken ON spoken.trace_id = w.trace_id AND spoken.span_id = w.span_id
  WHERE w.said IS NOT NULL
)`;

export const traffic = defineQuery({
  id: 'topology.traffic',
  version: 2,
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
    /** Spans that n was made of. */
    stored: 'f64',
  },
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${SPANS},
${CALLS},
f AS (
  SELECT bucket, source, target, duration, bad, weight FROM spoken
  UNION ALL SELECT bucket, source, target, duration, bad, weight FROM silent
  UNION ALL SELECT bucket, '', service, duration, status = 2, weight FROM w
    WHERE kind NOT IN (3, 4) AND (kind <> 1 OR parent_span_id = '')
),
${weightedQuantiles({ from: 'f', by: ['bucket', 'source', 'target'], at: { w50: 0.5, w99: 0.99 } })},
plain AS (
  SELECT bucket, source, target, sum(weight) AS n, ${sumWhere('weight', 'bad')} AS errors, count(*)::DOUBLE AS stored,
    quantile_cont(duration / 1e6, 0.5) AS p50_ms, quantile_cont(duration / 1e6, 0.99) AS p99_ms
  FROM f GROUP BY bucket, source, target
)
SELECT bucket, source, target, n, errors, coalesce(w50, p50_ms) AS p50_ms, coalesce(w99, p99_ms) AS p99_ms, stored
FROM plain LEFT JOIN weighted USING (bucket, source, target) ORDER BY source, target, bucket`,
});

export const edgeCalls = defineQuery({
  id: 'topology.edge-calls',
  version: 2,
  title: 'Calls of one edge in a window',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.literal(1),
    source: z.string(),
    target: z.string(),
  }),
  columns: { calls: 'f64', errors: 'f64', p50_ms: 'f64', p99_ms: 'f64', stored: 'f64' },
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${SPANS},
${CALLS},
f AS (
  SELECT 1 AS one, duration, bad, weight FROM (
    SELECT source, target, duration, bad, weight FROM spoken
    UNION ALL SELECT source, target, duration, bad, weight FROM silent
  ) WHERE source = :source AND target = :target
),
${weightedQuantiles({ from: 'f', by: ['one'], at: { w50: 0.5, w99: 0.99 } })}
SELECT coalesce(sum(weight), 0) AS calls, ${sumWhere('weight', 'bad')} AS errors,
  coalesce((SELECT w50 FROM weighted), quantile_cont(duration / 1e6, 0.5)) AS p50_ms,
  coalesce((SELECT w99 FROM weighted), quantile_cont(duration / 1e6, 0.99)) AS p99_ms, count(*)::DOUBLE AS stored
FROM f`,
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
