import type { Facts } from '../facts';
import { clamp01, compress, ramp } from '../stats';
import { defineMethod, result } from './method';

/** The three most shifted metrics of each entity, compressed; a call's metric counts for its callee first. */
function metricScores(facts: Facts): Map<string, number> {
  const best = new Map<string, number[]>();
  const put = (id: string, z: number): void => {
    if (id === '') return;
    best.set(id, [...(best.get(id) ?? []), z]);
  };
  for (const shift of facts.metrics) {
    const z = Math.abs(shift.z);
    if (z < 3) continue;
    if (shift.source !== null && shift.destination !== null) {
      put(facts.fold(`service:${shift.destination}`), 0.7 * z);
      put(facts.fold(`service:${shift.source}`), 0.2 * z);
    } else put(facts.fold(shift.entityId), z);
  }
  const scores = new Map<string, number>();
  for (const [id, values] of best) {
    const top = values.sort((a, b) => b - a).slice(0, 3);
    scores.set(
      id,
      top.reduce((sum, z, i) => sum + compress(z - 2) / (i + 1), 0),
    );
  }
  return scores;
}

/**
 * Robust shift of an entity's own metrics, less what its callees' shifts explain (root-most rule:
 * an anomalous node with no anomalous callee is where it began).
 */
export const metricRoot = defineMethod({
  id: 'rca.metric-root',
  version: 1,
  title: 'Own metrics, root-most',
  cite: 'robust scorer: Pham et al., BARO (FSE 2024); traversal: Budhathoki et al. (ICML 2022)',
  weight: 0.8,
  uses: {},
  score: (facts) => {
    const own = metricScores(facts);
    const raw = new Map<string, number>();
    for (const [id, score] of own) {
      const below = (facts.graph.callees.get(id) ?? []).map((callee) => own.get(callee) ?? 0);
      const worst = Math.max(0, ...below);
      raw.set(id, score * (1 - 0.6 * clamp01(worst / Math.max(score, 1e-9))));
    }
    return result(raw, ramp(Math.max(0, ...own.values()), compress(3), compress(40)));
  },
});
