/** A detection this many points beside a segment still finds it. */
const BESIDE = 3;
/** False detections no further apart than this are one alert. */
const ONE_ALERT = 10;

export interface EventCounts {
  readonly found: number;
  readonly missed: number;
  readonly falseAlerts: number;
  /** Points outside every segment and its margin. */
  readonly quiet: number;
}

export interface LabelledSeries {
  readonly length: number;
  /** Flagged rows, ascending. */
  readonly detections: readonly number[];
  /** First and last marked row of each segment, both in it. */
  readonly segments: readonly (readonly [number, number])[];
}

/** Runs of marked rows. */
export function segmentsOf(marked: ArrayLike<number>): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  let first = -1;
  for (let i = 0; i <= marked.length; i++) {
    const on = i < marked.length && marked[i] === 1;
    if (on && first < 0) first = i;
    if (!on && first >= 0) {
      out.push([first, i - 1]);
      first = -1;
    }
  }
  return out;
}

export function eventCounts({ length, detections, segments }: LabelledSeries): EventCounts {
  const near = ([first, last]: readonly [number, number], row: number): boolean =>
    row >= first - BESIDE && row <= last + BESIDE;
  const found = segments.filter((s) => detections.some((row) => near(s, row))).length;
  let falseAlerts = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (const row of detections) {
    if (segments.some((s) => near(s, row))) continue;
    if (row - previous > ONE_ALERT) falseAlerts++;
    previous = row;
  }
  const loud = new Uint8Array(length);
  for (const [first, last] of segments)
    loud.fill(1, Math.max(0, first - BESIDE), last + BESIDE + 1);
  const quiet = loud.reduce((sum, on) => sum + (on ? 0 : 1), 0);
  return { found, missed: segments.length - found, falseAlerts, quiet };
}

export function addCounts(counts: readonly EventCounts[]): EventCounts {
  const sum = { found: 0, missed: 0, falseAlerts: 0, quiet: 0 };
  for (const one of counts) {
    sum.found += one.found;
    sum.missed += one.missed;
    sum.falseAlerts += one.falseAlerts;
    sum.quiet += one.quiet;
  }
  return sum;
}

/** F1 over segments; 1 where there was nothing to find and nothing was said. */
export function eventF1({ found, missed, falseAlerts }: EventCounts): number {
  const all = 2 * found + missed + falseAlerts;
  return all === 0 ? 1 : (2 * found) / all;
}

export function falseAlertsPer5000({ falseAlerts, quiet }: EventCounts): number {
  return quiet === 0 ? 0 : (5000 * falseAlerts) / quiet;
}
