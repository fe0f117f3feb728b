import type { TimeWindow } from '../base';
import { z } from 'zod';
import type { Frame, Notice, WindowClaim } from '../model';
import { seriesCourses, signalDensity } from '../model/queries';
import { clockGrid, type ClockGrid } from './clock-grid';
import { mainStretch, type Course } from './detect/onset-claim';
import { defineAnalysis, type Scope } from './seam';
import { clamp01, median, robustSpread } from './stats';

export interface Windows {
  readonly incident: TimeWindow & { readonly given: boolean; readonly claim?: WindowClaim };
  readonly baseline: (TimeWindow & { readonly given: boolean }) | null;
  readonly baselines: readonly TimeWindow[];
}

/** The windows of a run: given ones as they are, else the stretch that stands out and what is before it. */
export const windows = defineAnalysis({
  id: 'detect.windows',
  kind: 'detect',
  version: 2,
  title: 'Looking for the incident',
  cite: 'epidemic change of many means: Levin & Kline (Stat. Med. 1985); maximum-sum segment: Kadane, in Bentley (CACM 1984)',
  params: z.object({
    buckets: z.number().int().min(10).max(2000).default(120),
    /** Robust deviations that a bucket must exceed to count as bad. */
    threshold: z.number().positive().default(4),
    /** Metric series that are looked at; more are left out with a notice. */
    series: z.number().int().min(0).default(3000),
    /**
     * Buckets stand on the clock, at most as many as asked for: what is found stays where it is while the case
     * grows. For cases that are looked at again and again.
     */
    aligned: z.boolean().default(false),
  }),
  uses: {},
  inputs: ({ range, request }, _, { series, ...asked }) => {
    const over = gridOf(range, asked);
    // Nobody has to look for an incident that was given.
    const most = request.incident ? 0 : series;
    return { density: signalDensity(over), courses: seriesCourses({ ...over, most }) };
  },
  run: ({ scope, frames, params, notice }): Windows => {
    const { range, request } = scope;
    const incident = request.incident
      ? { ...request.incident, given: true }
      : { ...findIncident(frames, range, params, notice), given: false };
    return { incident, ...baselineOf(scope, incident) };
  },
});

function gridOf(
  range: TimeWindow,
  { buckets, aligned }: Pick<Search, 'buckets' | 'aligned'>,
): ClockGrid {
  if (aligned) return clockGrid(range, buckets);
  return { from: range.from, step: (range.to - range.from) / BigInt(buckets) + 1n, buckets };
}

function baselineOf(
  { range, request }: Scope,
  incident: TimeWindow,
): Pick<Windows, 'baseline' | 'baselines'> {
  const given = request.baselines ?? [];
  const first = given[0];
  if (first) return { baseline: { ...first, given: true }, baselines: given };
  const length = incident.to - incident.from;
  // Without a word about it, what is before the incident is taken, up to eight times its length.
  const reach = incident.from - 8n * length;
  const from = reach > range.from ? reach : range.from;
  if (incident.from - from < length / 4n) return { baseline: null, baselines: [] };
  return {
    baseline: { from, to: incident.from, given: false },
    baselines: [{ from, to: incident.from }],
  };
}

type DensityFrame = Frame<(typeof signalDensity)['def']['columns']>;
type CourseFrame = Frame<(typeof seriesCourses)['def']['columns']>;

interface Search {
  readonly buckets: number;
  readonly threshold: number;
  readonly series: number;
  readonly aligned: boolean;
}

/**
 * The stretch in which most signals and metrics are elsewhere than around it; where none of them moved,
 * the one with the largest excess of bad news.
 */
function findIncident(
  frames: { readonly density: DensityFrame; readonly courses: CourseFrame },
  range: TimeWindow,
  search: Search,
  notice: (notice: Notice) => void,
): TimeWindow & { readonly claim: WindowClaim } {
  const grid = gridOf(range, search);
  const signals = signalsOf(frames.density, grid.buckets);
  const metrics = coursesOf(frames.courses, grid.buckets);
  const all = frames.courses.col.all_series[0] ?? 0;
  if (all > search.series) {
    notice({
      code: 'series-left-out',
      severity: 'info',
      count: all - search.series,
      message: `The incident was looked for in the first ${search.series} of ${all} metric series.`,
    });
  }
  // The few signals of requests, errors and alerts weigh together as much as a third of the metrics.
  const weight = Math.max(1, metrics.length / 3 / Math.max(1, signals.size));
  const courses: Course[] = [
    ...[...signals.values()].map((values) => ({ values, weight })),
    ...metrics.map((values) => ({ values, weight: 1 })),
  ];
  const found = mainStretch(courses);
  const { from, to } = found ?? worstStretch(signals, search.threshold, grid.buckets);
  const at = (bucket: number): bigint => grid.from + BigInt(bucket) * grid.step;
  const { moved, judged } = found ?? { moved: 0, judged: courses.length };
  return {
    from: at(from) > range.from ? at(from) : range.from,
    to: to >= grid.buckets ? range.to : at(to),
    claim: { moved, judged, confidence: clamp01((2 * moved) / Math.max(1, judged)) },
  };
}

function signalsOf(frame: DensityFrame, buckets: number): ReadonlyMap<string, Float64Array> {
  const signals = new Map<string, Float64Array>();
  for (let i = 0; i < frame.rows; i++) {
    const signal = frame.col.signal[i] ?? '';
    let values = signals.get(signal);
    if (!values) {
      const empty = signal === 'alerts' || signal === 'error-logs' ? 0 : Number.NaN;
      values = new Float64Array(buckets).fill(empty);
      signals.set(signal, values);
    }
    const bucket = frame.col.bucket[i] ?? 0;
    if (bucket >= 0 && bucket < buckets) values[bucket] = frame.col.value[i] ?? 0;
  }
  return signals;
}

function coursesOf({ rows, col }: CourseFrame, buckets: number): readonly Float64Array[] {
  const courses = new Map<bigint, Float64Array>();
  for (let i = 0; i < rows; i++) {
    const id = col.series_id[i] ?? 0n;
    let values = courses.get(id);
    if (!values) courses.set(id, (values = new Float64Array(buckets).fill(Number.NaN)));
    const bucket = col.bucket[i] ?? 0;
    if (bucket >= 0 && bucket < buckets) values[bucket] = col.v[i] ?? Number.NaN;
  }
  return [...courses.values()];
}

/** Maximum-sum segment over robust z per bucket less a threshold, so that it ends where calm returns. */
function worstStretch(
  signals: ReadonlyMap<string, Float64Array>,
  threshold: number,
  buckets: number,
): { from: number; to: number } {
  const excess = new Float64Array(buckets).fill(-threshold);
  for (const values of signals.values()) {
    const known = [...values].filter((v) => !Number.isNaN(v));
    const center = median(known);
    const spread = Math.max(robustSpread(known, center), 0.05 * Math.abs(center), 1e-3);
    for (let i = 0; i < buckets; i++) {
      const z = ((values[i] ?? Number.NaN) - center) / spread;
      if (z > 0) excess[i] = (excess[i] ?? 0) + Math.min(z, 20);
    }
  }
  return heaviestSegment(excess);
}

/** Kadane's maximum-sum segment, [from, to). */
export function heaviestSegment(values: Float64Array): { from: number; to: number } {
  let best = { from: 0, to: values.length, sum: Number.NEGATIVE_INFINITY };
  let from = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] ?? 0;
    if (sum > best.sum) best = { from, to: i + 1, sum };
    if (sum < 0) {
      sum = 0;
      from = i + 1;
    }
  }
  return { from: best.from, to: best.to };
}

export function queryWindows(incident: TimeWindow, baseline: TimeWindow) {
  return { from: incident.from, to: incident.to, baseFrom: baseline.from, baseTo: baseline.to };
}
