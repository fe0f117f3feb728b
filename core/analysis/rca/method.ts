import { z } from 'zod';
import { facts, type Facts } from '../facts';
import { defineAnalysis, type Analysis, type OutputsOf, type Uses } from '../seam';
import { clamp01, normalised } from '../stats';

/** What a ranking method says: scores by entity (largest 1), and how much there was to go by (0–1). */
export interface Scored {
  readonly scores: ReadonlyMap<string, number>;
  readonly strength: number;
}

export interface MethodResult extends Scored {
  /** Its weight in the fused ranking. */
  readonly weight: number;
}

export const NOTHING: Scored = { scores: new Map(), strength: 0 };

export function result(raw: ReadonlyMap<string, number>, strength: number): Scored {
  const scores = normalised(raw);
  return scores.size === 0 ? NOTHING : { scores, strength: clamp01(strength) };
}

interface MethodDef<U extends Uses> {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly cite: string;
  /** Default weight in the fused ranking; a parameter. */
  readonly weight: number;
  /** Other methods whose scores it builds on. */
  readonly uses: U;
  score(facts: Facts, given: OutputsOf<U>): Scored;
}

/** A ranking method: an analysis over the facts of a run. A new one is a line in METHODS. */
export function defineMethod<U extends Uses>(def: MethodDef<U>): Analysis<MethodResult> {
  const { id, version, title, cite } = def;
  return defineAnalysis({
    id,
    kind: 'rca',
    version,
    title,
    cite,
    params: z.object({ weight: z.number().min(0).default(def.weight) }),
    uses: { facts, ...def.uses },
    inputs: () => ({}),
    run: ({ given, params: { weight } }): MethodResult => {
      const all = given as unknown as OutputsOf<U> & { readonly facts: Facts };
      return { ...def.score(all.facts, all), weight };
    },
  });
}
