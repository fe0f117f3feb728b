import type { TimeWindow } from '../../core/base';
import type { PullItem } from '../../core/connect';
import type { Notice, Signal } from '../../core/model';
import type { LakeClient } from './client';
import type { Position } from './cursor';
import type { Found } from './find';
import { Tally } from './tally';

/** How much of a signal came, window by window, once all of it was read. */
export function* coverageOf(
  signal: Signal,
  windows: readonly TimeWindow[],
  at: Position,
  budget: number,
): Generator<PullItem> {
  const sampled = at.share !== null && at.share < 1;
  const percent = ((at.share ?? 1) * 100).toPrecision(3);
  const how = sampled
    ? `All rows were counted; errors are whole, of the others ${percent} % by hash.`
    : 'Counted while every row was read.';
  if (signal !== 'topology') {
    for (const [i, window] of windows.entries()) {
      const { total, kept } = at.windows[i] ?? { total: 0, kept: 0 };
      const rowsTotal = at.lost ? null : total;
      const coverage = { signal, window, rowsTotal, rowsKept: kept, sampled, how };
      yield { kind: 'coverage', coverage };
    }
  }
  const sum = (of: 'total' | 'kept'): number => at.windows.reduce((n, one) => n + one[of], 0);
  const [total, kept] = [sum('total'), sum('kept')];
  if (sampled) {
    yield notice(
      'rows-sampled',
      'warning',
      total - kept,
      `${kept} of ${total} rows of ${signal} are kept within the budget of ${budget}: errors whole (spans with their traces), of the others ${percent} % by hash.`,
    );
  }
  if (kept > budget) {
    yield notice(
      'budget-exceeded',
      'warning',
      kept - budget,
      `${kept} rows of ${signal} came for a budget of ${budget}: errors are kept whole, and a share of the others is never exact.`,
    );
  }
}

export function* conclusion(at: Position, found: Found, client: LakeClient): Generator<PullItem> {
  if (found.files.length === 0) {
    yield notice('nothing-there', 'warning', 1, 'The lake has no Parquet files for these windows.');
  }
  for (const said of new Tally(at.tally).notices()) yield { kind: 'notice', notice: said };
  for (const [code, { severity, count, message }] of Object.entries(at.said)) {
    yield notice(code, severity, count, message);
  }
  yield notice('lake-pruned', 'info', found.pruned.files + found.pruned.folders, pruned(at, found));
  const retried = client.retries.notice();
  if (retried) yield { kind: 'notice', notice: retried };
}

/** What was read, and what was not for the names of folders and the footers' statistics. */
function pruned({ read }: Position, { files, pruned: left }: Found): string {
  const inAll = files.reduce((sum, { size }) => sum + size, 0);
  return (
    `${mebibytes(read.bytes)} were read for ${files.length} files of ${mebibytes(inAll)}, ${read.groups} row groups. ` +
    `Left out by signal, day and hour (UTC): ${left.folders} folders and ${left.files} files; ` +
    `by the statistics of their times: ${read.groupsLeft} row groups of ${mebibytes(read.bytesLeft)}.`
  );
}

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

function notice(
  code: string,
  severity: Notice['severity'],
  count: number,
  message: string,
): PullItem {
  return { kind: 'notice', notice: { code, severity, count, message } };
}
