import { medianOf, type Bounds, type Region } from './vote';

/** Anchors of a kind between two sources, in order of time. */
export interface Anchors extends Bounds {
  /** ns since any common moment. */
  readonly at: Float64Array;
}

type Solve = (bounds: Bounds) => Region;

export interface Fit extends Region {
  /** By how much the offset grows, ns a ns; 0 where it does not. */
  readonly slope: number;
}

/** Fewest anchors of a stretch of time, and stretches, that a course of the offset is taken from. */
const EACH = 6;
const FEWEST = 4;
const MOST = 24;
/** A stretch through which the offset moves shows it poorly: what is left of the slope is looked for again. */
const ROUNDS = 3;
/** A clock that goes faster by more is no clock: it was set, or the anchors are wrong. */
const FASTEST = 2e-3;

/**
 * The offset, constant where that fits. Where it does not, a straight line is tried: by the median of the slopes
 * between stretches of time (Theil 1950, Sen 1968), in place of the convex hull of Duda et al. (ICDCS 1987), which
 * one wrong anchor spoils. The region then is that in the middle, widened to hold the offset all the time.
 * `strict`: anchors bound the offset, and do not scatter around it.
 */
export function fitOffset(anchors: Anchors, solve: Solve, strict: boolean): Fit {
  const { at } = anchors;
  const constant = { ...solve(anchors), slope: 0 };
  const [first, last] = [at[0] ?? 0, at.at(-1) ?? 0];
  const middle = (first + last) / 2;
  let flat = anchors;
  let slope = 0;
  if (last <= first) return constant;
  for (let round = 0; round < ROUNDS; round++) {
    const more = slopeOf(flat, solve);
    if (more === 0) break;
    slope += more;
    flat = flattened(anchors, slope, middle);
  }
  if (slope === 0 || Math.abs(slope) > FASTEST) return constant;
  const line = solve(flat);
  if (!fitsBetter(line, constant, at.length, strict)) return constant;
  const reach = (Math.abs(slope) * (last - first)) / 2;
  return { lower: line.lower - reach, upper: line.upper + reach, agreeing: line.agreeing, slope };
}

function flattened({ at, lo, hi }: Anchors, slope: number, middle: number): Anchors {
  const flat = (bounds: Float64Array): Float64Array =>
    bounds.map((bound, i) => bound - slope * ((at[i] ?? 0) - middle));
  return { at, lo: flat(lo), hi: flat(hi) };
}

/** Many more agree, or as many do within much less; bounds that all agree with a constant are one. */
function fitsBetter(line: Region, constant: Region, n: number, strict: boolean): boolean {
  const more = line.agreeing - constant.agreeing;
  if (more >= Math.max(3, 0.05 * n)) return true;
  const narrow = line.upper - line.lower < (constant.upper - constant.lower) / 2;
  return narrow && (strict ? more >= 0 && constant.agreeing < n : more > -0.05 * n);
}

function slopeOf(anchors: Anchors, solve: Solve): number {
  const { at, lo, hi } = anchors;
  const stretches = Math.min(MOST, Math.floor(at.length / EACH));
  if (stretches < FEWEST) return 0;
  const times = new Float64Array(stretches);
  const offsets = new Float64Array(stretches);
  for (let k = 0; k < stretches; k++) {
    const from = Math.floor((k * at.length) / stretches);
    const to = Math.floor(((k + 1) * at.length) / stretches);
    const { lower, upper } = solve({ lo: lo.subarray(from, to), hi: hi.subarray(from, to) });
    times[k] = medianOf(at.subarray(from, to));
    offsets[k] = (lower + upper) / 2;
  }
  const slopes: number[] = [];
  for (let i = 0; i < stretches; i++)
    for (let j = i + 1; j < stretches; j++) {
      const dt = (times[j] ?? 0) - (times[i] ?? 0);
      if (dt > 0) slopes.push(((offsets[j] ?? 0) - (offsets[i] ?? 0)) / dt);
    }
  return medianOf(Float64Array.from(slopes).sort());
}
