import { z } from 'zod';
import type { AnalysisRequest, MethodRank } from '../../model';
import { facts as factsOf, type Facts } from '../facts';
import { defineAnalysis } from '../seam';
import type { MethodResult } from './method';
import { candidateFeatures, confidenceOf, type Circumstances } from './calibration';
import { rankable } from './candidates';
import { explainAway } from './explain-away';
import { METHODS } from './methods';
import { trouble as troubleOf, type Trouble } from './trouble';

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
  /** The signs that anything is wrong. */
  readonly trouble: Trouble;
  readonly enough: boolean;
}

/**
 * Weighted sum of the methods' scores, each weighed by how much it had to go by. The confidence is
 * fitted on labelled incidents, see calibration.ts.
 */
export const fusion = defineAnalysis({
  id: 'rca.fusion',
  kind: 'rca',
  version: 5,
  title: 'Ranking causes',
  cite: 'weighted sum of normalised scores: Fox & Shaw, CombSUM (TREC-2, 1994)',
  params: z.object({
    /** Below so many signs of trouble nothing is ranked: quiet windows show as many. */
    enough: z.number().min(0).default(0.53),
  }),
  uses: { facts: factsOf, methods: METHODS, trouble: troubleOf },
  inputs: () => ({}),
  run: ({ scope, given, params: { enough } }): Fusion => {
    const results = given.methods;
    const strength = Math.max(0, ...[...results.values()].map((r) => r.strength));
    const totals = totalsOf(given.facts, results, scope.request);
    const { trouble, facts } = given;
    const { onsets } = facts;
    const ranking = confident(totals, { results, onsets, trouble: trouble.total });
    const isEnough = trouble.total >= enough && ranking.length > 0;
    return { ranking, results, strength, trouble, enough: isEnough };
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
  circumstances: Circumstances,
): readonly Fused[] {
  const ordered = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const ranks = methodRanks(circumstances.results);
  const features = candidateFeatures(ordered, circumstances);
  let above = 1;
  return ordered.map(([entityId, score], i) => {
    const own = features[i] ?? [];
    // Never surer of a lower one.
    above = Math.min(above, confidenceOf(own, i));
    return {
      entityId,
      score,
      confidence: above,
      methods: ranks.get(entityId) ?? [],
      features: own,
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
