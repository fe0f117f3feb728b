import { hash64, type TimeWindow } from '../base';

/**
 * The windows in order of time, those that overlap joined: what two windows share is pulled once. Windows
 * that only touch stay apart.
 */
export function disjointWindows(windows: readonly TimeWindow[]): readonly TimeWindow[] {
  const out: TimeWindow[] = [];
  const sorted = windows
    .filter(({ from, to }) => to > from)
    .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  for (const window of sorted) {
    const last = out.at(-1);
    if (!last || window.from >= last.to) out.push(window);
    else if (window.to > last.to) out[out.length - 1] = { from: last.from, to: window.to };
  }
  return out;
}

/** A window in pieces of at most `length` nanoseconds, half-open, in order, without gap or overlap. */
export function splitWindow(window: TimeWindow, length: bigint): readonly TimeWindow[] {
  if (length <= 0n) return [window];
  const out: TimeWindow[] = [];
  for (let { from } = window; from < window.to; from += length) {
    out.push({ from, to: from + length < window.to ? from + length : window.to });
  }
  return out;
}

const UNIT = 2 ** -53;

/** Where a key falls in [0, 1): even over keys, the same in every run. */
function hashPoint(key: string): number {
  return Number(BigInt.asUintN(64, hash64(key)) >> 11n) * UNIT;
}

/**
 * Whether a record of this key is in a sample of the given share (0…1). The same key gives the same answer
 * in every run, and a smaller share keeps a subset of what a larger one keeps.
 */
export function inSample(key: string, share: number): boolean {
  return share >= 1 || hashPoint(key) < share;
}

export interface BudgetPlan {
  /** Share of the ordinary records to keep, 0…1. */
  readonly share: number;
  readonly sampled: boolean;
}

/**
 * What of `total` records may come: the `whole` ones (errors) all, of the others the share that keeps the
 * sum within the budget. Errors alone may exceed the budget; then nothing else comes.
 */
export function planBudget(total: number, whole: number, budget: number): BudgetPlan {
  if (total <= budget) return { share: 1, sampled: false };
  const share = Math.max(0, budget - whole) / Math.max(1, total - whole);
  return { share: Math.min(1, share), sampled: true };
}
