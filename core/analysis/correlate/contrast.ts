import { effectOf, type Effect } from '../detect/drift';
import { betaBinomialTail, normalTail, type Sums } from '../stats';

/** One operation in one arm: what runs the change, or what it is held against. */
export interface OperationArm {
  readonly n: number;
  readonly ownErrors: number;
  /** Log self time, and log of one more than the calls it made and that did not fail. */
  readonly self: Sums;
  readonly calls: Sums;
  /** Calls to others: their failures may be those of whom they call. */
  readonly isCall: boolean;
}

/** By operation. */
export type Arm = ReadonlyMap<string, OperationArm>;

/** How arms differ with nothing wrong: the middle shift of what did not change, and the spread around it. */
export interface Usual {
  readonly shift: number;
  readonly drift: number;
}

export interface Contrast {
  /** P(at least so different | the change does nothing), in (0, 1]; corrected for what was looked at. */
  readonly tail: number;
  /** What differs most. */
  readonly sign: 'latency' | 'calls' | 'errors';
  /** Mean of log self time over operations, beyond what is usual; and its standard error. */
  readonly shift: Effect;
  /** Spans that are compared, in each arm. */
  readonly treated: number;
  readonly control: number;
  /** Upper bound (97.5 %) of what the treated arm may be worse by: log self time, share of failures. */
  readonly most: { readonly shift: number; readonly errors: number };
}

/** Spread of log time is at least this: timers are coarse and caches come and go. */
const LOG_FLOOR = 0.1;
/** Spans of an operation in an arm below which it says nothing. */
const LEAST = 3;
/** Counts are scaled down to this many: beyond it a tail says no more. */
const MOST_COUNTED = 400;

/**
 * Is the treated arm worse than the control, operation by operation: slower by itself, calling more, failing
 * more? Robust difference in differences: Welch's t on logs beyond the middle shift of what did not change,
 * the spread of those as a random effect; failures as a beta-binomial count; the smallest tail by Bonferroni.
 * Undefined where no operation has spans enough in both arms.
 */
export function contrastOf(
  treated: Arm,
  control: Arm,
  usual: Usual,
  errorsOfCalls: boolean,
): Contrast | undefined {
  const pairs = [...treated].flatMap(([name, mine]) => {
    const other = control.get(name);
    return other && mine.n >= LEAST && other.n >= LEAST ? [{ mine, other }] : [];
  });
  if (pairs.length === 0) return undefined;
  const self = pairs.map(({ mine, other }) => effectOf(other.self, mine.self, LOG_FLOOR));
  const calls = pairs.map(({ mine, other }) => effectOf(other.calls, mine.calls, LOG_FLOOR));
  const failing = pairs.filter(({ mine }) => errorsOfCalls || !mine.isCall);
  const sum = (of: (pair: (typeof pairs)[number]) => number, list = pairs): number =>
    list.reduce((s, pair) => s + of(pair), 0);
  const errors = {
    k1: sum(({ mine }) => mine.ownErrors, failing),
    n1: sum(({ mine }) => mine.n, failing),
    k0: sum(({ other }) => other.ownErrors, failing),
    n0: sum(({ other }) => other.n, failing),
  };
  const tails = [
    { sign: 'latency' as const, tail: smallest(self, usual) },
    { sign: 'calls' as const, tail: smallest(calls, { shift: 0, drift: usual.drift }) },
    { sign: 'errors' as const, tail: moreErrors(errors) },
  ].sort((a, b) => a.tail - b.tail);
  const [first] = tails;
  const shift = pooled(self, usual);
  return {
    tail: Math.min(1, tails.length * (first?.tail ?? 1)),
    sign: first?.sign ?? 'latency',
    shift,
    treated: sum(({ mine }) => mine.n),
    control: sum(({ other }) => other.n),
    most: { shift: shift.shift + 1.96 * shift.error, errors: mostErrors(errors) },
  };
}

function smallest(effects: readonly Effect[], { shift, drift }: Usual): number {
  const tails = effects
    .filter(({ error }) => Number.isFinite(error))
    .map((one) => normalTail((one.shift - shift) / Math.hypot(one.error, drift)));
  return tails.length === 0 ? 1 : Math.min(1, tails.length * Math.min(...tails));
}

/** Weighted by how well each is known; one that is not known weighs nothing. */
function pooled(effects: readonly Effect[], { shift, drift }: Usual): Effect {
  let [weights, total] = [0, 0];
  for (const one of effects) {
    if (!Number.isFinite(one.error)) continue;
    const weight = 1 / (one.error * one.error + drift * drift);
    weights += weight;
    total += weight * (one.shift - shift);
  }
  if (weights === 0) return { shift: 0, error: LOG_FLOOR };
  return { shift: total / weights, error: Math.sqrt(1 / weights) };
}

interface Counts {
  readonly k1: number;
  readonly n1: number;
  readonly k0: number;
  readonly n0: number;
}

function moreErrors(counts: Counts): number {
  const { k1, n1, k0, n0 } = counts;
  if (k1 === 0 || n1 === 0 || n0 === 0) return 1;
  const scale = Math.max(1, n1 / MOST_COUNTED, n0 / MOST_COUNTED);
  const down = (count: number): number => Math.round(count / scale);
  return betaBinomialTail(down(k1), down(n1), k0 / scale + 0.5, (n0 - k0) / scale + 0.5);
}

/** Upper bound of the difference of two shares (Agresti & Caffo, 2000). */
function mostErrors({ k1, n1, k0, n0 }: Counts): number {
  const [p1, p0] = [(k1 + 1) / (n1 + 2), (k0 + 1) / (n0 + 2)];
  const error = Math.sqrt((p1 * (1 - p1)) / (n1 + 2) + (p0 * (1 - p0)) / (n0 + 2));
  return p1 - p0 + 1.96 * error;
}
