import { z } from 'zod';
import type { ExplainRequest } from '../explain';
import { defineQuery, zNs } from '../query';
import { NO_BUCKETS, PEER_SQL, SERVICE_OF, SUBJECT_OF, metricValues } from './pieces';

/** Two sides: from/to is the selection, baseFrom/baseTo the reference. Empty texts filter nothing. */
const sides = {
  from: zNs,
  to: zNs,
  baseFrom: zNs,
  baseTo: zNs,
  entity: z.string(),
  operation: z.string(),
  key: z.string(),
  value: z.string(),
  baseEntity: z.string(),
  baseOperation: z.string(),
  baseKey: z.string(),
  baseValue: z.string(),
} as const;

const zSides = z.object(sides);
export type ExplainSides = z.infer<typeof zSides>;

/** The parameters of a request. */
export function explainSides({ selected, reference }: ExplainRequest): ExplainSides {
  const [s, r] = [selected.filter ?? {}, reference.filter ?? {}];
  return {
    from: selected.from,
    to: selected.to,
    baseFrom: reference.from,
    baseTo: reference.to,
    entity: s.entity ?? '',
    operation: s.operation ?? '',
    key: s.key ?? '',
    value: s.value ?? '',
    baseEntity: r.entity ?? '',
    baseOperation: r.operation ?? '',
    baseKey: r.key ?? '',
    baseValue: r.value ?? '',
  };
}

interface Columns {
  readonly ts: string;
  readonly entity: string;
  /** What operation and attribute filters look at; undefined where rows have neither. */
  readonly span?: { readonly name: string; readonly attributes: string };
}

function within(p: ExplainSides, base: boolean, { ts, entity, span }: Columns): string {
  const [from, to] = base ? [':baseFrom', ':baseTo'] : [':from', ':to'];
  const named = (name: string): string =>
    base ? `:base${name.charAt(0).toUpperCase()}${name.slice(1)}` : `:${name}`;
  const set = {
    entity: base ? p.baseEntity : p.entity,
    operation: base ? p.baseOperation : p.operation,
    key: base ? p.baseKey : p.key,
  };
  return [
    `${ts} >= ${from} AND ${ts} < ${to}`,
    ...(set.entity === '' ? [] : [`${entity} = ${named('entity')}`]),
    ...(span && set.operation !== '' ? [`${span.name} = ${named('operation')}`] : []),
    ...(span && set.key !== ''
      ? [`coalesce(${span.attributes}[${named('key')}] = ${named('value')}, FALSE)`]
      : []),
  ].join(' AND ');
}

/** 1 in the selection, 0 in the reference, NULL elsewhere; what both match is the selection's. */
function sideOf(p: ExplainSides, columns: Columns): string {
  return `CASE WHEN ${within(p, false, columns)} THEN 1 WHEN ${within(p, true, columns)} THEN 0 END`;
}

const IN_EITHER = (ts: string): string =>
  `(${ts} >= :from AND ${ts} < :to OR ${ts} >= :baseFrom AND ${ts} < :baseTo)`;

/** Whole traces are kept or left out, by the end of their id: the same ones in every engine. */
const SAMPLED = (trace: string): string =>
  `(:every = 1 OR (unicode(right(${trace}, 1)) + 37 * unicode(substr(${trace}, -2, 1)) + 1361 * unicode(substr(${trace}, -3, 1))) % :every = 0)`;

const every = z.number().int().positive();

export const explainSizes = defineQuery({
  id: 'explain.sizes',
  version: 1,
  title: 'Rows of each signal in both windows',
  params: z.object({ from: zNs, to: zNs, baseFrom: zNs, baseTo: zNs }),
  columns: { signal: 'str', n: 'f64' },
  sql: () => `
SELECT 'logs' AS signal, count(*)::DOUBLE AS n FROM logs WHERE ${IN_EITHER('ts')}
UNION ALL SELECT 'samples', count(*)::DOUBLE FROM samples WHERE ${IN_EITHER('ts')}
UNION ALL SELECT 'spans', count(*)::DOUBLE FROM spans WHERE ${IN_EITHER('start')}
ORDER BY signal`,
});

export const explainOperations = defineQuery({
  id: 'explain.operations',
  version: 1,
  title: 'Own time and failures of every operation and call, selection against reference',
  params: z.object({ ...sides, every }),
  columns: {
    side: 'i32',
    service: 'str',
    name: 'str',
    kind: 'i32',
    peer: 'str',
    spoke: 'bool',
    n: 'f64',
    errors: 'f64',
    own_errors: 'f64',
    self_ms: 'f64',
    log_self: 'f64',
    log_sq: 'f64',
  },
  sql: (p) => `
WITH svc AS (${SERVICE_OF}),
w AS (
  SELECT trace_id, span_id, parent_span_id, name, kind, duration, status, svc.entity_id AS service,
    ${sideOf(p, { ts: 'start', entity: 'svc.entity_id', span: { name: 'name', attributes: 'attributes' } })} AS side,
    CASE WHEN kind IN (3, 4) THEN ${PEER_SQL} END AS said
  FROM spans JOIN svc USING (resource_id) WHERE ${IN_EITHER('start')} AND ${SAMPLED('trace_id')}
),
kids AS (
  SELECT trace_id, parent_span_id AS span_id, sum(duration) FILTER (WHERE kind <> 5) AS kid_ns,
    max(service) AS kid_service, max((status = 2)::INTEGER) AS kid_error
  FROM w WHERE parent_span_id <> '' GROUP BY trace_id, parent_span_id
),
f AS (
  SELECT side, service, name, kind, status, greatest(0, duration - coalesce(kid_ns, 0)) / 1e6 AS self_ms,
    coalesce(CASE WHEN kind IN (3, 4) AND kid_service <> service THEN kid_service ELSE said END, '') AS peer,
    coalesce(kid_service <> service, FALSE) AS spoke, coalesce(kid_error, 0) = 0 AS origin
  FROM w LEFT JOIN kids USING (trace_id, span_id) WHERE side IS NOT NULL
)
SELECT side, service, name, kind, peer, bool_or(spoke) AS spoke, count(*)::DOUBLE AS n,
  count(*) FILTER (WHERE status = 2)::DOUBLE AS errors,
  count(*) FILTER (WHERE status = 2 AND origin)::DOUBLE AS own_errors, sum(self_ms) AS self_ms,
  sum(ln(self_ms + 0.05)) AS log_self, sum(ln(self_ms + 0.05) * ln(self_ms + 0.05)) AS log_sq
FROM f GROUP BY side, service, name, kind, peer ORDER BY service, name, kind, peer, side`,
});

export const explainAttributes = defineQuery({
  id: 'explain.attributes',
  version: 1,
  title:
    'Spans by the values of their attributes and of their resources, selection against reference',
  params: z.object({ ...sides, every, mostValues: z.number().int().positive() }),
  columns: {
    service: 'str',
    of: 'str',
    key: 'str',
    /** Null: too many values to compare; n is then how many. */
    value: 'str?',
    n0: 'f64',
    n1: 'f64',
  },
  sql: (p) => `
WITH svc AS (${SERVICE_OF}),
res AS (SELECT resource_id, any_value(attributes) AS attributes FROM resources GROUP BY resource_id),
s AS (
  SELECT svc.entity_id AS service, resource_id, attributes,
    ${sideOf(p, { ts: 'start', entity: 'svc.entity_id', span: { name: 'name', attributes: 'attributes' } })} AS side
  FROM spans JOIN svc USING (resource_id) WHERE ${IN_EITHER('start')} AND ${SAMPLED('trace_id')}
),
own AS (SELECT service, side, unnest(map_entries(attributes)) AS e FROM s WHERE side IS NOT NULL),
r AS (SELECT service, side, resource_id, count(*) AS n FROM s WHERE side IS NOT NULL GROUP BY ALL),
theirs AS (SELECT service, side, n, unnest(map_entries(res.attributes)) AS e FROM r JOIN res USING (resource_id)),
g AS (
  SELECT service, 'span' AS of, e.key AS key, left(e.value, 160) AS value,
    count(*) FILTER (WHERE side = 0)::DOUBLE AS n0, count(*) FILTER (WHERE side = 1)::DOUBLE AS n1
  FROM own GROUP BY ALL
  UNION ALL SELECT service, 'resource' AS of, e.key AS key, left(e.value, 160) AS value,
    coalesce(sum(n) FILTER (WHERE side = 0), 0)::DOUBLE AS n0, coalesce(sum(n) FILTER (WHERE side = 1), 0)::DOUBLE AS n1
  FROM theirs GROUP BY ALL
),
d AS (SELECT *, count(*) OVER (PARTITION BY service, of, key) AS many FROM g)
SELECT service, of, key, value, n0, n1 FROM d WHERE many <= :mostValues
UNION ALL SELECT service, of, key, NULL AS value, 0 AS n0, max(many)::DOUBLE AS n1 FROM d WHERE many > :mostValues
  GROUP BY service, of, key
ORDER BY service, of, key, value`,
});

export const explainMetrics = defineQuery({
  id: 'explain.metrics',
  version: 1,
  title: 'Level, spread and inertia of every series, selection against reference',
  params: z.object({ ...sides }),
  columns: {
    series_id: 'i64',
    metric: 'str',
    unit: 'str',
    entity_id: 'str',
    n0: 'f64',
    n1: 'f64',
    mean0: 'f64',
    mean1: 'f64',
    sd0: 'f64',
    sd1: 'f64',
    med0: 'f64',
    med1: 'f64',
    mad0: 'f64',
    r0: 'f64',
    r1: 'f64',
  },
  sql: (p) => `
WITH subject AS (${SUBJECT_OF}),
v AS (${metricValues(`SELECT series_id, kind FROM metric_series WHERE ${NO_BUCKETS}`)}),
q AS (
  SELECT v.series_id, m.metric, m.unit, coalesce(subject.entity_id, '') AS entity_id, v.ts, v.v,
    ${sideOf(p, { ts: 'v.ts', entity: "coalesce(subject.entity_id, '')" })} AS side
  FROM v JOIN metric_series m USING (series_id) LEFT JOIN subject ON subject.resource_id = m.resource_id
  WHERE v.v IS NOT NULL AND isfinite(v.v)
),
l AS (SELECT *, lag(v) OVER (PARTITION BY series_id, side ORDER BY ts) AS prev FROM q WHERE side IS NOT NULL)
SELECT series_id, metric, unit, entity_id,
  count(*) FILTER (WHERE side = 0)::DOUBLE AS n0, count(*) FILTER (WHERE side = 1)::DOUBLE AS n1,
  avg(v) FILTER (WHERE side = 0) AS mean0, avg(v) FILTER (WHERE side = 1) AS mean1,
  stddev_pop(v) FILTER (WHERE side = 0) AS sd0, stddev_pop(v) FILTER (WHERE side = 1) AS sd1,
  median(v) FILTER (WHERE side = 0) AS med0, median(v) FILTER (WHERE side = 1) AS med1,
  mad(v) FILTER (WHERE side = 0) AS mad0,
  corr(v, prev) FILTER (WHERE side = 0 AND prev IS NOT NULL) AS r0,
  corr(v, prev) FILTER (WHERE side = 1 AND prev IS NOT NULL) AS r1
FROM l GROUP BY ALL ORDER BY series_id`,
});

export const explainLogs = defineQuery({
  id: 'explain.logs',
  version: 1,
  title: 'Log lines by their wording, numbers left out, selection against reference',
  params: z.object({ ...sides, every, limit: z.number().int().positive() }),
  columns: {
    entity_id: 'str',
    severity: 'i32',
    shape: 'str',
    n0: 'f64',
    n1: 'f64',
    first1: 'f64',
    shapes: 'f64',
  },
  sql: (p) => `
WITH subject AS (${SUBJECT_OF}),
s AS (
  SELECT coalesce(subject.entity_id, '') AS entity_id, severity, ts, row_no, left(body, 240) AS body,
    ${sideOf(p, { ts: 'ts', entity: "coalesce(subject.entity_id, '')" })} AS side
  FROM logs LEFT JOIN subject USING (resource_id) WHERE ${IN_EITHER('ts')} AND row_no % :every = 0
),
t AS (
  SELECT entity_id, max(severity) AS severity,
    regexp_replace(body, '[0-9a-fA-F.:-]*[0-9][0-9a-fA-F.:-]*', '<*>', 'g') AS shape,
    count(*) FILTER (WHERE side = 0)::DOUBLE AS n0, count(*) FILTER (WHERE side = 1)::DOUBLE AS n1,
    min(ts) FILTER (WHERE side = 1)::DOUBLE / 1e6 AS first1
  FROM s WHERE side IS NOT NULL GROUP BY entity_id, shape
)
SELECT entity_id, severity, shape, n0, n1, first1, count(*) OVER ()::DOUBLE AS shapes
FROM t ORDER BY n0 + n1 DESC, entity_id, shape LIMIT :limit`,
});

/** Changes (not notes: what people said changed nothing) up to the end of the selection; alerts of both sides. */
export const explainEvents = defineQuery({
  id: 'explain.events',
  version: 2,
  title: 'Changes up to the selection, and alerts of both sides',
  params: z.object({ ...sides }),
  columns: {
    signal: 'str',
    entity_id: 'str',
    name: 'str',
    detail: 'str',
    ts: 'i64',
    n0: 'f64',
    n1: 'f64',
  },
  sql: (p) => `
WITH subject AS (${SUBJECT_OF}),
a AS (
  SELECT coalesce(subject.entity_id, '') AS entity_id, name, severity, starts_at,
    ${sideOf(p, { ts: 'starts_at', entity: "coalesce(subject.entity_id, '')" })} AS side
  FROM alerts LEFT JOIN subject USING (resource_id)
),
c AS (
  SELECT coalesce(subject.entity_id, '') AS entity_id, title, kind, ts
  FROM changes LEFT JOIN subject USING (resource_id)
  WHERE ts < :to AND kind <> 'note'${p.entity === '' ? '' : " AND coalesce(subject.entity_id, '') = :entity"}
)
SELECT 'alert' AS signal, entity_id, name, max(severity) AS detail, min(starts_at) AS ts,
  count(*) FILTER (WHERE side = 0)::DOUBLE AS n0, count(*) FILTER (WHERE side = 1)::DOUBLE AS n1
FROM a WHERE side IS NOT NULL GROUP BY entity_id, name
UNION ALL SELECT 'change', entity_id, title, kind, ts, 0, 1 FROM c
ORDER BY signal, ts, entity_id, name`,
});
