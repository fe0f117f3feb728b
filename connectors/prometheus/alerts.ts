import { formatRfc3339, parseRfc3339 } from '../../core/base';
import type { AlertRecord } from '../../core/connect';
import type { RuleGroups } from './answers';
import type { RawSeries } from './api';
import type { MsWindow } from './windows';

type Labels = Readonly<Record<string, string>>;

const NS_PER_MS = 1_000_000n;
/** Missed evaluations that do not end a stretch of firing. */
const TOLERATED = 2.5;
const UNKNOWN_INTERVAL_MS = 60_000;

/** A contiguous stretch of an alert's firing, by the samples that rule evaluations left. */
export interface Stretch {
  readonly labels: Labels;
  /** First and last evaluation that found it firing. */
  readonly first: number;
  readonly last: number;
  /** Between evaluations. */
  readonly interval: number;
  /** It was firing when the window began, or still was when it ended. */
  readonly before: boolean;
  readonly after: boolean;
  /** When its condition became true, in seconds, where it began before the window and that is known. */
  readonly activeAt?: number;
  /** When its condition became true, in seconds, as ALERTS_FOR_STATE has it while it fires. */
  readonly pendingAt?: number;
}

/** Stretches of firing in one window. A gap of more than two evaluations ends one. */
export function stretches(firing: readonly RawSeries[], window: MsWindow): readonly Stretch[] {
  const shared = Math.min(...firing.map(({ ts }) => shortestGap(ts)));
  const fallback = Number.isFinite(shared) ? shared : UNKNOWN_INTERVAL_MS;
  return firing.flatMap(({ labels, ts }) => {
    const own = shortestGap(ts);
    const interval = Number.isFinite(own) ? own : fallback;
    const out: Stretch[] = [];
    let from = 0;
    for (let i = 1; i <= ts.length; i++) {
      const last = ts[i - 1] ?? 0;
      if (i < ts.length && (ts[i] ?? 0) - last <= TOLERATED * interval) continue;
      const first = ts[from] ?? 0;
      const before = first - window.from < TOLERATED * interval;
      const after = window.to - last <= TOLERATED * interval;
      out.push({ labels, first, last, interval, before, after });
      from = i;
    }
    return out;
  });
}

function shortestGap(ts: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < ts.length; i++) least = Math.min(least, (ts[i] ?? 0) - (ts[i - 1] ?? 0));
  return least;
}

/**
 * Stretches as alerts, with what the rules say about them. One that was firing when its window began started
 * the rule's `for` after it became active.
 */
export function alertsOf(found: readonly Stretch[], groups: RuleGroups): readonly AlertRecord[] {
  const byStart = new Map<string, AlertRecord>();
  for (const { labels: all, first, last, interval, after, activeAt, pendingAt } of found) {
    const labels = alertLabels(all);
    const print = fingerprint(labels);
    const rule = ruleOf(labels, groups);
    const told = activeAt === undefined ? first : (activeAt + (rule?.duration ?? 0)) * 1000;
    const startsAt = BigInt(Math.round(Math.min(first, told))) * NS_PER_MS;
    const endsAt = after ? undefined : BigInt(last + interval) * NS_PER_MS;
    const annotations = {
      ...annotationsOf(labels, rule, startsAt),
      ...pendingNote(pendingAt, startsAt),
    };
    // One that fired through two windows came twice; the later sight knows its end.
    byStart.set(`${print} ${startsAt}`, {
      fingerprint: print,
      startsAt,
      endsAt,
      labels,
      annotations,
    });
  }
  return [...byStart.values()].sort((a, b) =>
    a.startsAt < b.startsAt
      ? -1
      : a.startsAt > b.startsAt
        ? 1
        : a.fingerprint < b.fingerprint
          ? -1
          : 1,
  );
}

/** Times as the state changed: pending from here, firing from the alert's start. */
function pendingNote(pendingAt: number | undefined, startsAt: bigint): Labels {
  if (pendingAt === undefined) return {};
  const since = BigInt(Math.round(pendingAt * 1000)) * NS_PER_MS;
  return since < startsAt ? { pending_since: formatRfc3339(since) } : {};
}

/** Stretches with the time since when each was pending, by samples of ALERTS_FOR_STATE taken while it fired. */
export function withPending(
  found: readonly Stretch[],
  forState: readonly RawSeries[],
): readonly Stretch[] {
  const byPrint = new Map(forState.map((one) => [fingerprint(alertLabels(one.labels)), one]));
  return found.map((stretch) => {
    const states = byPrint.get(fingerprint(alertLabels(stretch.labels)));
    const at = states?.ts.findIndex((ts) => ts >= stretch.first && ts <= stretch.last) ?? -1;
    return at < 0 ? stretch : { ...stretch, pendingAt: states?.values[at] };
  });
}

export function alertLabels(series: Labels): Labels {
  const { __name__: _, alertstate: __, ...labels } = series;
  return labels;
}

type Rule = RuleGroups[number]['rules'][number];

function ruleOf(labels: Labels, groups: RuleGroups): Rule | undefined {
  const rules = groups
    .flatMap((group) => group.rules)
    .filter(({ type, name }) => type === 'alerting' && name === labels['alertname']);
  const fits = ({ labels: own = {} }: Rule): boolean =>
    Object.entries(own).every(([key, value]) => value.includes('{{') || labels[key] === value);
  return rules.find(fits) ?? rules[0];
}

/** As the rule filled them in, where it is firing still; else its template with the labels put in. */
function annotationsOf(labels: Labels, rule: Rule | undefined, startsAt: bigint): Labels {
  if (!rule) return {};
  const print = fingerprint(labels);
  const active = rule.alerts?.find(
    (alert) =>
      alert.state === 'firing' &&
      fingerprint(alert.labels) === print &&
      (parseRfc3339(alert.activeAt) ?? 0n) / NS_PER_MS <= startsAt / NS_PER_MS,
  );
  if (active) return active.annotations;
  const filled = Object.entries(rule.annotations ?? {}).map(([key, text]): [string, string] => [
    key,
    text.replace(/\{\{\s*\$labels\.(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? ''),
  ]);
  return Object.fromEntries(filled);
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const SEPARATOR = 0xff;

/** The fingerprint of a label set as Prometheus and Alertmanager compute it: FNV-1a, 64 bits. */
export function fingerprint(labels: Labels): string {
  let hash = FNV_OFFSET;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  };
  const encoder = new TextEncoder();
  for (const name of Object.keys(labels).sort()) {
    for (const byte of encoder.encode(name)) add(byte);
    add(SEPARATOR);
    for (const byte of encoder.encode(labels[name] ?? '')) add(byte);
    add(SEPARATOR);
  }
  return hash.toString(16).padStart(16, '0');
}
