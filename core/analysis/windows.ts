import type { TimeWindow } from '../base';
import type { AnalysisRequest } from '../model';
import { signalDensity } from '../model/queries';
import type { FetchFrames } from './seam';
import { median, robustSpread } from './stats';

export interface Windows {
  readonly incident: TimeWindow & { readonly given: boolean };
  readonly baseline: (TimeWindow & { readonly given: boolean }) | null;
  readonly baselines: readonly TimeWindow[];
}

const BUCKETS = 120;

/** The windows of a run: given ones as they are, else the stretch that stands out and what is before it. */
export async function findWindows(
  fetch: FetchFrames,
  request: AnalysisRequest,
  range: TimeWindow,
): Promise<Windows> {
  const incident = request.incident
    ? { ...request.incident, given: true }
    : { ...(await findIncident(fetch, range)), given: false };
  const given = request.baselines ?? [];
  const first = given[0];
  if (first) return { incident, baseline: { ...first, given: true }, baselines: given };
  const before = { from: range.from, to: incident.from };
  const length = incident.to - incident.from;
  // Without a word about it, what is before the incident is taken, up to eight times its length.
  const from = before.to - 8n * length > before.from ? before.to - 8n * length : before.from;
  if (before.to - from < length / 4n) return { incident, baseline: null, baselines: [] };
  const baseline = { from, to: before.to, given: false };
  return { incident, baseline, baselines: [{ from, to: before.to }] };
}

/**
 * The stretch with the largest excess of bad news (errors, latency, error logs, alerts): maximum-sum
 * segment (Kadane) over robust z per bucket less a threshold, so that it ends where calm returns.
 */
async function findIncident(fetch: FetchFrames, range: TimeWindow): Promise<TimeWindow> {
  const step = (range.to - range.from) / BigInt(BUCKETS) + 1n;
  const frame = await fetch(signalDensity({ from: range.from, step, buckets: BUCKETS }));
  const signals = new Map<string, Float64Array>();
  for (let i = 0; i < frame.rows; i++) {
    const signal = frame.col.signal[i] ?? '';
    let values = signals.get(signal);
    if (!values) {
      const empty = signal === 'alerts' || signal === 'error-logs' ? 0 : Number.NaN;
      values = new Float64Array(BUCKETS).fill(empty);
      signals.set(signal, values);
    }
    const bucket = frame.col.bucket[i] ?? 0;
    if (bucket >= 0 && bucket < BUCKETS) values[bucket] = frame.col.value[i] ?? 0;
  }
  const excess = new Float64Array(BUCKETS).fill(-THRESHOLD);
  for (const values of signals.values()) {
    const known = [...values].filter((v) => !Number.isNaN(v));
    const center = median(known);
    const spread = Math.max(robustSpread(known, center), 0.05 * Math.abs(center), 1e-3);
    for (let i = 0; i < BUCKETS; i++) {
      const z = ((values[i] ?? Number.NaN) - center) / spread;
      if (z > 0) excess[i] = (excess[i] ?? 0) + Math.min(z, 20);
    }
  }
  const { from, to } = heaviestSegment(excess);
  return {
    from: range.from + BigInt(from) * step,
    to: to >= BUCKETS ? range.to : range.from + BigInt(to) * step,
  };
}

const THRESHOLD = 4;

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
