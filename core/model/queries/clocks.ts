import { z } from 'zod';
import { CLOCK_ANCHOR_KINDS, type ClockAnchorKind } from '../clocks';
import { defineQuery } from '../query';
import { SERVICE_OF } from './pieces';

/*
 * What two sources tell of the same moment, on the clocks that they came with: shifts that are in force are taken
 * back (`clock_shifts`). Each anchor is an event of source a from ta0 to ta1 within which one of source b lies, from
 * tb0 to tb1; so the clock of b is ahead of that of a by tb1 − ta1 at least and by tb0 − ta0 at most.
 */

const raw = (time: string, shifts: string): string => `${time} - coalesce(${shifts}.shift, 0)`;
const shifts = (a: string, b: string): string =>
  `LEFT JOIN clock_shifts ka ON ka.source_id = ${a}.source_id
  LEFT JOIN clock_shifts kb ON kb.source_id = ${b}.source_id`;

const CALLS = `hit AS (SELECT c.source_id AS source_a, c.row_no AS row_a, ${raw('c.start', 'ka')} AS ta0,
    ${raw('c.start', 'ka')} + c.duration AS ta1, s.source_id AS source_b, s.row_no AS row_b,
    ${raw('s.start', 'kb')} AS tb0, ${raw('s.start', 'kb')} + s.duration AS tb1, s.name AS what, s.trace_id AS trace_id
  FROM spans s JOIN spans c ON c.trace_id = s.trace_id AND c.span_id = s.parent_span_id
  ${shifts('c', 's')}
  WHERE s.kind = 2 AND c.kind = 3 AND c.source_id <> s.source_id AND s.duration <= c.duration)`;

const SPAN_LOGS = `hit AS (SELECT s.source_id AS source_a, s.row_no AS row_a, ${raw('s.start', 'ka')} AS ta0,
    ${raw('s.start', 'ka')} + s.duration AS ta1, l.source_id AS source_b, l.row_no AS row_b,
    ${raw('l.ts', 'kb')} AS tb0, ${raw('l.ts', 'kb')} AS tb1, l.body AS what, l.trace_id AS trace_id
  FROM logs l JOIN spans s ON s.trace_id = l.trace_id AND s.span_id = l.span_id
  ${shifts('s', 'l')}
  WHERE l.span_id <> '' AND s.source_id <> l.source_id)`;

const POINTS = `a.source_id AS source_a, a.row_no AS row_a, ${raw('a.ts', 'ka')} AS ta0, ${raw('a.ts', 'ka')} AS ta1,
    b.source_id AS source_b, b.row_no AS row_b, ${raw('b.ts', 'kb')} AS tb0, ${raw('b.ts', 'kb')} AS tb1`;

/** Lines that one service writes; where a source does not say whose they are, of any. */
const ONE_SERVICE = `LEFT JOIN svc sa ON sa.resource_id = a.resource_id
  LEFT JOIN svc sb ON sb.resource_id = b.resource_id`;
const SAME = `coalesce(sa.entity_id, sb.entity_id, '') = coalesce(sb.entity_id, sa.entity_id, '')`;

/** Each source has it once in its span. */
const LOG_LINES = `svc AS (${SERVICE_OF}),
line AS (SELECT source_id, trace_id, span_id, body, min(ts) AS ts, min(row_no) AS row_no,
    min(resource_id) AS resource_id FROM logs
  WHERE trace_id <> '' AND body <> '' GROUP BY source_id, trace_id, span_id, body HAVING count(*) = 1),
hit AS (SELECT ${POINTS}, a.body AS what, a.trace_id AS trace_id
  FROM line a JOIN line b ON b.trace_id = a.trace_id AND b.span_id = a.span_id AND b.body = a.body
  ${ONE_SERVICE}
  ${shifts('a', 'b')}
  WHERE a.source_id < b.source_id AND ${SAME})`;

/** Long enough and with a figure in it: each source has it once. */
const LOG_TEXTS = `svc AS (${SERVICE_OF}),
line AS (SELECT source_id, body, min(ts) AS ts, min(row_no) AS row_no, min(trace_id) AS trace_id,
    min(resource_id) AS resource_id FROM logs
  WHERE length(body) >= 24 AND regexp_matches(body, '[0-9]') GROUP BY source_id, body HAVING count(*) = 1),
hit AS (SELECT ${POINTS}, a.body AS what, '' AS trace_id
  FROM line a JOIN line b ON b.body = a.body
  ${ONE_SERVICE}
  ${shifts('a', 'b')}
  WHERE a.source_id < b.source_id AND (a.trace_id = '' OR b.trace_id = '') AND ${SAME})`;

/** By labels and by how long it fired: that does not depend on the clock. */
const ALERTS = `fired AS (SELECT source_id, coalesce(ends_at - starts_at, -1) AS lasted,
    CASE WHEN cardinality(labels) > 0 THEN list_sort(map_entries(labels))::VARCHAR ELSE fingerprint END AS who,
    min(starts_at) AS ts, min(row_no) AS row_no, min(name) AS name
  FROM alerts GROUP BY source_id, lasted, who HAVING count(*) = 1),
hit AS (SELECT ${POINTS}, a.name AS what, '' AS trace_id
  FROM fired a JOIN fired b ON b.who = a.who AND b.lasted = a.lasted
  ${shifts('a', 'b')}
  WHERE a.source_id < b.source_id)`;

const HITS: Readonly<Record<ClockAnchorKind, string>> = {
  call: CALLS,
  'span-log': SPAN_LOGS,
  'log-line': LOG_LINES,
  'log-text': LOG_TEXTS,
  alert: ALERTS,
};

/** Times in whole seconds, milliseconds or microseconds were cut or rounded to these. */
const WIDENED = `res AS (SELECT source_id, CASE WHEN bool_and(t % 1000000000 = 0) THEN 1000000000
    WHEN bool_and(t % 1000000 = 0) THEN 1000000 WHEN bool_and(t % 1000 = 0) THEN 1000 ELSE 0 END AS res
  FROM (SELECT source_a AS source_id, ta0 AS t FROM hit UNION ALL SELECT source_b, tb0 FROM hit) GROUP BY source_id)`;
const LOWER = '(tb1 - ta1 - ra.res - rb.res)::DOUBLE';
const UPPER = '(tb0 - ta0 + ra.res + rb.res)::DOUBLE';
const RES = 'JOIN res ra ON ra.source_id = h.source_a JOIN res rb ON rb.source_id = h.source_b';

const zKind = z.enum(CLOCK_ANCHOR_KINDS as [ClockAnchorKind, ...ClockAnchorKind[]]);

/** Anchors of a kind, at most about `most` of each pair of sources, spread evenly over time; `total` is all of them. */
export const clockAnchors = defineQuery({
  id: 'clocks.anchors',
  version: 1,
  title: 'Moments that two sources tell of, by their own clocks',
  params: z.object({ kind: zKind, most: z.number().int().min(1) }),
  columns: {
    source_a: 'i32',
    source_b: 'i32',
    at: 'i64',
    lower: 'f64',
    upper: 'f64',
    total: 'f64',
  },
  sql: ({ kind }) => `
WITH ${HITS[kind]},
${WIDENED},
h AS (SELECT *, row_number() OVER (PARTITION BY source_a, source_b ORDER BY ta0, row_a, row_b) AS n,
  count(*) OVER (PARTITION BY source_a, source_b) AS total FROM hit)
SELECT h.source_a AS source_a, h.source_b AS source_b, ta0 AS "at", ${LOWER} AS lower, ${UPPER} AS upper,
  total::DOUBLE AS total
FROM h ${RES} WHERE n % ((total + :most - 1) // :most) = 0 ORDER BY ALL`,
});

/** The rows of both sources behind the anchors of a pair, first to last. */
export const clockAnchorRows = defineQuery({
  id: 'clocks.anchor-rows',
  version: 1,
  title: 'Rows of two sources that tell of the same moment',
  params: z.object({
    kind: zKind,
    a: z.number().int(),
    b: z.number().int(),
    limit: z.number().int(),
  }),
  columns: {
    what: 'str',
    trace_id: 'str',
    time_a: 'i64',
    time_b: 'i64',
    ahead_least_s: 'f64',
    ahead_most_s: 'f64',
    source_a: 'i32',
    row_a: 'i64',
    source_b: 'i32',
    row_b: 'i64',
  },
  sql: ({ kind }) => `
WITH ${HITS[kind]},
${WIDENED}
SELECT what, trace_id, ta0 AS time_a, tb0 AS time_b, ${LOWER} / 1e9 AS ahead_least_s, ${UPPER} / 1e9 AS ahead_most_s,
  h.source_a AS source_a, row_a, h.source_b AS source_b, row_b
FROM hit h ${RES}
WHERE (h.source_a = :a AND h.source_b = :b) OR (h.source_a = :b AND h.source_b = :a)
ORDER BY ta0, row_a, row_b LIMIT :limit`,
});

/** What each source has that anchors are made of. */
export const clockSources = defineQuery({
  id: 'clocks.sources',
  version: 1,
  title: 'Rows of each source by signal',
  params: z.object({}),
  columns: { source_id: 'i32', spans: 'f64', logs: 'f64', alerts: 'f64', samples: 'f64' },
  sql: () => `
SELECT source_id, sum(n) FILTER (WHERE tab = 'spans')::DOUBLE AS spans, sum(n) FILTER (WHERE tab = 'logs')::DOUBLE AS logs,
  sum(n) FILTER (WHERE tab = 'alerts')::DOUBLE AS alerts, sum(n) FILTER (WHERE tab = 'samples')::DOUBLE AS samples
FROM (SELECT 'spans' AS tab, source_id, count(*) AS n FROM spans GROUP BY source_id
  UNION ALL SELECT 'logs', source_id, count(*) FROM logs GROUP BY source_id
  UNION ALL SELECT 'alerts', source_id, count(*) FROM alerts GROUP BY source_id
  UNION ALL SELECT 'samples', source_id, count(*) FROM samples GROUP BY source_id)
GROUP BY source_id ORDER BY source_id`,
});
