import { z } from 'zod';
import type { AnalysisRequest, MethodRank } from '../../model';
import { facts as factsOf, type Facts } from '../facts';
import { defineAnalysis } from '../seam';
import { ramp } from '../stats';
import type { MethodResult } from './method';
import { METHODS } from './methods';

export interface Fused {
  readonly entityId: string;
  readonly score: number;
  readonly confidence: number;
  readonly methods: readonly MethodRank[];
}

export interface Fusion {
  readonly ranking: readonly Fused[];
  readonly results: ReadonlyMap<string, MethodResult>;
  /** Strongest method's strength, 0–1. */
  readonly strength: number;
  readonly enough: boolean;
}

/**
 * Weighted sum of the methods' scores, each weighed by how much it had to go by. The confidence is a
 * provisional estimate from the lead over the next one, the methods that agree and the evidence at hand;
 * it is not yet fitted on labelled incidents.
 */
export const fusion = defineAnalysis({
  id: 'rca.fusion',
  kind: 'rca',
  version: 1,
  title: 'Ranking causes',
  cite: 'weighted sum of normalised scores: Fox & Shaw, CombSUM (TREC-2, 1994)',
  params: z.object({
    /** Below this much evidence, over all methods, nothing is ranked. */
    enough: z.number().min(0).max(1).default(0.25),
  }),
  uses: { facts: factsOf, methods: METHODS },
  inputs: () => ({}),
  run: ({ scope, given, params: { enough } }): Fusion => {
    const results = given.methods;
    const strength = Math.max(0, ...[...results.values()].map((r) => r.strength));
    const totals = totalsOf(given.facts, results, scope.request);
    const ranking = confident(totals, results, strength);
    return { ranking, results, strength, enough: strength >= enough && ranking.length > 0 };
  },
});

function totalsOf(
  facts: Facts,
  results: ReadonlyMap<string, MethodResult>,
  request: AnalysisRequest,
): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const { scores, strength, weight } of results.values()) {
    for (const [id, score] of scores) {
      if (!rankable(facts, id)) continue;
      totals.set(id, (totals.get(id) ?? 0) + weight * strength * score);
    }
  }
  explainAway(facts, results, totals);
  for (const id of request.ruledOut ?? []) totals.delete(id);
  for (const id of request.supported ?? []) totals.set(id, (totals.get(id) ?? 0) * 1.5 + 0.2);
  return totals;
}

function confident(
  totals: ReadonlyMap<string, number>,
  results: ReadonlyMap<string, MethodResult>,
  strength: number,
): readonly Fused[] {
  const ordered = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const ranks = methodRanks(results);
  const sum = ordered.reduce((s, [, score]) => s + score, 0);
  return ordered.map(([entityId, score], i) => {
    const rival = (i === 0 ? ordered[1]?.[1] : ordered[0]?.[1]) ?? 0;
    const methods = ranks.get(entityId) ?? [];
    const agree = methods.filter(({ rank }) => rank === 1).length / results.size;
    const lead = score + rival > 0 ? score / (score + rival) : 0;
    const share = sum > 0 ? score / sum : 0;
    const confidence =
      i === 0
        ? (0.25 + 0.45 * ramp(lead, 0.5, 0.8) + 0.25 * agree) * (0.5 + 0.5 * strength)
        : 0.5 * share * (0.5 + 0.5 * lead);
    return { entityId, score, confidence: Math.min(0.95, Math.max(0.01, confidence)), methods };
  });
}

/**
 * Moves score from an effect to what explains it: a store to the caller that changed just before and slowed
 * most at it; a caller to a callee that did not answer, where the caller's errors are just that.
 */
function explainAway(
  facts: Facts,
  results: ReadonlyMap<string, MethodResult>,
  totals: Map<string, number>,
): void {
  const move = (from: string, to: string, share: number): void => {
    const amount = share * (totals.get(from) ?? 0);
    if (amount <= 0 || from === to || !rankable(facts, to)) return;
    totals.set(from, (totals.get(from) ?? 0) - amount);
    totals.set(to, (totals.get(to) ?? 0) + amount);
  };
  const changed = results.get('rca.change-impact');
  for (const [entity, score] of changed?.scores ?? []) {
    const slowed = facts.operations
      .filter((op) => op.peer !== null && !op.peerSpoke && op.z >= 3 && op.excessMs > 0)
      .sort((a, b) => b.excessMs - a.excessMs);
    for (const store of new Set(
      slowed.filter((op) => op.service === entity).map((op) => op.peer),
    )) {
      const worst = slowed.find(({ peer }) => peer === store);
      if (store !== null && worst?.service === entity) {
        move(store, entity, 0.5 * score * (changed?.strength ?? 0));
      }
    }
  }
  const silent = new Map<string, { from: string; to: string; errors: number }>();
  const own = new Map<string, number>();
  for (const op of facts.operations) {
    own.set(op.service, (own.get(op.service) ?? 0) + op.incident.ownErrors);
    if (op.peer === null || op.peerSpoke || op.incident.ownErrors < 3) continue;
    const to = facts.fold(op.peer);
    const key = `${op.service}\u0001${to}`;
    const pair = silent.get(key) ?? { from: op.service, to, errors: 0 };
    pair.errors +=
      op.incident.ownErrors - (op.base.n ? (op.base.ownErrors / op.base.n) * op.incident.n : 0);
    silent.set(key, pair);
  }
  const moved = new Set(changed?.scores.keys() ?? []);
  for (const { from, to, errors } of silent.values()) {
    const share = errors / Math.max(1, own.get(from) ?? 0);
    // A caller that was just changed may well be asking for the wrong thing.
    if (share > 0.6 && !moved.has(from)) move(from, to, 0.6 * share);
  }
}

/** Clients and what is outside can be struck, but are not ours to name as the cause. */
function rankable(facts: Facts, id: string): boolean {
  const kind = facts.graph.entities.get(id)?.kind ?? id.split(':')[0];
  return id !== '' && kind !== 'client';
}

function methodRanks(results: ReadonlyMap<string, MethodResult>): Map<string, MethodRank[]> {
  const out = new Map<string, MethodRank[]>();
  for (const { id, version } of METHODS) {
    const scores = [...(results.get(id)?.scores ?? [])].sort(
      (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1),
    );
    scores.forEach(([entity, score], i) => {
      const rank = { id, version, rank: i + 1, score };
      out.set(entity, [...(out.get(entity) ?? []), rank]);
    });
  }
  return out;
}
