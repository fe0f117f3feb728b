import { parseRfc3339, type TimeWindow } from '../../core/base';
import type { AlertRecord } from '../../core/connect';
import type { AlertList, GroupList } from './api';

/**
 * Alerts that fire in one of the windows, by start. What Alertmanager adds (receivers, group, silences) stands
 * beside the annotations under names that begin with "alertmanager.". An end after `now` is a promise to
 * forget, not an end.
 */
export function alertsOf(
  alerts: AlertList,
  groups: GroupList,
  windows: readonly TimeWindow[],
  now: bigint,
): { readonly records: readonly AlertRecord[]; readonly unreadable: number } {
  const groupOf = new Map(
    groups.flatMap((group) =>
      group.alerts.map(({ fingerprint }) => [fingerprint, group.labels] as const),
    ),
  );
  const records: AlertRecord[] = [];
  let unreadable = 0;
  for (const alert of alerts) {
    const startsAt = parseRfc3339(alert.startsAt);
    const until = parseRfc3339(alert.endsAt);
    if (startsAt === undefined) {
      unreadable++;
      continue;
    }
    const endsAt = until !== undefined && until > 0n && until <= now ? until : undefined;
    if (!windows.some((window) => firesIn({ startsAt, endsAt }, window))) continue;
    const { fingerprint, labels } = alert;
    const annotations = { ...alert.annotations, ...routing(alert, groupOf.get(fingerprint)) };
    records.push({ fingerprint, startsAt, endsAt, labels, annotations });
  }
  return { records: records.sort(byStart), unreadable };
}

export function firesIn(
  { startsAt, endsAt }: Pick<AlertRecord, 'startsAt' | 'endsAt'>,
  { from, to }: TimeWindow,
): boolean {
  return startsAt < to && (endsAt === undefined || endsAt > from);
}

function byStart(a: AlertRecord, b: AlertRecord): number {
  if (a.startsAt !== b.startsAt) return a.startsAt < b.startsAt ? -1 : 1;
  return a.fingerprint < b.fingerprint ? -1 : 1;
}

function routing(
  { status, receivers }: AlertList[number],
  group: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const added: Record<string, string> = { 'alertmanager.state': status.state };
  // Of several inhibitors Alertmanager names any one, another in each answer: only that there is one is kept.
  if ((status.inhibitedBy ?? []).length > 0) added['alertmanager.inhibited'] = 'true';
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['alertmanager.receivers', receivers.map(({ name }) => name)],
    ['alertmanager.silenced_by', [...(status.silencedBy ?? [])].sort()],
    ['alertmanager.group', Object.entries(group ?? {}).map(([key, value]) => `${key}=${value}`)],
  ];
  for (const [key, list] of lists) if (list.length > 0) added[key] = list.join(', ');
  return added;
}
