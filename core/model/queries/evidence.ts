import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { MAY_NAME, METRIC_VALUES, PEER_SQL, RATE_SQL, SERVICE_OF, SUBJECT_OF, WIN } from './pieces';
import { SNAPSHOT, snapshotSql, textKey } from './snapshot';
import { STANDS_FOR, medianOf, shareWhere, weightedMedians } from './weights';
import { inBoth, inWindow } from './reads';

/** Queries behind evidence: exact, without transcendental functions, one figure in a named column. */
const windows = { baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs };

const IN = (ts: string, from: string, to: string): string => `${ts} >= :${from} AND ${ts} < :${to}`;
const EITHER = (ts: string): string =>
  `(${IN(ts, 'baseFrom', 'baseTo')} OR ${IN(ts, 'from', 'to')})`;

const BASE = IN('start', 'baseFrom', 'baseTo');
const INCIDENT = IN('start', 'from', 'to');

/**
 * Counts of spans are of those that the case has; medians and shares are by what they stand for
 * (`adjusted_count`).
 */
export const operationLatency = defineQuery({
  id: 'evidence.operation-latency',
  version: 2,
  title: 'Duration of an operation, baseline against incident',
  params: z.object({ ...windows, service: z.string(), operation: z.string() }),
  columns: {
    baseline_ms: 'f64',
    incident_ms: 'f64',
    ratio: 'f64',
    baseline_spans: 'f64',
    incident_spans: 'f64',
    ...SNAPSHOT,
  },
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
s AS (SELECT source_id, row_no, start, duration, duration / 1e6 AS ms, ${STANDS_FOR} AS weight,
    ${WIN('start')} AS win
  FROM spans JOIN svc USING (resource_id) WHERE svc.entity_id = :service AND name = :operation),
${weightedMedians('s')}
SELECT *, incident_ms / nullif(baseline_ms, 0) AS ratio FROM (
SELECT ${medianOf(0, BASE)} AS baseline_ms,
  ${medianOf(1, INCIDENT)} AS incident_ms,
  count(*) FILTER (WHERE ${IN('start', 'baseFrom', 'baseTo')})::DOUBLE AS baseline_spans,
  count(*) FILTER (WHERE ${IN('start', 'from', 'to')})::DOUBLE AS incident_spans,
  ${snapshotSql('start', ['duration'], EITHER('start'))} FROM s)`,
});

export const serviceErrors = defineQuery({
  id: 'evidence.service-errors',
  version: 2,
  title: 'Failed spans of a service that no failed child explains, baseline against incident',
  params: z.object({ ...windows, service: z.string() }),
  columns: {
    baseline_ratio: 'f64',
    incident_ratio: 'f64',
    failed: 'f64',
    spans: 'f64',
    ...SNAPSHOT,
  },
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
failed_children AS (SELECT DISTINCT trace_id, parent_span_id AS span_id FROM spans
  WHERE status = 2 AND parent_span_id <> ''),
s AS (SELECT source_id, row_no, start, duration, status = 2 AND f.span_id IS NULL AS bad,
    ${STANDS_FOR} AS weight
  FROM spans JOIN svc USING (resource_id) LEFT JOIN failed_children f USING (trace_id, span_id)
  WHERE svc.entity_id = :service)
SELECT ${shareWhere('bad', 'weight', BASE)} AS baseline_ratio,
  ${shareWhere('bad', 'weight', INCIDENT)} AS incident_ratio,
  count(*) FILTER (WHERE bad AND ${IN('start', 'from', 'to')})::DOUBLE AS failed,
  count(*) FILTER (WHERE ${IN('start', 'from', 'to')})::DOUBLE AS spans,
  ${snapshotSql('start', ['duration'], `bad AND ${EITHER('start')}`)} FROM s`,
});

export const callsFailed = defineQuery({
  id: 'evidence.calls-failed',
  version: 2,
  title: 'Failed calls to an entity, as its callers saw them',
  params: z.object({ ...windows, target: z.string() }),
  columns: {
    baseline_ratio: 'f64',
    incident_ratio: 'f64',
    failed: 'f64',
    baseline_ms: 'f64',
    incident_ms: 'f64',
    calls: 'f64',
    ...SNAPSHOT,
  },
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
mine AS (SELECT DISTINCT s.trace_id, s.parent_span_id AS span_id FROM spans s JOIN svc USING (resource_id)
  WHERE svc.entity_id = :target AND s.parent_span_id <> ''),
near AS (SELECT s.source_id, s.row_no, s.trace_id, s.span_id, s.start, s.status, s.duration, s.adjusted_count, svc.entity_id AS caller,
    ${PEER_SQL.replaceAll('attributes', 's.attributes')} AS said
  FROM spans s JOIN svc USING (resource_id) LEFT JOIN mine USING (trace_id, span_id)
  WHERE s.kind IN (3, 4) AND (${IN('s.start', 'baseFrom', 'baseTo')} OR ${IN('s.start', 'from', 'to')})
    AND (mine.span_id IS NOT NULL OR ${MAY_NAME('s.attributes', ':target')}
      AND said IN (:target, 'external:' || split_part(:target, ':', 2)))),
callee AS (SELECT s.trace_id, s.parent_span_id AS span_id, max(svc.entity_id) AS entity_id
  FROM spans s JOIN svc USING (resource_id) SEMI JOIN near ON near.trace_id = s.trace_id AND near.span_id = s.parent_span_id
  GROUP BY s.trace_id, s.parent_span_id),
c AS (SELECT source_id, row_no, start, duration, status, status = 2 AS bad, duration / 1e6 AS ms,
    ${STANDS_FOR} AS weight, ${WIN('start')} AS win,
    coalesce(CASE WHEN callee.entity_id <> caller THEN callee.entity_id END, said) AS target
  FROM near LEFT JOIN callee USING (trace_id, span_id)),
mine_called AS (SELECT * FROM c WHERE target = :target OR target = 'external:' || split_part(:target, ':', 2)),
${weightedMedians('mine_called')}
SELECT ${shareWhere('bad', 'weight', BASE)} AS baseline_ratio,
  ${shareWhere('bad', 'weight', INCIDENT)} AS incident_ratio,
  count(*) FILTER (WHERE bad AND ${IN('start', 'from', 'to')})::DOUBLE AS failed,
  ${medianOf(0, BASE)} AS baseline_ms,
  ${medianOf(1, INCIDENT)} AS incident_ms,
  count(*) FILTER (WHERE ${IN('start', 'from', 'to')})::DOUBLE AS calls,
  ${snapshotSql('start', ['duration', 'status'], 'TRUE')}
FROM mine_called`,
});

export const edgeGap = defineQuery({
  id: 'evidence.edge-gap',
  version: 2,
  title: 'Time of calls outside of the callee (network, queueing), baseline against incident',
  params: z.object({ ...windows, source: z.string(), target: z.string() }),
  columns: {
    baseline_ms: 'f64',
    incident_ms: 'f64',
    baseline_calls: 'f64',
    incident_calls: 'f64',
    ...SNAPSHOT,
  },
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
s AS (SELECT p.source_id, p.row_no, p.start, p.duration, greatest(0, p.duration - c.duration) / 1e6 AS ms,
    greatest(coalesce(c.adjusted_count, 1), coalesce(p.adjusted_count, 1)) AS weight, ${WIN('p.start')} AS win
  FROM spans c JOIN svc cs ON cs.resource_id = c.resource_id
  JOIN spans p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
  JOIN svc ps ON ps.resource_id = p.resource_id
  WHERE cs.entity_id = :target AND ps.entity_id = :source AND p.kind = 3),
${weightedMedians('s')}
SELECT ${medianOf(0, BASE)} AS baseline_ms,
  ${medianOf(1, INCIDENT)} AS incident_ms,
  count(*) FILTER (WHERE ${IN('start', 'baseFrom', 'baseTo')})::DOUBLE AS baseline_calls,
  count(*) FILTER (WHERE ${IN('start', 'from', 'to')})::DOUBLE AS incident_calls,
  ${snapshotSql('start', ['duration'], EITHER('start'))} FROM s`,
});

export const metricLevel = defineQuery({
  id: 'evidence.metric-level',
  version: 1,
  title: 'Level of a metric series, baseline against incident',
  params: z.object({ ...windows, series: z.bigint() }),
  columns: {
    baseline: 'f64',
    incident: 'f64',
    baseline_n: 'f64',
    incident_n: 'f64',
    metric: 'str',
    ...SNAPSHOT,
  },
  reads: inBoth('samples'),
  sql: () => `
WITH s AS (SELECT source_id, row_no, ts, value,
    CASE WHEN (SELECT min(kind) FROM metric_series WHERE series_id = :series) <> 'counter' THEN value ELSE ${RATE_SQL} END AS v
  FROM samples WHERE series_id = :series WINDOW w AS (PARTITION BY series_id ORDER BY ts))
SELECT median(v) FILTER (WHERE isfinite(v) AND ${IN('ts', 'baseFrom', 'baseTo')}) AS baseline,
  median(v) FILTER (WHERE isfinite(v) AND ${IN('ts', 'from', 'to')}) AS incident,
  count(*) FILTER (WHERE isfinite(v) AND ${IN('ts', 'baseFrom', 'baseTo')})::DOUBLE AS baseline_n,
  count(*) FILTER (WHERE isfinite(v) AND ${IN('ts', 'from', 'to')})::DOUBLE AS incident_n,
  (SELECT min(metric) FROM metric_series WHERE series_id = :series) AS metric,
  ${snapshotSql('ts', [textKey('value::VARCHAR')], EITHER('ts'))} FROM s`,
});

/** Series with enough samples in the baseline for "all that they were" to say something. */
const ENOUGH = 8;

/** Which series lie, in the median of the stretch, beyond all that they were in the baseline. */
export const SERIES_BEYOND = `v AS (SELECT series_id, v, ${WIN('ts')} AS win
  FROM (${METRIC_VALUES}) WHERE v IS NOT NULL AND isfinite(v)),
q AS (SELECT series_id, count(*) FILTER (WHERE win = 0) AS n0, min(v) FILTER (WHERE win = 0) AS low,
    max(v) FILTER (WHERE win = 0) AS high, median(v) FILTER (WHERE win = 1) AS now
  FROM v WHERE win IS NOT NULL GROUP BY series_id),
b AS (SELECT series_id, now < low OR now > high AS beyond FROM q WHERE n0 >= ${ENOUGH} AND now IS NOT NULL)`;

export const seriesBeyond = defineQuery({
  id: 'evidence.series-together',
  version: 1,
  title: 'Metric series beyond all that they were in the baseline',
  params: z.object(windows),
  columns: { beyond: 'f64', series: 'f64', ...SNAPSHOT },
  reads: inBoth('samples'),
  sql: () => `
WITH ${SERIES_BEYOND},
snap AS (SELECT ${snapshotSql('ts', [textKey('value::VARCHAR')], EITHER('ts'))}
  FROM samples WHERE series_id IN (SELECT series_id FROM b WHERE beyond))
SELECT count(*) FILTER (WHERE beyond)::DOUBLE AS beyond, count(*)::DOUBLE AS series,
  any_value(snap_rows) AS snap_rows, any_value(snap_hash) AS snap_hash, any_value(snap_first) AS snap_first
FROM snap LEFT JOIN b ON TRUE`,
});

export const logCount = defineQuery({
  id: 'evidence.log-count',
  version: 1,
  title: 'Log lines of an entity that hold all of these pieces, baseline against incident',
  params: z.object({ ...windows, entity: z.string(), pieces: z.array(z.string()) }),
  columns: { baseline_lines: 'f64', incident_lines: 'f64', ...SNAPSHOT },
  reads: inBoth('logs'),
  sql: ({ pieces }) => {
    const holds = pieces.map((_, i) => `AND contains(body, list_extract(:pieces, ${i + 1}))`);
    return `
WITH subject AS (${SUBJECT_OF})
SELECT count(*) FILTER (WHERE ${IN('ts', 'baseFrom', 'baseTo')})::DOUBLE AS baseline_lines,
  count(*) FILTER (WHERE ${IN('ts', 'from', 'to')})::DOUBLE AS incident_lines,
  ${snapshotSql('ts', [textKey('body')], EITHER('ts'))}
FROM logs JOIN subject USING (resource_id) WHERE subject.entity_id = :entity ${holds.join(' ')}`;
  },
});

export const changeAt = defineQuery({
  id: 'evidence.change',
  version: 1,
  title: 'Changes of an entity in a window',
  params: z.object({ from: zNs, to: zNs, entity: z.string() }),
  columns: { changes: 'f64', ts: 'f64', title: 'str', kind: 'str', version: 'str', ...SNAPSHOT },
  reads: inWindow('changes'),
  sql: () => `
WITH subject AS (${SUBJECT_OF}),
c AS (SELECT c.* FROM changes c JOIN subject USING (resource_id)
  WHERE subject.entity_id = :entity AND ${IN('ts', 'from', 'to')}),
snap AS (SELECT ${snapshotSql('ts', [textKey('title')], 'TRUE')} FROM c)
SELECT snap_rows AS changes, ts / 1e6 AS ts, title, kind, version, snap_rows, snap_hash, snap_first
FROM c, snap ORDER BY c.ts DESC, source_id, row_no`,
});

export const alertCount = defineQuery({
  id: 'evidence.alerts',
  version: 1,
  title: 'Alerts about an entity, baseline against incident',
  params: z.object({ ...windows, entity: z.string() }),
  columns: { incident_alerts: 'f64', baseline_alerts: 'f64', names: 'str', ...SNAPSHOT },
  reads: inBoth('alerts'),
  sql: () => `
WITH subject AS (${SUBJECT_OF})
SELECT count(*) FILTER (WHERE ${IN('starts_at', 'from', 'to')})::DOUBLE AS incident_alerts,
  count(*) FILTER (WHERE ${IN('starts_at', 'baseFrom', 'baseTo')})::DOUBLE AS baseline_alerts,
  coalesce(string_agg(DISTINCT name, ', ' ORDER BY name) FILTER (WHERE ${IN('starts_at', 'from', 'to')}), '') AS names,
  ${snapshotSql('starts_at', [textKey('name')], EITHER('starts_at'))}
FROM alerts JOIN subject USING (resource_id) WHERE subject.entity_id = :entity`,
});

export const storedEvidence = defineQuery({
  id: 'evidence.stored',
  version: 2,
  title: 'Figures of the newest run on a state of the data, as its evidence table has them',
  params: z.object({ dataVersion: z.string() }),
  columns: { entity_id: 'str', evidence_id: 'str', claim: 'str', value: 'str?' },
  sql: () => `
SELECT entity_id, evidence_id, claim, value FROM evidence
WHERE run_id = (SELECT run_id FROM runs WHERE data_version = :dataVersion ORDER BY started_at DESC, run_id LIMIT 1) ORDER BY ALL`,
});
