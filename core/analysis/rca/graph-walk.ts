import { addTo } from '../stats';
import { OWN, badnessOf } from './badness';
import { NOTHING, defineMethod, result } from './method';

/**
 * A walk from what looks bad towards what it calls (personalised PageRank on call edges, restart at the
 * badness of each entity), so that a cause whose callers suffer gathers their votes.
 */
export const graphWalk = defineMethod({
  id: 'rca.graph-walk',
  version: 1,
  title: 'Walk on the dependency graph',
  cite: 'personalised random walk: Kim et al., MonitorRank (SIGMETRICS 2013)',
  weight: 0.5,
  uses: { own: OWN },
  score: (facts, { own }) => {
    const bad = badnessOf(own);
    const total = [...bad.values()].reduce((a, b) => a + b, 0);
    if (total <= 0 || facts.graph.edges.length === 0) return NOTHING;
    let rank = new Map([...bad].map(([id, b]) => [id, b / total]));
    for (let step = 0; step < 30; step++) {
      const next = new Map([...bad].map(([id, b]) => [id, (0.3 * b) / total]));
      for (const [id, mass] of rank) {
        const targets = (facts.graph.callees.get(id) ?? []).map(
          (t) => [t, 0.02 + (bad.get(t) ?? 0)] as const,
        );
        const stay = 0.02 + (bad.get(id) ?? 0);
        const sum = stay + targets.reduce((s, [, w]) => s + w, 0);
        addTo(next, id, (0.7 * mass * stay) / sum);
        for (const [t, w] of targets) addTo(next, t, (0.7 * mass * w) / sum);
      }
      rank = next;
    }
    return result(rank, Math.max(0, ...bad.values()));
  },
});
