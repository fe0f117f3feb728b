import type { Facts } from '../facts';
import type { OperationShift } from '../shifts';
import { addTo, median, ramp } from '../stats';
import { defineMethod, result } from './method';

/**
 * Who made the added time: self time beyond the baseline's mean, per operation and as often as it was
 * called. Time spent in calls to a store counts for the store only as far as all its callers feel it;
 * the rest is the caller's own doing. Time between two spans counts half for either end.
 */
export const selfTime = defineMethod({
  id: 'rca.self-time',
  version: 2,
  title: 'Added self time',
  cite: 'critical-path counterfactual, after Zhang et al., CRISP (USENIX ATC 2022)',
  weight: 1,
  uses: {},
  score: (facts) => {
    const raw = new Map<string, number>();
    let added = 0;
    const storeShare = feltByAllCallers(facts);
    for (const op of facts.operations) {
      if (op.excessMs <= 0 || op.z < 3 || isGap(op)) continue;
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

/**
 * How much of a store's slowness is its own: near 1 where every operation on it slowed alike, near 0 where
 * one operation slowed far more than the others (then it is that caller's doing, the rest wait behind it).
 */
function feltByAllCallers(facts: Facts): ReadonlyMap<string, number> {
  const slowdowns = new Map<string, number[]>();
  for (const op of facts.operations) {
    if (op.peer === null || op.peerSpoke || op.incident.n < 3 || op.base.n < 3) continue;
    const before = op.base.selfMs / op.base.n + 0.05;
    const now = op.incident.selfMs / op.incident.n + 0.05;
    slowdowns.set(op.peer, [
      ...(slowdowns.get(op.peer) ?? []),
      Math.log(Math.max(1, now / before)),
    ]);
  }
  const share = new Map<string, number>();
  for (const [store, logs] of slowdowns) {
    const worst = Math.max(...logs);
    const alike = worst > 0 ? median(logs) / worst : 0;
    // A store with one operation tells nothing about whose doing it is.
    share.set(store, logs.length < 2 ? 0.5 : ramp(alike, 0.55, 0.95));
  }
  return share;
}

/** Of an entity's call edges: how many carry an added gap. All of them: it is at this end. */
function edgeShareOf(facts: Facts, id: string): number {
  const edges = facts.graph.edges.filter(
    ({ shift, source, target }) => shift && (source === id || target === id),
  );
  if (edges.length === 0) return 0.5;
  const slow = edges.filter(({ shift }) => shift && shift.gapZ >= 3 && shift.gapMs > 0).length;
  return 0.2 + 0.8 * (slow / edges.length);
}
