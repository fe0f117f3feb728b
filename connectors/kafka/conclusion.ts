import type { TimeWindow } from '../../core/base';
import type { PullItem } from '../../core/connect';
import type { Notice, Signal } from '../../core/model';
import type { Position } from './plan';
import { Tally } from './tally';

/** What is said at the end of a pull: how much came of how much, and everything that was counted on the way. */
export function* conclusion(
  at: Position,
  windows: readonly TimeWindow[],
  budget: number,
): Generator<PullItem, void, void> {
  const tally = new Tally(at.tally);
  const signals = new Set([...at.totals, ...at.kept].map(({ signal }) => signal));
  for (const signal of signals) yield* coverageOf(at, windows, signal, tally);
  for (const notice of tally.notices()) yield { kind: 'notice', notice };
  for (const { signal, share } of at.totals) {
    if (share < 1) yield { kind: 'notice', notice: sampled(at, signal, share, budget) };
  }
  for (const notice of overBudget(at, budget)) yield { kind: 'notice', notice };
  if (at.parts.length === 0) {
    const message = 'No topic that is asked for has records that can be read at this time.';
    yield {
      kind: 'notice',
      notice: { code: 'nothing-there', severity: 'warning', count: 1, message },
    };
  }
}

function* coverageOf(
  at: Position,
  windows: readonly TimeWindow[],
  signal: Signal,
  tally: Tally,
): Generator<PullItem, void, void> {
  const planned = at.totals.find((of) => of.signal === signal);
  const kept = at.kept.find((of) => of.signal === signal)?.within ?? [];
  const share = planned?.share ?? 1;
  const whole = !tally.has(
    'partitions-refused',
    'partitions-offline',
    'batches-dropped',
    'transaction-open',
    'retention-passed',
  );
  // A time that jumps hides offsets from the count.
  const byOffsets = (count: number | null | undefined): number | null =>
    tally.has('times-jump') ? null : (count ?? null);
  const how =
    share < 1
      ? `Records counted by their offsets between the times; blocks of ${at.block} records were read, ${percent(share)} of them.`
      : 'Counted while every record was read.';
  for (const [i, window] of windows.entries()) {
    const rowsKept = kept[i] ?? 0;
    const counted = share < 1 ? byOffsets(planned?.within[i]) : whole ? rowsKept : null;
    // Times of their own may put more rows into a window than Kafka's times do.
    const rowsTotal = counted !== null && counted < rowsKept ? null : counted;
    yield {
      kind: 'coverage',
      coverage: { signal, window, rowsTotal, rowsKept, sampled: share < 1, how },
    };
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const percent = (share: number): string => `${(share * 100).toPrecision(3)} %`;

function sampled(at: Position, signal: Signal, share: number, budget: number): Notice {
  const kept = sum(at.kept.find((of) => of.signal === signal)?.within ?? []);
  const of = signal === 'spans' ? ' Traces are not whole.' : '';
  return {
    code: 'rows-sampled',
    severity: 'warning',
    count: kept,
    message: `${kept} rows of ${signal} came within the budget of ${budget}: every nth block of ${at.block} records of each partition was read, ${percent(share)} in all. Kafka can't be asked for errors alone, so they are thinned out like the others.${of} Raise the budget or narrow the windows for all.`,
  };
}

function* overBudget(at: Position, budget: number): Generator<Notice, void, void> {
  for (const { signal, within } of at.kept) {
    const kept = sum(within);
    if (kept <= budget) continue;
    yield {
      code: 'budget-exceeded',
      severity: 'warning',
      count: kept - budget,
      message: `${kept} rows of ${signal} came for a budget of ${budget}: how many rows a record holds was estimated from its first ones.`,
    };
  }
}
