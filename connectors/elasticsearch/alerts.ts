import type { TimeWindow } from '../../core/base';
import { alertBatches, alertsWithin, type AlertRecord, type PullItem } from '../../core/connect';
import type { Hit, Json } from './api';
import type { Sampling, Target } from './cursor';
import { documentOf } from './fetch';
import { ALERT_MAPPERS, Watches } from './map-alerts';
import type { Read } from './paging';
import { allOf, anyOf, noneOf, inWindow } from './queries';
import type { Fields } from './recognise';
import { isAlerts, type AlertProfile, type Mapping } from './spec';
import type { Tally } from './tally';
import { rangeQuery, type TimeField } from './time-field';

/** Documents of one item that are put together; Watcher writes one for every execution. */
const MOST_DOCUMENTS = 200_000;

/** When an alert of each form ended; the others never say. */
const ENDS: Readonly<Partial<Record<AlertProfile, string>>> = {
  'kibana-alerts': 'kibana.alert.end',
  'opensearch-alerts': 'end_time',
};

/** How an index of alerts is read; undefined where it holds none. */
export function alertMapping(fields: Fields): Mapping | undefined {
  const all = (...names: readonly string[]): boolean => names.every((name) => fields.has(name));
  const timed = (profile: AlertProfile, ...names: readonly string[]): Mapping | undefined => {
    const time = names.map((name) => fields.time(name)).find((found) => found !== undefined);
    return time && { profile, time, fields: {} };
  };
  if (all('kibana.alert.rule.name', 'kibana.alert.status')) {
    return timed('kibana-alerts', 'kibana.alert.start', '@timestamp');
  }
  if (all('monitor_id', 'trigger_id', 'start_time'))
    return timed('opensearch-alerts', 'start_time');
  if (all('watch_id') && (all('result.condition.met') || all('trigger_event.triggered_time'))) {
    return timed('watcher-history', 'result.execution_time', 'trigger_event.triggered_time');
  }
  if (all('rule_name', 'alert_time')) return timed('elastalert', 'match_time', 'alert_time');
  return undefined;
}

/** The documents of an item in some windows: of alerts, those that were on at any time in them. */
export function windowsQuery(mapping: Mapping, windows: readonly TimeWindow[]): Json {
  const { profile, time } = mapping;
  const end = isAlerts(profile) ? ENDS[profile] : undefined;
  if (end === undefined) return anyOf(windows.map((window) => inWindow(mapping, window)));
  const ended: TimeField = { ...time, name: end };
  const on = windows.map((window) =>
    allOf([
      rangeQuery(time, { from: 0n, to: window.to }),
      anyOf([noneOf({ exists: { field: end } }), rangeQuery(ended, { ...window, to: FOREVER })]),
    ]),
  );
  if (profile !== 'kibana-alerts') return anyOf(on);
  // Alerts of detection rules have no start.
  const written: TimeField = { ...time, name: '@timestamp' };
  const startless = noneOf({ exists: { field: time.name } });
  const found = windows.map((window) => allOf([startless, rangeQuery(written, window)]));
  return anyOf([...on, ...found]);
}

/** The year 2200. */
export const FOREVER = 7_258_118_400_000_000_000n;

export interface AlertsOptions {
  readonly target: Target;
  readonly windows: readonly TimeWindow[];
  readonly sampling: Sampling | undefined;
  readonly tally: Tally;
}

/** All alerts of one item, from all of its documents at once: there are few, and they lie over windows. */
export async function* pullAlerts(
  reads: AsyncGenerator<Read>,
  { target, windows, sampling, tally }: AlertsOptions,
): AsyncGenerator<PullItem> {
  const hits = await gathered(reads, tally);
  const known = alertsOf(hits, target, tally);
  const inside = known.filter((alert) => windows.some((window) => isOn(alert, window)));
  const open = inside.filter(({ endsAt }) => endsAt === undefined).length;
  if (open > 0 && target.mapping.profile === 'elastalert') {
    tally.add('alerts-without-end', '', undefined, open);
  }
  const budget = Math.floor((sampling?.share ?? 1) * inside.length);
  const { kept, sampled } = alertsWithin(inside, budget);
  for (const batch of alertBatches(kept)) yield { kind: 'batch', batch };
  const counted = new Set<AlertRecord>();
  const came = new Set(kept);
  for (const window of windows) {
    const here = inside.filter((alert) => !counted.has(alert) && isOn(alert, window));
    for (const alert of here) counted.add(alert);
    const rowsKept = here.filter((alert) => came.has(alert)).length;
    const how = `${target.id}: alerts that were on in the window`;
    const figures = { rowsTotal: here.length, rowsKept, sampled, how };
    yield { kind: 'coverage', coverage: { signal: 'alerts', window, ...figures } };
  }
}

function isOn({ startsAt, endsAt }: AlertRecord, { from, to }: TimeWindow): boolean {
  return startsAt < to && (endsAt === undefined || endsAt >= from);
}

async function gathered(reads: AsyncGenerator<Read>, tally: Tally): Promise<readonly Hit[]> {
  let hits: Hit[] = [];
  for await (const read of reads) {
    if (read.kind === 'remark') tally.add(read.code, read.reason);
    else if (read.kind === 'again') hits = [];
    else if (hits.length + read.hits.length > MOST_DOCUMENTS) {
      tally.add('alerts-cut', `${MOST_DOCUMENTS}`);
      break;
    } else hits.push(...read.hits);
  }
  return hits;
}

/** In order of their starts; an alert that stands in an index and in its history comes once. */
function alertsOf(
  hits: readonly Hit[],
  { mapping, fetch }: Target,
  tally: Tally,
): readonly AlertRecord[] {
  const watches = new Watches();
  const alerts: AlertRecord[] = [];
  for (const hit of hits) {
    const doc = documentOf(hit, fetch);
    const where = `${hit.index}/${hit.id}`;
    const { profile } = mapping;
    if (!isAlerts(profile)) continue;
    const mapped = profile === 'watcher-history' ? watches.add(doc) : ALERT_MAPPERS[profile](doc);
    if (typeof mapped !== 'string') alerts.push(mapped);
    else if (mapped !== '') tally.add('records-dropped', mapped, where);
  }
  alerts.push(...watches.alerts());
  if (watches.begunBefore > 0) tally.add('alert-start-unknown', '', undefined, watches.begunBefore);
  const once = new Map<string, AlertRecord>();
  for (const alert of alerts) {
    const key = `${alert.startsAt} ${alert.fingerprint} ${alert.annotations['uuid'] ?? ''}`;
    const other = once.get(key);
    if (other) tally.add('alerts-repeated');
    if (!other || other.endsAt === undefined) once.set(key, alert);
  }
  return [...once].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, alert]) => alert);
}
