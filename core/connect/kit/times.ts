import { NS_PER_MS, NS_PER_S, isDate, parseRfc3339 } from '../../base';
import type { ReadChoices, TimeUnit } from '../format';
import type { NoticeCounts } from '../import-tally';
import { zoneOffset } from './zones';

const UNIT_NS: Readonly<Record<TimeUnit, bigint>> = {
  s: NS_PER_S,
  ms: NS_PER_MS,
  µs: 1000n,
  ns: 1n,
};

/** The unit that makes a number a time between 1973 and 5138, by its magnitude; undefined below. */
export function guessTimeUnit(value: number): TimeUnit | undefined {
  const size = Math.abs(value);
  if (!(size >= 1e8)) return undefined;
  if (size < 1e11) return 's';
  if (size < 1e14) return 'ms';
  return size < 1e17 ? 'µs' : 'ns';
}

/**
 * A number of a unit (also as text, also with a fraction) in nanoseconds since the epoch, exactly where it
 * is a text or a safe integer. Undefined where it is no number or not within 1678 to 2262.
 */
export function epochNs(value: unknown, unit: TimeUnit): bigint | undefined {
  const text =
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const m = /^(-?)(\d{1,20})(?:\.(\d+))?$/.exec(text);
  if (!m) return typeof value === 'number' ? wideNumber(value, unit) : undefined;
  const scale = UNIT_NS[unit];
  const digits = String(scale).length - 1;
  const fraction = digits === 0 ? 0n : BigInt((m[3] ?? '').slice(0, digits).padEnd(digits, '0'));
  const ns = BigInt(m[2] ?? '0') * scale + fraction;
  const signed = m[1] === '-' ? -ns : ns;
  return BigInt.asIntN(64, signed) === signed ? signed : undefined;
}

/** Numbers that JavaScript writes with an exponent. */
function wideNumber(value: number, unit: TimeUnit): bigint | undefined {
  const ns = value * Number(UNIT_NS[unit]);
  return Number.isFinite(ns) && Math.abs(ns) < 9.2e18 ? BigInt(Math.round(ns)) : undefined;
}

/** A time as text, taken apart. `zone` is missing where the text names none. */
interface Parts {
  readonly year: number | undefined;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits of the fraction. */
  readonly fraction: string;
  readonly zone: string | undefined;
  /** True where day and month could be the other way round. */
  readonly ambiguous?: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const CLOCK = String.raw`(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:\s*([AaPp][Mm]))?`;
const ZONE = String.raw`(?:\s*(Z|z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d))?(?:\s+[A-Z]{2,5})?(?:\s+m=[+-][\d.]+)?`;
const FORMS = {
  iso: new RegExp(String.raw`^(\d{4})[-/.](\d\d?)[-/.](\d\d?)(?:[Tt_ ]|\s+)${CLOCK}${ZONE}$`),
  compact: /^(\d{4})(\d\d)(\d\d)[T_ ]?(\d\d)(\d\d)(\d\d)(?:[.,]?(\d+))?(Z|[+-]\d\d:?\d\d)?$/,
  /**
   * 10/Oct/2000:13:55:36 -0700 of access logs; 10 Oct 2000 13:55:36 of mails, with or without the day; 10/Oct/00
   * 1:55 PM of Jira.
   */
  named: new RegExp(
    String.raw`^(?:[A-Za-z]{3,9},?\s+)?(\d\d?)[-/ ]([A-Za-z]{3,9})[-/ ](\d{4}|\d\d(?= ))[: ,]+${CLOCK}${ZONE}$`,
  ),
  /** Oct 11 22:14:15 of syslog, Tue Oct 10 13:55:36 2000 of C, Oct 10, 2000 @ 13:55:36.123 of Kibana. */
  monthFirst: new RegExp(
    String.raw`^(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3,9})\s+(\d\d?),?(?:\s+(\d{4}))?(?:\s*@)?\s+${CLOCK}${ZONE}(?:\s+(\d{4}))?$`,
  ),
  slashed: new RegExp(
    String.raw`^(\d\d?)([/.-])(\d\d?)\2(\d{4}|\d\d),?(?:[T ]|\s+)${CLOCK}${ZONE}$`,
  ),
};

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1;
}

/** Two digits are of this century. */
function yearOf(year: string | undefined): number {
  return year?.length === 2 ? 2000 + Number(year) : Number(year);
}

function hourOf(hour: string | undefined, half: string | undefined): number {
  const given = Number(hour);
  if (half === undefined) return given;
  return (given % 12) + (/^p/i.test(half) ? 12 : 0);
}

/** The groups of CLOCK and ZONE from `at` on. */
function clockOf(m: RegExpExecArray, at: number) {
  return {
    hour: hourOf(m[at], m[at + 4]),
    minute: Number(m[at + 1]),
    second: Number(m[at + 2] ?? 0),
    fraction: m[at + 3] ?? '',
    zone: m[at + 5],
  };
}

function partsOf(text: string, dayFirst: boolean | undefined): Parts | undefined {
  let m = FORMS.iso.exec(text);
  if (m) return { year: Number(m[1]), month: Number(m[2]), day: Number(m[3]), ...clockOf(m, 4) };
  m = FORMS.named.exec(text);
  if (m) return { year: yearOf(m[3]), month: monthOf(m[2]), day: Number(m[1]), ...clockOf(m, 4) };
  m = FORMS.monthFirst.exec(text);
  if (m) {
    const year = m[3] ?? m[10];
    const named = { month: monthOf(m[1]), day: Number(m[2]), ...clockOf(m, 4) };
    return { year: year === undefined ? undefined : Number(year), ...named };
  }
  m = FORMS.slashed.exec(text);
  if (m) return slashedParts(m, dayFirst);
  m = FORMS.compact.exec(text);
  if (!m) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = m
    .slice(1, 7)
    .map(Number);
  return {
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction: m[7] ?? '',
    zone: m[8],
  };
}

/** 03/04/2024: which is the day is known only where one is over 12. Dots mean day first. */
function slashedParts(m: RegExpExecArray, dayFirst: boolean | undefined): Parts {
  const first = Number(m[1]);
  const second = Number(m[3]);
  const year = yearOf(m[4]);
  const open = first <= 12 && second <= 12 && first !== second && m[2] !== '.';
  const dayIsFirst = first > 12 || (second <= 12 && (dayFirst ?? m[2] === '.'));
  const [day, month] = dayIsFirst ? [first, second] : [second, first];
  return { year, month, day, ...clockOf(m, 5), ambiguous: open && dayFirst === undefined };
}

/** Parts in a year as nanoseconds since the epoch, as if they were UTC; undefined where there is no such time. */
function utcNs(parts: Parts, year: number): bigint | undefined {
  const { month, day, hour, minute, second, fraction } = parts;
  if (!isDate(year, month, day) || hour > 24 || minute > 59 || second > 60) {
    return undefined;
  }
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  return BigInt(ms) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

/**
 * Reads the times of a file: numbers by the unit that is given (else by magnitude), texts of every usual
 * form. Counts what it had to assume (zone, year, day before month, unit) and says it in notices.
 */
export class TimeReader {
  private last: { readonly text: string; readonly parts?: Parts; readonly ns?: bigint } = {
    text: '',
  };

  constructor(
    private readonly notices: Pick<NoticeCounts, 'add'>,
    private readonly choices: ReadChoices = {},
    /** The format's own rule for numbers; a person's choice goes before it. */
    private readonly unit?: TimeUnit,
  ) {}

  /** Nanoseconds since the epoch; undefined where the value is no time. */
  read(value: unknown): bigint | undefined {
    if (typeof value === 'number') return this.number(value, value);
    if (typeof value !== 'string') return undefined;
    const text = value.trim();
    if (/^-?\d{9,20}(\.\d+)?$/.test(text)) return this.number(text, Number(text));
    return this.text(text);
  }

  private number(value: number | string, size: number): bigint | undefined {
    const known = this.choices.timeUnit ?? this.unit;
    if (known !== undefined) return epochNs(value, known);
    const unit = guessTimeUnit(size);
    if (unit === undefined) return undefined;
    this.notices.add(
      `time-unit-${unit === 'µs' ? 'us' : unit}-guessed`,
      'info',
      (n) => `${n} times were read as ${UNIT_WORD[unit]} by their magnitude.`,
    );
    return epochNs(value, unit);
  }

  private text(text: string): bigint | undefined {
    // Many lines of a log are of one second.
    if (text === this.last.text && this.last.ns !== undefined) return this.last.ns;
    const quick = /[Zz]$|[+-]\d\d:?\d\d$/.test(text) ? parseRfc3339(text) : undefined;
    if (quick !== undefined) return quick;
    const parts = text === this.last.text ? this.last.parts : partsOf(text, this.choices.dayFirst);
    this.last = { text, parts };
    if (!parts) return undefined;
    if (parts.ambiguous) {
      this.notices.add(
        'day-or-month-first',
        'warning',
        (n) =>
          `${n} dates could be read day first or month first; they were read month first. Choose if that is wrong.`,
      );
    }
    const local = utcNs(parts, parts.year ?? this.yearOf(parts));
    if (local === undefined) return undefined;
    const ns = local - this.offset(parts.zone, local);
    // What had to be assumed is counted for every time.
    if (parts.year !== undefined && parts.zone !== undefined && !parts.ambiguous) {
      this.last = { text, parts, ns };
    }
    return ns;
  }

  /** The year that puts a time without one at or before the import. */
  private yearOf(parts: Parts): number {
    const now = this.choices.now ?? BigInt(Date.UTC(2000, 0, 1)) * NS_PER_MS;
    const year = new Date(Number(now / NS_PER_MS)).getUTCFullYear();
    this.notices.add(
      'year-assumed',
      'warning',
      (n) => `${n} times name no year; the latest that is not in the future was assumed.`,
    );
    // 29 February is eight years back at most, where a century has none.
    for (let back = 0; back <= 8; back++) {
      const ns = utcNs(parts, year - back);
      if (ns !== undefined && ns <= now + DAY) return year - back;
    }
    return year;
  }

  private offset(zone: string | undefined, local: bigint): bigint {
    if (zone !== undefined) return zoneOffset(zone, local) ?? 0n;
    const chosen = this.choices.zone;
    if (chosen !== undefined) return zoneOffset(chosen, local) ?? 0n;
    this.notices.add(
      'zone-unknown',
      'warning',
      (n) => `${n} times name no zone; they were read as UTC. Choose a zone if that is wrong.`,
    );
    return 0n;
  }
}

const DAY = 86_400n * NS_PER_S;

const UNIT_WORD: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  µs: 'microseconds',
  ns: 'nanoseconds',
};

/**
 * The times of a file as numbers have equally many digits before their point for centuries: one with fewer was
 * cut, one with more is of another unit.
 */
export class EqualDigits {
  private digits = 0;

  /** False where the number has not as many digits as the first that was asked about. */
  fits(word: string): boolean {
    const point = word.indexOf('.');
    const digits = point < 0 ? word.length : point;
    if (this.digits === 0) this.digits = digits;
    return digits === this.digits;
  }
}
