import { z } from 'zod';
import type { TimeWindow } from '../../base';
import type { EntityHeat, Frame } from '../../model';
import { entityPulse, metricPulse } from '../../model/queries';
import type { MetricShift } from '../shifts';
import { defineAnalysis } from '../seam';
import { addTo, clamp01, known, median, poissonZ } from '../stats';
import { graph } from '../topology/graph';
import { metrics } from './metrics';
import { amongMany, held, latencyZ, metricZ } from './standout';

type PulseFrame = Frame<(typeof entityPulse)['def']['columns']>;
type MetricPulseFrame = Frame<(typeof metricPulse)['def']['columns']>;

/** What every entity did over time: heat for the timeline, onset, health in the incident (0–1). */
export interface Pulse {
  readonly heat: readonly EntityHeat[];
  readonly onsets: ReadonlyMap<string, number>;
  readonly health: ReadonlyMap<string, number>;
}

export const pulse = defineAnalysis({
  id: 'detect.pulse',
  kind: 'detect',
  version: 2,
  title: 'Following entities over time',
  cite: 'robust z of buckets against the baseline, Rousseeuw & Croux (JASA 1993); of counts, Anscombe (Biometrika 1948)',
  params: z.object({
    /** Buckets over the whole case. */
    buckets: z.number().int().min(20).max(2000).default(180),
    /** Series whose course over time is looked at, most shifted first. */
    series: z.number().int().min(0).default(400),
  }),
  uses: { metrics, graph },
  inputs: ({ range }, given, params) => {
    const { from, step, buckets } = bucketsOf(range, params.buckets);
    const series = strongest(given.metrics, params.series).map(({ seriesId }) => seriesId);
    const over = { from, step, buckets };
    return { entities: entityPulse(over), metrics: metricPulse({ ...over, series }) };
  },
  *run({ scope, frames, given, params }): Generator<number, Pulse, void> {
    const grid = pulseGrid(scope.range, scope.baseline, scope.incident, params.buckets);
    const { fold } = given.graph;
    const shifts = strongest(given.metrics, params.series).map((shift) => ({
      ...shift,
      entityId: fold(shift.entityId),
    }));
    const worst = yield* entityZ(frames.entities, frames.metrics, shifts, grid);
    const heat = heatOf(worst, grid);
    const health = heat.map(
      ({ entityId, heat: values }) => [entityId, incidentHealth(values, grid.incident)] as const,
    );
    return { heat, onsets: onsetsOf(worst, grid), health: new Map(health) };
  },
});

function strongest(shifts: readonly MetricShift[], most: number): readonly MetricShift[] {
  return shifts
    .filter((shift) => Math.abs(shift.z) >= 3)
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.seriesId < b.seriesId ? -1 : 1))
    .slice(0, most);
}

/** Upper quartile of the heat inside the incident: a single hot bucket doesn't make a node red. */
function incidentHealth(heat: Float32Array, [from, to]: readonly [number, number]): number {
  const inside = [...heat.subarray(from, to)].sort((a, b) => a - b);
  return inside[Math.floor(inside.length * 0.75)] ?? 0;
}

/** Buckets over the whole case, on the grid of the timeline. */
export interface PulseGrid {
  readonly from: bigint;
  readonly step: bigint;
  readonly buckets: number;
  /** Bucket numbers of the baseline, [from, to). */
  readonly baseline: readonly [number, number];
  readonly incident: readonly [number, number];
}

function bucketsOf(
  range: TimeWindow,
  buckets: number,
): Pick<PulseGrid, 'from' | 'step' | 'buckets'> {
  return { from: range.from, step: (range.to - range.from) / BigInt(buckets) + 1n, buckets };
}

export function pulseGrid(
  range: TimeWindow,
  baseline: TimeWindow,
  incident: TimeWindow,
  count: number,
): PulseGrid {
  const { step, buckets } = bucketsOf(range, count);
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

/** Worst |z| per entity and bucket, from spans and from its most shifted metrics; yields after each series. */
function* entityZ(
  spans: PulseFrame,
  metrics: MetricPulseFrame,
  shifts: readonly MetricShift[],
  grid: PulseGrid,
): Generator<number, ReadonlyMap<string, Float64Array>, void> {
  const worst = new Map(spanZ(spans, grid));
  yield 0;
  const owner = new Map(shifts.map((shift) => [shift.seriesId, shift.entityId]));
  const series = new Map<bigint, Float64Array>();
  for (let i = 0; i < metrics.rows; i++) {
    const id = metrics.col.series_id[i] ?? 0n;
    const values = series.get(id) ?? new Float64Array(grid.buckets).fill(Number.NaN);
    values[metrics.col.bucket[i] ?? 0] = metrics.col.v[i] ?? Number.NaN;
    series.set(id, values);
  }
  const count = new Map<string, number>();
  for (const id of series.keys()) addTo(count, owner.get(id) ?? '', 1);
  let done = 0;
  for (const [id, values] of series) {
    yield done++ / series.size;
    const entity = owner.get(id);
    if (!entity) continue;
    const row = worst.get(entity) ?? new Float64Array(grid.buckets);
    const many = count.get(entity) ?? 1;
    for (const [i, z] of held(metricZ(values, grid.baseline)).entries())
      row[i] = Math.max(row[i] ?? 0, amongMany(z, many));
    worst.set(entity, row);
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
    const z = latencyZ(ms, n, grid.baseline).map(known);
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
function heatOf(z: ReadonlyMap<string, Float64Array>, grid: PulseGrid): EntityHeat[] {
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

/** Share of an entity's own baseline that lies below what counts as an onset. */
const QUIET_SHARE = 0.98;

/**
 * An entity that is restless anyway must leave its own habit behind: the limit is a high quantile of its
 * baseline, but at most half of what it does in the middle of the incident, which a bad baseline can't hide.
 */
function onsetLimit(values: Float64Array, grid: PulseGrid): number {
  const quiet = [...values.subarray(...grid.baseline)].sort((a, b) => a - b);
  const habit = quiet[Math.floor((quiet.length - 1) * QUIET_SHARE)] ?? 0;
  const usual = median([...values.subarray(...grid.incident)]);
  return Math.max(ONSET_Z, Math.min(habit, usual / 2));
}

/** Start of the first bucket, in or just before the incident, from which two of three stand out; ms. */
export function onsetsOf(
  z: ReadonlyMap<string, Float64Array>,
  grid: PulseGrid,
): ReadonlyMap<string, number> {
  const onsets = new Map<string, number>();
  const [from, to] = grid.incident;
  const lead = Math.max(grid.baseline[1], from - Math.ceil((to - from) / 4));
  for (const [id, values] of z) {
    const limit = onsetLimit(values, grid);
    const hot = (i: number): boolean => (values[i] ?? 0) > limit;
    for (let i = Math.min(lead, from); i < to; i++) {
      if (!hot(i) || !(hot(i + 1) || hot(i + 2))) continue;
      onsets.set(id, Number((grid.from + BigInt(i) * grid.step) / 1_000_000n));
      break;
    }
  }
  return onsets;
}
