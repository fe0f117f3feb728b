import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { PEER_SQL, SERVICE_OF, WIN } from './pieces';
import { inBoth } from './reads';

/**
 * The time of a call outside of its callee's span, as a multiple of the middle one of its pair in the
 * baseline: 'slow' is beyond what one in a hundred of all calls of the baseline reaches. A callee that
 * recorded no span has no host.
 */
export const linkTails = defineQuery({
  id: 'analysis.link-tails',
  version: 1,
  title:
    'Calls that were unusually long on the way, by the hosts at both ends, baseline against incident',
  params: z.object({ baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs }),
  columns: {
    win: 'i32',
    source: 'str',
    target: 'str',
    source_host: 'str',
    target_host: 'str',
    spoke: 'bool',
    n: 'f64',
    slow: 'f64',
  },
  rowsOf: ['spans'],
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
place AS (SELECT resource_id, min(entity_id) AS host FROM resource_entities WHERE role = 'host' GROUP BY resource_id),
w AS (
  SELECT trace_id, span_id, parent_span_id, kind, name, duration, svc.entity_id AS service,
    coalesce(place.host, '') AS host, ${WIN('start')} AS win,
    CASE WHEN kind = 3 THEN ${PEER_SQL} END AS said
  FROM spans JOIN svc USING (resource_id) LEFT JOIN place USING (resource_id)
  WHERE ${WIN('start')} IS NOT NULL
),
g AS (
  SELECT p.win, p.service AS source, coalesce(c.service, p.said, p.name) AS target, c.service IS NOT NULL AS spoke, p.host AS source_host,
    coalesce(c.host, '') AS target_host,
    ln(greatest(0, p.duration - coalesce(c.duration, 0)) / 1e6 + 0.05) AS gap
  FROM w p LEFT JOIN w c ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
  WHERE p.kind = 3 AND (c.service IS NULL OR c.service <> p.service)
),
usual AS (
  SELECT source, target, median(gap) AS middle FROM g WHERE win = 0 GROUP BY source, target HAVING count(*) >= 3
),
r AS (SELECT g.*, gap - middle AS beyond FROM g JOIN usual USING (source, target)),
bar AS (SELECT quantile_cont(beyond, 0.99) AS bar FROM r WHERE win = 0)
SELECT win, source, target, source_host, target_host, bool_or(spoke) AS spoke, count(*)::DOUBLE AS n,
  count(*) FILTER (WHERE beyond > bar)::DOUBLE AS slow
FROM r CROSS JOIN bar GROUP BY win, source, target, source_host, target_host ORDER BY ALL`,
});

export const placeShift = defineQuery({
  id: 'analysis.place-shift',
  version: 1,
  title: 'Time of each service on each host, in its spans and on the way to them',
  params: z.object({ baseFrom: zNs, baseTo: zNs, from: zNs, to: zNs }),
  columns: {
    win: 'i32',
    service: 'str',
    host: 'str',
    n: 'f64',
    log_ms: 'f64',
    log_sq: 'f64',
    gaps: 'f64',
    gap_log: 'f64',
    gap_sq: 'f64',
  },
  rowsOf: ['spans'],
  reads: inBoth('spans'),
  sql: () => `
WITH svc AS (${SERVICE_OF}),
place AS (SELECT resource_id, min(entity_id) AS entity_id FROM resource_entities WHERE role = 'host' GROUP BY resource_id),
w AS (
  SELECT trace_id, span_id, parent_span_id, kind, duration, svc.entity_id AS service, place.entity_id AS host,
    ${WIN('start')} AS win
  FROM spans JOIN svc USING (resource_id) LEFT JOIN place USING (resource_id)
  WHERE ${WIN('start')} IS NOT NULL
),
kids AS (SELECT trace_id, parent_span_id AS span_id, sum(duration) FILTER (WHERE kind <> 5) AS kid_ns
  FROM w WHERE parent_span_id <> '' GROUP BY trace_id, parent_span_id),
f AS (
  SELECT w.*, ln(greatest(0, w.duration - coalesce(kid_ns, 0)) / 1e6 + 0.05) AS l,
    ln(greatest(0, p.duration - w.duration) / 1e6 + 0.05) AS g
  FROM w LEFT JOIN kids USING (trace_id, span_id)
    LEFT JOIN w p ON p.trace_id = w.trace_id AND p.span_id = w.parent_span_id AND p.kind = 3 AND p.service <> w.service
)
SELECT win, service, host, count(*) FILTER (WHERE kind <> 3)::DOUBLE AS n,
  sum(l) FILTER (WHERE kind <> 3) AS log_ms, sum(l * l) FILTER (WHERE kind <> 3) AS log_sq,
  count(g)::DOUBLE AS gaps, sum(g) AS gap_log, sum(g * g) AS gap_sq
FROM f WHERE host IS NOT NULL GROUP BY win, service, host ORDER BY host, service, win`,
});
