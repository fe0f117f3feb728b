import { z } from 'zod';
import { DROPPED_SQL } from '../dropped';
import { defineQuery, zNs } from '../query';
import { SERVICE_OF, WIN } from './pieces';
import { SNAPSHOT, snapshotSql } from './snapshot';
import { inBoth } from './reads';
import { STANDS_FOR, medianOf, shareWhere, weightedMedians } from './weights';

/** Queries behind what speaks against a cause and what is missing: exact, one figure in a named column. */
const windows = { baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs };

const IN = (ts: string, from: string, to: string): string => `${ts} >= :${from} AND ${ts} < :${to}`;
const EITHER = (ts: string): string =>
  `(${IN(ts, 'baseFrom', 'baseTo')} OR ${IN(ts, 'from', 'to')})`;

const TIME_OF = { spans: 'start', logs: 'ts', samples: 'ts', alerts: 'starts_at', changes: 'ts' };

/** Resources of the entities asked for. */
const THEIRS =
  'SELECT resource_id FROM resource_entities WHERE list_contains(:entities, entity_id)';

export const signalRows = defineQuery({
  id: 'evidence.signal-rows',
  version: 1,
  title: 'Rows of a signal about an entity, and seconds that have any, baseline against incident',
  params: z.object({
    ...windows,
    signal: z.enum(['spans', 'logs', 'samples', 'alerts', 'changes']),
    /** The entity and what folds into it; none for the whole case. */
    entities: z.array(z.string()),
  }),
  columns: {
    baseline_rows: 'f64',
    incident_rows: 'f64',
    baseline_seconds: 'f64',
    incident_seconds: 'f64',
    ...SNAPSHOT,
  },
  reads: (params) => inBoth(params.signal)(params),
  sql: ({ signal, entities }) => {
    const ts = TIME_OF[signal];
    const key = signal === 'samples' ? 'series_id' : 'resource_id';
    const theirs =
      signal === 'samples'
        ? `SELECT series_id FROM metric_series WHERE resource_id IN (${THEIRS})`
        : THEIRS;
    const seconds = (from: string, to: string): string =>
      `count(DISTINCT ${ts} // 1000000000) FILTER (WHERE ${IN(ts, from, to)})::DOUBLE`;
    return `
SELECT count(*) FILTER (WHERE ${IN(ts, 'baseFrom', 'baseTo')})::DOUBLE AS baseline_rows,
  count(*) FILTER (WHERE ${IN(ts, 'from', 'to')})::DOUBLE AS incident_rows,
  ${seconds('baseFrom', 'baseTo')} AS baseline_seconds, ${seconds('from', 'to')} AS incident_seconds,
  ${snapshotSql(ts, [], EITHER(ts))}
FROM ${signal} ${entities.length > 0 ? `WHERE ${key} IN (${theirs})` : ''}`;
  },
});

/** A series that ends before the incident, although the baseline's pace leads to expect samples in it. */
const STOPPED = `count(*) FILTER (WHERE ${IN('ts', 'from', 'to')}) = 0
  AND count(*) FILTER (WHERE ${IN('ts', 'baseFrom', 'baseTo')})::DOUBLE * (:to - :from) / (:baseTo - :baseFrom) >= :expected`;

/** Of all entities at once, what seriesStopped counts for one: most have none, and need not be asked about. */
export const entitiesStopped = defineQuery({
  id: 'analysis.entities-stopped',
  version: 1,
  title: 'Entities with metric series that end before the incident',
  params: z.object({ ...windows, expected: z.number() }),
  columns: { entity_id: 'str' },
  rowsOf: ['samples'],
  reads: inBoth('samples'),
  sql: () => `
WITH gone AS (SELECT series_id FROM samples GROUP BY series_id HAVING ${STOPPED})
SELECT DISTINCT entity_id FROM gone JOIN metric_series USING (series_id) JOIN resource_entities USING (resource_id)
ORDER BY entity_id`,
});

export const seriesStopped = defineQuery({
  id: 'evidence.series-stopped',
  version: 1,
  title: 'Metric series of an entity that end before the incident, of those that the baseline has',
  params: z.object({
    ...windows,
    entities: z.array(z.string()),
    /** Samples that the baseline's pace leads to expect in the incident, at least, of a series that counts. */
    expected: z.number(),
  }),
  columns: { stopped: 'f64', series: 'f64', metrics: 'str', ...SNAPSHOT },
  sql: () => `
WITH mine AS (SELECT series_id, metric FROM metric_series WHERE resource_id IN (${THEIRS})),
n AS (SELECT series_id, min(mine.metric) AS metric, count(*) FILTER (WHERE ${IN('ts', 'baseFrom', 'baseTo')}) AS b,
    count(*) FILTER (WHERE ${IN('ts', 'from', 'to')}) AS i, max(ts) AS last, min(source_id) AS source_id,
    max(row_no) AS row_no
  FROM samples JOIN mine USING (series_id) GROUP BY series_id),
k AS (SELECT *, i = 0 AS gone FROM n WHERE b::DOUBLE * (:to - :from) / (:baseTo - :baseFrom) >= :expected)
SELECT count(*) FILTER (WHERE gone)::DOUBLE AS stopped, count(*)::DOUBLE AS series,
  coalesce(string_agg(DISTINCT metric, ', ' ORDER BY metric) FILTER (WHERE gone), '') AS metrics,
  ${snapshotSql('last', ['b'], 'gone')}
FROM k`,
});

const BASE = IN('start', 'baseFrom', 'baseTo');
const INCIDENT = IN('start', 'from', 'to');

/** Counts are of stored spans; medians and shares by what they stand for. */
export const serviceLevel = defineQuery({
  id: 'evidence.service-level',
  version: 2,
  title: 'What a service itself does: duration and errors of its spans, baseline against a window',
  params: z.object({ ...windows, service: z.string() }),
  columns: {
    baseline_ms: 'f64',
    incident_ms: 'f64',
    baseline_ratio: 'f64',
    incident_ratio: 'f64',
    baseline_spans: 'f64',
    incident_spans: 'f64',
    ...SNAPSHOT,
  },
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
s AS (SELECT source_id, row_no, start, duration, status, duration / 1e6 AS ms, status = 2 AS bad,
    ${STANDS_FOR} AS weight, ${WIN('start')} AS win
  FROM spans JOIN svc USING (resource_id)
  WHERE svc.entity_id = :service AND kind NOT IN (3, 4) AND ${EITHER('start')}),
${weightedMedians('s')}
SELECT ${medianOf(0, BASE)} AS baseline_ms,
  ${medianOf(1, INCIDENT)} AS incident_ms,
  ${shareWhere('bad', 'weight', BASE)} AS baseline_ratio,
  ${shareWhere('bad', 'weight', INCIDENT)} AS incident_ratio,
  count(*) FILTER (WHERE ${IN('start', 'baseFrom', 'baseTo')})::DOUBLE AS baseline_spans,
  count(*) FILTER (WHERE ${IN('start', 'from', 'to')})::DOUBLE AS incident_spans,
  ${snapshotSql('start', ['duration', 'status'], 'TRUE')} FROM s`,
});

export const sampledRows = defineQuery({
  id: 'evidence.sampled',
  version: 1,
  title: 'Rows that sources kept of a signal, of those that they had, where they kept a part',
  params: z.object({ from: zNs, to: zNs, signal: z.string() }),
  columns: { kept: 'f64', total: 'f64' },
  sql: () => `
SELECT coalesce(sum(rows_kept), 0)::DOUBLE AS kept, coalesce(sum(rows_total), 0)::DOUBLE AS total
FROM coverage WHERE signal = :signal AND rows_total IS NOT NULL AND (sampled OR rows_kept < rows_total)
  AND NOT ${DROPPED_SQL.is} AND window_from < :to AND window_to > :from`,
});
