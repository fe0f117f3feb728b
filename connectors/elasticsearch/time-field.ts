import { NS_PER_MS, formatRfc3339, parseRfc3339, type TimeWindow } from '../../core/base';
import { firstOf, fieldOf, integerOf, numberOf } from './document';
import type { Hit, Json } from './api';

/** The field that a document's time stands in. */
export interface TimeField {
  readonly name: string;
  /** 'date' (milliseconds), 'date_nanos', or a number since the epoch. */
  readonly kind: 'date' | 'date_nanos' | 'number';
  /** Nanoseconds that one unit of a 'number' is. */
  readonly unitNs: number;
}

const NANO_FORMAT = 'strict_date_optional_time_nanos';

/** The smallest piece of time that the index can tell apart in aggregations, in nanoseconds. */
export function resolutionOf(time: TimeField): bigint {
  return time.kind === 'number' ? BigInt(time.unitNs) : NS_PER_MS;
}

function floorTo(ns: bigint, unit: bigint): bigint {
  const rest = ((ns % unit) + unit) % unit;
  return ns - rest;
}

export function ceilTo(ns: bigint, unit: bigint): bigint {
  return -floorTo(-ns, unit);
}

/**
 * The documents of a window, widened to whole units: a `date` knows no less than a millisecond, while the
 * document may. What lies beside the window is taken out by `timeOf` afterwards.
 */
export function rangeQuery(time: TimeField, window: TimeWindow): Json {
  const unit = resolutionOf(time);
  const from = floorTo(window.from, unit);
  const to = ceilTo(window.to, unit);
  if (time.kind === 'number') {
    // As text: nanoseconds don't fit in a JSON number.
    return { range: { [time.name]: { gte: String(from / unit), lt: String(to / unit) } } };
  }
  const format = NANO_FORMAT;
  return { range: { [time.name]: { gte: formatRfc3339(from), lt: formatRfc3339(to), format } } };
}

/** Equal pieces of a window, `interval` long, the first and last cut at its ends. */
export interface Grid {
  readonly from: bigint;
  readonly interval: bigint;
  readonly cells: number;
}

/** At most `cells` pieces, each a whole number of the field's units. */
export function gridOf(time: TimeField, window: TimeWindow, cells: number): Grid {
  const unit = resolutionOf(time);
  const from = floorTo(window.from, unit);
  const length = ceilTo(window.to, unit) - from;
  const interval = ceilTo((length + BigInt(cells) - 1n) / BigInt(cells), unit);
  return { from, interval, cells: Number((length + interval - 1n) / interval) };
}

/** Counts per piece of the grid. */
export function histogramAggregation(time: TimeField, grid: Grid): Json {
  const { name: field } = time;
  const unit = resolutionOf(time);
  const offset = ((grid.from % grid.interval) + grid.interval) % grid.interval;
  if (time.kind === 'number') {
    const [interval, start] = [Number(grid.interval / unit), Number(offset / unit)];
    return { histogram: { field, interval, offset: start, min_doc_count: 1 } };
  }
  const fixed = `${grid.interval / NS_PER_MS}ms`;
  const start = `+${offset / NS_PER_MS}ms`;
  return { date_histogram: { field, fixed_interval: fixed, offset: start, min_doc_count: 1 } };
}

/** Which piece of the grid a bucket's key means. */
export function cellOf(time: TimeField, grid: Grid, key: number): number {
  const unit = Number(resolutionOf(time));
  return Math.round((key - Number(grid.from) / unit) / (Number(grid.interval) / unit));
}

/** What a search must ask for so that `timeOf` has the index's value. */
export function docvalueFields(time: TimeField): readonly Json[] {
  return time.kind === 'number' ? [] : [{ field: time.name, format: NANO_FORMAT }];
}

/**
 * A document's time as the index has it (the earliest, where there are several), with the finer digits
 * of the document itself where the index cut them.
 */
export function timeOf(time: TimeField, hit: Hit): bigint | undefined {
  const raw = firstOf(fieldOf(hit.source, time.name));
  if (time.kind === 'number') return numericTime(raw, BigInt(time.unitNs));
  const said = firstOf(hit.fields?.[time.name]);
  const indexed = typeof said === 'string' ? parseRfc3339(said) : undefined;
  const own = typeof raw === 'string' ? parseRfc3339(raw) : undefined;
  if (indexed === undefined) return own;
  const finer = own !== undefined && own >= indexed && own - indexed < NS_PER_MS;
  return finer ? own : indexed;
}

/** A number since the epoch in nanoseconds; fractions count. */
function numericTime(raw: unknown, unitNs: bigint): bigint | undefined {
  const number = numberOf(raw);
  if (number === undefined) return undefined;
  if (Number.isInteger(number)) {
    const whole = integerOf(raw);
    return whole === undefined ? undefined : whole * unitNs;
  }
  const whole = Math.floor(number);
  return BigInt(whole) * unitNs + BigInt(Math.round((number - whole) * Number(unitNs)));
}

/** The unit of an epoch number by its magnitude (years 1973 to 5138); undefined where it is no time. */
export function unitByMagnitude(value: number): number | undefined {
  if (value >= 1e8 && value < 1e11) return 1_000_000_000;
  if (value >= 1e11 && value < 1e14) return 1_000_000;
  if (value >= 1e14 && value < 1e17) return 1000;
  return value >= 1e17 && value < 1e20 ? 1 : undefined;
}
