import { median, poissonZ, robustSpread } from '../stats';
import { badDirection } from './metric-roles';
import type { RequestStretch, SeriesStretches } from './stretches';

/** Degrees of freedom that a spread from few stretches is given beside those it has. */
const PRIOR = 4;
const LEAST_REQUESTS = 5;
/** Spread of log latency that is assumed at least. */
const LEAST_LOG_SPREAD = 0.1;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** A t of so many degrees of freedom, as the z of a normal that is as rare (Wallace, Ann. Math. Stat. 1959). */
const asNormal = (t: number, degrees: number): number =>
  Math.sign(t) * Math.sqrt(degrees * Math.log1p((t * t) / degrees));

const split = (
  stretches: readonly RequestStretch[],
  of: 'n' | 'timed',
): { readonly base: readonly RequestStretch[]; readonly now: readonly RequestStretch[] } => {
  const some = stretches.filter((one) => one[of] > 0);
  return {
    base: some.filter(({ stretch }) => stretch < 0),
    now: some.filter(({ stretch }) => stretch >= 0),
  };
};

/**
 * z of the incident's mean log latency. Its error is that of a mean of so many requests, and what stretches of
 * the baseline differ by beyond that (random effects: DerSimonian & Laird, Controlled Clinical Trials 1986),
 * which more requests don't average away.
 */
export function slowerZ(stretches: readonly RequestStretch[]): number {
  const { base, now } = split(stretches, 'timed');
  const n0 = sum(base.map(({ timed }) => timed));
  const n1 = sum(now.map(({ timed }) => timed));
  if (n0 < LEAST_REQUESTS || n1 < 2) return 0;
  const usual = sum(base.map(({ off }) => off)) / n0;
  const mean = sum(now.map(({ off }) => off)) / n1;
  const within = Math.max(
    LEAST_LOG_SPREAD * LEAST_LOG_SPREAD,
    (sum(base.map(({ offSq }) => offSq)) - n0 * usual * usual) / (n0 - 1),
  );
  const spread = sum(base.map(({ timed, off }) => timed * (off / timed - usual) ** 2)) / within;
  const scale = n0 - sum(base.map(({ timed }) => timed * timed)) / n0;
  const between =
    base.length < 2 ? 0 : Math.max(0, ((spread - (base.length - 1)) * within) / scale);
  const error = Math.sqrt(between * (1 + 1 / base.length) + within * (1 / n0 + 1 / n1));
  return asNormal((mean - usual) / error, base.length - 1 + PRIOR);
}

/** z of a count among requests, given how unevenly the baseline's stretches have it (quasi-Poisson). */
export function moreZ(
  stretches: readonly RequestStretch[],
  what: 'errors' | 'slow',
  of: 'n' | 'timed',
): number {
  const { base, now } = split(stretches, of);
  const n0 = sum(base.map((one) => one[of]));
  const n1 = sum(now.map((one) => one[of]));
  if (n0 < LEAST_REQUESTS || n1 < 1) return 0;
  const rate = (sum(base.map((one) => one[what])) + 0.5) / (n0 + 1);
  const chi = sum(
    base.map((one) => (one[what] - rate * one[of]) ** 2 / (rate * one[of] * (1 - rate) + 1e-9)),
  );
  const uneven = base.length < 2 ? 1 : Math.max(1, (chi + PRIOR) / (base.length - 1 + PRIOR));
  const found = poissonZ(sum(now.map((one) => one[what])), n1 * rate);
  return asNormal(found / Math.sqrt(uneven * (1 + n1 / n0)), base.length - 1 + 2 * PRIOR);
}

/** How far the worst series is from its usual, and how far the worst one was in quiet stretches. */
export interface WorstSeries {
  readonly seriesId: bigint;
  readonly metric: string;
  readonly entityId: string;
  /** Robust deviations of its stretches, in its bad direction. */
  readonly away: number;
  /** The largest deviation of any series in any stretch of the baseline. */
  readonly quiet: number;
  /** Stretches of the baseline. */
  readonly stretches: number;
}

interface Course {
  readonly one: SeriesStretches;
  readonly center: number;
  readonly spread: number;
  readonly sign: number;
  readonly now: number;
}

/** Stretches that the spread usual for the metric is worth. */
const FAMILY = 4;
/** Standard deviations of a normal that its middle 80 % span. */
const MIDDLE_80 = 2.563;
/** Standard deviations that a handful of values spans. */
const RANGE = 3;
const RELATIVE = 0.03;
const HEALTH = 0.004;

/**
 * Maximum statistic over series (Westfall & Young 1993): the worst series of the incident beside the worst of
 * every quiet stretch, so that the number of series, and what they have in common, count in by themselves.
 */
export function worstSeries(all: readonly SeriesStretches[]): WorstSeries | undefined {
  const judged = judgedOf(all);
  const worst = judged.reduce<Judged | undefined>(
    (best, one) => (one.away > (best?.away ?? 0) ? one : best),
    undefined,
  );
  if (!worst) return undefined;
  const quiet = judged.reduce((most, one) => Math.max(most, one.quiet), 0);
  const { seriesId, metric, entityId, away } = worst;
  return { seriesId, metric, entityId, away, quiet, stretches: stretchesIn(judged) };
}

/**
 * The series that is most times as far from its usual as it was in any of its own quiet stretches, and as
 * nine of ten series ever were: one that is restless by nature must not hide the others.
 */
export function mostTimes(
  all: readonly SeriesStretches[],
  least: number,
): (Pick<Judged, 'entityId' | 'metric'> & { times: number; stretches: number }) | undefined {
  const judged = judgedOf(all);
  const quiet = judged.map((one) => one.quiet).sort((a, b) => a - b);
  const usual = Math.max(least, quiet[Math.floor(USUAL * (quiet.length - 1))] ?? 0);
  let best: { one: Judged; times: number } | undefined;
  for (const one of judged) {
    const times = one.away / Math.max(usual, one.quiet);
    if (times > (best?.times ?? 0)) best = { one, times };
  }
  if (!best) return undefined;
  const { entityId, metric } = best.one;
  return { entityId, metric, times: best.times, stretches: stretchesIn(judged) };
}

const USUAL = 0.9;

/** One series, in robust deviations in its bad direction. */
interface Judged {
  readonly seriesId: bigint;
  readonly metric: string;
  readonly entityId: string;
  readonly away: number;
  /** The largest deviation in any stretch of the baseline. */
  readonly quiet: number;
  readonly base: SeriesStretches['base'];
}

function judgedOf(all: readonly SeriesStretches[]): readonly Judged[] {
  const courses = all.flatMap((one) => courseOf(one) ?? []);
  const families = new Map<string, number[]>();
  for (const { one, center, spread } of courses) {
    if (center === 0) continue;
    const family = families.get(one.shift.metric) ?? [];
    family.push(spread / Math.abs(center));
    families.set(one.shift.metric, family);
  }
  const family = new Map([...families].map(([metric, list]) => [metric, median(list)]));
  return courses.map((course): Judged => {
    const { one, center, sign, now } = course;
    const { seriesId, metric, entityId } = one.shift;
    const scale = scaleOf(course, family.get(metric) ?? 0);
    let quiet = 0;
    for (const value of one.base.values()) quiet = Math.max(quiet, (sign * value - center) / scale);
    return { seriesId, metric, entityId, away: (now - center) / scale, quiet, base: one.base };
  });
}

function stretchesIn(judged: readonly Judged[]): number {
  return new Set(judged.flatMap(({ base }) => [...base.keys()])).size;
}

/** The middle of the incident's stretches: a job of a minute is over in the next one. */
function courseOf(one: SeriesStretches): Course | undefined {
  if (one.base.size < 2 || one.incident.length === 0) return undefined;
  const sign = badDirection(one.shift.role) || 1;
  const values = [...one.base.values()].map((v) => sign * v).sort((a, b) => a - b);
  const center = median(values);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? center;
  const middle = Math.max(robustSpread(values, center), (at(0.9) - at(0.1)) / MIDDLE_80);
  // Nearly always the same: the few that are not say how far it goes.
  const spread = middle > 0 ? middle : (at(1) - at(0)) / RANGE;
  return { one, center, spread, sign, now: median(one.incident.map((v) => sign * v)) };
}

function scaleOf({ one, center, spread, now }: Course, family: number): number {
  const n = one.base.size;
  const usual = Math.abs(center) * family;
  const shrunk = Math.sqrt((n * spread * spread + FAMILY * usual * usual) / (n + FAMILY));
  const { role } = one.shift;
  if (role === 'health' && Math.abs(center) <= 1) return Math.max(shrunk, HEALTH);
  const relative = RELATIVE * Math.max(Math.abs(center), 0.5 * Math.abs(now));
  return Math.max(shrunk, relative, 1e-9);
}
