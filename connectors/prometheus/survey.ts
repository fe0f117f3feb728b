import { FaultlineError } from '../../core/base';
import type { Notice } from '../../core/model';
import type { PrometheusApi } from './api';
import { refusalOf } from './failures';
import { limitOf } from './limits';
import { narrowed } from './narrow';
import { escapeRegex, matcher, render, type Selector } from './selector';
import { halved, rangeOf, type MsWindow } from './windows';
import type { Resolution } from './wire';

/** A metric and how many series it has in each window. */
export interface Metric {
  readonly name: string;
  readonly series: readonly number[];
  /** Of these, buckets with le="+Inf": the number of classic histograms. */
  readonly histograms: readonly number[];
  /** What a Prometheus says about itself: in no series, in some of them, or nothing else. */
  readonly internal: 'no' | 'some' | 'all';
}

export interface Survey {
  readonly metrics: readonly Metric[];
  /** Jobs under which a Prometheus scrapes itself. */
  readonly selfJobs: readonly string[];
  readonly alertSeries: number;
  /** Whether the older end of a range is left out. */
  readonly leftOpen: boolean;
  readonly resolution: Resolution;
  readonly notices: readonly Notice[];
}

/** Series of alerts, which become alerts and not samples. */
export const ALERTS = 'ALERTS';
const NOT_METRICS: ReadonlySet<string> = new Set([ALERTS, 'ALERTS_FOR_STATE']);
const INTERNAL = ['prometheus', 'promhttp', 'net_conntrack', 'go', 'process'];
const INTERNAL_NAME = new RegExp(`^(${INTERNAL.join('|')})_`);

/**
 * What is there in the windows, by counting queries alone. A Thanos that has no raw samples of that time any more
 * is asked for what it made of them.
 */
export async function survey(
  api: PrometheusApi,
  selectors: readonly Selector[],
  windows: readonly MsWindow[],
): Promise<Survey> {
  const raw = await surveyAt(api, selectors, windows);
  if (raw.metrics.length > 0 || raw.alertSeries > 0 || !(await isThanos(api))) return raw;
  for (const resolution of ['5m', '1h'] as const) {
    api.resolution = resolution;
    const found = await surveyAt(api, selectors, windows);
    if (found.metrics.length === 0) continue;
    return { ...found, notices: [...found.notices, downsampledNotice(found)] };
  }
  api.resolution = '0s';
  return raw;
}

async function isThanos(api: PrometheusApi): Promise<boolean> {
  try {
    await api.stores();
    return true;
  } catch (error) {
    refusalOf(error);
    return false;
  }
}

function downsampledNotice({ metrics, resolution }: Survey): Notice {
  const long = resolution === '5m' ? 'five minutes' : 'an hour';
  return {
    code: 'downsampled',
    severity: 'warning',
    count: metrics.length,
    message: `Thanos has no raw samples of this time any more: averages of ${long} are pulled, of ${metrics.length} metrics. Peaks inside of that are lost; counts are of the raw samples.`,
    detail: { resolution },
  };
}

async function surveyAt(
  api: PrometheusApi,
  selectors: readonly Selector[],
  windows: readonly MsWindow[],
): Promise<Survey> {
  const leftOpen = await isLeftOpen(api);
  const counter = new SeriesCounter(api, leftOpen);
  const self = await counter.by('job', [{ name: 'prometheus_build_info', matchers: '' }], windows);
  const selfJobs = [...self.keys()].filter((job) => job !== '').sort();
  const all = await counter.by('__name__', selectors, windows);
  const infinite = await counter.by('__name__', selectors, windows, [
    matcher('__name__', '=~', '.+_bucket'),
    matcher('le', '=', '+Inf'),
  ]);
  const foreign =
    selfJobs.length === 0
      ? all
      : await counter.by('__name__', selectors, windows, [
          matcher('__name__', '=~', `(?:${INTERNAL.join('|')})_.+`),
          notOfJobs(selfJobs),
        ]);
  const firing: Selector = { name: ALERTS, matchers: matcher('alertstate', '=', 'firing') };
  const alerts = (await counter.by('__name__', [firing], windows)).get(ALERTS) ?? [0];
  const none = windows.map(() => 0);
  const metrics = [...all.entries()]
    .filter(([name]) => name !== '' && !NOT_METRICS.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, series]): Metric => {
      const histograms = infinite.get(name) ?? none;
      const internal = internalOf(name, series, foreign.get(name) ?? none);
      return { name, series, histograms, internal };
    });
  const { notices } = counter;
  const { resolution } = api;
  return { metrics, selfJobs, alertSeries: Math.max(...alerts), leftOpen, resolution, notices };
}

/** Leaves the series out that a Prometheus of these jobs has about itself. */
export function notOfJobs(jobs: readonly string[]): string {
  return matcher('job', '!~', jobs.map(escapeRegex).join('|'));
}

/**
 * Whether a range leaves its older end out, as in Prometheus 3 and VictoriaMetrics: a minute then holds one
 * point of a subquery by the minute, else two. Where it can't be asked, the longer range is taken.
 */
async function isLeftOpen(api: PrometheusApi): Promise<boolean> {
  try {
    const [points] = await api.vector('count_over_time(vector(1)[1m:1m])', 3_600_000);
    return points?.value?.[1] !== '2';
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'connector/refused') return true;
    throw error;
  }
}

function internalOf(
  name: string,
  all: readonly number[],
  foreign: readonly number[],
): Metric['internal'] {
  if (!INTERNAL_NAME.test(name) || all.every((n, i) => n === foreign[i])) return 'no';
  return foreign.some((n) => n > 0) ? 'some' : 'all';
}

type Counts = readonly (readonly [value: string, series: number])[];
/** Times a piece of time is halved before the backend's limit is taken for final. */
const HALVINGS = 6;

class SeriesCounter {
  readonly notices: Notice[] = [];

  constructor(
    private readonly api: PrometheusApi,
    private readonly leftOpen: boolean,
  ) {}

  /** Series in each window by a label's value; selectors that overlap count a series more than once. */
  async by(
    label: string,
    selectors: readonly Selector[],
    windows: readonly MsWindow[],
    more: readonly string[] = [],
  ): Promise<ReadonlyMap<string, readonly number[]>> {
    const counts = new Map<string, number[]>();
    for (const [w, window] of windows.entries()) {
      for (const selector of selectors) {
        for (const [value, n] of await this.count(label, selector, more, window)) {
          const of = counts.get(value) ?? windows.map(() => 0);
          of[w] = (of[w] ?? 0) + n;
          counts.set(value, of);
        }
      }
    }
    return counts;
  }

  private async count(
    label: string,
    selector: Selector,
    more: readonly string[],
    window: MsWindow,
  ): Promise<Counts> {
    const ask = async (what: string, at: number): Promise<Counts> => {
      const vector = await this.api.vector(`count by (${label}) (${what})`, at);
      return vector.map(({ metric, value }) => [metric[label] ?? '', Number(value?.[1] ?? 0)]);
    };
    const within = async (
      matchers: readonly string[],
      piece: MsWindow,
      halvings: number,
    ): Promise<Counts> => {
      const { range, at } = rangeOf(piece, this.leftOpen);
      try {
        return await ask(`last_over_time(${render(selector, ...matchers)}${range})`, at);
      } catch (error) {
        const limit = limitOf(error);
        const halves = limit && limit !== 'series' && halvings < HALVINGS ? halved(piece) : [];
        if (halves.length === 0) throw error;
        this.api.wasSplit(limit ?? 'other');
        const parts: Counts[] = [];
        for (const half of halves) parts.push(await within(matchers, half, halvings + 1));
        // A series that lasts is in every piece.
        return merged(parts, Math.max);
      }
    };
    try {
      return await within(more, window, 0);
    } catch (error) {
      if (!(error instanceof FaultlineError) || error.code !== 'connector/refused') throw error;
      if (limitOf(error) === 'series') {
        this.api.wasSplit('series');
        const by = (matchers: readonly string[]): Promise<Counts> => within(matchers, window, 0);
        const parts = await narrowed(this.api, { selector, more, window }, by, error);
        return merged(parts, (a, b) => a + b);
      }
      const found = await ask(render(selector, ...more), rangeOf(window, this.leftOpen).at);
      this.notices.push({
        code: 'series-counted-at-end',
        severity: 'warning',
        count: found.length,
        message: `Series of a whole window can not be counted here (${error.message}); those at its end were, and what ended before is not pulled. Narrow the window or the selectors.`,
      });
      return found;
    }
  }
}

function merged(parts: readonly Counts[], join: (a: number, b: number) => number): Counts {
  const counts = new Map<string, number>();
  for (const part of parts) {
    for (const [value, n] of part) counts.set(value, join(counts.get(value) ?? 0, n));
  }
  return [...counts];
}
