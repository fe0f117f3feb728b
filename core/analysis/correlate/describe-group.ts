import { hashHex, nsToMs } from '../../base';
import { parseEntityId, type AlertGroup } from '../../model';
import { list, ms, nameOf } from '../rca/words';
import type { AlertFact } from '../shifts';
import { addTo } from '../stats';
import type { Trouble } from './group-alerts';

/** What groups are described with beside their alerts; built once for a case. */
export interface GroupSurroundings {
  /** Source → target → kind of edge. */
  readonly edges: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Fingerprint → its labels, where they are always the same. */
  readonly labels: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** `key=value` → how many fingerprints carry it. */
  readonly carriers: ReadonlyMap<string, number>;
}

export function groupSurroundings(
  edges: Iterable<{ readonly source: string; readonly target: string; readonly kind: string }>,
  labels: Iterable<readonly [fingerprint: string, key: string, value: string]>,
): GroupSurroundings {
  const targets = new Map<string, Map<string, string>>();
  for (const { source, target, kind } of edges) {
    const own = targets.get(source) ?? new Map<string, string>();
    targets.set(source, own.set(target, kind));
  }
  const all = new Map<string, Map<string, string>>();
  const carriers = new Map<string, number>();
  for (const [fingerprint, key, value] of labels) {
    const own = all.get(fingerprint) ?? new Map<string, string>();
    all.set(fingerprint, own.set(key, value));
    addTo(carriers, `${key}=${value}`, 1);
  }
  return { edges: targets, labels: all, carriers };
}

const SEVERITIES = ['critical', 'error', 'page', 'high', 'warning', 'medium', 'info', 'low'];

const severityRank = (severity: string): number => {
  const at = SEVERITIES.indexOf(severity.toLowerCase());
  return at < 0 ? SEVERITIES.length : at;
};

/** A group as it is listed; its alerts in order of time. They stay distinct, by source and row. */
export function describeGroup(
  members: readonly AlertFact[],
  trouble: Trouble,
  around: GroupSurroundings,
): AlertGroup {
  const [first] = members;
  const from = first?.from ?? 0n;
  const alerts = distinct(members);
  let [to, severity] = [from, first?.severity ?? ''];
  for (const member of members) {
    if (member.to > to) to = member.to;
    if (severityRank(member.severity) < severityRank(severity)) severity = member.severity;
  }
  const names = mostOften(alerts.map(({ name }) => name));
  const entities = mostOften(alerts.map(({ entityId }) => entityId));
  return {
    groupId: hashHex(`${first?.fingerprint ?? ''}\u0001${String(from)}\u0001${members.length}`),
    title: titleOf(names, entities, alerts.length, trouble.everyMs),
    why: whyOf(members, alerts, trouble, around),
    names,
    severity,
    from,
    to,
    entityIds: [...new Set(members.map(({ entityId }) => entityId))].sort(),
    fingerprints: alerts.length,
    notifications: members.length,
    members: members.map(({ sourceId, rowNo }) => ({ sourceId, rowNo })),
  };
}

/** The first notification of each fingerprint. */
function distinct(members: readonly AlertFact[]): readonly AlertFact[] {
  const seen = new Map<string, AlertFact>();
  for (const member of members) {
    if (!seen.has(member.fingerprint)) seen.set(member.fingerprint, member);
  }
  return [...seen.values()];
}

/** Distinct texts but for '', the most frequent first, of equals the one that came first. */
function mostOften(texts: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== '') addTo(counts, text, 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([text]) => text);
}

/** What a person would call it: what fired, and where. */
function titleOf(
  names: readonly string[],
  entities: readonly string[],
  alerts: number,
  everyMs: number,
): string {
  const what = names.length === 0 ? `${alerts} alerts` : list(names, 2);
  const often = everyMs > 0 ? ` every ${ms(everyMs)}` : '';
  return `${what}${whereOf(entities)}${often}`;
}

const NAMED = 2;

function whereOf(entities: readonly string[]): string {
  if (entities.length === 0) return '';
  if (entities.length <= NAMED) return ` on ${list(entities.map(nameOf))}`;
  const kinds = new Set(entities.map((id) => parseEntityId(id).kind));
  const [kind = ''] = kinds;
  const word = kinds.size === 1 && kind !== '' ? `${kind.replaceAll('_', ' ')}s` : 'entities';
  return ` on ${entities.length} ${word}, ${nameOf(entities[0] ?? '')} most`;
}

/** Why its alerts stand together, in sentences: time, topology, labels. */
function whyOf(
  members: readonly AlertFact[],
  alerts: readonly AlertFact[],
  trouble: Trouble,
  around: GroupSurroundings,
): string {
  const parts = trouble.everyMs > 0 ? [clockText(trouble)] : timeTexts(members, trouble);
  if (alerts.length > 1) {
    parts.push(...placeTexts(alerts, trouble, around), ...labelTexts(alerts, around));
  }
  return parts.join(' ');
}

function clockText({ everyMs }: Trouble): string {
  return `Fires every ${ms(everyMs)} or so whatever else happens: counted to no trouble, and it joins none.`;
}

function timeTexts(members: readonly AlertFact[], trouble: Trouble): string[] {
  const { begins, gapMs, lullMs } = trouble;
  const times = members.map(({ from }) => nsToMs(from));
  let longest = 0;
  for (let i = 1; i < times.length; i++) {
    longest = Math.max(longest, (times[i] ?? 0) - (times[i - 1] ?? 0));
  }
  const within = ms((times.at(-1) ?? 0) - (times[0] ?? 0));
  const texts =
    members.length === 1
      ? [`By itself: a pause of ${ms(gapMs)} ends a group here.`]
      : [
          longest > 0
            ? `${members.length} notifications within ${within}, no pause over ${ms(longest)}; one of ${ms(gapMs)} ends a group here.`
            : `${members.length} notifications at once.`,
        ];
  if (lullMs > 0) texts.push(`Went on after a lull of ${ms(lullMs)} with alerts that were new.`);
  if (begins === 'repeats') texts.push('Parted from the one before: the same alerts came again.');
  return texts;
}

const VERBS: Readonly<Record<string, string>> = {
  calls: 'calls',
  data: 'uses',
  has_instance: 'has the instance',
  hosted_on: 'runs on',
};

function placeTexts(
  alerts: readonly AlertFact[],
  { placed }: Trouble,
  { edges }: GroupSurroundings,
): string[] {
  const entities = new Set(alerts.map(({ entityId }) => entityId).filter((id) => id !== ''));
  const [only] = entities;
  if (only === undefined)
    return ['No alert says what it is about: time alone holds them together.'];
  if (entities.size === 1) return [`All on ${nameOf(only)}.`];
  if (!placed) return ['Not in the topology: time alone holds them together.'];
  const links: string[] = [];
  for (const source of entities) {
    for (const [target, kind] of edges.get(source) ?? []) {
      if (!entities.has(target)) continue;
      const verb = VERBS[kind] ?? kind.replaceAll('_', ' ');
      links.push(`${nameOf(source)} ${verb} ${nameOf(target)}`);
    }
  }
  return [
    links.length > 0
      ? `In the topology, ${list(links, 2)}.`
      : `The ${entities.size} entities are connected in the topology by way of others.`,
  ];
}

const LABELS_TOLD = 2;

/** Labels that all carry and others do not, the least common first; not what title and severity say already. */
function labelTexts(alerts: readonly AlertFact[], around: GroupSurroundings): string[] {
  const { labels, carriers } = around;
  const shared = new Map(labels.get(alerts[0]?.fingerprint ?? ''));
  for (const { fingerprint, name, severity, entityId } of alerts) {
    const own = labels.get(fingerprint);
    const told = [name, severity, nameOf(entityId)];
    for (const [key, value] of shared) {
      if (own?.get(key) !== value || told.includes(value)) shared.delete(key);
    }
  }
  const common = [...shared]
    .map(([key, value]) => ({ text: `${key}=${value}`, by: carriers.get(`${key}=${value}`) ?? 0 }))
    .filter(({ by }) => by < labels.size)
    .sort((a, b) => a.by - b.by || (a.text < b.text ? -1 : 1));
  if (common.length === 0) return [];
  return [
    `All carry ${list(
      common.map(({ text }) => text),
      LABELS_TOLD,
    )}.`,
  ];
}
