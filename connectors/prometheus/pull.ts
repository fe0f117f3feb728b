import { throwIfAborted, type TimeWindow } from '../../core/base';
import {
  disjointWindows,
  type MetricFamily,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import { alertStep } from './alert-step';
import type { PrometheusApi, RawSeries } from './api';
import { lostNotice, refusalOf } from './failures';
import { kindOf } from './kinds';
import { makePlan, type PlanSetup } from './make-plan';
import { parsePosition, unitLabel, type Plan, type Position } from './plan';
import { SeriesRows } from './rows';
import { SeriesSource, keyOf } from './series-source';
import { render, type Selector } from './selector';
import { msWindow, type MsWindow } from './windows';

/** The steps of a pull, in order; each ends with a mark, and depends on the position alone. */
export async function* pullSteps(
  setup: PlanSetup,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem> {
  throwIfAborted(signal);
  const { api, selectors } = setup;
  const windows = disjointWindows(request.windows);
  const ms = windows.map(msWindow);
  let position: Position;
  if (request.resumeAt === undefined) {
    const made = await makePlan(setup, request, ms);
    for (const notice of made.notices) yield { kind: 'notice', notice };
    const none = windows.map(() => 0);
    position = { v: 1, at: 0, kept: none, twice: none, told: api.told, plan: made.plan };
  } else {
    position = parsePosition(request.resumeAt);
    api.recall(position.told);
    api.resolution = position.plan.resolution;
  }
  const pull = new Pull(
    api,
    position.plan.selectors ?? selectors,
    windows,
    ms,
    position,
    request.budget,
  );
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
      ...units.map((unit, i) => ({ label: unitLabel(this.plan, unit), run: () => this.unit(i) })),
      ...(units.length > 0
        ? this.ms.map((_, w) => ({ label: 'exemplars', run: () => this.exemplars(w) }))
        : []),
      ...(units.length > 0 ? [{ label: 'counts', run: () => this.coverage() }] : []),
      ...(alerts === null ? [] : [{ label: 'alerts', run: () => this.alerts(alerts) }]),
    ];
    if (this.start.at >= steps.length) return;
    const { stated, notices } = await this.metadata();
    this.kind = (metric) => kindOf(metric, stated, (name) => this.names.has(name));
    for (const notice of notices) yield { kind: 'notice', notice };
    for (let at = this.start.at; at < steps.length; at++) {
      throwIfAborted(signal);
      const step = steps[at];
      const items = (await step?.run()) ?? [];
      for (const item of items) yield item;
      yield { kind: 'mark', cursor: this.cursor(at + 1) };
      const label = step?.label ?? '';
      yield { kind: 'progress', done: at + 1, total: steps.length, unit: 'queries', label };
    }
  }

  private kind: (metric: string) => MetricFamily = () => ({
    kind: 'unknown',
    unit: '',
    description: '',
  });

  private cursor(at: number): string {
    const { kept, twice } = this;
    const head = JSON.stringify({ v: 1, at, kept, twice, told: this.api.told });
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

  private alerts(series: number): Promise<readonly PullItem[]> {
    const { api, plan, windows, budget } = this;
    return alertStep({ api, plan, series, windows, budget });
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
}

function strayNotice(count: number): readonly Notice[] {
  if (count === 0) return [];
  const message = `${count} bucket samples came without a +Inf bucket at their time and have no place in a histogram.`;
  return [{ code: 'stray-buckets', severity: 'warning', count, message }];
}
