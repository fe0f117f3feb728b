import { NS_PER_S } from '../../base';

const zones = new Map<string, Intl.DateTimeFormat | null>();

/**
 * How far a zone is ahead of UTC at a local time, in nanoseconds: 'UTC', '+02:00', '-0700', '+02' or an IANA
 * name. Undefined for a zone that nobody knows. In the hour that a clock repeats, the first reading.
 */
export function zoneOffset(zone: string, local: bigint): bigint | undefined {
  if (/^(z|utc|gmt)$/i.test(zone)) return 0n;
  const fixed = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (fixed) {
    const minutes = BigInt(fixed[2] ?? 0) * 60n + BigInt(fixed[3] ?? 0);
    return (fixed[1] === '-' ? -minutes : minutes) * 60n * NS_PER_S;
  }
  const format = formatOf(zone);
  if (!format) return undefined;
  const seconds = Number(local / NS_PER_S);
  const first = offsetAt(format, seconds);
  // The offset at the instant that the first guess gives; it differs only beside a change of clocks.
  return BigInt(offsetAt(format, seconds - first)) * NS_PER_S;
}

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = zones.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      format = null;
    }
    zones.set(zone, format);
  }
  return format;
}

function offsetAt(format: Intl.DateTimeFormat, utcSeconds: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(utcSeconds * 1000))
    parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - utcSeconds;
}
