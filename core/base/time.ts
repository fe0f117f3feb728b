import { FaultlineError } from './errors';

/** Nanoseconds since the Unix epoch, UTC. A double can't hold them exactly, so they are bigint. */
export type EpochNs = bigint;

/** A half-open stretch of time, [from, to), in nanoseconds since the epoch, UTC. */
export interface TimeWindow {
  readonly from: EpochNs;
  readonly to: EpochNs;
}

export const NS_PER_MS = 1_000_000n;
export const NS_PER_S = 1_000_000_000n;

/** Milliseconds (may be fractional, to about 0.25 µs for dates of this century) to nanoseconds. */
export function msToNs(ms: number): EpochNs {
  const whole = Math.floor(ms);
  return BigInt(whole) * NS_PER_MS + BigInt(Math.round((ms - whole) * 1e6));
}

export function nsToMs(ns: EpochNs): number {
  return Number(ns / NS_PER_MS) + Number(ns % NS_PER_MS) / 1e6;
}

export function windowDuration(window: TimeWindow): bigint {
  return window.to - window.from;
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(Z|z|[+-]\d\d:?\d\d)?$/;

/** False for 31 February, which Date would take for 3 March. Months and days count from 1. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  return day <= 28 || new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** RFC 3339 (fraction to nanoseconds; no zone means UTC) to nanoseconds; undefined where it is none. */
export function parseRfc3339(text: string): EpochNs | undefined {
  const m = RFC3339.exec(text);
  if (!m) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = m
    .slice(1, 7)
    .map(Number);
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  if (Number.isNaN(ms) || hour > 24 || minute > 59 || !isDate(year, month, day)) return undefined;
  let ns = BigInt(ms) * NS_PER_MS + BigInt((m[7] ?? '').padEnd(9, '0'));
  const zone = m[8];
  if (zone && zone !== 'Z' && zone !== 'z') {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
    ns -= BigInt(zone.startsWith('-') ? -minutes : minutes) * 60n * NS_PER_S;
  }
  return ns;
}

/** Nanoseconds as RFC 3339 in UTC, with as many fraction digits as are needed (0, 3, 6 or 9). */
export function formatRfc3339(ns: EpochNs): string {
  const ms = ns >= 0n || ns % NS_PER_MS === 0n ? ns / NS_PER_MS : ns / NS_PER_MS - 1n;
  const head = new Date(Number(ms)).toISOString();
  const rest = ns - ms * NS_PER_MS;
  if (rest === 0n) return head.replace('.000Z', 'Z');
  const digits = String(rest).padStart(6, '0');
  return head.replace('Z', `${digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`);
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: NS_PER_MS,
  s: NS_PER_S,
  m: 60n * NS_PER_S,
  h: 3600n * NS_PER_S,
  d: 86_400n * NS_PER_S,
  w: 604_800n * NS_PER_S,
};

/** A Prometheus-style duration ("90s", "1h30m", "1w") in nanoseconds; undefined where it is none. */
export function parseDuration(text: string): bigint | undefined {
  if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let total = 0n;
  for (const m of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d|w)/g)) {
    total += BigInt(Math.round(Number(m[1]) * 1000)) * (UNITS[m[2]!] ?? 0n);
  }
  return total / 1000n;
}

/** RFC 3339, epoch (s, ms, µs or ns by magnitude) or relative ("now", "now-2h"), as the command line takes it. */
export function parseInstant(text: string, now: EpochNs): EpochNs {
  const trimmed = text.trim();
  const relative = /^now(?:([+-])(.+))?$/.exec(trimmed);
  if (relative) {
    const offset = relative[2] === undefined ? 0n : parseDuration(relative[2]);
    if (offset !== undefined) return relative[1] === '-' ? now - offset : now + offset;
  }
  if (/^\d{9,19}$/.test(trimmed)) return epochByMagnitude(BigInt(trimmed));
  if (/^\d{9,10}\.\d+$/.test(trimmed)) return msToNs(Number(trimmed) * 1000);
  const parsed = parseRfc3339(/^\d{4}-\d\d-\d\d$/.test(trimmed) ? `${trimmed}T00:00:00Z` : trimmed);
  if (parsed !== undefined) return parsed;
  throw new FaultlineError(
    'usage',
    `Not a time: "${text}". Use RFC 3339, epoch seconds or now-2h.`,
  );
}

function epochByMagnitude(value: bigint): EpochNs {
  if (value < 100_000_000_000n) return value * NS_PER_S;
  if (value < 100_000_000_000_000n) return value * NS_PER_MS;
  if (value < 100_000_000_000_000_000n) return value * 1000n;
  return value;
}

/** "FROM..TO" as the command line takes it. */
export function parseWindow(text: string, now: EpochNs): TimeWindow {
  const parts = text.split('..');
  if (parts.length !== 2) {
    throw new FaultlineError('usage', `Not a window: "${text}". Use FROM..TO, e.g. now-2h..now.`);
  }
  const window = { from: parseInstant(parts[0]!, now), to: parseInstant(parts[1]!, now) };
  if (window.to <= window.from) {
    throw new FaultlineError('usage', `The window "${text}" ends before it starts.`);
  }
  return window;
}
