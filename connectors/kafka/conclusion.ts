import type { TimeWindow } from '../../core/base';
import type { PullItem } from '../../core/connect';
import type { Notice, Signal } from '../../core/model';
import type { Position } from './position';
import { Tally } from './tally';

/** What is said at the end of a pull: how much came of how much, and everything that was counted on the way. */
export function* conclusion(
  at: Position,
  windows: readonly TimeWindow[],
  budget: number,
): Generator<PullItem, void, void> {
  const tally = new Tally(at.tally);
  for (const rows of at.rows) yield* coverageOf(at, windows, rows, tally);
  for (const notice of tally.notices()) yield { kind: 'notice', notice };
  for (const rows of at.rows) {
    for (const notice of budgetNotices(at, rows, budget)) yield { kind: 'notice', notice };
  }
  if (at.parts.length === 0) {
    const message = 'No topic that is asked for has records that can be read at this time.';
    yield {
      kind: 'notice',
      notice: { code: 'nothing-there', severity: 'warning', count: 1, message },
    };
  }
}

type Rows = Position['rows'][number];

function* coverageOf(
  at: Position,
  windows: readonly TimeWindow[],
  { signal, within, kept }: Rows,
  tally: Tally,
): Generator<PullItem, void, void> {
  const whole = !tally.has(
    'partitions-refused',
    'partitions-offline',
    'batches-dropped',
    'transaction-open',
    'retention-passed',
  );
  const share = shareOf(at, signal);
  const sampled = share < 1 || sum(kept) < sum(within);
  const how = sampled
    ? `Every record was read; ${KEPT[signal] ?? 'a sample came'}, ${percent(share)} of the others.`
    : 'Counted while every record was read.';
  for (const [i, window] of windows.entries()) {
    const rowsTotal = whole ? (within[i] ?? 0) : null;
    const coverage = { signal, window, rowsTotal, rowsKept: kept[i] ?? 0, sampled, how };
    yield { kind: 'coverage', coverage };
  }
}

/** What comes whole under a budget. */
const KEPT: Readonly<Partial<Record<Signal, string>>> = {
  logs: 'errors are whole',
  spans: 'spans with an error are whole',
  alerts: 'alerts are whole',
  changes: 'changes are whole',
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const percent = (share: number): string => `${(share * 100).toPrecision(3)} %`;
const shareOf = ({ topics }: Position, signal: Signal): number =>
  topics.find((topic) => topic.signal === signal)?.share ?? 1;

const SAMPLE: Readonly<Partial<Record<Signal, string>>> = {
  logs: 'errors whole, of the others',
  spans: 'spans with an error whole, of the other traces',
  samples: 'of the records with samples',
};

function* budgetNotices(
  at: Position,
  { signal, within, kept }: Rows,
  budget: number,
): Generator<Notice, void, void> {
  const [total, came] = [sum(within), sum(kept)];
  const share = shareOf(at, signal);
  if (share < 1 || came < total) {
    const words = SAMPLE[signal] ?? 'all, which are few, and of other rows';
    yield {
      code: 'rows-sampled',
      severity: 'warning',
      count: total - came,
      message: `${came} of ${total} rows of ${signal} are kept within the budget of ${budget}: ${words} ${percent(share)}, a share that was estimated from some of the records. Kafka can't be asked for errors alone, so every record was read. Raise the budget or narrow the windows for all.`,
    };
  }
  if (came > budget) {
    yield {
      code: 'budget-exceeded',
      severity: 'warning',
      count: came - budget,
      message: `${came} rows of ${signal} came for a budget of ${budget}: errors are kept whole, and how many rows there are was estimated.`,
    };
  }
}
