/** A cell's number in a base unit, with that unit: 'seconds', 'bytes', 'percent', what stands there, or ''. */
export interface Measured {
  readonly value: number;
  readonly unit: string;
  /** True where something stood behind the number. */
  readonly suffixed: boolean;
}

const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  µs: 1e-6,
  μs: 1e-6,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  sec: 1,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
  hour: 3600,
  hours: 3600,
  day: 86_400,
  days: 86_400,
  week: 604_800,
  weeks: 604_800,
};
const THOUSANDS: Readonly<Record<string, number>> = {
  k: 1e3,
  K: 1e3,
  M: 1e6,
  Mil: 1e6,
  G: 1e9,
  Bil: 1e9,
  T: 1e12,
  Tri: 1e12,
};
const BINARY: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

const NUMBER = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)$/;
const SIZE = /^(Ki|Mi|Gi|Ti|k|K|M|G|T)?B(\/s|ps)?$/;

/** `12.3 ms`, `1.5 K`, `45%`, `1.2 GiB`, `3`; undefined where the cell is no number. */
export function measured(cell: string): Measured | undefined {
  const word = cell.trim();
  if (/^nan$/i.test(word)) return { value: Number.NaN, unit: '', suffixed: false };
  if (/^[-+]?inf(inity)?$/i.test(word)) {
    const value = word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return { value, unit: '', suffixed: false };
  }
  const match = NUMBER.exec(word);
  if (!match) return undefined;
  const number = Number(match[1]);
  const suffix = match[2] ?? '';
  if (suffix === '') return { value: number, unit: '', suffixed: false };
  return scaled(number, suffix);
}

function scaled(number: number, suffix: string): Measured | undefined {
  const second = own(SECONDS, suffix);
  if (second !== undefined) return { value: number * second, unit: 'seconds', suffixed: true };
  if (suffix === '%') return { value: number, unit: 'percent', suffixed: true };
  const size = SIZE.exec(suffix);
  if (size) {
    const [, prefix = '', per] = size;
    const scale = own(BINARY, prefix) ?? own(THOUSANDS, prefix) ?? 1;
    return { value: number * scale, unit: per ? 'bytes/s' : 'bytes', suffixed: true };
  }
  const [first = '', ...rest] = suffix.split(' ');
  const scale = own(THOUSANDS, first);
  const unit = scale === undefined ? suffix : rest.join(' ');
  // A unit is a word, perhaps a rate; a sentence behind a number is no unit.
  if (!/^[A-Za-z%°$€£]*(\/[a-z]+)?$/.test(unit)) return undefined;
  return { value: number * (scale ?? 1), unit, suffixed: true };
}

const own = (table: Readonly<Record<string, number>>, key: string): number | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
