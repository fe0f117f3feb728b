import type { TimeWindow } from '../base';
import { z } from 'zod';
import type { Frame } from '../model';
import { signalDensity } from '../model/queries';
import { defineAnalysis, type Scope } from './seam';
import { median, robustSpread } from './stats';

export interface Windows {
  readonly incident: TimeWindow & { readonly given: boolean };
  readonly baseline: (TimeWindow & { readonly given: boolean }) | null;
  readonly baselines: readonly TimeWindow[];
}

/** The windows of a run: given ones as they are, else the stretch that stands out and what is before it. */
export const windows = defineAnalysis({
  id: 'detect.windows',
  kind: 'detect',
  version: 1,
  title: 'Looking for the incident',
  cite: 'maximum-sum segment: Kadane, in Bentley, Programming Pearls (CACM 1984)',
  params: z.object({
    buckets: z.number().int().min(10).max(2000).default(120),
    /** Robust deviations that a bucket must exceed to count as bad. */
    threshold: z.number().positive().default(4),
  }),
  uses: {},
  inputs: ({ range }, _, { buckets }) => ({
    density: signalDensity({ from: range.from, step: stepOf(range, buckets), buckets }),
  }),
  run: ({ scope, frames, params }): Windows => {
    const { range, request } = scope;
    const incident = request.incident
      ? { ...request.incident, given: true }
      : { ...findIncident(frames.density, range, params), given: false };
    return { incident, ...baselineOf(scope, incident) };
  },
});

function stepOf(range: TimeWindow, buckets: number): bigint {
  return (range.to - range.from) / BigInt(buckets) + 1n;
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

/**
 * The stretch with the largest excess of bad news (errors, latency, error logs, alerts): maximum-sum
 * segment over robust z per bucket less a threshold, so that it ends where calm returns.
 */
function findIncident(
  frame: DensityFrame,
  range: TimeWindow,
  { buckets, threshold }: { readonly buckets: number; readonly threshold: number },
): TimeWindow {
  const step = stepOf(range, buckets);
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
  const { from, to } = heaviestSegment(excess);
  return {
    from: range.from + BigInt(from) * step,
    to: to >= buckets ? range.to : range.from + BigInt(to) * step,
  };
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
