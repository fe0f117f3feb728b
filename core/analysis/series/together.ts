import { deviations, type Deviations } from './deviations';
import { gramOf, spatialModel, without, type Gram, type Model } from './pattern-model';

export interface TogetherOptions {
  /** -log10 of the tail probability from which a row stands out. */
  readonly least: number;
  /** Series that it takes, at least: without its foremost ones, one fewer than this, it must still stand out. */
  readonly agree: number;
  /** Parts of the baseline that are each judged by the others. */
  readonly folds: number;
  /** Directions of the usual pattern that are kept, at most. */
  readonly directions: number;
  /** Rows between two that stand out which still make one stretch. */
  readonly gap: number;
}

export const togetherDefaults: TogetherOptions = {
  least: 4,
  agree: 3,
  folds: 5,
  directions: 12,
  gap: 2,
};

/** Rows [from, to) in which many series together are not as they were. */
export interface Apart {
  readonly from: number;
  readonly to: number;
  readonly score: number;
  readonly beyond: number;
  /** Series that make up most of it, the largest share first. */
  readonly series: readonly {
    readonly index: number;
    readonly share: number;
    readonly deviation: number;
  }[];
}

export interface Together {
  readonly stretches: readonly Apart[];
  /** Series that were judged; the others stood still all the time or have too few values in the baseline. */
  readonly judged: number;
  /** Baseline rows are too few to say what is usual. */
  readonly short: boolean;
}

/** Fewer rows say nothing of what is usual. */
const LEAST_ROWS = 20;

/**
 * Stretches in which many series together are not as in the baseline rows: T² and Q of a principal component
 * model (Jackson & Mudholkar, Technometrics 1979) on robust deviations, fitted on spatial signs (Locantore et
 * al., Test 1999; Raymaekers & Rousseeuw, JMVA 2019) so that outliers in the baseline turn no direction. How
 * far is usual is measured on baseline rows by models that have not seen their part of it; rows stand out where
 * T² or Q is far beyond, also without its foremost series. A row of `series` is one value
 * of each; NaN is missing and says nothing. Yields how far it is, 0–1.
 */
export function* together(
  series: readonly ArrayLike<number>[],
  baseline: { readonly from: number; readonly to: number },
  options: TogetherOptions = togetherDefaults,
): Generator<number, Together, void> {
  const rows = series[0]?.length ?? 0;
  const base = { from: Math.max(0, baseline.from), to: Math.min(rows, baseline.to) };
  const short = base.to - base.from < LEAST_ROWS;
  if (short || series.length < options.agree) return { stretches: [], judged: 0, short };
  const known = deviations(series, base);
  if (known.z.length < options.agree)
    return { stretches: [], judged: known.z.length, short: false };
  const gram = yield* gramOf(known.z, rows, base);
  const model = spatialModel(gram, () => true, options.directions);
  const scores = scoresOf(gram, model, options);
  const beyond = beyondOf(known.z, base, options.folds);
  const stretches: Apart[] = [];
  for (const stretch of joined(rows, (row) => apartAt(scores, row) >= options.least, options.gap)) {
    yield 1;
    const [t2, q] = [highest(scores.t2, stretch), highest(scores.q, stretch)];
    const parts = partsOfIt(known, gram, model, stretch);
    if (!ofMany(known, gram, parts, stretch, options)) continue;
    const named = sharesOf(known.z, parts, stretch);
    stretches.push({
      ...stretch,
      score: Math.round(Math.max(t2, q) * 1e9) / 1e9,
      beyond: highest(beyond, stretch),
      series: named.map(({ index, ...rest }) => ({ index: known.indices[index] ?? 0, ...rest })),
    });
  }
  return { stretches, judged: known.z.length, short: false };
}

const apartAt = ({ t2, q }: RowScores, row: number): number => Math.max(t2[row] ?? 0, q[row] ?? 0);

/**
 * Does the stretch stand out without its foremost series, and without those of which nothing is known in it?
 * One series alone is no matter of many, and a pattern that is seen in part looks broken.
 */
function ofMany(
  { z, silent }: Deviations,
  gram: Gram,
  parts: Float64Array,
  stretch: Rows,
  options: TogetherOptions,
): boolean {
  const order = Array.from(parts, (_, i) => i)
    .filter((i) => !silentIn(silent[i], stretch))
    .sort((a, b) => (parts[b] ?? 0) - (parts[a] ?? 0) || a - b);
  const kept = new Set(order.slice(options.agree - 1));
  if (kept.size < options.agree) return false;
  const rest = without(
    gram,
    z.filter((_, i) => !kept.has(i)),
  );
  const scores = scoresOf(
    rest,
    spatialModel(rest, () => true, options.directions),
    options,
  );
  for (let row = stretch.from; row < stretch.to; row++)
    if (apartAt(scores, row) >= options.least) return true;
  return false;
}

function silentIn(silent: Uint8Array | undefined, { from, to }: Rows): boolean {
  return silent?.subarray(from, to).includes(1) ?? true;
}

interface Rows {
  readonly from: number;
  readonly to: number;
}

interface RowScores {
  readonly t2: Float64Array;
  readonly q: Float64Array;
}

/** -log10 tails of T² and Q by row; a baseline row is judged by a model without its part of the baseline. */
function scoresOf(gram: Gram, all: Model, { folds, directions }: TogetherOptions): RowScores {
  const { base, rows } = gram;
  const t2 = new Float64Array(rows);
  const q = new Float64Array(rows);
  const judge = (model: Model, row: number): void => {
    const { distance, rest } = model.at(row);
    t2[row] = Math.sqrt(distance);
    q[row] = Math.sqrt(rest);
  };
  for (let row = 0; row < rows; row++) if (row < base.from || row >= base.to) judge(all, row);
  for (const { from, to } of partsOf(base, folds)) {
    const model = spatialModel(gram, (row) => row < from || row >= to, directions);
    for (let row = from; row < to; row++) judge(model, row);
  }
  return { t2: tails(t2, base), q: tails(q, base) };
}

const LOG10_HALF = 0.30103;
/** Least distance of the upper tenth, as a share of the median: less is rounding. */
const LEAST_UNIT = 0.02;

/**
 * -log10 of an exponential tail of T or the root of Q: a half of the baseline lies above its median, a tenth
 * above its upper tenth (peaks over threshold, Pickands 1975); what is wrong in less of it moves neither.
 */
function tails(values: Float64Array, base: Gram['base']): Float64Array {
  const usual = values.slice(base.from, base.to);
  const middle = quantile(usual, 0.5);
  const unit = Math.max(LEAST_UNIT * middle, quantile(usual, 0.9) - middle, 1e-9);
  const smooth = meanOfThree(values);
  return smooth.map((v) => LOG10_HALF + ((1 - LOG10_HALF) * (v - middle)) / unit);
}

/** One row alone counts a part: what lasts counts. */
function meanOfThree(values: Float64Array): Float64Array {
  return values.map((v, i) => ((values[i - 1] ?? v) + v + (values[i + 1] ?? v)) / 3);
}

/** Series by row that are beyond all that they were in the baseline (for its own rows: in its other parts). */
function beyondOf(z: readonly Float64Array[], base: Gram['base'], folds: number): Float64Array {
  const rows = z[0]?.length ?? 0;
  const out = new Float64Array(rows);
  const parts = partsOf(base, folds);
  for (const one of z) {
    const ranges = parts.map(({ from, to }) => rangeOf(one, from, to));
    const count = (from: number, to: number, skip: number): void => {
      let [low, high] = [Infinity, -Infinity];
      ranges.forEach((range, i) => {
        if (i === skip) return;
        low = Math.min(low, range.low);
        high = Math.max(high, range.high);
      });
      for (let row = from; row < to; row++) {
        const v = one[row] ?? 0;
        if (v < low - 1e-9 || v > high + 1e-9) out[row] = (out[row] ?? 0) + 1;
      }
    };
    count(0, base.from, -1);
    parts.forEach(({ from, to }, i) => count(from, to, i));
    count(base.to, rows, -1);
  }
  return out;
}

function rangeOf(values: Float64Array, from: number, to: number): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (let i = from; i < to; i++) {
    low = Math.min(low, values[i] ?? 0);
    high = Math.max(high, values[i] ?? 0);
  }
  return { low, high };
}

function partsOf(
  { from, to }: Gram['base'],
  folds: number,
): readonly { readonly from: number; readonly to: number }[] {
  const at = (k: number): number => from + Math.floor((k * (to - from)) / folds);
  return Array.from({ length: folds }, (_, k) => ({ from: at(k), to: at(k + 1) }));
}

function joined(
  rows: number,
  apart: (row: number) => boolean,
  gap: number,
): readonly { readonly from: number; readonly to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (let row = 0; row < rows; row++) {
    if (!apart(row)) continue;
    const last = out.at(-1);
    if (last && row - last.to <= gap) last.to = row + 1;
    else out.push({ from: row, to: row + 1 });
  }
  return out;
}

/** A deviation that counts by itself, also where the pattern leads to expect it, in spreads. */
const FAR = 3;

/** What of the squared deviations of each series in the stretch the usual pattern leaves over, or is far out. */
function partsOfIt(
  { z, silent }: Deviations,
  gram: Gram,
  model: Model,
  { from, to }: Rows,
): Float64Array {
  const weights = Array.from({ length: to - from }, (_, i) => model.weights(from + i));
  return Float64Array.from(z, (one, i) => {
    let squares = 0;
    if (silentIn(silent[i], { from, to })) return 0;
    for (let row = from; row < to; row++) {
      const v = one[row] ?? 0;
      const left = v - expectedOf(one, gram, weights[row - from]);
      squares += left ** 2 + Math.max(0, v ** 2 - FAR ** 2);
    }
    return squares;
  });
}

/** Series named of a stretch, at most, and the share from which one is. */
const NAMED = 12;
const LEAST_SHARE = 0.005;

function sharesOf(
  z: readonly Float64Array[],
  parts: Float64Array,
  { from, to }: Rows,
): Apart['series'] {
  const total = parts.reduce((sum, part) => sum + part, 0);
  return z
    .map((one, index) => {
      let sum = 0;
      for (let row = from; row < to; row++) sum += one[row] ?? 0;
      const share = round((parts[index] ?? 0) / total);
      return { index, share, deviation: round(sum / (to - from)) };
    })
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share || a.index - b.index)
    .slice(0, NAMED);
}

/** What the pattern leads to expect of a series, as a mixture of its baseline rows. */
function expectedOf(one: Float64Array, { base }: Gram, weights: Float64Array | undefined): number {
  let sum = 0;
  if (weights)
    for (let b = 0; b < weights.length; b++) sum += (weights[b] ?? 0) * (one[base.from + b] ?? 0);
  return sum;
}

/** The last digits are rounding: they decide no order. */
const round = (v: number): number => Math.round(v * 1e6) / 1e6;

function highest(values: Float64Array, { from, to }: Rows): number {
  let most = -Infinity;
  for (let i = from; i < to; i++) most = Math.max(most, values[i] ?? 0);
  return most;
}

function quantile(values: Float64Array, q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
