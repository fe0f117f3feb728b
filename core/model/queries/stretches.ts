import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { ASKED_METRIC_VALUES, SERVICE_OF } from './pieces';
import { inBoth } from './reads';

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

const STRETCH = (ts: string): string =>
  `CASE WHEN ${ts} >= :from AND ${ts} < :to THEN ((${ts} - :from) // :step)::INTEGER
    WHEN ${ts} >= :baseFrom AND ${ts} < :baseTo AND (${ts} - :baseFrom) // :step % :stride = 0
    THEN (-1 - (${ts} - :baseFrom) // :step)::INTEGER END`;

/** A request as a service sees it: what others (or nobody) call, never its own calls or inner steps. */
const REQUEST = `kind NOT IN (3, 4) AND (kind <> 1 OR parent_span_id = '')`;

/**
 * Requests of every service by stretch: log latency against what is usual for the operation (sum and sum of
 * squares), how many were slower than 19 of 20 usual ones, and how many failed.
 */
export const requestStretches = defineQuery({
  id: 'analysis.request-stretches',
  version: 1,
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
r AS (SELECT svc.entity_id AS service, name, kind, ${STRETCH('start')} AS stretch, status = 2 AS failed,
    ln(duration / 1e6 + 0.05) AS l
  FROM spans JOIN svc USING (resource_id) WHERE ${REQUEST} AND ${STRETCH('start')} IS NOT NULL),
usual AS (SELECT service, name, kind, avg(l) AS middle, quantile_cont(l, 0.95) AS slow
  FROM r WHERE stretch < 0 GROUP BY ALL HAVING count(*) >= 5)
SELECT r.service, r.stretch, count(*)::DOUBLE AS n, count(*) FILTER (WHERE failed)::DOUBLE AS errors,
  count(usual.middle)::DOUBLE AS timed, count(*) FILTER (WHERE l > usual.slow)::DOUBLE AS slow,
  coalesce(sum(l - usual.middle), 0) AS off, coalesce(sum((l - usual.middle) * (l - usual.middle)), 0) AS off_sq
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
