import { literal, type SqlParams } from '../query';
import { SERIES_BEYOND } from './evidence';
import { versionRowsSql } from './changes';
import { PEER_SQL, SERVICE_OF, SUBJECT_OF } from './pieces';

/**
 * The rows that an evidence query's figure rests on, as SQL to read them by: raw columns with the place of
 * each row in its source (source_id, row_no), newest windows first to last. Undefined for queries whose
 * figure has no rows of its own.
 */
export function evidenceRowsSql(query: string, params: SqlParams): string | undefined {
  const make = ROWS[query];
  if (!make) return undefined;
  return make((name) => literal(params[name] ?? null), params).trim();
}

type Value = (name: string) => string;

const eitherWindow = (v: Value, ts: string): string =>
  `(${ts} >= ${v('baseFrom')} AND ${ts} < ${v('baseTo')} OR ${ts} >= ${v('from')} AND ${ts} < ${v('to')})`;

const WIN = (v: Value, ts: string): string =>
  `CASE WHEN ${ts} >= ${v('from')} AND ${ts} < ${v('to')} THEN 'incident' ELSE 'baseline' END AS "window"`;

const SPAN_COLUMNS = `s.start, s.duration / 1e6 AS duration_ms, svc.entity_id AS service, s.name, s.kind, s.status,
  s.status_message, s.trace_id, s.span_id, s.attributes, s.source_id, s.row_no`;

const ROWS: Readonly<Record<string, (v: Value, params: SqlParams) => string>> = {
  'evidence.operation-latency': (v) => `
WITH svc AS (${SERVICE_OF})
SELECT ${WIN(v, 's.start')}, ${SPAN_COLUMNS}
FROM spans s JOIN svc USING (resource_id)
WHERE svc.entity_id = ${v('service')} AND s.name = ${v('operation')} AND ${eitherWindow(v, 's.start')}
ORDER BY s.start`,
  'evidence.service-errors': (v) => `
WITH svc AS (${SERVICE_OF}),
failed_children AS (SELECT DISTINCT trace_id, parent_span_id AS span_id FROM spans
  WHERE status = 2 AND parent_span_id <> '')
SELECT ${WIN(v, 's.start')}, ${SPAN_COLUMNS}
FROM spans s JOIN svc USING (resource_id) LEFT JOIN failed_children f
  ON f.trace_id = s.trace_id AND f.span_id = s.span_id
WHERE svc.entity_id = ${v('service')} AND s.status = 2 AND f.span_id IS NULL AND ${eitherWindow(v, 's.start')}
ORDER BY s.start`,
  'evidence.calls-failed': (v) => `
WITH svc AS (${SERVICE_OF}),
callee AS (SELECT s.trace_id, s.parent_span_id AS span_id, max(svc.entity_id) AS entity_id
  FROM spans s JOIN svc USING (resource_id) WHERE s.parent_span_id <> '' GROUP BY s.trace_id, s.parent_span_id),
calls AS (SELECT s.*, coalesce(CASE WHEN callee.entity_id <> svc.entity_id THEN callee.entity_id END,
    ${PEER_SQL.replaceAll('attributes', 's.attributes')}) AS target, svc.entity_id
  FROM spans s JOIN svc USING (resource_id) LEFT JOIN callee ON callee.trace_id = s.trace_id AND callee.span_id = s.span_id
  WHERE s.kind IN (3, 4))
SELECT ${WIN(v, 's.start')}, s.start, s.duration / 1e6 AS duration_ms, s.entity_id AS caller, s.target, s.name,
  s.status, s.status_message, s.trace_id, s.span_id, s.attributes, s.source_id, s.row_no
FROM calls s WHERE s.target = ${v('target')} AND ${eitherWindow(v, 's.start')} ORDER BY s.start`,
  'evidence.edge-gap': (v) => `
WITH svc AS (${SERVICE_OF})
SELECT ${WIN(v, 's.start')}, greatest(0, s.duration - c.duration) / 1e6 AS outside_ms, ${SPAN_COLUMNS}
FROM spans c JOIN svc callee ON callee.resource_id = c.resource_id
JOIN spans s ON s.trace_id = c.trace_id AND s.span_id = c.parent_span_id
JOIN svc ON svc.resource_id = s.resource_id
WHERE callee.entity_id = ${v('target')} AND svc.entity_id = ${v('source')} AND s.kind = 3
  AND ${eitherWindow(v, 's.start')} ORDER BY s.start`,
  'evidence.metric-level': (v) => `
SELECT ${WIN(v, 's.ts')}, s.ts, s.value, m.metric, m.unit, m.kind, m.labels, s.source_id, s.row_no
FROM samples s JOIN metric_series m USING (series_id)
WHERE s.series_id = ${v('series')} AND ${eitherWindow(v, 's.ts')} ORDER BY s.ts`,
  'evidence.series-together': (v) => `
WITH ${SERIES_BEYOND.replace(/:(baseFrom|baseTo|from|to)\b/g, (_, name: string) => v(name))}
SELECT ${WIN(v, 's.ts')}, s.ts, s.value, m.metric, m.unit, m.kind, m.labels, s.source_id, s.row_no
FROM samples s JOIN b USING (series_id) JOIN metric_series m USING (series_id)
WHERE b.beyond AND ${eitherWindow(v, 's.ts')} ORDER BY m.metric, s.series_id, s.ts`,
  'evidence.log-count': (v, { pieces }) => `
WITH subject AS (${SUBJECT_OF})
SELECT ${WIN(v, 'l.ts')}, l.ts, l.severity_text, l.body, l.trace_id, l.span_id, l.attributes, l.source_id, l.row_no
FROM logs l JOIN subject USING (resource_id)
WHERE subject.entity_id = ${v('entity')} AND ${eitherWindow(v, 'l.ts')}
  ${(Array.isArray(pieces) ? pieces : []).map((piece) => `AND contains(l.body, ${literal(String(piece))})`).join(' ')}
ORDER BY l.ts`,
  'evidence.version-level': versionRowsSql,
  'evidence.change': (v) => `
WITH subject AS (${SUBJECT_OF})
SELECT c.ts, c.kind, c.title, c.version, c.attributes, c.source_id, c.row_no
FROM changes c JOIN subject USING (resource_id)
WHERE subject.entity_id = ${v('entity')} AND c.ts >= ${v('from')} AND c.ts < ${v('to')} ORDER BY c.ts`,
  'evidence.alerts': (v) => `
WITH subject AS (${SUBJECT_OF})
SELECT ${WIN(v, 'a.starts_at')}, a.starts_at, a.ends_at, a.name, a.severity, a.labels, a.annotations, a.source_id, a.row_no
FROM alerts a JOIN subject USING (resource_id)
WHERE subject.entity_id = ${v('entity')} AND ${eitherWindow(v, 'a.starts_at')} ORDER BY a.starts_at`,
};
