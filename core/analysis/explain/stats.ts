import { normalTail } from '../stats';

/** One comparison before the correction for many: how far apart, and how probable by chance. */
export interface Contrast {
  /** Standardised and signed. */
  readonly effect: number;
  /** Two-sided. */
  readonly p: number;
}

export const NO_CONTRAST: Contrast = { effect: 0, p: 1 };

const twoSided = (z: number): number => Math.min(1, 2 * normalTail(Math.abs(z)));

export interface Share {
  readonly k: number;
  readonly n: number;
}

/** Cohen's h and the two-proportion z test with a pooled share (Cohen 1988; Fleiss 1981), half a row added. */
export function shares(reference: Share, selected: Share): Contrast {
  if (reference.n < 1 || selected.n < 1) return NO_CONTRAST;
  const angle = ({ k, n }: Share): number => 2 * Math.asin(Math.sqrt(Math.min(1, k / n)));
  const pooled = (reference.k + selected.k + 1) / (reference.n + selected.n + 2);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / reference.n + 1 / selected.n));
  const z = (selected.k / selected.n - reference.k / reference.n) / Math.max(spread, 1e-12);
  return { effect: angle(selected) - angle(reference), p: twoSided(z) };
}

export interface Moments {
  readonly n: number;
  readonly sum: number;
  readonly sq: number;
}

/** Cohen's d over the pooled spread (at least `floor`), and Welch's test. */
export function means(reference: Moments, selected: Moments, floor: number): Contrast {
  if (reference.n < 2 || selected.n < 2) return NO_CONTRAST;
  const variance = ({ n, sum, sq }: Moments): number =>
    Math.max(floor * floor, sq / n - (sum / n) * (sum / n));
  const [v0, v1] = [variance(reference), variance(selected)];
  const delta = selected.sum / selected.n - reference.sum / reference.n;
  const z = delta / Math.sqrt(v0 / reference.n + v1 / selected.n);
  return { effect: delta / Math.sqrt((v0 + v1) / 2), p: twoSided(z) };
}

/** Points that count: a series that hardly moves from one to the next says little with many (Bayley & Hammersley 1946). */
export function effective(n: number, r: number): number {
  const rho = Number.isFinite(r) ? Math.min(0.95, Math.max(0, r)) : 0;
  return Math.max(1, (n * (1 - rho)) / (1 + rho));
}

/** Spread of a rate beyond Poisson's, as a share of it: load is never quite even. */
const UNEVEN = 0.2;

/** Log ratio of two rates (half a count added) and a z with Anscombe's root, over-dispersed. */
export function rates(
  reference: { readonly k: number; readonly seconds: number },
  selected: { readonly k: number; readonly seconds: number },
): Contrast {
  const rate = ({ k, seconds }: typeof reference): number => (k + 0.5) / Math.max(1e-9, seconds);
  const expected = (reference.k / Math.max(1e-9, reference.seconds)) * selected.seconds;
  const error =
    expected +
    UNEVEN * UNEVEN * expected * expected +
    (expected * selected.seconds) / Math.max(1e-9, reference.seconds);
  const z =
    (2 * (Math.sqrt(selected.k + 0.375) - Math.sqrt(expected + 0.375))) /
    Math.sqrt(Math.max(1, error / (expected + 1)));
  return { effect: Math.log(rate(selected) / rate(reference)), p: twoSided(z) };
}

/** q of Benjamini & Hochberg (1995): the smallest false discovery rate at which each would count. */
export function corrected(ps: readonly number[]): readonly number[] {
  const order = ps.map((_, i) => i).sort((a, b) => (ps[b] ?? 1) - (ps[a] ?? 1));
  const q = new Array<number>(ps.length).fill(1);
  let least = 1;
  order.forEach((at, i) => {
    least = Math.min(least, ((ps[at] ?? 1) * ps.length) / (ps.length - i));
    q[at] = least;
  });
  return q;
}
