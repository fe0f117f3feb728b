import { parseEntityId, type AlertGroup, type AnalysisResult } from '../../../../core/model';
import { formatCount, plural } from '../../ui';
import { ALERT_ROW, packRows, type AlertBar, type AlertNote, type Lane } from './lanes';
import { relative, type Origin, type Span } from './scale';
import type { TimelineData } from './use-data';

const ALERT_ROWS = 5;

interface AlertLaneInput {
  readonly analysis: Pick<AnalysisResult, 'alertGroups'> | undefined;
  readonly data: Pick<TimelineData, 'alerts'>;
  readonly origin: Origin;
  readonly whole: Span;
  readonly opened: { readonly alerts: boolean; readonly groups: ReadonlySet<string> };
}

function severityOf(text: string): AlertBar['severity'] {
  if (/crit|page|error|high|emerg|fatal|disaster|sev-?[01]\b|p[01]\b/i.test(text))
    return 'critical';
  return /info|none|low|notice|debug/i.test(text) ? 'info' : 'warning';
}

interface Member {
  readonly name: string;
  readonly severity: string;
  readonly from: number;
  readonly to: number;
  readonly entityId: string | undefined;
  readonly alert: AlertBar['alert'];
}

/** Alerts by (source, row), so that a group finds its members. */
function membersOf({ data: { alerts }, origin }: AlertLaneInput): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  if (!alerts) return members;
  const { col } = alerts;
  for (let i = 0; i < alerts.rows; i++) {
    members.set(`${col.source_id[i] ?? 0} ${col.row_no[i] ?? 0n}`, {
      name: col.name[i] ?? '',
      severity: col.severity[i] ?? '',
      from: relative(col.starts_at[i] ?? 0n, origin),
      to: relative(col.ends_at[i] ?? 0n, origin),
      entityId: col.entity_id[i] || undefined,
      alert: { sourceId: col.source_id[i] ?? 0, rowNo: col.row_no[i] ?? 0n },
    });
  }
  return members;
}

function groupBar(group: AlertGroup, origin: Origin): Omit<AlertBar, 'row'> {
  const { title, severity, notifications, fingerprints, why = '' } = group;
  const who = group.entityIds.map((id) => parseEntityId(id).name).join(', ');
  const count = `${plural(notifications, 'notification')} of ${plural(fingerprints, 'alert')}`;
  return {
    key: group.groupId,
    groupId: group.groupId,
    from: relative(group.from, origin),
    to: relative(group.to, origin),
    label: `${title} · ${formatCount(notifications)}`,
    title: `${title} (${severity || 'no severity'}): ${count}${who ? `, ${who}` : ''}${why ? `. ${why}` : ''}`,
    severity: severityOf(severity),
    member: false,
    entityId: group.entityIds[0],
    alert: group.members[0],
  };
}

/** One bar a group; opened, a line that says why its members stand together, and the members under it. */
export function alertLane(input: AlertLaneInput): readonly Lane[] {
  const { analysis, origin, whole, opened } = input;
  const groups = analysis?.alertGroups ?? [];
  if (groups.length === 0) return [];
  const members = membersOf(input);
  const msPerChar = (whole.to - whole.from) / 170;
  const sorted = [...groups].sort(
    (a, b) => Number(a.from - b.from) || (a.groupId < b.groupId ? -1 : 1),
  );
  const loose = sorted.filter(({ groupId }) => !opened.groups.has(groupId));
  const bars = loose.map((group) => groupBar(group, origin));
  const rows = packRows(bars, (label) => (label.length + 2) * msPerChar);
  const cap = opened.alerts ? Number.POSITIVE_INFINITY : ALERT_ROWS;
  const placed: AlertBar[] = bars
    .map((bar, i) => ({ ...bar, row: rows[i] ?? 0 }))
    .filter(({ row }) => row < cap);
  const notes: AlertNote[] = [];
  let next = placed.reduce((most, { row }) => Math.max(most, row + 1), 0);
  for (const group of sorted.filter(({ groupId }) => opened.groups.has(groupId))) {
    placed.push({ ...groupBar(group, origin), row: next++ });
    const { groupId, why = '' } = group;
    if (why !== '') notes.push({ row: next++, groupId, text: why });
    const own = group.members.map((m) => members.get(`${m.sourceId} ${m.rowNo}`));
    const bars = own
      .filter((m): m is Member => m !== undefined)
      .sort((a, b) => a.from - b.from || a.to - b.to)
      .map((m, i) => memberBar(m, group, i));
    const memberRows = packRows(bars, (label) => (label.length + 2) * msPerChar);
    bars.forEach((bar, i) => placed.push({ ...bar, row: next + (memberRows[i] ?? 0) }));
    next += memberRows.reduce((most, row) => Math.max(most, row + 1), 0);
  }
  const hidden =
    bars.length - placed.filter((bar) => !bar.member && !opened.groups.has(bar.groupId)).length;
  const notifications = groups.reduce((sum, group) => sum + group.notifications, 0);
  return [
    {
      id: 'alerts',
      label: 'Alerts',
      sub: `${formatCount(notifications)} → ${plural(groups.length, 'group')}`,
      hint: 'One bar a group of alerts that belong together; click a bar for its members.',
      height: 8 + Math.max(1, next) * ALERT_ROW + (hidden > 0 ? 12 : 0),
      flex: 0,
      body: { kind: 'alerts', bars: placed, notes, hidden },
    },
  ];
}

function memberBar(m: Member, group: AlertGroup, at: number): Omit<AlertBar, 'row'> {
  const who = m.entityId === undefined ? '' : parseEntityId(m.entityId).name;
  return {
    key: `${group.groupId} ${at}`,
    groupId: group.groupId,
    from: m.from,
    to: m.to,
    label: [m.name, who].filter(Boolean).join(' '),
    title: `${m.name} (${m.severity || 'no severity'})${who ? `, ${who}` : ''}`,
    severity: severityOf(m.severity),
    member: true,
    entityId: m.entityId,
    alert: m.alert,
  };
}
