import { z } from 'zod';
import type { Frame } from '../../model';
import { metricShift } from '../../model/queries';
import type { MetricShift } from '../shifts';
import { defineAnalysis } from '../seam';
import { addTo, median, ramp } from '../stats';
import { queryWindows } from '../windows';
import {
  badDirection,
  countsRequests,
  roleOf,
  withoutOwner,
  type MetricRole,
} from './metric-roles';

type MetricFrame = Frame<(typeof metricShift)['def']['columns']>;

const params = z.object({
  /** Spread is at least this share of the level: counters of a few events are coarse. */
  relativeFloor: z.number().positive().default(0.03),
  /** Samples of the baseline below which a series is not compared. */
  leastSamples: z.number().int().min(1).default(2),
  /** Samples of the incident below which their mean stands for it: a median would pass over a short one. */
  fewSamples: z.number().int().min(1).default(6),
  /** Below so many baseline samples what was recorded before the incident is baseline, too. */
  leastBaseline: z.number().int().min(0).default(8),
});

type Params = z.output<typeof params>;

export const metrics = defineAnalysis({
  id: 'detect.metrics',
  kind: 'detect',
  version: 4,
  title: 'Comparing metrics',
  cite: 'median against median in MADs, Rousseeuw & Croux (JASA 1993); small samples lean on their family, Efron & Morris (JASA 1975)',
  params,
  uses: {},
  inputs: ({ range, incident, baseline }, _, { leastBaseline }) => ({
    metrics: metricShift({
      ...queryWindows(incident, baseline),
      lookFrom: range.from,
      few: leastBaseline,
    }),
  }),
  run: ({ frames, params: given }) => metricShifts(frames.metrics, given),
});

/** One series as it is compared. */
interface Level {
  readonly at: number;
  readonly metric: string;
  /** The metric without the name of its entity. */
  readonly family: string;
  readonly role: MetricRole;
  readonly entityId: string;
  readonly n0: number;
  readonly n1: number;
  readonly base: number;
  readonly incident: number;
  /** Spread of one baseline sample upwards and downwards. */
  readonly up: number;
  readonly down: number;
}

/**
 * Robust shift of every series: median against median, in the spread that the baseline has on the side of
 * the shift. What merely grew with the requests of its entity is no news, nor is what was there before the
 * incident. A series that appears only in the incident is left out: there is nothing to compare.
 */
function metricShifts(frame: MetricFrame, given: Params): readonly MetricShift[] {
  const { col } = frame;
  const levels = levelsOf(frame, given);
  const families = familyNoise(levels);
  const most = mostSamples(frame);
  const traffic = trafficRatios(levels);
  return levels.map((level): MetricShift => {
    const { at, metric, role, base, incident, n0, n1 } = level;
    const own = incident >= base ? level.up : level.down;
    const noise = Math.abs(base) * (families.get(level.family) ?? 0);
    const shrunk =
      n0 < FEW ? Math.sqrt((n0 * own * own + FAMILY * noise * noise) / (n0 + FAMILY)) : own;
    const floor = role === 'health' && Math.max(base, incident) <= 1 ? HEALTH_FLOOR : undefined;
    const relative = given.relativeFloor * Math.max(Math.abs(base), Math.abs(incident) * 0.5);
    const spread = Math.max(shrunk, floor ?? relative, 1e-9);
    const scaled = scalesWithRequests(role) ? base * ratioFor(traffic, level.entityId) : base;
    const beyond = beyondBoth(incident, base, scaled);
    const away = newsOf(beyond, incident, col.min_before[at], col.max_before[at]);
    const known = ramp(n0 / (most.get(metric) ?? n0), 0, SPORADIC);
    return {
      seriesId: col.series_id[at] ?? 0n,
      metric,
      unit: col.unit[at] ?? '',
      entityId: level.entityId,
      source: col.source[at] ?? null,
      destination: col.destination[at] ?? null,
      role,
      base,
      incident,
      z: known * normalised(away / spread, n0),
      n0,
      n1,
    };
  });
}

/**
 * A deviation in spreads that were read off `n` samples, as one of a normal: the sampling error of the middle
 * counts in, and few samples prove little, however far away the new one is (Wallace, Ann. Math. Stat. 1959).
 */
function normalised(t: number, n: number): number {
  const degrees = n - 1 + FAMILY;
  const fair = t / Math.sqrt(1 + 1.57 / n);
  return Math.sign(t) * Math.sqrt(degrees * Math.log1p((fair * fair) / degrees));
}

/** Samples that the family's noise is worth. */
const FAMILY = 4;
/** Baseline samples below which a series leans on the noise of its family. */
const FEW = 12;
/** A ratio of successes near 1 has hardly any spread of its own. */
const HEALTH_FLOOR = 0.004;
/** Standard deviations from the middle of a normal to its 2nd or 98th percentile. */
const TAIL_2 = 2.05;

function levelsOf({ rows, col }: MetricFrame, given: Params): readonly Level[] {
  const levels: Level[] = [];
  for (let at = 0; at < rows; at++) {
    const n0 = col.n0[at] ?? 0;
    const n1 = col.n1[at] ?? 0;
    // Written so that a count that is not known is left out, too.
    if (!(n0 >= given.leastSamples && n1 >= 1)) continue;
    const metric = col.metric[at] ?? '';
    const family = withoutOwner(metric, col.entity_id[at] ?? '');
    const base = col.med0[at] ?? 0;
    const [mad, lo, hi] = [1.4826 * (col.mad0[at] ?? 0), col.lo0[at] ?? base, col.hi0[at] ?? base];
    levels.push({
      at,
      metric,
      family,
      role: roleOf(family),
      entityId: col.entity_id[at] ?? '',
      n0,
      n1,
      base,
      incident: (n1 < given.fewSamples ? col.mean1[at] : col.med1[at]) ?? 0,
      up: Math.max(mad, (hi - base) / TAIL_2, (hi - lo) / (3 * TAIL_2)),
      down: Math.max(mad, (base - lo) / TAIL_2, (hi - lo) / (3 * TAIL_2)),
    });
  }
  return levels;
}

/** The relative spread that is usual for the series of a metric: what a series with few samples has at least. */
function familyNoise(levels: readonly Level[]): ReadonlyMap<string, number> {
  const all = new Map<string, number[]>();
  for (const { family, base, up, down } of levels) {
    if (base === 0) continue;
    const list = all.get(family);
    const noise = Math.max(up, down) / Math.abs(base);
    if (list) list.push(noise);
    else all.set(family, [noise]);
  }
  return new Map([...all].map(([metric, list]) => [metric, median(list)]));
}

interface Ratios {
  readonly own: ReadonlyMap<string, number>;
  readonly all: number;
}

/** Requests in the incident by those in the baseline: of every entity that counts them, and the middle of all. */
function trafficRatios(levels: readonly Level[]): Ratios {
  const sums = new Map<string, Map<string, readonly [number, number]>>();
  for (const { family: metric, entityId, base, incident } of levels) {
    if (!countsRequests(metric)) continue;
    const metrics = sums.get(entityId) ?? new Map<string, readonly [number, number]>();
    const [b, i] = metrics.get(metric) ?? [0, 0];
    metrics.set(metric, [b + base, i + incident]);
    sums.set(entityId, metrics);
  }
  const own = new Map<string, number>();
  for (const [entity, metrics] of sums) {
    const ratios = [...metrics.values()].filter(([b, i]) => b > 0 && i > 0).map(([b, i]) => i / b);
    if (ratios.length > 0) own.set(entity, median(ratios));
  }
  const all = own.size === 0 ? 1 : median([...own.values()]);
  return { own, all };
}

function ratioFor({ own, all }: Ratios, entity: string): number {
  return own.get(entity) ?? all;
}

function scalesWithRequests(role: MetricRole): boolean {
  return role === 'traffic' || role === 'saturation' || role === 'other';
}

/** How far a value lies outside of what both expectations allow; signed, 0 between them. */
function beyondBoth(value: number, base: number, scaled: number): number {
  const [low, high] = base < scaled ? [base, scaled] : [scaled, base];
  if (value > high) return value - high;
  return value < low ? value - low : 0;
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

/** How bad a shift is, in standard deviations: only the bad direction, and either where none is. */
export function badness({ role, z: away }: MetricShift): number {
  const direction = badDirection(role);
  if (direction !== 0) return Math.max(0, direction * away);
  // Fewer requests are what a victim gets; more may be what breaks it.
  if (role === 'traffic') return away > 0 ? 0.6 * away : -0.3 * away;
  return 0.8 * Math.abs(away);
}

/** Readings that are told of several entities alike (a host's of all its pods) count for each in part. */
export function sharedReadings(shifts: readonly MetricShift[]): (shift: MetricShift) => number {
  const key = ({ metric, base, incident }: MetricShift): string => `${metric}|${base}|${incident}`;
  const seen = new Map<string, number>();
  for (const shift of shifts) addTo(seen, key(shift), 1);
  return (shift) => seen.get(key(shift)) ?? 1;
}
