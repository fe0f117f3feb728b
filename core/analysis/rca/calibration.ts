import { COEFFICIENTS } from './calibration-coefficients';
import type { MethodResult } from './method';

/** What a candidate's confidence rests on, each about 0–1 and without a unit. */
export const FEATURES = [
  /** Its score beside the best rival's. */
  'lead',
  /** Its part of all scores. */
  'share',
  /** 1 for the first, 1/2 for the second, … */
  'place',
  /** Strength of the strongest method. */
  'strongest',
  /** Of the methods' strength, and of their number, what puts it first. */
  'firstByStrength',
  'firstByNumber',
  /** Of the methods' strength what names it, each by its own score. */
  'named',
  /** How many methods say anything. */
  'opinions',
  /** How many signs of trouble there are. */
  'trouble',
  /** Whether it was abnormal before the rivals: 1, after them: 0, not dated: 1/2. */
  'early',
] as const;

export type Feature = (typeof FEATURES)[number];

export interface Circumstances {
  readonly results: ReadonlyMap<string, MethodResult>;
  /** Signs of trouble, together. */
  readonly trouble: number;
  /** When an entity's first anomaly began, ms. */
  readonly onsets: ReadonlyMap<string, number>;
}

/** Rivals among which it may have been the first to be abnormal. */
const RIVALS = 5;

/** The features of every candidate, in the order of FEATURES. `ordered` is best first. */
export function candidateFeatures(
  ordered: readonly (readonly [string, number])[],
  { results, trouble, onsets }: Circumstances,
): readonly (readonly number[])[] {
  const spoke = [...results.values()]
    .filter(({ scores }) => scores.size > 0)
    .map(({ scores, strength }) => ({ scores, strength, most: largest(scores.values()) }));
  const all = spoke.reduce((sum, { strength }) => sum + strength, 0);
  const sum = ordered.reduce((s, [, score]) => s + Math.max(0, score), 0);
  const dated = ordered.slice(0, RIVALS).flatMap(([id]) => onsets.get(id) ?? []);
  const earliest = Math.min(...dated);
  return ordered.map(([id, score], index) => {
    const rival = ordered[index === 0 ? 1 : 0]?.[1] ?? 0;
    let [first, firsts, named] = [0, 0, 0];
    for (const { scores, strength, most } of spoke) {
      const mine = scores.get(id) ?? 0;
      if (mine > 0 && mine >= most) [first, firsts] = [first + strength, firsts + 1];
      named += strength * mine;
    }
    const onset = onsets.get(id);
    const values: Readonly<Record<Feature, number>> = {
      lead: ratio(score, score + rival),
      share: ratio(score, sum),
      place: 1 / (1 + index),
      strongest: largest(spoke.map(({ strength }) => strength)),
      firstByStrength: ratio(first, all),
      firstByNumber: ratio(firsts, spoke.length),
      named: ratio(named, all),
      opinions: spoke.length / (spoke.length + 4),
      trouble: trouble / (trouble + 1),
      early: onset === undefined ? 0.5 : Number(onset <= earliest),
    };
    return FEATURES.map((name) => values[name]);
  });
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** Nothing that is labelled tells a surer answer from a sure one. */
const SUREST = 0.99;

/**
 * P(this entity is a true cause): a logistic of its features, one for the first of the ranking and one for those
 * below it, fitted on labelled incidents (`faultline bench … --fit`). `index` is its place, from 0.
 */
export function confidenceOf(features: readonly number[], index: number): number {
  const { intercept, weights } = index === 0 ? COEFFICIENTS.first : COEFFICIENTS.others;
  const z = FEATURES.reduce(
    (sum, name, at) => sum + (weights[name] ?? 0) * (features[at] ?? 0),
    intercept,
  );
  return Math.min(SUREST, Math.max(1 - SUREST, 1 / (1 + Math.exp(-z))));
}
