import type { Facts } from '../facts';
import type { ChangeFact } from '../shifts';
import { OWN, badnessOf } from './badness';
import { defineMethod, result } from './method';

/**
 * A change shortly before the trouble, on something that itself looks bad or on what that calls; more where it
 * is worse than what it did not touch, hardly where it is not.
 */
export const changeImpact = defineMethod({
  id: 'rca.change-impact',
  version: 3,
  title: 'Change before onset',
  cite: 'waiting time of a Poisson process; changes as causes: Google SRE book, ch. 12; difference in differences: Card & Krueger (1994)',
  weight: 0.7,
  uses: { own: OWN },
  score: (facts, { own }) => {
    const raw = new Map<string, number>();
    const bad = badnessOf(own);
    for (const change of facts.changes) {
      const entity = facts.fold(change.entityId);
      const score = changeScore(facts, change, bad);
      if (entity !== '') raw.set(entity, Math.max(raw.get(entity) ?? 0, score));
    }
    return result(raw, Math.max(0, ...raw.values()));
  },
});

/** Of a change that is surely guilty what is left however long before the trouble it was. */
const GUILTY_ANY_TIME = 0.5;

/** How likely a change did it, 0–1: its time, its entity's trouble, and what it is held against. */
function changeScore(facts: Facts, change: ChangeFact, bad: ReadonlyMap<string, number>): number {
  const entity = facts.fold(change.entityId);
  if (entity === '' || !couldBe(facts, entity, change.ts)) return 0;
  const timely = timelinessOf(facts, entity, change.ts);
  const own = timely * Math.max(bad.get(entity) ?? 0, drivenStores(facts, bad, entity));
  const held = contrastFor(facts, change);
  if (!held) return own;
  const reach = reachesSymptom(facts, entity) ? 1 : 0.5;
  const guilty = held.guilt * reach * (GUILTY_ANY_TIME + (1 - GUILTY_ANY_TIME) * timely);
  return Math.max(guilty, own * (1 - held.cleared));
}

/** What a change is held against, if anything. */
export const contrastFor = (facts: Facts, { sourceId, rowNo }: ChangeFact) =>
  facts.contrasts.find(({ change }) => change.sourceId === sourceId && change.rowNo === rowNo);

/** True where nobody said what was noticed, or what was noticed waits for the entity. */
function reachesSymptom({ symptom, fold, graph }: Facts, entity: string): boolean {
  if (symptom === undefined) return true;
  const from = fold(symptom);
  const seen = new Set([from]);
  for (const id of seen) for (const callee of graph.callees.get(id) ?? []) seen.add(fold(callee));
  return seen.has(entity);
}

/** Onsets are known to a bucket and clocks to seconds: a change this long after one may still be before it. */
const GRACE_MS = 60_000;

const ms = (ns: bigint): number => Number(ns / 1_000_000n);

/** When an entity's trouble began, ms; where it has none of its own, the incident. */
function onsetOf({ incident, onsets }: Facts, entity: string): number {
  const start = ms(incident.from);
  return Math.max(onsets.get(entity) ?? start, start - ms(incident.to - incident.from));
}

/** False where its entity's trouble began before the change. */
function couldBe(facts: Facts, entity: string, ts: bigint): boolean {
  return onsetOf(facts, entity) - ms(ts) >= -GRACE_MS && ts < facts.incident.to;
}

/**
 * How little a change just before an entity's onset is chance, 0–1: the probability that changes which fall
 * as often as those of this case leave that much time free of them.
 */
export function timelinessOf(facts: Facts, entity: string, ts: bigint): number {
  if (!couldBe(facts, entity, ts)) return 0;
  const { range, changes } = facts;
  const perMs = changes.length / Math.max(1, ms(range.to - range.from));
  return Math.exp(-perMs * Math.max(0, onsetOf(facts, entity) - ms(ts)));
}

/** Worst store that an entity itself slowed at, less than its own trouble would count. */
function drivenStores(facts: Facts, bad: ReadonlyMap<string, number>, entity: string): number {
  if ((bad.get(entity) ?? 0) < 0.2) return 0;
  const stores = facts.operations.filter(
    (op) => op.service === entity && op.peer !== null && !op.peerSpoke && op.z >= 3,
  );
  return 0.9 * Math.max(0, ...stores.map(({ peer }) => bad.get(peer ?? '') ?? 0));
}
