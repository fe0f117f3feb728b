import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { ASKED_METRIC_VALUES, SERVICE_OF } from './pieces';
import { inBoth } from './reads';
import { STANDS_FOR, effective, sumWhere } from './weights';

/**
 * Stretches of `step` ns: those of the incident from its start on (0, 1, …), those of the baseline from its
 * start on (-1, -2, …), of which every `stride`-th is looked at. The incident wins where they overlap.
 */
const stretches = {
  baseFrom: zNs,
  baseTo: zNs,
  from: zNs,
  to: zNs,
  step: zNs,
  stride: z.number().int().positive(),
};

const IN_EITHER = (ts: string): string =>
  `(${ts} >= :from AND ${ts} < :to OR ${ts} >= :baseFrom AND ${ts} < :baseTo)`;

const STRETCH = (ts: string): string =>
  `CASE WHEN ${ts} >= :from AND ${ts} < :to THEN ((${ts} - :from) // :step)::INTEGER
    WHEN ${ts} >= :baseFrom AND ${ts} < :baseTo AND (${ts} - :baseFrom) // :step % :stride = 0
    THEN (-1 - (${ts} - :baseFrom) // :step)::INTEGER END`;

/** A request as a service sees it: what others (or nobody) call, never its own calls or inner steps. */
const REQUEST = `kind NOT IN (3, 4) AND (kind <> 1 OR parent_span_id = '')`;

/**
 * Requests of every service by stretch: log latency against what is usual for the operation (sum and sum of
 * squares), how many were slower than 19 of 20 usual ones, and how many failed. Counts are effective ones (`effective`).
 */
export const requestStretches = defineQuery({
  id: 'analysis.request-stretches',
  version: 2,
  title: 'Requests, errors and latency of services in stretches of both windows',
  params: z.object(stretches),
  columns: {
    service: 'str',
    stretch: 'i32',
    n: 'f64',
    errors: 'f64',
    timed: 'f64',
    slow: 'f64',
    off: 'f64',
    off_sq: 'f64',
  },
  rowsOf: ['spans'],
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
${effective(IN_EITHER('start'))},
r AS (SELECT svc.entity_id AS service, name, kind, ${STRETCH('start')} AS stretch, status = 2 AS failed,
    ln(duration / 1e6 + 0.05) AS l, ${STANDS_FOR} * of_errors AS weight, ${STANDS_FOR} * of_all AS latency_weight
  FROM spans JOIN svc USING (resource_id), effective WHERE ${REQUEST} AND ${STRETCH('start')} IS NOT NULL),
usual AS (SELECT service, name, kind, sum(l * latency_weight) / sum(latency_weight) AS middle,
    quantile_cont(l, 0.95) AS slow
  FROM r WHERE stretch < 0 GROUP BY ALL HAVING count(*) >= 5)
SELECT r.service, r.stretch, sum(weight) AS n, ${sumWhere('weight', 'failed')} AS errors,
  ${sumWhere('latency_weight', 'usual.middle IS NOT NULL')} AS timed,
  ${sumWhere('latency_weight', 'l > usual.slow')} AS slow,
  coalesce(sum((l - usual.middle) * latency_weight), 0) AS off,
  coalesce(sum((l - usual.middle) * (l - usual.middle) * latency_weight), 0) AS off_sq
FROM r LEFT JOIN usual USING (service, name, kind)
GROUP BY r.service, r.stretch ORDER BY r.service, r.stretch`,
});

/** The asked series by stretch: the mean and how many samples it is of. */
export const metricStretches = defineQuery({
  id: 'analysis.metric-stretches',
  version: 1,
  title: 'Metric series in stretches of both windows',
  params: z.object({ ...stretches, series: z.array(z.bigint()) }),
  columns: { series_id: 'i64', stretch: 'i32', n: 'f64', v: 'f64' },
  rowsOf: ['samples'],
  reads: inBoth('samples'),
  sql: () => `
WITH v AS (SELECT series_id, v, ${STRETCH('ts')} AS stretch FROM (${ASKED_METRIC_VALUES})
  WHERE v IS NOT NULL AND isfinite(v))
SELECT series_id, stretch, count(*)::DOUBLE AS n, avg(v) AS v
FROM v WHERE stretch IS NOT NULL GROUP BY series_id, stretch ORDER BY series_id, stretch`,
});
