import { z } from 'zod';
import type { Frame } from '../../model';
import { metricShift } from '../../model/queries';
import type { MetricShift } from '../shifts';
import { defineAnalysis } from '../seam';
import { ramp } from '../stats';
import { queryWindows } from '../windows';

type MetricFrame = Frame<(typeof metricShift)['def']['columns']>;

const params = z.object({
  /** Spread is at least this share of the level: counters of a few events are coarse. */
  relativeFloor: z.number().positive().default(0.03),
  /** Samples of the baseline below which a series is not compared. */
  leastSamples: z.number().int().min(1).default(3),
  /** Samples of the incident below which their mean stands for it: a median would pass over a short one. */
  fewSamples: z.number().int().min(1).default(6),
});

export const metrics = defineAnalysis({
  id: 'detect.metrics',
  kind: 'detect',
  version: 2,
  title: 'Comparing metrics',
  cite: 'median against median in MADs; Rousseeuw & Croux (JASA 1993)',
  params,
  uses: {},
  inputs: ({ incident, baseline }) => ({ metrics: metricShift(queryWindows(incident, baseline)) }),
  run: ({ frames, params: given }) => metricShifts(frames.metrics, given),
});

/**
 * Robust shift of every series (median against median in MADs, Rousseeuw & Croux 1993). The spread is at
 * least a quarter of the 2–98 % range and a share of the level; few baseline samples widen it
 * (t-like: 1 + 3 / n). A series that appears only in the incident is left out: there is nothing to compare.
 */
function metricShifts(
  frame: MetricFrame,
  { relativeFloor, leastSamples, fewSamples }: z.output<typeof params>,
): readonly MetricShift[] {
  const { col } = frame;
  const most = mostSamples(frame);
  const shifts: MetricShift[] = [];
  for (let i = 0; i < frame.rows; i++) {
    const n0 = col.n0[i] ?? 0;
    const n1 = col.n1[i] ?? 0;
    // Written so that a count that is not known is left out, too.
    if (!(n0 >= leastSamples && n1 >= 1)) continue;
    const base = col.med0[i] ?? 0;
    const incident = (n1 < fewSamples ? col.mean1[i] : col.med1[i]) ?? 0;
    const range = (col.hi0[i] ?? 0) - (col.lo0[i] ?? 0);
    const spread = Math.max(
      1.4826 * (col.mad0[i] ?? 0),
      range / 4,
      relativeFloor * Math.abs(base),
      relativeFloor * Math.abs(incident) * 0.5,
      1e-9,
    );
    const away = newsOf(incident - base, incident, col.min_before[i], col.max_before[i]);
    const known = ramp(n0 / (most.get(col.metric[i] ?? '') ?? n0), 0, SPORADIC);
    const z = (known * away) / (spread * (1 + 3 / n0));
    shifts.push({
      seriesId: col.series_id[i] ?? 0n,
      metric: col.metric[i] ?? '',
      unit: col.unit[i] ?? '',
      entityId: col.entity_id[i] ?? '',
      source: col.source[i] ?? null,
      destination: col.destination[i] ?? null,
      base,
      incident,
      z,
      n0,
      n1,
    });
  }
  return shifts;
}

/** A series with fewer than this share of its family's samples came and went in the baseline. */
const SPORADIC = 0.1;

/** Baseline samples of the best covered series of each metric. */
function mostSamples({ rows, col }: MetricFrame): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (let i = 0; i < rows; i++) {
    const metric = col.metric[i] ?? '';
    most.set(metric, Math.max(most.get(metric) ?? 0, col.n0[i] ?? 0));
  }
  return most;
}

/** The part of a shift that was not there in every sample just before the incident; NaN: none was there. */
function newsOf(away: number, incident: number, min = Number.NaN, max = Number.NaN): number {
  const since = away > 0 ? incident - min : max - incident;
  if (Number.isNaN(since)) return away;
  return Math.sign(away) * Math.min(Math.abs(away), Math.max(0, since));
}
