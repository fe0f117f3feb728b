import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { PEER_SQL, SERVICE_OF, SUBJECT_OF } from './pieces';

const ORDERS = {
  slow: 'duration_ms DESC',
  recent: 'start DESC',
  failed: 'errors DESC, duration_ms DESC',
} as const;

/** Spans of an edge: the callee's, whose parent is the caller's; else the caller's, that name the callee. */
const EDGE_SPANS = `SELECT c.trace_id, c.duration, c.status FROM s c JOIN s p
    ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
  WHERE p.entity_id = :source AND c.entity_id = :target AND c.start >= :from AND c.start < :to
  UNION ALL SELECT trace_id, duration, status FROM s
  WHERE s.entity_id = :source AND s.kind IN (3, 4) AND s.start >= :from AND s.start < :to
    AND (${PEER_SQL}) = :target`;

/**
 * Traces that touch a service (or an edge between two) in a window. Figures are those of the whole trace;
 * `own_ms` is the longest span of the service, or of the edge, in it.
 */
export const traceList = defineQuery({
  id: 'traces.list',
  version: 1,
  title: 'Traces in a window',
  params: z.object({
    from: zNs,
    to: zNs,
    /** Entity id, or '' for every service. */
    service: z.string(),
    /** Entity ids of an edge, or '' for both. */
    source: z.string(),
    target: z.string(),
    operation: z.string(),
    failedOnly: z.boolean(),
    order: z.enum(['slow', 'recent', 'failed']),
    limit: z.number().int(),
  }),
  columns: {
    trace_id: 'str',
    root: 'str',
    service: 'str',
    start: 'i64',
    duration_ms: 'f64',
    own_ms: 'f64',
    spans: 'f64',
    errors: 'f64',
    services: 'f64',
    matching: 'f64',
  },
  sql: ({ service, source, target, operation, failedOnly, order }) => `
WITH svc AS (${SERVICE_OF}),
s AS (SELECT spans.*, svc.entity_id FROM spans LEFT JOIN svc USING (resource_id)),
hits AS (${
    source !== '' && target !== ''
      ? EDGE_SPANS
      : `SELECT trace_id, duration, status FROM s
  WHERE start >= :from AND start < :to
  ${service === '' ? '' : 'AND s.entity_id = :service'} ${operation === '' ? '' : 'AND s.name = :operation'}`
  }),
hit AS (SELECT trace_id, max(duration) AS own FROM hits ${failedOnly ? 'WHERE status = 2' : ''} GROUP BY trace_id)
SELECT s.trace_id, coalesce(arg_min(s.name, s.start) FILTER (WHERE s.parent_span_id = ''), arg_min(s.name, s.start)) AS root,
  coalesce(arg_min(s.entity_id, s.start) FILTER (WHERE s.parent_span_id = ''), arg_min(s.entity_id, s.start), '') AS service,
  min(s.start) AS start, (max(s.start + s.duration) - min(s.start)) / 1e6 AS duration_ms, any_value(hit.own) / 1e6 AS own_ms,
  count(*)::DOUBLE AS spans, count(*) FILTER (WHERE s.status = 2)::DOUBLE AS errors,
  count(DISTINCT s.entity_id)::DOUBLE AS services, (SELECT count(*) FROM hit)::DOUBLE AS matching
FROM s JOIN hit ON hit.trace_id = s.trace_id GROUP BY s.trace_id ORDER BY ${ORDERS[order]}, s.trace_id LIMIT :limit`,
});

export const traceSpans = defineQuery({
  id: 'traces.spans',
  version: 1,
  title: 'The spans of a trace',
  params: z.object({ trace: z.string() }),
  columns: {
    span_id: 'str',
    parent_span_id: 'str',
    entity_id: 'str',
    name: 'str',
    kind: 'i32',
    start: 'i64',
    duration: 'i64',
    status: 'i32',
    status_message: 'str',
  },
  sql: () => `
WITH svc AS (${SERVICE_OF})
SELECT span_id, parent_span_id, coalesce(svc.entity_id, '') AS entity_id, name, kind, start, duration, status, status_message
FROM spans LEFT JOIN svc USING (resource_id) WHERE trace_id = :trace ORDER BY start, span_id`,
});

export const traceLogs = defineQuery({
  id: 'traces.logs',
  version: 1,
  title: 'Log lines of a trace',
  params: z.object({ trace: z.string() }),
  columns: { ts: 'i64', span_id: 'str', severity: 'i32', body: 'str', entity_id: 'str' },
  sql: () => `
WITH subject AS (${SUBJECT_OF})
SELECT ts, span_id, severity, body, coalesce(subject.entity_id, '') AS entity_id
FROM logs LEFT JOIN subject USING (resource_id) WHERE trace_id = :trace ORDER BY ts LIMIT 2000`,
});

export const spanDetail = defineQuery({
  id: 'traces.span',
  version: 1,
  title: 'Attributes of a span and of its resource',
  params: z.object({ trace: z.string(), span: z.string() }),
  columns: { attributes: 'map', resource: 'map', source_id: 'i32', row_no: 'i64' },
  sql: () => `
SELECT s.attributes, (SELECT any_value(r.attributes) FROM resources r WHERE r.resource_id = s.resource_id) AS resource,
  s.source_id, s.row_no
FROM spans s WHERE s.trace_id = :trace AND s.span_id = :span LIMIT 1`,
});

export const spanEvents = defineQuery({
  id: 'traces.span-events',
  version: 1,
  title: 'Events of a span',
  params: z.object({ trace: z.string(), span: z.string() }),
  columns: { ts: 'i64', name: 'str', attributes: 'map' },
  sql: () =>
    `SELECT ts, name, attributes FROM span_events WHERE trace_id = :trace AND span_id = :span ORDER BY ts`,
});
