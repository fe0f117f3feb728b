import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { SERVICE_OF } from './pieces';
import { SNAPSHOT, snapshotSql, textKey } from './snapshot';
import { inBoth } from './reads';

const IN = (ts: string, from: string, to: string): string => `${ts} >= :${from} AND ${ts} < :${to}`;
const windows = { baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs };

/**
 * Where in the code a line comes from: as its attributes say, else a "Class#12" or "file.go:12" in front of
 * the message, else the front of the message without what holds digits.
 */
const POSITION_SQL = `coalesce(
    coalesce(l.attributes['code.function.name'], l.attributes['code.function'], l.attributes['code.file.path'], l.attributes['code.filepath'])
      || '#' || coalesce(l.attributes['code.line.number'], l.attributes['code.lineno']),
    nullif(regexp_extract(left(l.body, 160), '(?:^|[\\s\\[(])((?:[A-Za-z_$][\\w$]*[./])*[A-Za-z_$][\\w$]*[#:]\\d+)\\b', 1), ''),
    regexp_replace(left(l.body, 80), '[0-9a-fA-F]*\\d[0-9a-fA-F]*', '*', 'g'))`;

/** Lines that follow one another within one span of one service; '' stands before the first and after the last. */
const pairs = (only: string): string => `svc AS (${SERVICE_OF}),
l AS (
  SELECT ${IN('l.ts', 'from', 'to')} AS now, svc.entity_id AS service, l.trace_id, l.span_id, l.ts, l.source_id, l.row_no,
    ${POSITION_SQL} AS position
  FROM logs l JOIN svc USING (resource_id)
  WHERE l.span_id <> '' AND (${IN('l.ts', 'from', 'to')} OR ${IN('l.ts', 'baseFrom', 'baseTo')}) ${only}
),
p AS (
  SELECT now, service, trace_id, source_id, row_no, ts, position AS a,
    coalesce(lead(position) OVER (PARTITION BY service, trace_id, span_id ORDER BY ts, row_no), '') AS b
  FROM l
)`;

/**
 * Counts pairs, and in how many traces they are: what one trace does many times over happened once. Of each
 * `a`: the traces of either window, and those of the incident with a successor that the baseline has not.
 */
const tallied = (from: string): string => `
t AS (SELECT service, a, b, trace_id, count(*) FILTER (WHERE NOT now) AS n0, count(*) FILTER (WHERE now) AS n1
  FROM ${from} GROUP BY service, a, b, trace_id),
ab AS (SELECT service, a, b, sum(n0)::DOUBLE AS baseline, sum(n1)::DOUBLE AS incident,
    count(*) FILTER (WHERE n0 > 0)::DOUBLE AS baseline_traces FROM t GROUP BY service, a, b),
traces AS (SELECT service, a, max(n0) AS n0, max(n1) AS n1, bool_or(n1 > 0 AND baseline = 0) AS fresh
  FROM t JOIN ab USING (service, a, b) GROUP BY service, a, trace_id),
firsts AS (SELECT service, a, count(*) FILTER (WHERE n0 > 0)::DOUBLE AS a_baseline_traces,
    count(*) FILTER (WHERE n1 > 0)::DOUBLE AS a_incident_traces, count(*) FILTER (WHERE fresh)::DOUBLE AS a_fresh_traces
  FROM traces GROUP BY service, a)
SELECT service, a, b, baseline, incident, baseline_traces, a_baseline_traces, a_incident_traces, a_fresh_traces
FROM ab JOIN firsts USING (service, a) ORDER BY service, a, b`;

const columns = {
  service: 'str',
  a: 'str',
  b: 'str',
  baseline: 'f64',
  incident: 'f64',
  baseline_traces: 'f64',
  a_baseline_traces: 'f64',
  a_incident_traces: 'f64',
  a_fresh_traces: 'f64',
} as const;

export const logOrder = defineQuery({
  id: 'analysis.log-order',
  version: 2,
  title: 'Which log line follows which within a span, baseline against incident',
  params: z.object(windows),
  columns,
  rowsOf: ['logs'],
  reads: inBoth('logs'),
  sql: () => `WITH ${pairs('')},${tallied('p')}`,
});

export const logFollowed = defineQuery({
  id: 'evidence.log-followed',
  version: 1,
  title: 'How often a log line is followed by another within a span, baseline against incident',
  params: z.object({ ...windows, entity: z.string(), first: z.string(), next: z.string() }),
  columns: {
    baseline_followed: 'f64',
    baseline_lines: 'f64',
    incident_followed: 'f64',
    incident_lines: 'f64',
    ...SNAPSHOT,
  },
  reads: inBoth('logs'),
  sql: () => `
WITH ${pairs('AND svc.entity_id = :entity')}
SELECT count(*) FILTER (WHERE NOT now AND b = :next)::DOUBLE AS baseline_followed,
  count(*) FILTER (WHERE NOT now)::DOUBLE AS baseline_lines,
  count(*) FILTER (WHERE now AND b = :next)::DOUBLE AS incident_followed,
  count(*) FILTER (WHERE now)::DOUBLE AS incident_lines,
  ${snapshotSql('ts', [textKey('b')], 'TRUE')}
FROM p WHERE a = :first`,
});

/**
 * A message is taken in its consumer's own time: that is no step of who sent it (kind 5 left out). What another
 * process recorded has another clock: only spans of one resource are put in order.
 */
export const callOrder = defineQuery({
  id: 'analysis.call-order',
  version: 4,
  title: 'What a span does next: its calls in order, baseline against incident',
  params: z.object(windows),
  columns,
  rowsOf: ['spans'],
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
s AS (
  SELECT ${IN('start', 'from', 'to')} AS now, svc.entity_id AS service, resource_id, name, kind, trace_id, span_id, parent_span_id, start
  FROM spans JOIN svc USING (resource_id)
  WHERE ${IN('start', 'from', 'to')} OR ${IN('start', 'baseFrom', 'baseTo')}
),
k AS (
  SELECT p.now, p.service, p.name AS within, p.resource_id, p.trace_id, p.span_id, c.name AS event,
    coalesce(lead(c.name) OVER w, '') AS next, row_number() OVER w = 1 AS first
  FROM s p JOIN s c ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
  WHERE c.kind <> 5 AND c.resource_id = p.resource_id
  WINDOW w AS (PARTITION BY p.resource_id, p.trace_id, p.span_id ORDER BY c.start, c.span_id)
),
firstborn AS (SELECT * FROM k WHERE first),
o AS (
  SELECT now, service, trace_id, within || ' / ' || event AS a, next AS b FROM k
  UNION ALL SELECT s.now, s.service, s.trace_id, s.name, coalesce(firstborn.event, '') FROM s LEFT JOIN firstborn
    ON firstborn.trace_id = s.trace_id AND firstborn.span_id = s.span_id AND firstborn.resource_id = s.resource_id
),${tallied('o')}`,
});
