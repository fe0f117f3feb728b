import type { Facts } from '../facts';
import { OWN, badnessOf } from './badness';
import { defineMethod, result } from './method';

/** A change shortly before the trouble, on something that itself looks bad or on what that calls. */
export const changeImpact = defineMethod({
  id: 'rca.change-impact',
  version: 1,
  title: 'Change before onset',
  cite: 'time and dependency reach of changes; Google SRE book, ch. 12',
  weight: 0.7,
  uses: { own: OWN },
  score: (facts, { own }) => {
    const raw = new Map<string, number>();
    const bad = badnessOf(own);
    const span = Math.max(
      300_000,
      2 * Number((facts.incident.to - facts.incident.from) / 1_000_000n),
    );
    const start = Number(facts.incident.from / 1_000_000n);
    for (const change of facts.changes) {
      const entity = facts.fold(change.entityId);
      if (entity === '') continue;
      const onset = facts.onsets.get(entity) ?? start;
      const lead = (Math.max(onset, start - span / 4) - Number(change.ts / 1_000_000n)) / span;
      // A little after the first symptom is possible: clocks and bucket edges.
      if (lead < -0.15 || lead > 1) continue;
      const near = Math.exp(-2 * Math.max(0, lead));
      const score = near * Math.max(bad.get(entity) ?? 0, drivenStores(facts, bad, entity));
      raw.set(entity, Math.max(raw.get(entity) ?? 0, score));
    }
    return result(raw, Math.max(0, ...raw.values()));
  },
});

/** Worst store that an entity itself slowed at, less than its own trouble would count. */
function drivenStores(facts: Facts, bad: ReadonlyMap<string, number>, entity: string): number {
  if ((bad.get(entity) ?? 0) < 0.2) return 0;
  const stores = facts.operations.filter(
    (op) => op.service === entity && op.peer !== null && !op.peerSpoke && op.z >= 3,
  );
  return 0.9 * Math.max(0, ...stores.map(({ peer }) => bad.get(peer ?? '') ?? 0));
}
