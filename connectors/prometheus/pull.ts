import { FaultlineError, throwIfAborted, type TimeWindow } from '../../core/base';
import {
  alertBatches,
  alertsWithin,
  disjointWindows,
  type MetricFamily,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import { alertLabels, alertsOf, fingerprint, stretches, type Stretch } from './alerts';
import type { PrometheusApi, RawSeries, RuleGroups } from './api';
import { kindOf } from './kinds';
import { makePlan } from './make-plan';
import { parsePosition, type Family, type Plan, type Position } from './plan';
import { SeriesRows } from './rows';
import { SeriesSource, keyOf, type Lost } from './series-source';
import { matcher, render, type Selector } from './selector';
import { ALERTS } from './survey';
import { joined, msWindow, rangeOf, type MsWindow } from './windows';

export interface PullSetup {
  readonly api: PrometheusApi;
  readonly selectors: readonly Selector[];
  readonly stepMs?: number;
}

/** The steps of a pull, in order; each ends with a mark, and depends on the position alone. */
export async function* pullSteps(
  { api, selectors, stepMs }: PullSetup,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem> {
  throwIfAborted(signal);
  const windows = disjointWindows(request.windows);
  const ms = windows.map(msWindow);
  let position: Position;
  if (request.resumeAt === undefined) {
    const made = await makePlan({ api, selectors, stepMs }, request, ms);
    for (const notice of made.notices) yield { kind: 'notice', notice };
    const none = windows.map(() => 0);
    position = { v: 1, at: 0, kept: none, twice: none, plan: made.plan };
  } else {
    position = parsePosition(request.resumeAt);
  }
  const pull = new Pull(api, selectors, windows, ms, position, request.budget);
  yield* pull.run(signal);
  for (const notice of api.notices()) yield { kind: 'notice', notice };
}

class Pull {
  private readonly plan: Plan;
  private readonly planText: string;
  private readonly histograms: ReadonlySet<string>;
  private readonly names: ReadonlySet<string>;
  private readonly kept: number[];
  private readonly twice: number[];

  constructor(
    private readonly api: PrometheusApi,
    private readonly selectors: readonly Selector[],
    private readonly windows: readonly TimeWindow[],
    private readonly ms: readonly MsWindow[],
    private readonly start: Position,
    private readonly budget: number,
  ) {
    this.plan = start.plan;
    this.planText = JSON.stringify(start.plan);
    this.kept = [...start.kept];
    this.twice = [...start.twice];
    const { families } = this.plan;
    this.names = new Set(families.flatMap(({ names }) => names));
    this.histograms = new Set(families.flatMap((f) => (f.histogram ? f.names.slice(0, 1) : [])));
  }

  async *run(signal: AbortSignal): AsyncGenerator<PullItem> {
    const { units, alerts } = this.plan;
    const steps = [
      ...units.map((_, i) => () => this.unit(i)),
      ...(units.length > 0 ? this.ms.map((_, w) => () => this.exemplars(w)) : []),
      ...(units.length > 0 ? [() => this.coverage()] : []),
      ...(alerts ? [() => this.alerts()] : []),
    ];
    if (this.start.at >= steps.length) return;
    const { stated, notices } = await this.metadata();
    this.kind = (metric) => kindOf(metric, stated, (name) => this.names.has(name));
    for (const notice of notices) yield { kind: 'notice', notice };
    for (let at = this.start.at; at < steps.length; at++) {
      throwIfAborted(signal);
      const items = (await steps[at]?.()) ?? [];
      for (const item of items) yield item;
      yield { kind: 'mark', cursor: this.cursor(at + 1) };
      const label = 'Prometheus';
      yield { kind: 'progress', done: at + 1, total: steps.length, unit: 'requests', label };
    }
  }

  private kind: (metric: string) => MetricFamily = () => ({
    kind: 'unknown',
    unit: '',
    description: '',
  });

  private cursor(at: number): string {
    const { kept, twice } = this;
    const head = JSON.stringify({ v: 1, at, kept, twice });
    return `${head.slice(0, -1)},"plan":${this.planText}}`;
  }

  private async metadata(): Promise<{
    stated: ReadonlyMap<string, MetricFamily>;
    notices: readonly Notice[];
  }> {
    try {
      return { stated: await this.api.metadata(), notices: [] };
    } catch (error) {
      const why = refusalOf(error);
      const message = `What kind each metric is could not be asked (${why}); it is taken from the names.`;
      const notice: Notice = { code: 'no-metadata', severity: 'warning', count: 1, message };
      return { stated: new Map(), notices: [notice] };
    }
  }

  private async unit(index: number): Promise<readonly PullItem[]> {
    const unit = this.plan.units[index];
    if (!unit) return [];
    const [w, from, to, stepMs, first, end] = unit;
    const source = new SeriesSource(this.api, this.selectors, this.plan);
    const families = this.plan.families.slice(first, end);
    const { series, lost, twice } = await source.get(families, { from, to }, stepMs);
    const rows = new SeriesRows(this.kind, this.plan.stepMs);
    const byName = new Map<string, RawSeries[]>();
    for (const one of series) {
      const name = one.labels['__name__'] ?? '';
      const list = byName.get(name);
      if (list) list.push(one);
      else byName.set(name, [one]);
    }
    for (const family of families) {
      rows.family(
        family,
        family.names.flatMap((name) => byName.get(name) ?? []),
      );
    }
    this.kept[w] = (this.kept[w] ?? 0) + rows.rows;
    this.twice[w] = (this.twice[w] ?? 0) + twice;
    const notices = [...lost.map(lostNotice), ...strayNotice(rows.stray)];
    return [
      ...rows.take().map((batch): PullItem => ({ kind: 'batch', batch })),
      ...notices.map((notice): PullItem => ({ kind: 'notice', notice })),
    ];
  }

  private async exemplars(w: number): Promise<readonly PullItem[]> {
    const window = this.ms[w];
    if (!window) return [];
    const rows = new SeriesRows(this.kind, this.plan.stepMs);
    const seen = new Set<string>();
    try {
      for (const selector of this.selectors) {
        const found = await this.api.exemplars(render(selector), window.from, window.to - 1);
        const sorted = found
          .map((one) => ({ one, key: keyOf(one.seriesLabels) }))
          .sort((a, b) => (a.key < b.key ? -1 : 1));
        for (const { one, key } of sorted) {
          const name = one.seriesLabels['__name__'] ?? '';
          if (seen.has(key) || !this.names.has(name)) continue;
          seen.add(key);
          rows.exemplar(one, window, this.histograms.has(name));
        }
      }
    } catch (error) {
      // Exemplars are an extra that many backends do not keep.
      refusalOf(error);
      return [];
    }
    return rows.take().map((batch): PullItem => ({ kind: 'batch', batch }));
  }

  private coverage(): Promise<readonly PullItem[]> {
    const { stepMs, totals } = this.plan;
    const items = this.windows.map((window, w): PullItem => {
      const rowsKept = this.kept[w] ?? 0;
      const counted = totals[w] ?? null;
      const rowsTotal = counted === null ? null : counted - (this.twice[w] ?? 0);
      const sampled = rowsTotal === null ? stepMs > 0 : rowsKept < rowsTotal;
      const how =
        stepMs === 0
          ? 'Counted by count_over_time; every sample with its own time.'
          : `Counted by count_over_time; the last sample of each ${stepMs / 1000} s.`;
      const coverage = { signal: 'samples', window, rowsTotal, rowsKept, sampled, how } as const;
      return { kind: 'coverage', coverage };
    });
    return Promise.resolve(items);
  }

  private async alerts(): Promise<readonly PullItem[]> {
    const notices: Notice[] = [];
    const found: Stretch[] = [];
    const since = new Map<string, number>();
    const source = new SeriesSource(this.api, [FIRING], this.plan);
    for (const window of joined(this.ms)) {
      const { series, lost } = await source.get([ALERT_FAMILY], window, 0);
      notices.push(...lost.map(lostNotice));
      const here = stretches(series, window);
      found.push(...here);
      const edge = Math.max(...here.filter(({ before }) => before).map(({ first }) => first));
      if (Number.isFinite(edge)) await this.activeSince(window, edge, since);
    }
    const records = alertsOf(found, since, await this.rules(notices));
    const { kept, sampled } = alertsWithin(records, this.budget);
    if (sampled) notices.push(alertsSampled(records.length, kept.length, this.budget));
    const unsure = found.filter(
      ({ before, labels }) => before && !since.has(fingerprint(alertLabels(labels))),
    );
    if (unsure.length > 0) notices.push(startUnknown(unsure.length));
    const coverage = this.windows.map((window): PullItem => {
      const inside = (list: typeof records): number =>
        list.filter(
          ({ startsAt, endsAt }) => startsAt < window.to && (endsAt ?? window.to) > window.from,
        ).length;
      const how = 'Stretches in which ALERTS was there, by the samples of its rule evaluations.';
      const counts = { rowsTotal: inside(records), rowsKept: inside(kept) };
      return { kind: 'coverage', coverage: { signal: 'alerts', window, ...counts, sampled, how } };
    });
    return [
      ...alertBatches(kept).map((batch): PullItem => ({ kind: 'batch', batch })),
      ...notices.map((notice): PullItem => ({ kind: 'notice', notice })),
      ...coverage,
    ];
  }

  /** When alerts became active that fired already at a window's start, in seconds by fingerprint. */
  private async activeSince(
    window: MsWindow,
    until: number,
    since: Map<string, number>,
  ): Promise<void> {
    const { range, at } = rangeOf({ from: window.from, to: until + 1 }, this.plan.leftOpen);
    try {
      const query = `last_over_time(ALERTS_FOR_STATE${range})`;
      for (const { metric, value } of await this.api.vector(query, at)) {
        const seconds = Number(value?.[1]);
        if (Number.isFinite(seconds)) since.set(fingerprint(alertLabels(metric)), seconds);
      }
    } catch (error) {
      // Starts are said to be unknown then.
      refusalOf(error);
    }
  }

  private async rules(notices: Notice[]): Promise<RuleGroups> {
    try {
      return await this.api.alertRules();
    } catch (error) {
      const message = `The alerting rules could not be asked (${refusalOf(error)}): alerts come without annotations.`;
      notices.push({ code: 'no-alert-rules', severity: 'warning', count: 1, message });
      return [];
    }
  }
}

const FIRING: Selector = { matchers: matcher('alertstate', '=', 'firing') };
const ALERT_FAMILY: Family = { names: [ALERTS], histogram: false, withoutSelf: false };

/** Why the backend refused; anything else (sign-in, network, cancel) is thrown on. */
export function refusalOf(error: unknown): string {
  const codes = ['connector/refused', 'connector/bad-answer', 'connector/limit'];
  if (error instanceof FaultlineError && codes.includes(error.code)) return error.message;
  throw error;
}

function lostNotice({ names, window, why }: Lost): Notice {
  const time = `${new Date(window.from).toISOString()}..${new Date(window.to).toISOString()}`;
  return {
    code: 'query-failed',
    severity: 'warning',
    count: names.length,
    message: `${names.join(', ')} could not be pulled for ${time}: ${why}`,
    detail: { metrics: names, window: time },
  };
}

function strayNotice(count: number): readonly Notice[] {
  if (count === 0) return [];
  const message = `${count} bucket samples came without a +Inf bucket at their time and have no place in a histogram.`;
  return [{ code: 'stray-buckets', severity: 'warning', count, message }];
}

function alertsSampled(total: number, kept: number, budget: number): Notice {
  return {
    code: 'rows-sampled',
    severity: 'warning',
    count: total - kept,
    message: `${kept} of ${total} alerts were kept, severe ones whole: the budget is ${budget} rows.`,
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
