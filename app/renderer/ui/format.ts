import { NS_PER_S, nsToMs } from '../../../core/base';

const THIN = '\u202f';
const NOTHING = '–';

/** Three significant digits, thin-space thousands; integers below a million whole. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(2);
  for (const [limit, sign] of [
    [1e9, 'G'],
    [1e6, 'M'],
  ] as const) {
    if (size >= limit) return `${significant(value / limit)}${THIN}${sign}`;
  }
  if (Number.isInteger(value)) return grouped(value);
  if (size >= 1000) return grouped(Math.round(value));
  if (size !== 0 && size < 1e-4) return value.toExponential(1);
  return significant(value);
}

/** A count, whole, with thin-space thousands. */
export function formatCount(value: number | bigint): string {
  return grouped(Number(value));
}

function significant(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/** "1 row", "311 rows". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Milliseconds as "340 ms", "1.2 s", "4 min 10 s", "2 h 5 min". */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return NOTHING;
  const size = Math.abs(ms);
  if (size < 0.001) return ms === 0 ? '0 ms' : `${significant(ms * 1e6)} ns`;
  if (size < 1) return `${significant(ms * 1000)} µs`;
  if (size < 1000) return `${significant(ms)} ms`;
  if (size < 60_000) return `${significant(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (size < 3_600_000) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (size < 86_400_000) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(a: number, unitA: string, b: number, unitB: string): string {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;
}

export function formatDurationNs(ns: bigint): string {
  return formatMs(nsToMs(ns));
}

export function formatPercent(ratio: number): string {
  if (!Number.isFinite(ratio)) return NOTHING;
  return `${significant(ratio * 100)} %`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = bytes;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${significant(value)} ${units[at] ?? ''}`;
}

/** A value with the unit that its metric states ("seconds", "bytes", "1", "ratio"…). */
export function formatUnit(value: number, unit: string): string {
  switch (unit) {
    case 's':
    case 'seconds':
      return formatMs(value * 1000);
    case 'ms':
    case 'milliseconds':
      return formatMs(value);
    case 'By':
    case 'bytes':
      return formatBytes(value);
    case 'ratio':
      return formatPercent(value);
    case '':
    case '1':
      return formatNumber(value);
    default:
      return `${formatNumber(value)} ${unit}`;
  }
}

export type TimePrecision = 'minute' | 'second' | 'milli' | 'nano';

const formatters = new Map<string, Intl.DateTimeFormat>();

function zoned(ms: number, zone: string): { date: string; time: string } {
  if (zone === 'UTC') {
    const iso = new Date(ms).toISOString();
    return { date: iso.slice(0, 10), time: iso.slice(11, 19) };
  }
  let format = formatters.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    formatters.set(zone, format);
  }
  const [date = '', time = ''] = format.format(ms).split(' ');
  return { date, time };
}

/** "14:03:20.120" in the zone. */
export function formatTime(ns: bigint, zone = 'UTC', precision: TimePrecision = 'second'): string {
  const ms = Number(ns / 1_000_000n);
  const { time } = zoned(ms, zone);
  const fraction = String(((ns % NS_PER_S) + NS_PER_S) % NS_PER_S).padStart(9, '0');
  switch (precision) {
    case 'minute':
      return time.slice(0, 5);
    case 'second':
      return time;
    case 'milli':
      return `${time}.${fraction.slice(0, 3)}`;
    case 'nano':
      return `${time}.${fraction}`;
  }
}

/** "2026-11-21" in the zone. */
export function formatDate(ns: bigint, zone = 'UTC'): string {
  return zoned(Number(ns / 1_000_000n), zone).date;
}

export function formatDateTime(
  ns: bigint,
  zone = 'UTC',
  precision: TimePrecision = 'second',
): string {
  return `${formatDate(ns, zone)} ${formatTime(ns, zone, precision)}`;
}

/** "T+00:40" or "T−01:05:00" from a reference. */
export function formatOffset(ns: bigint, reference: bigint): string {
  const total = (ns - reference) / NS_PER_S;
  const size = total < 0n ? -total : total;
  const two = (n: bigint): string => String(n).padStart(2, '0');
  const hours = size / 3600n;
  const rest = `${two((size / 60n) % 60n)}:${two(size % 60n)}`;
  return `T${total < 0n ? '−' : '+'}${hours > 0n ? `${two(hours)}:` : ''}${rest}`;
}

/** "2 h ago" for lists; `now` and `then` in ms. */
export function formatAgo(then: number, now: number): string {
  const seconds = Math.max(0, (now - then) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
