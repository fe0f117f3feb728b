import type { PrometheusApi, RawSeries } from './api';
import { isRefusal, refusalOf, type Lost } from './failures';
import { limitOf } from './limits';
import { parseMatchers } from './matchers';
import { narrowed, type Asked } from './narrow';
import type { Family, Plan } from './plan';
import { namedOneOf, render, type Selector } from './selector';
import { notOfJobs } from './survey';
import { halved, rangeOf, type MsWindow } from './windows';

export interface Found {
  /** In the order of their labels, samples inside the window only. */
  readonly series: readonly RawSeries[];
  readonly lost: readonly Lost[];
  /** Samples that a second selector brought again. */
  readonly twice: number;
}

/** Times a piece of time is halved before the backend's limit is taken for final. */
const HALVINGS = 6;

/** Asks for series; what is refused is asked for in smaller pieces until only what fails is lost. */
export class SeriesSource {
  constructor(
    private readonly api: PrometheusApi,
    private readonly selectors: readonly Selector[],
    private readonly plan: Plan,
  ) {}

  /** `stepMs` 0 gives raw samples, else the last sample of each step, at the step's last millisecond. */
  async get(
    families: readonly Family[],
    window: MsWindow,
    stepMs: number,
    halvings = 0,
  ): Promise<Found> {
    try {
      return await this.ask(families, window, stepMs);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const limit = limitOf(error);
      const ofTime = limit === 'length' || limit === 'points';
      if (families.length > 1 && !ofTime) {
        if (limit) this.api.wasSplit(limit);
        const half = Math.ceil(families.length / 2);
        return together([
          await this.get(families.slice(0, half), window, stepMs, halvings),
          await this.get(families.slice(half), window, stepMs, halvings),
        ]);
      }
      const halves = limit && halvings < HALVINGS ? halved(window, stepMs) : [];
      if (halves.length > 0) this.api.wasSplit(limit ?? 'other');
      const parts: Found[] = [];
      for (const half of halves) parts.push(await this.get(families, half, stepMs, halvings + 1));
      if (parts.length > 0) return together(parts);
      const names = families.flatMap((family) => family.names);
      return { series: [], lost: [{ names, window, why: error.message }], twice: 0 };
    }
  }

  private async ask(families: readonly Family[], window: MsWindow, stepMs: number): Promise<Found> {
    const names = families.flatMap((family) => family.names);
    const without = families.some(({ withoutSelf }) => withoutSelf);
    const more = [namedOneOf(names), without ? notOfJobs(this.plan.selfJobs) : ''];
    const byKey = new Map<string, RawSeries>();
    let twice = 0;
    for (const selector of this.selectors) {
      for (const series of await this.fetch({ selector, more, window }, stepMs, names.length > 1)) {
        const inside = within(series, window);
        const key = keyOf(series.labels);
        if (byKey.has(key)) twice += inside.ts.length;
        else if (inside.ts.length + inside.histograms.length > 0) byKey.set(key, inside);
      }
    }
    const series = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    return { series, lost: [], twice };
  }

  /** Of one metric, fewer series at a time where all of them are over the backend's limit. */
  private async fetch(
    asked: Asked,
    stepMs: number,
    several: boolean,
  ): Promise<readonly RawSeries[]> {
    const { selector, more, window } = asked;
    const ask = (matchers: readonly string[]): Promise<readonly RawSeries[]> =>
      this.send(render(selector, ...matchers), window, stepMs);
    try {
      return await ask(more);
    } catch (error) {
      if (several || limitOf(error) !== 'series') throw error;
      this.api.wasSplit('series');
      return (await narrowed(this.api, asked, ask, error)).flat();
    }
  }

  private async send(
    selector: string,
    window: MsWindow,
    stepMs: number,
  ): Promise<readonly RawSeries[]> {
    const { leftOpen, remote } = this.plan;
    const read = stepMs === 0 && remote ? await this.read(selector, window) : undefined;
    if (read) return read;
    if (stepMs === 0) {
      const { range, at } = rangeOf(window, leftOpen);
      return this.api.samples(`${selector}${range}`, at);
    }
    const { range } = rangeOf({ from: 0, to: stepMs }, leftOpen);
    const query = `last_over_time(${selector}${range})`;
    return this.api.range(query, window.from + stepMs - 1, window.to - 1, stepMs);
  }

  /** By remote read; undefined where it does not work for this, which is counted. */
  private async read(
    selector: string,
    window: MsWindow,
  ): Promise<readonly RawSeries[] | undefined> {
    const matchers = parseMatchers(selector.slice(1, -1));
    try {
      if (matchers) return await this.api.read(matchers, window);
      this.api.wasNotRead('A matcher is written in a way that is not understood here.');
    } catch (error) {
      this.api.wasNotRead(refusalOf(error));
    }
    return undefined;
  }
}

/** What parts of one request, by metrics or in order of time, found; a series that is cut in time is put together again. */
export function together(parts: readonly Found[]): Found {
  const byKey = new Map<string, RawSeries>();
  for (const { series } of parts) {
    for (const one of series) {
      const key = keyOf(one.labels);
      const before = byKey.get(key);
      byKey.set(key, before ? appended(before, one) : one);
    }
  }
  return {
    series: [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    lost: parts.flatMap(({ lost }) => lost),
    twice: parts.reduce((n, part) => n + part.twice, 0),
  };
}

function appended(a: RawSeries, b: RawSeries): RawSeries {
  return {
    labels: a.labels,
    ts: [...a.ts, ...b.ts],
    values: [...a.values, ...b.values],
    histograms: [...a.histograms, ...b.histograms],
  };
}

function within(series: RawSeries, { from, to }: MsWindow): RawSeries {
  const { ts, values, histograms, labels } = series;
  const first = ts[0] ?? from;
  const last = ts.at(-1) ?? from;
  const native = histograms.filter((h) => h.ts >= from && h.ts < to);
  if (first >= from && last < to) return { labels, ts, values, histograms: native };
  const inside = (t: number | undefined): boolean => t !== undefined && t >= from && t < to;
  return {
    labels,
    ts: ts.filter(inside),
    values: values.filter((_, i) => inside(ts[i])),
    histograms: native,
  };
}

/** Equal for equal label sets. */
export function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
