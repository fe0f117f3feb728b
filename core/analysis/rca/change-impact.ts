import type { Facts } from '../facts';
import { OWN, badnessOf } from './badness';
import { defineMethod, result } from './method';

/** A change shortly before the trouble, on something that itself looks bad or on what that calls. */
export const changeImpact = defineMethod({
  id: 'rca.change-impact',
  version: 2,
  title: 'Change before onset',
  cite: 'waiting time of a Poisson process; changes as causes: Google SRE book, ch. 12',
  weight: 0.7,
  uses: { own: OWN },
  score: (facts, { own }) => {
    const raw = new Map<string, number>();
    const bad = badnessOf(own);
    for (const change of facts.changes) {
      const entity = facts.fold(change.entityId);
      const timely = timelinessOf(facts, entity, change.ts);
      if (entity === '' || timely === 0) continue;
      const score = timely * Math.max(bad.get(entity) ?? 0, drivenStores(facts, bad, entity));
      raw.set(entity, Math.max(raw.get(entity) ?? 0, score));
    }
    return result(raw, Math.max(0, ...raw.values()));
  },
});

/** Onsets are known to a bucket and clocks to seconds: a change this long after one may still be before it. */
const GRACE_MS = 60_000;

/**
 * How little a change just before an entity's onset is chance, 0–1: the probability that changes which fall
 * as often as those of this case leave that much time free of them.
 */
export function timelinessOf(facts: Facts, entity: string, ts: bigint): number {
  const { range, incident, onsets, changes } = facts;
  const ms = (ns: bigint): number => Number(ns / 1_000_000n);
  const length = ms(incident.to - incident.from);
  const start = ms(incident.from);
  const onset = Math.max(onsets.get(entity) ?? start, start - length);
  const lead = onset - ms(ts);
  if (lead < -GRACE_MS || ms(ts) >= ms(incident.to)) return 0;
  const perMs = changes.length / Math.max(1, ms(range.to - range.from));
  return Math.exp(-perMs * Math.max(0, lead));
}

/** Worst store that an entity itself slowed at, less than its own trouble would count. */
function drivenStores(facts: Facts, bad: ReadonlyMap<string, number>, entity: string): number {
  if ((bad.get(entity) ?? 0) < 0.2) return 0;
  const stores = facts.operations.filter(
    (op) => op.service === entity && op.peer !== null && !op.peerSpoke && op.z >= 3,
  );
  return 0.9 * Math.max(0, ...stores.map(({ peer }) => bad.get(peer ?? '') ?? 0));
}
