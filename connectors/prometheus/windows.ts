import type { TimeWindow } from '../../core/base';

/** A half-open window in whole milliseconds, which is how exact Prometheus' times are. */
export interface MsWindow {
  readonly from: number;
  readonly to: number;
}

const NS_PER_MS = 1_000_000n;

/** Exactly the milliseconds inside a window of nanoseconds. */
export function msWindow({ from, to }: TimeWindow): MsWindow {
  return { from: ceilMs(from), to: ceilMs(to) };
}

function ceilMs(ns: bigint): number {
  return Number((ns + NS_PER_MS - 1n) / NS_PER_MS);
}

/**
 * The range selector that covers [from, to) when it is evaluated at `to` − 1 ms. Prometheus 3 leaves the
 * older end of a range out, Prometheus 2 takes both ends in.
 */
export function rangeOf({ from, to }: MsWindow, leftOpen: boolean): { range: string; at: number } {
  return { range: `[${Math.max(1, to - from - (leftOpen ? 0 : 1))}ms]`, at: to - 1 };
}

/** Windows that touch, joined. */
export function joined(windows: readonly MsWindow[]): readonly MsWindow[] {
  const out: MsWindow[] = [];
  for (const window of windows) {
    const last = out.at(-1);
    if (last && window.from <= last.to) out[out.length - 1] = { from: last.from, to: window.to };
    else out.push(window);
  }
  return out;
}

/** A window in two, at a whole number of `unitMs` from its start; none where it is too short. */
export function halved({ from, to }: MsWindow, unitMs = 1): readonly MsWindow[] {
  const unit = Math.max(1, unitMs);
  const middle = from + Math.floor((to - from) / 2 / unit) * unit;
  return middle > from && middle < to
    ? [
        { from, to: middle },
        { from: middle, to },
      ]
    : [];
}
