import { z } from 'zod';
import { FaultlineError, throwIfAborted, type TimeWindow } from '../../core/base';
import {
  RetryCount,
  alertBatches,
  alertsWithin,
  disjointWindows,
  sendJson,
  type Catalog,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import { alertsOf, firesIn } from './alerts';
import { alertList, groupList, status, type AlertList, type GroupList } from './api';
import { linkTo, readLink } from './link';

const ALERTS = 'alerts';
const DONE = '{"v":1,"done":true}';

const config = z.object({ filter: z.string().default('') });

/** Alertmanager's API, version 2: what fires now, with its routing, silences and inhibitions. */
export const alertmanager: ConnectorFactory = {
  id: 'alertmanager',
  title: 'Alertmanager',
  signals: ['alerts'],
  exampleUrl: 'http://127.0.0.1:9093',
  fields: [
    {
      name: 'filter',
      label: 'Matchers',
      hint: 'Matchers such as severity="page", one a line. Empty: every alert.',
      required: false,
    },
  ],
  config,
  grafanaTypes: ['alertmanager'],
  readLink,
  linkTo,
  open: (values, env) => {
    const lines = config.parse(values).filter.split('\n');
    return open(
      env,
      lines.map((line) => line.trim()).filter((line) => line !== ''),
    );
  },
};

function open(env: ConnectorEnv, filter: readonly string[]): Connector {
  return {
    probe: (signal) => probe(env, signal),
    discover: (windows, signal) => discover(env, filter, windows, signal),
    pull: (request, signal) => pull(env, filter, request, signal),
  };
}

async function probe(env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const answer = await sendJson(env, { method: 'GET', path: '/api/v2/status' }, status, { signal });
  const { version } = answer.versionInfo;
  const facts = [`cluster ${answer.cluster.status}`, `up since ${answer.uptime}`];
  return { product: `Alertmanager ${version}`, version, facts, notices: [] };
}

async function discover(
  env: ConnectorEnv,
  filter: readonly string[],
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<Catalog> {
  const alerts = await askAlerts(env, filter, { signal });
  const { records } = alertsOf(alerts, [], windows, env.now());
  const count = records.length;
  const title = 'Alerts that fire in the windows';
  const item = {
    id: ALERTS,
    title,
    signal: ALERTS,
    count,
    unit: 'alerts',
    selected: true,
  } as const;
  return { items: [item], notices: [forgets(alerts.length)] };
}

async function* pull(
  env: ConnectorEnv,
  filter: readonly string[],
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem> {
  throwIfAborted(signal);
  // One answer holds everything, so there is one mark, at the end.
  if (request.resumeAt !== undefined) return;
  if (request.select !== undefined && !request.select.includes(ALERTS)) return;
  const retries = new RetryCount();
  const windows = disjointWindows(request.windows);
  const alerts = await askAlerts(env, filter, { signal, retries });
  const { groups, notices } = await askGroups(env, filter, { signal, retries });
  throwIfAborted(signal);
  const { records, unreadable } = alertsOf(alerts, groups, windows, env.now());
  const { kept, sampled } = alertsWithin(records, request.budget);
  const retried = retries.notice();
  const said: readonly (Notice | undefined)[] = [
    forgets(alerts.length),
    ...notices,
    unreadable > 0 ? unreadableNotice(unreadable) : undefined,
    sampled ? sampledNotice(records.length, kept.length, request.budget) : undefined,
    retried,
  ];
  for (const batch of alertBatches(kept)) yield { kind: 'batch', batch };
  for (const notice of said) if (notice) yield { kind: 'notice', notice };
  let before: readonly TimeWindow[] = [];
  for (const window of windows) {
    // An alert that fires through several windows is counted in the first.
    const first = ({ startsAt, endsAt }: (typeof records)[number]): boolean =>
      firesIn({ startsAt, endsAt }, window) &&
      !before.some((other) => firesIn({ startsAt, endsAt }, other));
    const rowsTotal = records.filter(first).length;
    const rowsKept = kept.filter(first).length;
    const how =
      'All alerts that Alertmanager still holds; one in several windows counts in the first.';
    const coverage = { signal: ALERTS, window, rowsTotal, rowsKept, sampled, how } as const;
    yield { kind: 'coverage', coverage };
    before = [...before, window];
  }
  throwIfAborted(signal);
  yield { kind: 'mark', cursor: DONE };
  const total = kept.length;
  yield { kind: 'progress', done: total, total, unit: 'alerts', label: 'Alertmanager' };
}

interface Asking {
  readonly signal: AbortSignal;
  readonly retries?: RetryCount;
}

function askAlerts(
  env: ConnectorEnv,
  filter: readonly string[],
  options: Asking,
): Promise<AlertList> {
  const query = filter.map((text) => ['filter', text] as const);
  return sendJson(env, { method: 'GET', path: '/api/v2/alerts', query }, alertList, options);
}

async function askGroups(
  env: ConnectorEnv,
  filter: readonly string[],
  options: Asking,
): Promise<{ readonly groups: GroupList; readonly notices: readonly Notice[] }> {
  const query = filter.map((text) => ['filter', text] as const);
  const path = '/api/v2/alerts/groups';
  try {
    const request = { method: 'GET', path, query } as const;
    return { groups: await sendJson(env, request, groupList, options), notices: [] };
  } catch (error) {
    const codes = ['connector/refused', 'connector/bad-answer', 'connector/limit'];
    if (!(error instanceof FaultlineError) || !codes.includes(error.code)) throw error;
    const message = `The groups of alerts could not be asked (${error.message}): alerts come without their group.`;
    return { groups: [], notices: [{ code: 'no-groups', severity: 'warning', count: 1, message }] };
  }
}

function forgets(count: number): Notice {
  return {
    code: 'resolved-forgotten',
    severity: 'info',
    count,
    message: `Alerts that Alertmanager holds now: ${count}. It forgets resolved ones within minutes: pull those from Prometheus (ALERTS), or let it send them to Faultline's receiver.`,
  };
}

function unreadableNotice(count: number): Notice {
  const message = `${count} alerts have no start that can be read and were left out.`;
  return { code: 'records-dropped', severity: 'warning', count, message };
}

function sampledNotice(total: number, kept: number, budget: number): Notice {
  const message = `${kept} of ${total} alerts were kept, severe ones whole: the budget is ${budget} rows.`;
  return { code: 'rows-sampled', severity: 'warning', count: total - kept, message };
}
