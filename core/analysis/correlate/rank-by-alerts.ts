/** What ranking needs of an alert. */
export interface FiredAlert {
  readonly fingerprint: string;
  readonly name: string;
  readonly entity: string;
}

/** Troubles that a fingerprint is taken to have been seen in, before any was. */
const PRIOR_TROUBLES = 3;
const LEAST_PRIOR = 0.05;

/**
 * How much an incident's alerts speak against each entity: for every alert the surprise that it fired at all,
 * given the earlier troubles, times how few entities fire one of that name now (inverse document frequency,
 * Spärck Jones 1972, once over time and once over the topology). `earlier` holds one list a trouble.
 */
export function rankByAlerts(
  during: readonly FiredAlert[],
  earlier: readonly (readonly FiredAlert[])[],
): ReadonlyMap<string, number> {
  const troublesWith = { fingerprint: new Map<string, number>(), name: new Map<string, number>() };
  for (const trouble of earlier) {
    for (const field of ['fingerprint', 'name'] as const) {
      const counts = troublesWith[field];
      for (const value of new Set(trouble.map((alert) => alert[field]))) {
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
  }
  const entitiesWith = new Map<string, Set<string>>();
  for (const { name, entity } of during) {
    const entities = entitiesWith.get(name);
    if (entities) entities.add(entity);
    else entitiesWith.set(name, new Set([entity]));
  }
  const entities = new Set(during.map(({ entity }) => entity)).size;
  const scores = new Map<string, number>();
  const seen = new Set<string>();
  for (const { fingerprint, name, entity } of during) {
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    const usual = (troublesWith.name.get(name) ?? 0) / Math.max(1, earlier.length);
    const prior = PRIOR_TROUBLES * Math.max(LEAST_PRIOR, usual / 2);
    const before = troublesWith.fingerprint.get(fingerprint) ?? 0;
    const surprise = -Math.log((before + prior) / (earlier.length + PRIOR_TROUBLES));
    const alone = Math.log((1 + entities) / (entitiesWith.get(name)?.size ?? 1));
    scores.set(entity, (scores.get(entity) ?? 0) + Math.max(0, surprise) * alone);
  }
  return scores;
}
