import type { Facts } from '../facts';
import { addTo } from '../stats';
import { rankable } from './candidates';
import type { MethodResult } from './method';
import { waitingOf, type Waiting } from './waiting';

/** Methods that see that an entity is slow, and can't tell whether it waits. */
const SEE_WAITING = ['rca.metric-root', 'rca.metric-flow', 'rca.symptom-trace', 'rca.graph-walk'];
const SEE_SLOW = [...SEE_WAITING, 'rca.self-time'];

/** The most that an entity hands on. */
const HANDED_ON = 0.8;
/** The most that it hands on to a place where some of its calls are long. */
const TO_PLACES = 0.6;

type Totals = Map<string, number>;
type Results = ReadonlyMap<string, MethodResult>;

/**
 * What is slow because it waits hands on what it has for being slow, to whom it waits for: callers before
 * callees, so that it comes down as far as the time does. So does what is slow only on the way to one place,
 * to that place.
 */
export function handOn(facts: Facts, results: Results, totals: Totals): void {
  const waiting = waitingOf(facts);
  const handed = sumOf(facts, results, SEE_WAITING);
  for (const from of callersFirst(waiting)) {
    const { slowed, shares } = waiting.get(from) ?? NOT_SLOWED;
    const has = Math.min(handed.get(from) ?? 0, totals.get(from) ?? 0);
    for (const [to, share] of shares) {
      const amount = HANDED_ON * slowed * share * has;
      if (amount <= 0 || !rankable(facts, to)) continue;
      for (const map of [totals, handed]) {
        addTo(map, from, -amount);
        addTo(map, to, amount);
      }
    }
  }
  toPlaces(facts, results, totals);
}

const NOT_SLOWED: Waiting = { slowed: 0, shares: new Map() };

/** A service whose long calls all touch one place is slow because of it. */
function toPlaces(facts: Facts, results: Results, totals: Totals): void {
  const found = results.get('rca.slow-links');
  if (!found || found.strength === 0) return;
  const slow = sumOf(facts, results, SEE_SLOW);
  for (const [place, score] of found.scores) {
    const touching = new Map<string, [number, number]>();
    for (const link of facts.links) {
      const here = link.target === place || link.hosts.includes(place);
      for (const id of new Set([link.source, link.target])) {
        if (id === place) continue;
        const [at = 0, all = 0] = touching.get(id) ?? [];
        touching.set(id, [at + (here ? link.slow : 0), all + link.slow]);
      }
    }
    for (const [from, [at, all]] of touching) {
      if (all < 2 || !rankable(facts, place)) continue;
      const has = Math.min(slow.get(from) ?? 0, totals.get(from) ?? 0);
      const amount = TO_PLACES * score * found.strength * (at / all) * has;
      addTo(totals, from, -amount);
      addTo(totals, place, amount);
    }
  }
}

function sumOf(facts: Facts, results: Results, methods: readonly string[]): Totals {
  const sum = new Map<string, number>();
  for (const id of methods) {
    const { scores, strength, weight } = results.get(id) ?? { scores: [], strength: 0, weight: 0 };
    for (const [entity, score] of scores) {
      if (rankable(facts, entity)) addTo(sum, entity, weight * strength * score);
    }
  }
  return sum;
}

/** Entities in an order in which every caller comes before its callees, as far as there is one. */
function callersFirst(waiting: ReadonlyMap<string, Waiting>): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const callee of waiting.get(id)?.shares.keys() ?? []) visit(callee);
    order.push(id);
  };
  for (const id of [...waiting.keys()].sort()) visit(id);
  return order.reverse();
}
