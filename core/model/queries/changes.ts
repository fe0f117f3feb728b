import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { SERVICE_OF, WIN } from './pieces';
import { SNAPSHOT, snapshotSql } from './snapshot';
import { inWindow, until } from './reads';
import { STANDS_FOR, medianOf, shareWhere, weightedMedians } from './weights';

/** What of a service runs side by side: its version, else the instance, where a resource names one. */
const UNIT = `coalesce(nullif(r.attributes['service.version'], ''), nullif(r.attributes['service.instance.id'], ''),
    nullif(r.attributes['k8s.pod.name'], ''), nullif(r.attributes['host.name'], ''), '')`;

export const versionShift = defineQuery({
  id: 'analysis.version-shift',
  version: 1,
  title:
    'Self time, errors and further calls of every operation by version, baseline against incident',
  params: z.object({
    baseFrom: zNs,
    baseTo: zNs,
    from: zNs,
    to: zNs,
    /** Entity ids. */
    services: z.array(z.string()),
  }),
  columns: {
    win: 'i32',
    service: 'str',
    /** Version, else instance; '' where the resource names neither. */
    unit: 'str',
    /** First span of the unit in the whole case, ns. */
    born: 'i64',
    name: 'str',
    kind: 'i32',
    n: 'f64',
    /** Failed ones that no failed child explains. */
    own_errors: 'f64',
    log_self: 'f64',
    log_self_sq: 'f64',
    /** Log of one more than the calls that it made and that did not fail. */
    log_calls: 'f64',
    log_calls_sq: 'f64',
  },
  reads: until('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
who AS (SELECT r.resource_id, svc.entity_id AS service, ${UNIT} AS unit
  FROM resources r JOIN svc USING (resource_id) WHERE list_contains(:services, svc.entity_id)),
mine AS (SELECT trace_id, span_id, name, kind, duration, status, start, service, unit
  FROM spans JOIN who USING (resource_id)),
born AS (SELECT service, unit, min(start) AS born FROM mine GROUP BY ALL),
w AS (SELECT mine.*, ${WIN('start')} AS win FROM mine WHERE ${WIN('start')} IS NOT NULL),
kids AS (
  SELECT trace_id, parent_span_id AS span_id, sum(duration) FILTER (WHERE kind <> 5) AS kid_ns,
    max((status = 2)::INTEGER) AS kid_error, count(*) FILTER (WHERE status <> 2 AND kind IN (3, 4)) AS calls
  FROM spans SEMI JOIN w ON w.trace_id = spans.trace_id AND w.span_id = spans.parent_span_id
  GROUP BY trace_id, parent_span_id
),
f AS (
  SELECT w.*, ln(greatest(0, duration - coalesce(kid_ns, 0)) / 1e6 + 0.05) AS l,
    ln(1 + coalesce(calls, 0)) AS c, status = 2 AND coalesce(kid_error, 0) = 0 AS origin
  FROM w LEFT JOIN kids USING (trace_id, span_id)
)
SELECT win, service, unit, any_value(born) AS born, name, kind, count(*)::DOUBLE AS n,
  count(*) FILTER (WHERE origin)::DOUBLE AS own_errors, sum(l) AS log_self, sum(l * l) AS log_self_sq,
  sum(c) AS log_calls, sum(c * c) AS log_calls_sq
FROM f JOIN born USING (service, unit)
GROUP BY win, service, unit, name, kind ORDER BY service, unit, name, kind, win`,
});

export const versionLevel = defineQuery({
  id: 'evidence.version-level',
  version: 2,
  title:
    'Duration and failures of what a service answers, by two sets of its versions, side by side',
  params: z.object({
    from: zNs,
    to: zNs,
    service: z.string(),
    /** Versions, else instances, as analysis.version-shift names them. */
    fresh: z.array(z.string()),
    kept: z.array(z.string()),
  }),
  columns: {
    fresh_ms: 'f64',
    kept_ms: 'f64',
    fresh_ratio: 'f64',
    kept_ratio: 'f64',
    fresh_spans: 'f64',
    kept_spans: 'f64',
    ...SNAPSHOT,
  },
  reads: inWindow('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
who AS (SELECT r.resource_id, ${UNIT} AS unit FROM resources r JOIN svc USING (resource_id)
  WHERE svc.entity_id = :service),
failed_children AS (SELECT DISTINCT trace_id, parent_span_id AS span_id FROM spans
  WHERE status = 2 AND parent_span_id <> ''),
s AS (SELECT source_id, row_no, start, duration, status, duration / 1e6 AS ms, list_contains(:fresh, unit) AS new,
    status = 2 AND f.span_id IS NULL AS bad, ${STANDS_FOR} AS weight, list_contains(:fresh, unit)::INTEGER AS win
  FROM spans JOIN who USING (resource_id) LEFT JOIN failed_children f USING (trace_id, span_id)
  WHERE start >= :from AND start < :to AND kind IN (2, 5)
    AND (list_contains(:fresh, unit) OR list_contains(:kept, unit))),
${weightedMedians('s')}
SELECT ${medianOf(1, 'new')} AS fresh_ms, ${medianOf(0, 'NOT new')} AS kept_ms,
  ${shareWhere('bad', 'weight', 'new')} AS fresh_ratio, ${shareWhere('bad', 'weight', 'NOT new')} AS kept_ratio,
  count(*) FILTER (WHERE new)::DOUBLE AS fresh_spans, count(*) FILTER (WHERE NOT new)::DOUBLE AS kept_spans,
  ${snapshotSql('start', ['duration', 'status'], 'TRUE')} FROM s`,
});

/** The rows that evidence.version-level rests on, as SQL; the values are literals. */
export const versionRowsSql = (value: (name: string) => string): string => `
WITH svc AS (${SERVICE_OF}),
who AS (SELECT r.resource_id, ${UNIT} AS unit FROM resources r JOIN svc USING (resource_id)
  WHERE svc.entity_id = ${value('service')})
SELECT unit, s.start, s.duration / 1e6 AS duration_ms, s.name, s.kind, s.status, s.status_message, s.trace_id,
  s.span_id, s.attributes, s.source_id, s.row_no
FROM spans s JOIN who USING (resource_id)
WHERE s.start >= ${value('from')} AND s.start < ${value('to')} AND s.kind IN (2, 5)
  AND (list_contains(${value('fresh')}, unit) OR list_contains(${value('kept')}, unit)) ORDER BY s.start`;
