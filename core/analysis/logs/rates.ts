import { incompleteBeta, median, robustSpread } from '../stats';

/** Smallest tail that is told apart. */
const LEAST = 1e-300;

/** Baseline and window of one count. */
export interface CountPair {
  readonly base: number;
  readonly now: number;
  /** Times that the variance is larger than a Poisson's, at least 1. */
  readonly spread: number;
}

/**
 * -log10 of the probability of a count at least (`more`) or at most as large, given the baseline's:
 * negative binomial, the predictive distribution of a Poisson count whose rate has the Jeffreys prior;
 * counts are taken in units of `spread`, so that lines that come in bursts count as bursts.
 * `share` is the window's exposure over the baseline's.
 */
export function countSurprise(
  { base, now, spread }: CountPair,
  share: number,
  more: boolean,
): number {
  const before = base / spread + 0.5;
  const after = now / spread;
  const within = share / (1 + share);
  if (more) {
    return after === 0 ? 0 : -Math.log10(Math.max(LEAST, incompleteBeta(within, after, before)));
  }
  return -Math.log10(Math.max(LEAST, incompleteBeta(1 - within, before, after + 1)));
}

/**
 * Index of dispersion of the buckets [0, m) without those of [from, to): variance over mean, corrected for
 * few buckets by what is usual (`usual`, worth `worth` buckets; after Robinson & Smyth 2007). At least 1.
 */
export function spreadOf(
  counts: Float64Array | Uint32Array,
  at: number,
  buckets: number,
  skipped: readonly [number, number],
  usual: number,
  worth: number,
): number {
  let n = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < buckets; i++) {
    if (i >= skipped[0] && i < skipped[1]) continue;
    const count = counts[at + i] ?? 0;
    n++;
    sum += count;
    squares += count * count;
  }
  if (n < 2 || sum === 0) return Math.max(1, usual);
  const mean = sum / n;
  const index = Math.max(0, squares - n * mean * mean) / (n - 1) / mean;
  return Math.max(1, (index * (n - 1) + usual * worth) / (n - 1 + worth));
}

/**
 * Factor between the window and the baseline that most counts share: the median ratio of those large enough to
 * say, where it is surely not 1. Counts may all come of the same few requests, so it is at most as sure as
 * the middle one of them by itself.
 */
export function commonFactor(
  pairs: Iterable<{
    readonly base: number;
    readonly now: number;
    /** Of them, those that come each for itself. */
    readonly independent: readonly [number, number];
  }>,
  share: number,
): number {
  const ratios: number[] = [];
  const errors: number[] = [];
  for (const { base, now, independent } of pairs) {
    const expected = base * share;
    if (expected < LEAST_EXPECTED) continue;
    ratios.push(Math.log((now + 0.5) / (expected + 0.5)));
    errors.push(Math.sqrt(1 / (independent[0] + 0.5) + 1 / (independent[1] + 0.5)));
  }
  if (ratios.length < LEAST_RATIOS) return 1;
  const middle = median(ratios);
  // Standard error of a median.
  const error = (1.253 * robustSpread(ratios, middle)) / Math.sqrt(ratios.length);
  return Math.abs(middle) > SURE * Math.max(error, median(errors)) ? Math.exp(middle) : 1;
}

const LEAST_EXPECTED = 3;
const LEAST_RATIOS = 5;
const SURE = 3;
