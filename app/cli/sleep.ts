import { setTimeout as wait } from 'node:timers/promises';

/** Longest wait of a timer: about 24.8 days; one millisecond more and it is over at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits for `ns` nanoseconds, without end where it is undefined, until the signal is aborted. */
export async function sleepLong(ns: bigint | undefined, signal: AbortSignal): Promise<void> {
  const end = ns === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(ns) / 1e6;
  for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
    try {
      await wait(Math.min(left, LONGEST_TIMER_MS), undefined, { signal });
    } catch {
      return;
    }
  }
}
