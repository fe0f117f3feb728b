import type { TimeWindow } from '../../base';
import type { EntityHeat, Frame } from '../../model';
import type { entityPulse, metricPulse } from '../../model/queries';
import type { MetricShift } from '../facts';
import { clamp01, median, poissonZ, robustSpread } from '../stats';

export type PulseFrame = Frame<(typeof entityPulse)['def']['columns']>;
export type MetricPulseFrame = Frame<(typeof metricPulse)['def']['columns']>;

/** Buckets over the whole case, on the grid of the timeline. */
export interface PulseGrid {
  readonly from: bigint;
  readonly step: bigint;
  readonly buckets: number;
  /** Bucket numbers of the baseline, [from, to). */
  readonly baseline: readonly [number, number];
  readonly incident: readonly [number, number];
}

export function pulseGrid(
  range: TimeWindow,
  baseline: TimeWindow,
  incident: TimeWindow,
): PulseGrid {
  const buckets = 180;
  const step = (range.to - range.from) / BigInt(buckets) + 1n;
  const at = (ts: bigint): number =>
    Math.min(buckets, Math.max(0, Number((ts - range.from) / step)));
  return {
    from: range.from,
    step,
    buckets,
    baseline: [at(baseline.from), Math.max(at(baseline.from) + 1, at(baseline.to))],
    incident: [at(incident.from), Math.max(at(incident.from) + 1, at(incident.to) + 1)],
  };
}

/** |z| of each bucket against the baseline's buckets; NaN buckets stay cold. */
export function bucketZ(values: Float64Array, grid: PulseGrid, floor: number): Float64Array {
  const [from, to] = grid.baseline;
  const base = [...values.subarray(from, to)].filter((v) => !Number.isNaN(v));
  const out = new Float64Array(values.length);
  if (base.length < 3) return out;
  const center = median(base);
  const spread = Math.max(robustSpread(base, center), floor);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value)) out[i] = Math.abs(value - center) / spread;
  }
  return out;
}

/** Worst |z| per entity and bucket, from spans and from its most shifted metrics. */
export function entityZ(
  spans: PulseFrame,
  metrics: MetricPulseFrame,
  shifts: readonly MetricShift[],
  grid: PulseGrid,
): ReadonlyMap<string, Float64Array> {
  const worst = new Map<string, Float64Array>();
  const raise = (id: string, z: Float64Array): void => {
    const known = worst.get(id);
    if (!known) worst.set(id, z);
    else for (let i = 0; i < z.length; i++) known[i] = Math.max(known[i] ?? 0, z[i] ?? 0);
  };
  for (const [id, z] of spanZ(spans, grid)) raise(id, z);
  const owner = new Map(shifts.map((shift) => [shift.seriesId, shift.entityId]));
  const series = new Map<bigint, Float64Array>();
  for (let i = 0; i < metrics.rows; i++) {
    const id = metrics.col.series_id[i] ?? 0n;
    const values = series.get(id) ?? new Float64Array(grid.buckets).fill(Number.NaN);
    values[metrics.col.bucket[i] ?? 0] = metrics.col.v[i] ?? Number.NaN;
    series.set(id, values);
  }
  for (const [id, values] of series) {
    const entity = owner.get(id);
    if (!entity) continue;
    const level = median([...values].filter((v) => !Number.isNaN(v)));
    raise(entity, bucketZ(values, grid, Math.max(0.05 * Math.abs(level), 1e-9)));
  }
  return worst;
}

function spanZ(frame: PulseFrame, grid: PulseGrid): ReadonlyMap<string, Float64Array> {
  const { col } = frame;
  const rows = new Map<string, { n: Float64Array; errors: Float64Array; ms: Float64Array }>();
  for (let i = 0; i < frame.rows; i++) {
    const id = col.entity_id[i] ?? '';
    const row = rows.get(id) ?? {
      n: new Float64Array(grid.buckets),
      errors: new Float64Array(grid.buckets),
      ms: new Float64Array(grid.buckets).fill(Number.NaN),
    };
    const bucket = col.bucket[i] ?? 0;
    row.n[bucket] = col.n[i] ?? 0;
    row.errors[bucket] = col.errors[i] ?? 0;
    row.ms[bucket] = col.log_ms[i] ?? Number.NaN;
    rows.set(id, row);
  }
  const out = new Map<string, Float64Array>();
  for (const [id, { n, errors, ms }] of rows) {
    const z = bucketZ(ms, grid, 0.15);
    const [from, to] = grid.baseline;
    const calls = n.subarray(from, to).reduce((a, b) => a + b, 0);
    const failed = errors.subarray(from, to).reduce((a, b) => a + b, 0);
    const ratio = calls > 0 ? failed / calls : 0;
    for (let i = 0; i < z.length; i++) {
      const expected = ratio * (n[i] ?? 0);
      z[i] = Math.max(z[i] ?? 0, poissonZ(errors[i] ?? 0, expected));
    }
    out.set(id, z);
  }
  return out;
}

/** Heat 0–1 from |z|: cold below 2, hot from 10. */
export function heatOf(z: ReadonlyMap<string, Float64Array>, grid: PulseGrid): EntityHeat[] {
  return [...z]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([entityId, values]) => ({
      entityId,
      from: grid.from,
      step: grid.step,
      heat: Float32Array.from(values, (v) => clamp01((v - 2) / 8)),
    }));
}

const ONSET_Z = 4;

/** Start of the first bucket, in or just before the incident, from which two of three stand out; ms. */
export function onsetsOf(
  z: ReadonlyMap<string, Float64Array>,
  grid: PulseGrid,
): ReadonlyMap<string, number> {
  const onsets = new Map<string, number>();
  const [from, to] = grid.incident;
  const lead = Math.max(grid.baseline[1], from - Math.ceil((to - from) / 4));
  for (const [id, values] of z) {
    for (let i = Math.min(lead, from); i < to; i++) {
      const hot = [0, 1, 2].filter((k) => (values[i + k] ?? 0) > ONSET_Z).length;
      if ((values[i] ?? 0) > ONSET_Z && hot >= 2) {
        onsets.set(id, Number((grid.from + BigInt(i) * grid.step) / 1_000_000n));
        break;
      }
    }
  }
  return onsets;
}
