import type { PullRequest } from '../../core/connect';
import type { Notice } from '../../core/model';
import type { PrometheusApi } from './api';
import { familiesOf, sizeFamilies } from './count';
import { planUnits, sum, type Plan, type Planned, type SizedFamily } from './plan';
import type { Selector } from './selector';
import { ofService } from './service';
import { ALERTS, survey, type Metric } from './survey';
import type { MsWindow } from './windows';

export interface PlanSetup {
  readonly api: PrometheusApi;
  readonly selectors: readonly Selector[];
  /** '' for all. */
  readonly service: string;
  readonly stepMs?: number;
  /** Raw samples by remote read. */
  readonly remote: boolean;
}

/** Counts what is there, then decides what is pulled and how; says what it decided. */
export async function makePlan(
  { api, selectors: asked, service, stepMs, remote }: PlanSetup,
  { select, budget }: PullRequest,
  windows: readonly MsWindow[],
): Promise<{ readonly plan: Plan; readonly notices: readonly Notice[] }> {
  const selectors = await ofService(api, asked, service, windows);
  const found = await survey(api, selectors, windows);
  const chosen = found.metrics.filter((metric) => isSelected(metric, select));
  const all = new Set(found.metrics.map(({ name }) => name));
  const families = familiesOf(chosen, all, select !== undefined);
  const sized = await sizeFamilies(api, families, found, selectors, windows);
  const planned = planUnits(sized, windows, budget, stepMs);
  const counted = sized.every((family) => family.counted);
  const wantsAlerts = select === undefined ? found.alertSeries > 0 : select.includes(ALERTS);
  const plan: Plan = {
    leftOpen: found.leftOpen,
    resolution: found.resolution,
    remote,
    selfJobs: [...found.selfJobs],
    selectors: [...selectors],
    stepMs: planned.stepMs,
    families: planned.families.map(({ names, histogram, withoutSelf }) => ({
      names: [...names],
      histogram,
      withoutSelf,
    })),
    units: [...planned.units],
    totals: windows.map((_, w) => (counted ? sum(sized.map(({ rows }) => rows[w] ?? 0)) : null)),
    alerts: wantsAlerts ? found.alertSeries : null,
  };
  const notices = [
    ...found.notices,
    ...nothingNotice(planned, plan),
    ...unknownNotice(select, found.metrics),
    ...(select === undefined ? internalNotice(found.metrics) : []),
    ...uncountedNotice(sized),
    ...budgetNotices(planned, sized, budget, stepMs),
  ];
  return { plan, notices };
}

function nothingNotice({ families, left }: Planned, { alerts }: Plan): readonly Notice[] {
  if (families.length + left.length > 0 || alerts !== null) return [];
  const message =
    'No metric that was asked for has a sample in the windows. Is it the right time, selector and server?';
  return [{ code: 'nothing-found', severity: 'warning', count: 0, message }];
}

export function isSelected({ name, internal }: Metric, select?: readonly string[]): boolean {
  return select === undefined ? internal !== 'all' : select.includes(name);
}

function unknownNotice(
  select: readonly string[] | undefined,
  metrics: readonly Metric[],
): readonly Notice[] {
  const known = new Set([ALERTS, ...metrics.map(({ name }) => name)]);
  const unknown = (select ?? []).filter((name) => !known.has(name));
  if (unknown.length === 0) return [];
  const message = `${unknown.length} metrics that were asked for have no sample in the windows: ${some(unknown)}.`;
  return [
    {
      code: 'metrics-not-found',
      severity: 'warning',
      count: unknown.length,
      message,
      detail: { metrics: unknown.slice(0, 50) },
    },
  ];
}

export function internalNotice(metrics: readonly Metric[]): readonly Notice[] {
  const left = metrics.filter(({ internal }) => internal === 'all').map(({ name }) => name);
  if (left.length === 0) return [];
  const message = `${left.length} metrics that Prometheus keeps about itself are not selected: ${some(left)}. Choose them by name to have them.`;
  return [{ code: 'internal-metrics', severity: 'info', count: left.length, message }];
}

function uncountedNotice(sized: readonly SizedFamily[]): readonly Notice[] {
  const names = sized.filter(({ counted }) => !counted).map(({ names }) => names[0] ?? '');
  if (names.length === 0) return [];
  const message = `Samples of ${names.length} metrics could not be counted and are estimated: ${some(names)}.`;
  return [{ code: 'count-failed', severity: 'warning', count: names.length, message }];
}

function budgetNotices(
  { stepMs, left }: Planned,
  sized: readonly SizedFamily[],
  budget: number,
  asked: number | undefined,
): readonly Notice[] {
  const rows = sum(sized.map((family) => sum(family.rows)));
  if (rows === 0) return [];
  if (stepMs === 0) {
    const message = `Raw samples are pulled, each with its own time: ${rows} rows fit the budget of ${budget}.`;
    return [{ code: 'raw-samples', severity: 'info', count: rows, message }];
  }
  const step = `${stepMs / 1000} s`;
  const notices: Notice[] =
    asked === stepMs
      ? [
          {
            code: 'step-asked',
            severity: 'info',
            count: rows,
            message: `The last sample of each ${step} is pulled, as asked; there are ${rows} rows.`,
          },
        ]
      : [
          {
            code: 'step-widened',
            severity: 'warning',
            count: rows,
            message: `The last sample of each ${step} is pulled: all ${rows} rows are over the budget of ${budget}. Raise the budget, narrow the window or choose metrics to have more.`,
            detail: { step, budget, rows },
          },
        ];
  if (left.length > 0) {
    const names = left.flatMap((family) => family.names);
    notices.push({
      code: 'metrics-left-out',
      severity: 'warning',
      count: names.length,
      message: `${names.length} metrics, the largest ones, are left out of the budget of ${budget} rows: ${some(names)}.`,
      detail: { metrics: names.slice(0, 200) },
    });
  }
  return notices;
}

function some(names: readonly string[]): string {
  const first = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${first} and ${names.length - 5} more` : first;
}
