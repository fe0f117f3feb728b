import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { PEER_SQL, SERVICE_OF, WIN } from './pieces';

/**
 * A consumer span is a child of the producer's, or links to it from a trace of its own. Messages that were
 * sent so late that most had not been taken at the end of the recording are left out: whether they were is
 * not known. The row of consumer '' counts all that were sent.
 */
export const messageShift = defineQuery({
  id: 'analysis.message-shift',
  version: 1,
  title: 'Messages sent, taken, and the time between, baseline against incident',
  params: z.object({ baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs }),
  columns: {
    win: 'i32',
    producer: 'str',
    queue: 'str',
    name: 'str',
    consumer: 'str',
    n: 'f64',
    lag_ms: 'f64',
    lag_log: 'f64',
    lag_log_sq: 'f64',
  },
  rowsOf: ['spans'],
  sql: () => `
WITH svc AS (${SERVICE_OF}),
s AS (
  SELECT trace_id, span_id, parent_span_id, kind, name, start, duration, svc.entity_id AS service,
    CASE WHEN kind = 4 THEN ${PEER_SQL} END AS queue
  FROM spans JOIN svc USING (resource_id) WHERE kind IN (4, 5)
),
taken AS (
  SELECT trace_id, span_id, consumer, min(start) AS start FROM (
    SELECT trace_id, parent_span_id AS span_id, service AS consumer, start FROM s
    WHERE kind = 5 AND parent_span_id <> ''
    UNION ALL SELECT l.linked_trace_id, l.linked_span_id, s.service, s.start
    FROM span_links l JOIN s ON s.trace_id = l.trace_id AND s.span_id = l.span_id WHERE s.kind = 5
  ) GROUP BY ALL
),
m AS (
  SELECT ${WIN('p.start')} AS win, p.service AS producer, coalesce(p.queue, '') AS queue, p.name,
    t.consumer, p.start + p.duration AS sent, p.trace_id, p.span_id,
    greatest(0, t.start - p.start - p.duration) / 1e6 AS lag
  FROM s p LEFT JOIN taken t ON t.trace_id = p.trace_id AND t.span_id = p.span_id
  WHERE p.kind = 4 AND ${WIN('p.start')} IS NOT NULL
),
known AS (
  SELECT * FROM m WHERE sent + coalesce((SELECT quantile_cont(lag, 0.99) FROM m WHERE win = 0), 0) * 1e6
    <= (SELECT max(start) FROM spans)
)
SELECT win, producer, queue, name, '' AS consumer, count(DISTINCT trace_id || span_id)::DOUBLE AS n,
  NULL::DOUBLE AS lag_ms, NULL::DOUBLE AS lag_log, NULL::DOUBLE AS lag_log_sq
FROM known GROUP BY win, producer, queue, name
UNION ALL SELECT win, producer, queue, name, consumer, count(*)::DOUBLE, sum(lag), sum(ln(lag + 0.05)),
  sum(ln(lag + 0.05) * ln(lag + 0.05))
FROM known WHERE consumer IS NOT NULL GROUP BY win, producer, queue, name, consumer
ORDER BY producer, queue, name, consumer, win`,
});
