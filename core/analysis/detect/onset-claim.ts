import { median } from '../stats';

/** One course over time; NaN where nothing was recorded. */
export interface Course {
  readonly values: Float64Array;
  /** How much it counts beside the others. */
  readonly weight: number;
}

/** The stretch in which most courses are elsewhere than around it. */
export interface Stretch {
  /** Bucket numbers, [from, to). */
  readonly from: number;
  readonly to: number;
  /** Courses that moved beyond what chance brings in so many places, of all that could be judged. */
  readonly moved: number;
  readonly judged: number;
}

/** Buckets that must lie before the stretch, so that there is something to compare with. */
const LEAST_BEFORE = 4;
/** The same as a share of the whole: what runs from near the start on is how the recording begins. */
const LEAST_BEFORE_SHARE = 0.15;
const LEAST_LENGTH = 2;
const LEAST_KNOWN = 8;
/** What one course can say at most: a broken one must not outvote the others. */
const MOST = 12;

/**
 * Epidemic change of the mean (Levin & Kline, Statistics in Medicine 1985) over many courses at once: the
 * gain of each in noise variances, less what chance reaches, compressed, and added up. Undefined where no
 * course moved. Linear in courses, quadratic in buckets.
 */
export function mainStretch(courses: readonly Course[]): Stretch | undefined {
  const judged = courses.map(prepared).filter((course) => course !== undefined);
  const [first] = judged;
  if (!first) return undefined;
  const buckets = first.sums.length - 1;
  const chance = 2 * Math.log(buckets * buckets * judged.length);
  let best: { from: number; to: number; score: number } | undefined;
  const earliest = Math.max(LEAST_BEFORE, Math.ceil(LEAST_BEFORE_SHARE * buckets));
  for (let from = earliest; from <= buckets - LEAST_LENGTH; from++) {
    for (let to = from + LEAST_LENGTH; to <= buckets; to++) {
      let score = 0;
      for (const course of judged) {
        const gain = gainOf(course, from, to) - chance;
        if (gain > 0) score += course.weight * Math.min(MOST, Math.log1p(gain));
      }
      if (score > (best?.score ?? 0)) best = { from, to, score };
    }
  }
  if (!best) return undefined;
  const { from, to } = best;
  const moved = judged.filter((course) => gainOf(course, from, to) > chance).length;
  return { from, to, moved, judged: judged.length };
}

interface Prepared {
  readonly sums: Float64Array;
  readonly counts: Int32Array;
  readonly weight: number;
}

/** Prefix sums of the course in units of its noise; undefined where it is too short or never moves. */
function prepared({ values, weight }: Course): Prepared | undefined {
  const seen = values.filter((v) => !Number.isNaN(v));
  if (seen.length < LEAST_KNOWN) return undefined;
  const list = [...seen];
  const center = median(list);
  const steps = list.slice(1).map((v, i) => Math.abs(v - (list[i] ?? v)));
  const off = list.map((v) => Math.abs(v - center));
  const mean = off.reduce((a, b) => a + b, 0) / off.length;
  if (mean === 0) return undefined;
  // Steps between neighbours are noise even where the level moves; slow waves count as noise in part.
  const noise = Math.max(
    1.05 * median(steps),
    0.75 * median(off),
    0.02 * Math.abs(center),
    0.05 * mean,
  );
  const sums = new Float64Array(values.length + 1);
  const counts = new Int32Array(values.length + 1);
  for (const [i, v] of values.entries()) {
    const known = !Number.isNaN(v);
    const z = known ? Math.min(8, Math.max(-8, (v - center) / noise)) : 0;
    sums[i + 1] = (sums[i] ?? 0) + z;
    counts[i + 1] = (counts[i] ?? 0) + (known ? 1 : 0);
  }
  return { sums, counts, weight };
}

/** Squared distance of the means inside and outside, in noise variances times the effective length. */
function gainOf({ sums, counts }: Prepared, from: number, to: number): number {
  const end = sums.length - 1;
  const inside = (counts[to] ?? 0) - (counts[from] ?? 0);
  const outside = (counts[end] ?? 0) - inside;
  if (inside < 2 || outside < LEAST_BEFORE) return 0;
  const sum = (sums[to] ?? 0) - (sums[from] ?? 0);
  const apart = sum / inside - ((sums[end] ?? 0) - sum) / outside;
  return ((inside * outside) / (inside + outside)) * apart * apart;
}
