import type { Facts } from '../facts';
import { ramp } from '../stats';
import { OWN, badnessOf } from './badness';
import { NOTHING, defineMethod, result } from './method';

/**
 * From what was noticed down the dependencies, as long as they are abnormal: an abnormal one with no
 * abnormal dependency of its own is where it began. Where the symptom is a metric that others have too,
 * it is followed in that metric, else in whatever is bad about them.
 */
export const symptomTrace = defineMethod({
  id: 'rca.symptom-trace',
  version: 1,
  title: 'Followed from the symptom',
  cite: 'traversal of the anomaly graph: Budhathoki et al. (ICML 2022), as in PetShop (CLeaR 2024)',
  weight: 0.8,
  uses: { own: OWN },
  score: (facts, { own }) => {
    const { symptom, graph } = facts;
    if (symptom === undefined) return NOTHING;
    const bad = inItsMetric(facts, symptom) ?? badnessOf(own);
    const raw = new Map<string, number>();
    const seen = new Set([symptom]);
    for (let ring = [symptom]; ring.length > 0;) {
      const next: string[] = [];
      for (const id of ring) {
        const below = (graph.callees.get(id) ?? []).filter(
          (callee) => (bad.get(callee) ?? 0) > 0.1,
        );
        const worst = Math.max(0, ...below.map((callee) => bad.get(callee) ?? 0));
        raw.set(id, (bad.get(id) ?? 0) * (1 - worst));
        for (const callee of below) if (!seen.has(callee)) next.push(callee);
        for (const callee of below) seen.add(callee);
      }
      ring = next;
    }
    return result(raw, Math.max(0, ...raw.values()));
  },
});

/** Badness by the symptom's own metric, 0–1; undefined where fewer than two entities have it. */
function inItsMetric(facts: Facts, symptom: string): ReadonlyMap<string, number> | undefined {
  const { symptomMetric } = facts;
  const same = facts.metrics.filter(({ metric }) => metric === symptomMetric);
  const mine = same.find(({ entityId }) => facts.fold(entityId) === symptom);
  if (!mine) return undefined;
  const out = new Map<string, number>();
  for (const { entityId, z } of same) {
    const id = facts.fold(entityId);
    // Where the symptom itself hardly moved, either way may be the bad one.
    const away = Math.abs(mine.z) < 1 ? Math.abs(z) : Math.sign(mine.z) * z;
    out.set(id, Math.max(out.get(id) ?? 0, ramp(away, 2, 6)));
  }
  return out.size < 2 ? undefined : out;
}
