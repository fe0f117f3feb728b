import { NS_PER_S, type TimeWindow } from '../base';

export interface ClockGrid {
  readonly from: bigint;
  readonly step: bigint;
  readonly buckets: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps that a clock has, seconds; each at most twice the one before it. */
const STEPS = [
  [1, 2, 3, 5, 10, 15, 20, 30],
  [1, 2, 3, 5, 10, 15, 20, 30].map((n) => n * MINUTE),
  [1, 2, 3, 4, 6, 12].map((n) => n * HOUR),
].flat();

/**
 * Buckets over a range that begin at whole multiples of a round step, at most `most` and about half as many at
 * least: the same buckets for a range that ends later, until the next step is needed. Short ranges have fewer.
 */
export function clockGrid({ from, to }: TimeWindow, most: number): ClockGrid {
  const fitting = STEPS.map((seconds) => gridOf(from, to, seconds)).find(
    ({ buckets }) => buckets <= most,
  );
  if (fitting) return fitting;
  for (let days = 1; ; days *= 2) {
    const grid = gridOf(from, to, days * DAY);
    if (grid.buckets <= most) return grid;
  }
}

function gridOf(from: bigint, to: bigint, seconds: number): ClockGrid {
  const step = BigInt(seconds) * NS_PER_S;
  const first = (from / step) * step;
  const begin = first > from ? first - step : first;
  return { from: begin, step, buckets: Math.max(1, Number((to - begin + step - 1n) / step)) };
}
