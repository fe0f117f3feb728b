import type { TimeWindow } from '../../base';
import type { Entity } from '../../model';
import { metricShift } from '../../model/queries';
import type { CaseStore } from '../../store';

/** Spread that a constant series is given, as a share of its level. */
const FLOOR = 1e-3;

/**
 * The null beside every ranking: each entity's largest |median − median| / MAD over its metrics. Knows no
 * graph, no trace, no log.
 */
export async function largestZ(
  store: CaseStore,
  incident: TimeWindow,
  baseline: TimeWindow,
  entities: readonly Entity[],
): Promise<
  readonly { readonly entity: Entity; readonly score: number; readonly confidence: number }[]
> {
  const { rows, col } = await store.run(
    metricShift({
      baseFrom: baseline.from,
      baseTo: baseline.to,
      from: incident.from,
      to: incident.to,
    }),
  );
  const byId = new Map(entities.map((entity) => [entity.id, entity]));
  const best = new Map<string, number>();
  for (let i = 0; i < rows; i++) {
    const base = col.med0[i];
    const now = col.med1[i];
    const id = col.entity_id[i];
    if (base === undefined || now === undefined || id === undefined) continue;
    const spread = Math.max(1.4826 * (col.mad0[i] ?? 0), FLOOR * Math.abs(base), 1e-12);
    const z = Math.abs(now - base) / spread;
    if (Number.isFinite(z)) best.set(id, Math.max(best.get(id) ?? 0, z));
  }
  return [...best].flatMap(([id, score]) => {
    const entity = byId.get(id);
    return entity ? [{ entity, score, confidence: 0 }] : [];
  });
}
