import type { TimeWindow } from '../../core/base';
import { alertBatches, alertsWithin, type AlertRecord, type PullItem } from '../../core/connect';
import type { Notice } from '../../core/model';
import { alertLabels, alertsOf, fingerprint, stretches, withPending, type Stretch } from './alerts';
import type { RuleGroups } from './answers';
import type { PrometheusApi } from './api';
import { lostNotice, refusalOf } from './failures';
import type { Family, Plan } from './plan';
import { ALL, matcher, type Selector } from './selector';
import { SeriesSource, together, type Found } from './series-source';
import { ALERTS } from './survey';
import { joined, msWindow, rangeOf, type MsWindow } from './windows';

export interface AlertSetup {
  readonly api: PrometheusApi;
  readonly plan: Plan;
  /** Series of ALERTS that fire in a window, by the first count. */
  readonly series: number;
  readonly windows: readonly TimeWindow[];
  readonly budget: number;
}

const FIRING: Selector = { matchers: matcher('alertstate', '=', 'firing') };
const FOR_STATE = 'ALERTS_FOR_STATE';
/** Evaluations in one answer, at one each 15 s. */
const PER_REQUEST = 100_000;
const INTERVAL_MS = 15_000;

/** The alerts of all windows in one step: what fires through several of them is one alert. */
export async function alertStep(setup: AlertSetup): Promise<readonly PullItem[]> {
  const { api, windows, budget } = setup;
  const notices: Notice[] = [];
  const found: Stretch[] = [];
  for (const window of joined(windows.map(msWindow))) {
    const { series, lost } = await samplesIn(setup, FIRING, ALERTS, window);
    notices.push(...lost.map(lostNotice));
    const firing = await withStarts(setup, stretches(series, window), window);
    const states =
      firing.length > 0 ? await samplesIn(setup, ALL, FOR_STATE, window) : together([]);
    notices.push(...states.lost.map(lostNotice));
    found.push(...withPending(firing, states.series));
  }
  const records = alertsOf(found, await rulesOf(api, notices));
  const { kept, sampled } = alertsWithin(records, budget);
  if (sampled) notices.push(sampledNotice(records.length, kept.length, budget));
  const unsure = found.filter(({ before, activeAt }) => before && activeAt === undefined).length;
  if (unsure > 0) notices.push(startUnknown(unsure));
  if (found.length > 0) notices.push(evaluated(found));
  return [
    ...alertBatches(kept).map((batch): PullItem => ({ kind: 'batch', batch })),
    ...notices.map((notice): PullItem => ({ kind: 'notice', notice })),
    ...windows.map((window) => coverageOf(window, records, kept, sampled)),
  ];
}

async function samplesIn(
  { api, plan, series }: AlertSetup,
  selector: Selector,
  metric: string,
  window: MsWindow,
): Promise<Found> {
  const source = new SeriesSource(api, [selector], plan);
  const family: Family = { names: [metric], histogram: false, withoutSelf: false };
  const length = Math.max(1, Math.floor(PER_REQUEST / Math.max(1, series))) * INTERVAL_MS;
  const parts: Found[] = [];
  for (let { from } = window; from < window.to; from += length) {
    parts.push(await source.get([family], { from, to: Math.min(window.to, from + length) }, 0));
  }
  return together(parts);
}

/** Stretches that began before the window, with the time that ALERTS_FOR_STATE has for them. */
async function withStarts(
  { api, plan }: AlertSetup,
  found: readonly Stretch[],
  window: MsWindow,
): Promise<readonly Stretch[]> {
  const until = Math.max(...found.filter(({ before }) => before).map(({ first }) => first));
  if (!Number.isFinite(until)) return found;
  const { range, at } = rangeOf({ from: window.from, to: until + 1 }, plan.leftOpen);
  const since = new Map<string, number>();
  try {
    const vector = await api.vector(`last_over_time(ALERTS_FOR_STATE${range})`, at);
    for (const { metric, value } of vector) {
      const seconds = Number(value?.[1]);
      if (Number.isFinite(seconds)) since.set(fingerprint(alertLabels(metric)), seconds);
    }
  } catch (error) {
    // Their starts are said to be unknown then.
    refusalOf(error);
  }
  return found.map((stretch) =>
    stretch.before
      ? { ...stretch, activeAt: since.get(fingerprint(alertLabels(stretch.labels))) }
      : stretch,
  );
}

async function rulesOf(api: PrometheusApi, notices: Notice[]): Promise<RuleGroups> {
  try {
    return await api.alertRules();
  } catch (error) {
    const message = `The alerting rules could not be asked (${refusalOf(error)}): alerts come without annotations.`;
    notices.push({ code: 'no-alert-rules', severity: 'warning', count: 1, message });
    return [];
  }
}

function coverageOf(
  window: TimeWindow,
  records: readonly AlertRecord[],
  kept: readonly AlertRecord[],
  sampled: boolean,
): PullItem {
  const inside = (list: readonly AlertRecord[]): number =>
    list.filter(
      ({ startsAt, endsAt }) =>
        startsAt < window.to && (endsAt === undefined || endsAt > window.from),
    ).length;
  const how = 'Stretches in which ALERTS was there, by the samples of its rule evaluations.';
  const counts = { rowsTotal: inside(records), rowsKept: inside(kept) };
  return { kind: 'coverage', coverage: { signal: 'alerts', window, ...counts, sampled, how } };
}

function sampledNotice(total: number, kept: number, budget: number): Notice {
  return {
    code: 'rows-sampled',
    severity: 'warning',
    count: total - kept,
    message: `${kept} of ${total} alerts were kept, severe ones whole: the budget is ${budget} rows.`,
  };
}

function evaluated(found: readonly Stretch[]): Notice {
  const longest = Math.max(...found.map(({ interval }) => interval)) / 1000;
  return {
    code: 'alert-times-evaluated',
    severity: 'info',
    count: found.length,
    message: `Starts and ends of ${found.length} stretches of firing are times of rule evaluations: what they tell of happened up to ${longest} s before. pending_since among the annotations is when the condition became true.`,
    detail: { seconds: longest },
  };
}

function startUnknown(count: number): Notice {
  return {
    code: 'alert-start-unknown',
    severity: 'info',
    count,
    message: `${count} alerts fired already when their window began; they start there for want of a better time.`,
  };
}
