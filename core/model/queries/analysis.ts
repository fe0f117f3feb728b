import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import {
  PEER_SQL,
  SERVICE_OF,
  SUBJECT_OF,
  WAITS_SQL,
  metricValues,
  NO_BUCKETS,
  WIN,
} from './pieces';
import { and, inBoth, onGrid, until, wholly } from './reads';
import {
  ANY_SAYS,
  STANDS_FOR,
  effective,
  shareWhere,
  sumWhere,
  toldDurations,
  toldQuantiles,
} from './weights';

const windows = { baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs };

export const signalDensity = defineQuery({
  id: 'analysis.signal-density',
  version: 2,
  title: 'Requests, errors, latency, error logs and alerts over time',
  params: z.object({ from: zNs, step: zNs, buckets: z.number().int() }),
  columns: { bucket: 'i32', signal: 'str', n: 'f64', value: 'f64' },
  rowsOf: ['spans', 'logs', 'alerts'],
  reads: wholly('spans', 'logs', 'alerts'),
  sql: () => `
WITH roots AS (SELECT * FROM spans WHERE parent_span_id = '')
SELECT least(:buckets - 1, (start - :from) // :step)::INTEGER AS bucket, 'latency' AS signal,
  count(*)::DOUBLE AS n, sum(duration / 1e6 * ${STANDS_FOR}) / sum(${STANDS_FOR}) AS value FROM roots GROUP BY ALL
UNION ALL SELECT least(:buckets - 1, (start - :from) // :step)::INTEGER, 'errors', count(*)::DOUBLE,
  ${shareWhere('status = 2', STANDS_FOR, 'TRUE')} FROM spans GROUP BY ALL
UNION ALL SELECT least(:buckets - 1, (ts - :from) // :step)::INTEGER, 'error-logs',
  count(*)::DOUBLE, count(*) FILTER (WHERE severity >= 17)::DOUBLE FROM logs GROUP BY ALL
UNION ALL SELECT least(:buckets - 1, greatest(0, (starts_at - :from) // :step))::INTEGER, 'alerts',
  count(*)::DOUBLE, count(*)::DOUBLE FROM alerts GROUP BY ALL
ORDER BY signal, bucket`,
});

export const seriesCourses = defineQuery({
  id: 'analysis.series-courses',
  version: 1,
  title: 'Every metric series over time, as buckets',
  params: z.object({ from: zNs, step: zNs, buckets: z.number().int(), most: z.number().int() }),
  columns: { series_id: 'i64', bucket: 'i32', v: 'f64', all_series: 'i32' },
  rowsOf: ['samples'],
  reads: and(onGrid('samples'), wholly('metric_series')),
  sql: () => `
WITH v AS (${metricValues(
    `SELECT series_id, kind FROM metric_series WHERE ${NO_BUCKETS} ORDER BY series_id LIMIT :most`,
  )})
SELECT series_id, ((ts - :from) // :step)::INTEGER AS bucket, avg(v) AS v,
  (SELECT count(*) FROM metric_series)::INTEGER AS all_series FROM v
WHERE ts >= :from AND ts < :from + :step * :buckets AND v IS NOT NULL AND isfinite(v)
GROUP BY ALL ORDER BY ALL`,
});

export const operationShift = defineQuery({
  id: 'analysis.operation-shift',
  version: 3,
  title: 'Self time, duration and errors of every operation, baseline against incident',
  params: z.object(windows),
  columns: {
    win: 'i32',
    service: 'str',
    name: 'str',
    kind: 'i32',
    peer: 'str?',
    peer_spoke: 'bool',
    /** Effective spans, as all counts are: what tests may count them as. */
    n: 'f64',
    errors: 'f64',
    own_errors: 'f64',
    self_ms: 'f64',
    self_sq: 'f64',
    log_self: 'f64',
    log_self_sq: 'f64',
    duration_ms: 'f64',
    p99_ms: 'f64',
    roots: 'f64',
    waits: 'f64',
    first_error: 'f64',
    /** Effective spans of log_self, whose weights are others where errors were kept whole. */
    log_n: 'f64',
    /** Spans of the system that one of n stands for; 1 where nothing was sampled. */
    stands_for: 'f64',
  },
  rowsOf: ['spans'],
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${effective(`${WIN('start')} IS NOT NULL`)},
w AS (
  SELECT trace_id, span_id, parent_span_id, name, kind, duration, status, start, svc.entity_id AS service,
    ${STANDS_FOR} * of_errors AS weight, ${STANDS_FOR} * of_all AS log_weight, of_all,
    ${WIN('start')} AS win,
    CASE WHEN kind IN (3, 4) THEN ${PEER_SQL} END AS said, kind IN (3, 5) AND ${WAITS_SQL} AS waits
  FROM spans JOIN svc USING (resource_id), effective WHERE ${WIN('start')} IS NOT NULL
),
kids AS (
  SELECT trace_id, parent_span_id AS span_id, sum(duration) FILTER (WHERE kind <> 5) AS kid_ns,
    max(service) AS kid_service, max((status = 2)::INTEGER) AS kid_error
  FROM w WHERE parent_span_id <> '' GROUP BY trace_id, parent_span_id
),
f AS (
  SELECT w.*, greatest(0, duration - coalesce(kid_ns, 0)) / 1e6 AS self_ms,
    CASE WHEN kid_service <> service THEN kid_service ELSE said END AS peer,
    coalesce(kid_service <> service, FALSE) AS spoke,
    status = 2 AND coalesce(kid_error, 0) = 0 AS origin
  FROM w LEFT JOIN kids USING (trace_id, span_id)
),
-- Attempts of one call, each a client span of its own, are one failure.
failed AS (
  SELECT win, service, name, kind, peer, sum(weight) AS calls FROM (
    SELECT f.win, f.service, f.name, f.kind, f.peer, max(f.weight) AS weight
    FROM (SELECT * FROM f WHERE origin) f
      LEFT JOIN w p ON p.trace_id = f.trace_id AND p.span_id = f.parent_span_id
    GROUP BY f.win, f.service, f.name, f.kind, f.peer,
      f.trace_id || CASE WHEN p.kind = 3 AND p.parent_span_id <> '' THEN p.parent_span_id
        WHEN f.parent_span_id <> '' THEN f.parent_span_id ELSE f.span_id END
  ) GROUP BY win, service, name, kind, peer
),
plain AS (
SELECT f.win, f.service, f.name, f.kind, f.peer, bool_or(spoke) AS peer_spoke, sum(weight) AS n,
  ${sumWhere('weight', 'status = 2')} AS errors, coalesce(any_value(failed.calls), 0) AS own_errors,
  sum(self_ms * weight) AS self_ms, sum(self_ms * self_ms * weight) AS self_sq,
  sum(ln(self_ms + 0.05) * log_weight) AS log_self,
  sum(ln(self_ms + 0.05) * ln(self_ms + 0.05) * log_weight) AS log_self_sq,
  sum(duration / 1e6 * weight) AS duration_ms,
  quantile_cont(duration / 1e6, 0.99) AS p99_ms, ${toldDurations('of_all <> 1')},
  ${sumWhere('weight', "parent_span_id = ''")} AS roots, ${sumWhere('weight', 'waits')} AS waits,
  min(start) FILTER (WHERE origin)::DOUBLE / 1e6 AS first_error, sum(log_weight) AS log_n,
  (SELECT 1 / of_errors FROM effective) AS stands_for
FROM f LEFT JOIN failed ON failed.win = f.win AND failed.service = f.service AND failed.name = f.name
  AND failed.kind = f.kind AND failed.peer IS NOT DISTINCT FROM f.peer
GROUP BY f.win, f.service, f.name, f.kind, f.peer
),
${toldQuantiles('plain', { w99: 0.99 })}
SELECT * REPLACE (coalesce(w99, p99_ms) AS p99_ms) FROM numbered LEFT JOIN weighted USING (place)
ORDER BY service, name, kind, peer, win`,
});

/** The mean of what has a gap, by weight. */
const GAP_MEAN = (value: string): string =>
  `sum(${value} * log_weight) / sum(log_weight) FILTER (WHERE gap IS NOT NULL)`;

export const edgeShift = defineQuery({
  id: 'analysis.edge-shift',
  version: 2,
  title: 'Calls between services, baseline against incident',
  params: z.object(windows),
  columns: {
    win: 'i32',
    source: 'str',
    target: 'str',
    /** Effective calls, as of analysis.operation-shift. */
    n: 'f64',
    errors: 'f64',
    p50_ms: 'f64',
    p99_ms: 'f64',
    gap_ms: 'f64',
    gap_log: 'f64',
    gap_log_sq: 'f64',
    log_n: 'f64',
    stands_for: 'f64',
  },
  rowsOf: ['spans'],
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${effective(`${WIN('start')} IS NOT NULL`)},
w AS (
  SELECT trace_id, span_id, parent_span_id, kind, duration, status, svc.entity_id AS service,
    ${STANDS_FOR} AS weight, ${WIN('start')} AS win
  FROM spans JOIN svc USING (resource_id) WHERE ${WIN('start')} IS NOT NULL
),
e AS (
  SELECT c.win, p.service AS source, c.service AS target, c.duration, c.status = 2 OR p.status = 2 AS bad,
    greatest(c.weight, p.weight) * of_errors AS weight, greatest(c.weight, p.weight) * of_all AS log_weight, of_all,
    CASE WHEN p.kind = 3 THEN greatest(0, p.duration - c.duration) / 1e6 END AS gap
  FROM w c JOIN w p ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id, effective
  WHERE c.service <> p.service
),
plain AS (
SELECT win, source, target, sum(weight) AS n, ${sumWhere('weight', 'bad')} AS errors,
  quantile_cont(duration / 1e6, 0.5) AS p50_ms, quantile_cont(duration / 1e6, 0.99) AS p99_ms,
  ${toldDurations('of_all <> 1')},
  ${GAP_MEAN('gap')} AS gap_ms, ${GAP_MEAN('ln(gap + 0.05)')} AS gap_log,
  ${GAP_MEAN('ln(gap + 0.05) * ln(gap + 0.05)')} AS gap_log_sq, sum(log_weight) AS log_n,
  (SELECT 1 / of_errors FROM effective) AS stands_for
FROM e GROUP BY win, source, target
),
${toldQuantiles('plain', { w50: 0.5, w99: 0.99 })}
SELECT * REPLACE (coalesce(w50, p50_ms) AS p50_ms, coalesce(w99, p99_ms) AS p99_ms)
FROM numbered LEFT JOIN weighted USING (place) ORDER BY source, target, win`,
});

export const statedRelations = defineQuery({
  id: 'analysis.stated-relations',
  version: 1,
  title: 'Relations that sources state',
  params: z.object({}),
  columns: { source: 'str', target: 'str', kind: 'str' },
  rowsOf: ['stated_relations'],
  reads: wholly('stated_relations'),
  sql: () => 'SELECT DISTINCT source, target, kind FROM stated_relations ORDER BY ALL',
});

export const metricEdges = defineQuery({
  id: 'analysis.metric-edges',
  version: 1,
  title: 'Call edges that metric labels name',
  params: z.object({}),
  columns: { source: 'str', target: 'str' },
  rowsOf: ['metric_series'],
  reads: wholly('metric_series'),
  sql: () => `SELECT DISTINCT labels['source'] AS source, labels['destination'] AS target
FROM metric_series WHERE labels['source'] IS NOT NULL AND labels['destination'] IS NOT NULL ORDER BY ALL`,
});

export const coveredSeconds = defineQuery({
  id: 'analysis.covered-seconds',
  version: 3,
  title: 'Seconds in which anything was recorded, of everything and of each entity',
  params: z.object(windows),
  columns: {
    win: 'i32',
    signal: 'str',
    /** '' stands for everything. */
    entity_id: 'str',
    seconds: 'f64',
    rows: 'f64',
  },
  rowsOf: ['spans', 'logs', 'samples'],
  reads: inBoth('spans', 'logs', 'samples'),
  sql: () => `
WITH who AS (SELECT DISTINCT resource_id, entity_id FROM resource_entities),
a AS (
  SELECT 'spans' AS signal, ${WIN('start')} AS win, resource_id, start // 1000000000 AS second, count(*) AS n
    FROM spans WHERE ${WIN('start')} IS NOT NULL GROUP BY ALL
  UNION ALL SELECT 'logs', ${WIN('ts')} AS win, resource_id, ts // 1000000000 AS second, count(*) AS n
    FROM logs WHERE ${WIN('ts')} IS NOT NULL GROUP BY ALL
  UNION ALL SELECT 'samples', ${WIN('ts')} AS win, m.resource_id, ts // 1000000000 AS second, count(*) AS n
    FROM samples JOIN (SELECT series_id, resource_id FROM metric_series) m USING (series_id)
    WHERE ${WIN('ts')} IS NOT NULL GROUP BY ALL
)
-- A second in which a sampler kept no span is no second in which nothing was recorded.
SELECT win, signal, '' AS entity_id, (CASE WHEN signal = 'spans' AND ${ANY_SAYS}
    THEN max(second) - min(second) + 1 ELSE count(DISTINCT second) END)::DOUBLE AS seconds, sum(n)::DOUBLE AS rows
FROM a GROUP BY win, signal
UNION ALL SELECT win, signal, entity_id, count(DISTINCT second)::DOUBLE, sum(n)::DOUBLE
FROM a JOIN who USING (resource_id) GROUP BY win, signal, entity_id
ORDER BY signal, entity_id, win`,
});

export const metricShift = defineQuery({
  id: 'analysis.metric-shift',
  version: 3,
  title: 'Level and spread of every metric series, baseline against incident',
  params: z.object({
    ...windows,
    /** From here to the incident is baseline, too, for series with fewer baseline samples than `few`. */
    lookFrom: zNs,
    few: z.number().int(),
  }),
  columns: {
    series_id: 'i64',
    metric: 'str',
    unit: 'str',
    kind: 'str',
    entity_id: 'str',
    source: 'str?',
    destination: 'str?',
    n0: 'f64',
    med0: 'f64',
    mad0: 'f64',
    lo0: 'f64',
    hi0: 'f64',
    n1: 'f64',
    med1: 'f64',
    mean1: 'f64',
    min_before: 'f64',
    max_before: 'f64',
  },
  rowsOf: ['samples'],
  reads: until('samples'),
  sql: () => `
WITH v AS (${metricValues(`SELECT series_id, kind FROM metric_series WHERE ${NO_BUCKETS}`)}),
p AS (SELECT series_id, v, ${WIN('ts')} AS win, ts < :from AND ts >= :from - (:to - :from) AS before,
    ts < :from AND ts >= :lookFrom AS look
  FROM v WHERE v IS NOT NULL AND isfinite(v) AND (win IS NOT NULL OR before OR look)),
few AS (SELECT series_id FROM p GROUP BY series_id HAVING count(*) FILTER (WHERE win = 0) < :few),
q AS (SELECT p.* EXCLUDE (win), CASE WHEN look AND few.series_id IS NOT NULL THEN 0 ELSE win END AS win
  FROM p LEFT JOIN few USING (series_id)),
subject AS (${SUBJECT_OF}),
g AS (SELECT series_id, count(*) FILTER (WHERE win = 0)::DOUBLE AS n0, mad(v) FILTER (WHERE win = 0) AS mad0,
    quantile_cont(v, [0.02, 0.5, 0.98]) FILTER (WHERE win = 0) AS q0,
    count(*) FILTER (WHERE win = 1)::DOUBLE AS n1, median(v) FILTER (WHERE win = 1) AS med1,
    avg(v) FILTER (WHERE win = 1) AS mean1,
    min(v) FILTER (WHERE before) AS min_before, max(v) FILTER (WHERE before) AS max_before
  FROM q GROUP BY series_id HAVING n1 > 0)
SELECT g.series_id, m.metric, m.unit, m.kind, coalesce(subject.entity_id, '') AS entity_id,
  m.labels['source'] AS source, m.labels['destination'] AS destination, n0, q0[2] AS med0, mad0, q0[1] AS lo0,
  q0[3] AS hi0, n1, med1, mean1, min_before, max_before
FROM g JOIN metric_series m USING (series_id) LEFT JOIN subject ON subject.resource_id = m.resource_id
ORDER BY g.series_id`,
});

/** A word with a digit in it, by the classes of core/analysis/logs/mask: such a word varies, whatever else it says. */
const VARYING = String.raw`[^\x00-\x20=:,;()\[\]{}"''|<>]*[0-9][^\x00-\x20=:,;()\[\]{}"''|<>]*`;

/** Equal for equal texts, a whole number that a double holds: what 53 bits tell apart. */
const KEY = (...texts: readonly string[]): string => `(hash(${texts.join(', ')}) >> 11)::DOUBLE`;

export const logLines = defineQuery({
  id: 'analysis.log-lines',
  version: 3,
  title: 'Log lines of baseline and incident',
  params: z.object({ ...windows, limit: z.number().int() }),
  columns: {
    win: 'i32',
    /** Equal where service and text are, words with digits aside. */
    text_key: 'f64',
    /** Of the first line of each text_key; '' in the others, which are most. */
    service: 'str',
    body: 'str',
    severity: 'i32',
    ts: 'f64',
    source_id: 'i32',
    row_no: 'f64',
    /** What it is part of: a span, else a trace, else a session; null where it names none. */
    session: 'f64',
    /** Whether the body goes on. */
    cut: 'bool',
    /** Lines in the two windows. Beyond the limit only one session in some, and of the other lines one in some. */
    all_lines: 'f64',
  },
  rowsOf: ['logs'],
  reads: inBoth('logs'),
  sql: () => `
WITH subject AS (${SUBJECT_OF}),
size AS (SELECT count(*)::DOUBLE AS n, greatest(1, ceil(count(*) / :limit))::BIGINT AS one_in
  FROM logs WHERE ${WIN('ts')} IS NOT NULL),
lines AS (SELECT ${WIN('ts')} AS win, coalesce(subject.entity_id, '') AS service, severity, ts, source_id, row_no,
    regexp_replace(left(body, 400), '${VARYING}', '0', 'g') AS body, length(body) > 400 AS cut,
    coalesce(nullif(span_id, ''), nullif(trace_id, ''), nullif(attributes['session.id'], '')) AS session
  FROM logs LEFT JOIN subject USING (resource_id) WHERE ${WIN('ts')} IS NOT NULL),
kept AS MATERIALIZED (SELECT lines.*, n AS all_lines, ${KEY('service', 'body')} AS text_key FROM lines, size
  WHERE one_in = 1 OR hash(coalesce(session, row_no::VARCHAR)) % one_in = 0),
texts AS (SELECT text_key, min({ts: ts, source_id: source_id, row_no: row_no}) AS place FROM kept GROUP BY text_key),
told AS (SELECT kept.*, place = {ts: ts, source_id: source_id, row_no: row_no} AS tells
  FROM kept JOIN texts USING (text_key))
SELECT win, text_key, CASE WHEN tells THEN service ELSE '' END AS service, CASE WHEN tells THEN body ELSE '' END AS body,
  severity, ts / 1e6 AS ts, source_id, row_no::DOUBLE AS row_no,
  CASE WHEN session IS NOT NULL THEN ${KEY('session')} END AS session, cut, all_lines
FROM told ORDER BY told.ts, source_id, row_no`,
});

export const changeRows = defineQuery({
  id: 'analysis.changes',
  version: 1,
  title: 'All changes, in time order',
  params: z.object({}),
  columns: {
    source_id: 'i32',
    row_no: 'i64',
    ts: 'i64',
    kind: 'str',
    title: 'str',
    version: 'str',
    entity_id: 'str',
  },
  rowsOf: ['changes'],
  reads: wholly('changes'),
  sql: () => `
WITH subject AS (${SUBJECT_OF})
SELECT source_id, row_no, ts, kind, title, version, coalesce(subject.entity_id, '') AS entity_id
FROM changes LEFT JOIN subject USING (resource_id) ORDER BY ts, title, source_id, row_no`,
});
