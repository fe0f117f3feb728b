import type { Facts } from '../facts';
import type { OperationShift } from '../shifts';
import { addTo, ramp } from '../stats';
import { defineMethod, result } from './method';
import { shareOfSilent, waitsOnPurpose } from './waiting';

/**
 * Who made the added time: self time beyond the baseline's mean, per operation and as often as it was
 * called. Time spent in calls to a store counts for the store only as far as all its callers feel it;
 * the rest is the caller's own doing. Time between two spans counts half for either end.
 */
export const selfTime = defineMethod({
  id: 'rca.self-time',
  version: 4,
  title: 'Added self time',
  cite: 'critical-path counterfactual, after Zhang et al., CRISP (USENIX ATC 2022)',
  weight: 1,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    let added = 0;
    const storeShare = shareOfSilent(facts);
    for (const op of facts.operations) {
      if (op.excessMs <= 0 || op.z < 3 || isGap(op) || waitsOnPurpose(op)) continue;
      added += op.excessMs;
      const weight = op.excessMs * ramp(op.z, 3, 8);
      const called = op.peer === null || op.peerSpoke ? undefined : op.peer;
      const share = called === undefined ? 0 : (storeShare.get(called) ?? 0);
      addTo(raw, op.service, weight * (1 - share));
      if (called !== undefined && share > 0) addTo(raw, called, weight * share);
    }
    for (const { shift } of facts.graph.edges) {
      if (!shift || shift.gapMs <= 0 || shift.gapZ < 3 || !shift.incident) continue;
      const weight = shift.gapMs * shift.incident.n * ramp(shift.gapZ, 3, 8);
      added += weight;
      addTo(raw, shift.source, weight * edgeShareOf(facts, shift.source));
      addTo(raw, shift.target, weight * edgeShareOf(facts, shift.target));
    }
    const usual = facts.operations.reduce((sum, op) => sum + Math.max(0, op.base.selfMs), 0);
    return result(raw, ramp(added / Math.max(1, usual), 0.02, 0.3));
  },
});

/** A call's time outside of its callee's span is the time between the two, which its edge counts. */
const isGap = ({ kind, peerSpoke }: OperationShift): boolean => kind === 3 && peerSpoke;

/** Of an entity's call edges: how many carry an added gap. All of them: it is at this end. */
function edgeShareOf(facts: Facts, id: string): number {
  const edges = facts.graph.edges.filter(
    ({ shift, source, target }) => shift && (source === id || target === id),
  );
  if (edges.length === 0) return 0.5;
  const slow = edges.filter(({ shift }) => shift && shift.gapZ >= 3 && shift.gapMs > 0).length;
  return 0.2 + 0.8 * (slow / edges.length);
}
