/** Where an offset lies, ns, and how many of the anchors say so. */
export interface Region {
  readonly lower: number;
  readonly upper: number;
  readonly agreeing: number;
}

/** Bounds of an offset: anchor i says that it lies between lo[i] and hi[i], ns. */
export interface Bounds {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

/**
 * The offset that most intervals hold (Marzullo 1984; the intersection algorithm of NTP, RFC 5905 §11.2.1), and
 * how far it may reach: with f anchors that don't agree, as many more may agree by chance, so all that n − 2f of
 * the intervals hold counts, half of them at least. Empty for no anchors.
 */
export function vote({ lo, hi }: Bounds): Region {
  const n = lo.length;
  const [from, to] = [lo.slice().sort(), hi.slice().sort()];
  const best = mostAt(from, to);
  if (best === 0) return { lower: 0, upper: 0, agreeing: 0 };
  const least = Math.min(best, Math.max(Math.ceil(n / 2), n - 2 * (n - best)));
  const lower = firstWith(from, to, least);
  const upper = -firstWith(turned(to), turned(from), least);
  return { lower, upper, agreeing: best };
}

/** Seen from the other end. */
const turned = (sorted: Float64Array): Float64Array => sorted.map((x) => -x).reverse();

function mostAt(from: Float64Array, to: Float64Array): number {
  let [best, ended] = [0, 0];
  for (let i = 0; i < from.length; i++) {
    while ((to[ended] ?? Infinity) < (from[i] ?? 0)) ended++;
    best = Math.max(best, i + 1 - ended);
  }
  return best;
}

/** Where first so many intervals hold. */
function firstWith(from: Float64Array, to: Float64Array, least: number): number {
  let ended = 0;
  for (let i = 0; i < from.length; i++) {
    const at = from[i] ?? 0;
    while ((to[ended] ?? Infinity) < at) ended++;
    if (i + 1 - ended >= least) return at;
  }
  return 0;
}

/** About three standard errors. */
const Z = 3;
/** Of few points the scatter is known poorly: by so many more parts. */
const FEW = 6;
/** From scatter to standard deviation of a normal distribution. */
const MAD_TO_SD = 1.4826;

/** Events that were taken for one another stand apart: they are left out so often. */
const ROUNDS = 3;

/**
 * The median of points, with the interval of order statistics that holds it (binomial, 99.7 %), widened by the
 * precision of the times. For events that both sources stamp by themselves: either may be late by a little.
 */
export function middle({ lo, hi }: Bounds): Region {
  if (lo.length === 0) return { lower: 0, upper: 0, agreeing: 0 };
  const precision = lo.reduce((most, low, i) => Math.max(most, ((hi[i] ?? low) - low) / 2), 0);
  let points = lo.map((low, i) => (low + (hi[i] ?? low)) / 2).sort();
  for (let round = 0; round < ROUNDS; round++) {
    const median = medianOf(points);
    const scatter = MAD_TO_SD * medianOf(points.map((point) => Math.abs(point - median)).sort());
    const near = Z * (1 + FEW / points.length) * scatter + precision;
    const kept = points.filter((point) => Math.abs(point - median) <= near);
    if (kept.length === points.length) break;
    points = kept;
  }
  const n = points.length;
  const rank = Math.max(0, Math.floor((n - Z * Math.sqrt(n)) / 2));
  return {
    lower: (points[rank] ?? 0) - precision,
    upper: (points[n - 1 - rank] ?? 0) + precision,
    agreeing: n,
  };
}

/** Of sorted values; 0 for none. */
export function medianOf(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  const high = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] ?? high) + high) / 2;
}
