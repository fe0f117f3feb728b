import { z } from 'zod';
import { FEATURES } from '../analysis';
import { FaultlineError } from '../base';
import { scoreRun, type Outcome, type SetRun } from './root-cause';
import type { SetScore } from './task';

/** A set as it was run, kept so that reports and fits are made without running it again. */
export interface KeptSet {
  /** How it differs from a plain run, in words: 'scramble 7', 'blind', 'metrics alone'; '' where it does not. */
  readonly variant: string;
  /** A root-cause set; any other has only its score. */
  readonly run?: SetRun;
  readonly score?: SetScore;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const keptFile = z.looseObject({
  schema: z.literal(1),
  features: z.array(z.string()),
  variant: z.string(),
  run: z.custom<SetRun>(isObject).optional(),
  score: z.custom<SetScore>(isObject).optional(),
});

/** A figure that there is none of (NaN) is left out: JSON would make null of it, which is no figure either. */
export function keptText(kept: KeptSet): string {
  const whole = { schema: 1, features: FEATURES, ...kept };
  return `${JSON.stringify(whole, (_, value: unknown) => (Number.isNaN(value) ? undefined : value))}\n`;
}

/** Errors: 'format/damaged' where it is none, or was kept with other features of the confidence. */
export function readKept(text: string, where: string): KeptSet {
  const parsed = keptFile.safeParse(JSON.parse(text));
  if (!parsed.success || parsed.data.features.join() !== FEATURES.join()) {
    throw new FaultlineError(
      'format/damaged',
      `${where} is not what --keep writes today: run its set anew.`,
    );
  }
  const { variant, run, score } = parsed.data;
  return { variant, run, score };
}

/**
 * The sets of several runs: parts of one set become one, a case that was run twice counts as run last; quiet
 * windows and ablations that only an earlier run of it has stay.
 */
export function mergedRuns(runs: readonly SetRun[]): readonly SetRun[] {
  return [...new Set(runs.map(({ set }) => set))].map((set) => {
    const own = runs.filter((run) => run.set === set);
    const outcomes = new Map<string, Outcome>();
    for (const one of own.flatMap((run) => run.outcomes)) {
      outcomes.set(one.result.id, after(one, outcomes.get(one.result.id)));
    }
    const scrambled = own.flatMap(({ differing }) => differing ?? []);
    return {
      set,
      outcomes: [...outcomes.values()],
      differing: own.some(({ differing }) => differing) ? [...new Set(scrambled)] : undefined,
      passedOver: [...new Set(own.flatMap(({ passedOver }) => passedOver))],
    };
  });
}

function after(one: Outcome, earlier: Outcome | undefined): Outcome {
  if (!earlier) return one;
  const { silences, ablations } = one;
  return {
    ...one,
    silences: silences.length > 0 ? silences : earlier.silences,
    ablations: ablations.length > 0 ? ablations : earlier.ablations,
  };
}

/** The scores of kept sets, plain runs first, the others under the name of their variant. */
export function keptScores(kept: readonly KeptSet[]): readonly SetScore[] {
  const variants = [...new Set(kept.map(({ variant }) => variant))].sort();
  return variants.flatMap((variant) => {
    const own = kept.filter((one) => one.variant === variant);
    const runs = mergedRuns(own.flatMap(({ run }) => run ?? []));
    const scores = [...own.flatMap(({ score }) => score ?? []), ...runs.map(scoreRun)];
    return scores.map((score) => (variant === '' ? score : named(score, variant)));
  });
}

const named = (score: SetScore, variant: string): SetScore => ({
  ...score,
  set: `${score.set}, ${variant}`,
});
