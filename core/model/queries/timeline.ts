import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { ASKED_METRIC_VALUES, SERVICE_OF } from './pieces';
import { STANDS_FOR, sumWhere, weightedQuantiles } from './weights';

/** Buckets of `step` ns from `from`. */
const grid = { from: zNs, step: zNs, buckets: z.number().int().positive() };

const BUCKET = (ts: string): string => `((${ts} - :from) // :step)::INTEGER`;
const ON_GRID = (ts: string): string => `${ts} >= :from AND ${ts} < :from + :step * :buckets`;

/** A request as a service sees it: what others (or nobody) call, never its own calls or inner steps. */
const REQUEST = `kind NOT IN (3, 4) AND (kind <> 1 OR parent_span_id = '')`;

export const rowVolume = defineQuery({
  id: 'timeline.row-volume',
  version: 1,
  title: 'Rows of every signal over time',
  params: z.object(grid),
  columns: { bucket: 'i32', spans: 'f64', logs: 'f64', samples: 'f64' },
  sql: () => `
WITH rows AS (
  SELECT ${BUCKET('start')} AS bucket, 1 AS signal FROM spans WHERE ${ON_GRID('start')}
  UNION ALL SELECT ${BUCKET('ts')}, 2 FROM logs WHERE ${ON_GRID('ts')}
  UNION ALL SELECT ${BUCKET('ts')}, 3 FROM samples WHERE ${ON_GRID('ts')}
)
SELECT bucket, count(*) FILTER (WHERE signal = 1)::DOUBLE AS spans,
  count(*) FILTER (WHERE signal = 2)::DOUBLE AS logs, count(*) FILTER (WHERE signal = 3)::DOUBLE AS samples
FROM rows GROUP BY bucket ORDER BY bucket`,
});

export const entryServices = defineQuery({
  id: 'timeline.entry-services',
  version: 2,
  title: 'Services that traces begin in',
  params: z.object({ limit: z.number().int().positive() }),
  columns: { entity_id: 'str', roots: 'f64', n: 'f64' },
  sql: () => `
WITH svc AS (${SERVICE_OF})
SELECT svc.entity_id AS entity_id, ${sumWhere(STANDS_FOR, "parent_span_id = ''")} AS roots,
  sum(${STANDS_FOR}) AS n
FROM spans JOIN svc USING (resource_id) GROUP BY svc.entity_id
ORDER BY roots DESC, n DESC, svc.entity_id LIMIT :limit`,
});

export const serviceRequests = defineQuery({
  id: 'timeline.service-requests',
  version: 2,
  title: 'Requests, errors and p99 latency of services over time',
  params: z.object({ ...grid, services: z.array(z.string()).min(1) }),
  columns: {
    entity_id: 'str',
    bucket: 'i32',
    n: 'f64',
    errors: 'f64',
    p99_ms: 'f64',
    /** Spans that n was made of. */
    stored: 'f64',
  },
  sql: () => `
WITH svc AS (SELECT * FROM (${SERVICE_OF}) WHERE list_contains(:services, entity_id)),
f AS (SELECT svc.entity_id AS entity_id, ${BUCKET('start')} AS bucket, status, duration, ${STANDS_FOR} AS weight
  FROM spans JOIN svc USING (resource_id) WHERE ${ON_GRID('start')} AND ${REQUEST}),
${weightedQuantiles({ from: 'f', by: ['entity_id', 'bucket'], at: { w99: 0.99 } })},
plain AS (SELECT entity_id, bucket, sum(weight) AS n, ${sumWhere('weight', 'status = 2')} AS errors,
    quantile_cont(duration / 1e6, 0.99) AS p99_ms, count(*)::DOUBLE AS stored FROM f GROUP BY entity_id, bucket)
SELECT entity_id, bucket, n, errors, coalesce(w99, p99_ms) AS p99_ms, stored
FROM plain LEFT JOIN weighted USING (entity_id, bucket) ORDER BY 1, 2`,
});

export const serviceLevels = defineQuery({
  id: 'timeline.service-levels',
  version: 2,
  title: 'Requests, errors and p99 latency of services in a window',
  params: z.object({ from: zNs, to: zNs, services: z.array(z.string()).min(1) }),
  columns: { entity_id: 'str', n: 'f64', errors: 'f64', p99_ms: 'f64', stored: 'f64' },
  sql: () => `
WITH svc AS (SELECT * FROM (${SERVICE_OF}) WHERE list_contains(:services, entity_id)),
f AS (SELECT svc.entity_id AS entity_id, status, duration, ${STANDS_FOR} AS weight
  FROM spans JOIN svc USING (resource_id) WHERE start >= :from AND start < :to AND ${REQUEST}),
${weightedQuantiles({ from: 'f', by: ['entity_id'], at: { w99: 0.99 } })},
plain AS (SELECT entity_id, sum(weight) AS n, ${sumWhere('weight', 'status = 2')} AS errors,
    quantile_cont(duration / 1e6, 0.99) AS p99_ms, count(*)::DOUBLE AS stored FROM f GROUP BY entity_id)
SELECT entity_id, n, errors, coalesce(w99, p99_ms) AS p99_ms, stored
FROM plain LEFT JOIN weighted USING (entity_id) ORDER BY entity_id`,
});

export const logRates = defineQuery({
  id: 'timeline.log-rates',
  version: 1,
  title: 'Log lines by severity over time',
  params: z.object(grid),
  columns: { bucket: 'i32', n: 'f64', warnings: 'f64', errors: 'f64' },
  sql: () => `
SELECT ${BUCKET('ts')} AS bucket, count(*)::DOUBLE AS n,
  count(*) FILTER (WHERE severity BETWEEN 13 AND 16)::DOUBLE AS warnings,
  count(*) FILTER (WHERE severity >= 17)::DOUBLE AS errors
FROM logs WHERE ${ON_GRID('ts')} GROUP BY 1 ORDER BY 1`,
});

export const pinnedSeries = defineQuery({
  id: 'timeline.pinned-series',
  version: 1,
  title: 'Pinned metric series over time',
  params: z.object({ ...grid, series: z.array(z.bigint()).min(1) }),
  columns: { series_id: 'i64', bucket: 'i32', v: 'f64' },
  sql: () => `
SELECT series_id, ${BUCKET('ts')} AS bucket, median(v) AS v FROM (${ASKED_METRIC_VALUES})
WHERE ${ON_GRID('ts')} AND v IS NOT NULL AND isfinite(v) GROUP BY 1, 2 ORDER BY 1, 2`,
});

export const seriesLevels = defineQuery({
  id: 'timeline.series-levels',
  version: 1,
  title: 'Names of metric series, and their level in a window',
  params: z.object({ from: zNs, to: zNs, series: z.array(z.bigint()).min(1) }),
  columns: {
    series_id: 'i64',
    metric: 'str',
    unit: 'str',
    kind: 'str',
    labels: 'map',
    level: 'f64',
  },
  sql: () => `
WITH level AS (SELECT series_id, median(v) AS level FROM (${ASKED_METRIC_VALUES})
  WHERE ts >= :from AND ts < :to AND v IS NOT NULL AND isfinite(v) GROUP BY series_id)
SELECT m.series_id AS series_id, m.metric, m.unit, m.kind, m.labels, level.level
FROM metric_series m LEFT JOIN level USING (series_id)
WHERE list_contains(:series, m.series_id) ORDER BY m.series_id`,
});
