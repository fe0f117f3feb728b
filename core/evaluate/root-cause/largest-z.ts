import type { TimeWindow } from '../../base';
import type { Entity } from '../../model';
import type { CaseStore } from '../../store';

/** Its own SQL, not the detectors': a null model must not become better with what it stands beside. */
const zOf = (incident: TimeWindow, baseline: TimeWindow): string => `
WITH v AS (
  SELECT s.series_id, s.ts, CASE WHEN m.kind = 'counter'
      THEN greatest(0, s.value - lag(s.value) OVER (PARTITION BY s.series_id ORDER BY s.ts)) ELSE s.value END AS v
  FROM samples s JOIN metric_series m USING (series_id)
),
q AS (
  SELECT series_id, median(v) FILTER (WHERE ts >= ${baseline.from} AND ts < ${baseline.to}) AS base,
    mad(v) FILTER (WHERE ts >= ${baseline.from} AND ts < ${baseline.to}) AS spread,
    median(v) FILTER (WHERE ts >= ${incident.from} AND ts < ${incident.to}) AS now
  FROM v WHERE v IS NOT NULL AND isfinite(v) GROUP BY series_id
)
SELECT e.entity_id, max(abs(now - base) / greatest(1.4826 * spread, 1e-3 * abs(base), 1e-12)) AS z
FROM q JOIN metric_series m USING (series_id) JOIN resource_entities e USING (resource_id)
WHERE base IS NOT NULL AND now IS NOT NULL AND e.role <> 'host' GROUP BY e.entity_id`;

export interface ZRanked {
  readonly entity: Entity;
  readonly score: number;
  readonly confidence: number;
}

/**
 * The null beside every ranking: each entity's largest |median − median| / MAD over its metrics. Knows no
 * graph, no trace, no log.
 */
export async function largestZ(
  store: CaseStore,
  incident: TimeWindow,
  baseline: TimeWindow,
  entities: readonly Entity[],
): Promise<readonly ZRanked[]> {
  const { data, rows } = await store.sql(zOf(incident, baseline), MOST);
  const byId = new Map(entities.map((entity) => [entity.id, entity]));
  const [ids = [], scores = []] = data;
  const ranked: ZRanked[] = [];
  for (let i = 0; i < rows; i++) {
    const id = ids[i];
    const entity = typeof id === 'string' ? byId.get(id) : undefined;
    const score = Number(scores[i]);
    if (entity && Number.isFinite(score)) ranked.push({ entity, score, confidence: 0 });
  }
  return ranked;
}

const MOST = 100_000;
