/** Weights of one NAB scoring profile (its true negatives have a weight and no effect). */
export interface NabProfile {
  readonly tp: number;
  readonly fn: number;
  readonly fp: number;
}

/** One series as the scorer sees it: how long, what was flagged, where the windows lie. */
export interface NabSeries {
  readonly length: number;
  /** Rows that were flagged, ascending. */
  readonly detections: readonly number[];
  /** First and last row of each window, both in it, ascending. */
  readonly windows: readonly (readonly [number, number])[];
}

export interface NabRaw {
  readonly score: number;
  /** Windows that reach past probation: what a perfect detector earns `tp` for. */
  readonly windows: number;
  readonly found: number;
  readonly falseAlerts: number;
}

/** Lavin & Ahmad, Evaluating Real-Time Anomaly Detection Algorithms (ICMLA 2015), eq. 1; NAB cuts it at 3. */
export function scaledSigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** Rows at the start of a series in which nothing counts: 15 %, at most 750. */
export function probation(length: number): number {
  return Math.min(Math.floor(0.15 * length), 750);
}

/** Raw score of one series, as NAB's sweeper adds it up. */
export function nabRaw({ length, detections, windows }: NabSeries, profile: NabProfile): NabRaw {
  const start = probation(length);
  const counted = windows.filter(([, last]) => last >= start);
  const best = new Map<number, number>();
  let falseAlerts = 0;
  let cost = 0;
  for (const row of detections) {
    if (row < start) continue;
    const at = windows.findIndex(([first, last]) => row >= first && row <= last);
    const window = windows[at];
    if (window) best.set(at, Math.max(best.get(at) ?? -profile.fn, earned(row, window, profile)));
    else {
      falseAlerts++;
      cost += profile.fp * past(row, windows);
    }
  }
  let score = cost - profile.fn * (counted.length - best.size);
  for (const value of best.values()) score += value;
  return { score, windows: counted.length, found: best.size, falseAlerts };
}

/** 1 at the first row of the window, near 0 at the last. */
function earned(row: number, [first, last]: readonly [number, number], { tp }: NabProfile): number {
  const position = -(last - row + 1) / (last - first + 1);
  return (scaledSigmoid(position) * tp) / scaledSigmoid(-1);
}

/** -1 far from every window, nearer 0 just behind one. */
function past(row: number, windows: NabSeries['windows']): number {
  const before = windows.filter(([, last]) => last < row).at(-1);
  if (!before) return -1;
  return scaledSigmoid((row - before[1]) / (before[1] - before[0]));
}

/** 0 for a detector that flags nothing, 100 for one that flags the first row of every window and no other. */
export function nabScore(raws: readonly NabRaw[], profile: NabProfile): number {
  const windows = raws.reduce((sum, raw) => sum + raw.windows, 0);
  const raw = raws.reduce((sum, { score }) => sum + score, 0);
  const nothing = -profile.fn * windows;
  return windows === 0 ? Number.NaN : (100 * (raw - nothing)) / (profile.tp * windows - nothing);
}
