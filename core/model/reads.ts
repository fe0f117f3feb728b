import type { TimeWindow } from '../base';
import type { TelemetryTable } from './tables';

/**
 * Stretches of time outside of which no row of a table matters to an answer, whatever stands in it; a table that
 * is not named does not matter at all. The time of a row is its own: the start of a span or an alert. Spans
 * count with their trace: a query may follow them to their parents and children, whenever those were.
 * Resources, series and stated relations have no time: where they are named, any that is new matters. One that
 * says something else than before, and who is who, matter to every answer.
 */
export type Reads = Readonly<Partial<Record<TelemetryTable, readonly TimeWindow[]>>>;

/** Which column holds the time of a row. */
export const TIME_OF: Readonly<Partial<Record<TelemetryTable, string>>> = {
  spans: 'start',
  span_events: 'ts',
  logs: 'ts',
  samples: 'ts',
  histogram_samples: 'ts',
  exemplars: 'ts',
  alerts: 'starts_at',
  changes: 'ts',
};

/** Where rows came, by table: the seconds since the epoch that have any, or all from one on. */
export interface Came {
  readonly table: TelemetryTable;
  readonly seconds: readonly number[];
  /** True where what came may matter to all that is later, too. */
  readonly onwards: boolean;
}

const S = 1_000_000_000n;

/** Whether rows that came matter to an answer that reads there. */
export function matters({ table, seconds, onwards }: Came, reads: Reads): boolean {
  const windows = reads[table];
  if (!windows || seconds.length === 0) return false;
  const first = seconds.reduce((a, b) => Math.min(a, b));
  return windows.some(({ from, to }) => {
    if (from >= to) return false;
    // The seconds that the window touches, also in part.
    const [low, high] = [Number(floorTo(from, S)), Number(floorTo(to - 1n, S))];
    return onwards ? first <= high : seconds.some((second) => second >= low && second <= high);
  });
}

/** Division of integers that rounds down, as SQL's `//` on times does; below zero BigInt's rounds up. */
function floorTo(ns: bigint, step: bigint): bigint {
  const cut = ns / step;
  return cut * step > ns ? cut - 1n : cut;
}
