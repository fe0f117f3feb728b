import { z } from 'zod';
import type { AnalysisRequest, MethodRank } from '../../model';
import { facts as factsOf, type Facts } from '../facts';
import { defineAnalysis } from '../seam';
import { ramp } from '../stats';
import type { MethodResult } from './method';
import { candidateFeatures } from './calibration';
import { explainAway, rankable } from './explain-away';
import { METHODS } from './methods';

export interface Fused {
  readonly entityId: string;
  readonly score: number;
  readonly confidence: number;
  readonly methods: readonly MethodRank[];
  /** What the confidence rests on, see candidateFeatures. */
  readonly features: readonly number[];
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
  const features = candidateFeatures(ordered, results);
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
    return {
      entityId,
      score,
      confidence: Math.min(0.95, Math.max(0.01, confidence)),
      methods,
      features: features[i] ?? [],
    };
  });
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
