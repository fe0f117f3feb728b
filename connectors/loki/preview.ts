import { FaultlineError, throwIfAborted } from '../../core/base';
import {
  PreviewGrid,
  PreviewTally,
  levelName,
  severityOfWord,
  type Preview,
  type PreviewBy,
  type PreviewRequest,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import type { LokiClient, Labelled } from './api';
import { COUNT_UP_TO, chooseQuery, labelsIn, selectedQuery } from './discover';
import { groupLabel, selectorOf } from './logql';

/** Where a line's level may stand, the surest first; `detected_level` is what Loki 3 found in the line. */
const LEVELS = ['level', 'severity', 'severity_text', 'detected_level'];

/**
 * Lines over time by level or service, by `count_over_time`. Loki reads lines to count them, so where its index says
 * that they are many it is not asked: 'connector/limit'.
 */
export async function preview(
  client: LokiClient,
  given: string | undefined,
  request: PreviewRequest,
  signal: AbortSignal,
): Promise<Preview> {
  const { by, select, onProgress } = request;
  const grid = new PreviewGrid(request.windows);
  const chosen = await chooseQuery(client, given, grid.windows, signal);
  const { query, lost } = await selectedQuery(client, chosen.query, {
    select,
    windows: grid.windows,
    signal,
  });
  const notices: Notice[] = [...chosen.notices];
  if (lost.length > 0) notices.push(lostNotice(lost));
  const labels = by === 'level' ? LEVELS : [await serviceLabel(client, grid, signal)];
  const tally = new PreviewTally(grid, by);
  if (query !== '') {
    await guard(client, query, grid, signal);
    const counting = { client, tally, query, by, labels, signal };
    for (const window of grid.windows.keys()) {
      onProgress?.(window, grid.windows.length, query);
      await countWindow(counting, window);
    }
  }
  throwIfAborted(signal);
  return tally.preview({
    how: `Counted by Loki, by the labels ${labels.join(', ')}.`,
    notices,
    retried: client.retries.notice(),
  });
}

async function serviceLabel(
  client: LokiClient,
  { windows }: PreviewGrid,
  signal: AbortSignal,
): Promise<string> {
  return groupLabel(await labelsIn(client, windows, signal)) ?? 'service_name';
}

async function guard(
  client: LokiClient,
  query: string,
  { windows }: PreviewGrid,
  signal: AbortSignal,
): Promise<void> {
  let bytes = 0;
  for (const window of windows) {
    bytes += (await client.stats(selectorOf(query), window, signal))?.bytes ?? 0;
  }
  if (bytes <= COUNT_UP_TO) return;
  const gigabytes = (bytes / 1e9).toPrecision(3);
  throw new FaultlineError(
    'connector/limit',
    `Loki would read ${gigabytes} GB to count these lines, so it was not asked to. Narrow the window or the query.`,
  );
}

interface Counting {
  readonly client: LokiClient;
  readonly tally: PreviewTally;
  readonly query: string;
  readonly by: PreviewBy;
  readonly labels: readonly string[];
  readonly signal: AbortSignal;
}

/** Whole buckets by one range query; those that are cut at the window's ends each by an instant one. */
async function countWindow(
  { client, tally, query, by, labels, signal }: Counting,
  window: number,
): Promise<void> {
  const { grid } = tally;
  const { from, to } = grid.windows[window] ?? { from: 0n, to: 0n };
  const { step } = grid;
  const put = (at: bigint, lines: readonly Labelled[]): void => {
    const bucket = grid.bucket(window, Number(at / step));
    for (const { labels: of, count } of lines) {
      if (count > 0) tally.add('logs', nameOf(of, by, labels), bucket, count);
    }
  };
  const first = from % step === 0n ? from : from - (from % step) + step;
  const last = to - (to % step);
  if (first > last) return put(from, await client.countBy(query, { from, to }, labels, signal));
  if (from < first) {
    put(from, await client.countBy(query, { from, to: first }, labels, signal));
  }
  if (first < last) {
    const stretch = { from: first, to: last };
    for (const { at, ...one } of await client.countSteps(query, stretch, step, labels, signal)) {
      put(at, [one]);
    }
  }
  if (last < to) put(last, await client.countBy(query, { from: last, to }, labels, signal));
}

function nameOf(
  of: Readonly<Record<string, string>>,
  by: PreviewBy,
  labels: readonly string[],
): string {
  const said = labels.map((label) => of[label] ?? '');
  if (by === 'service') return said[0] ?? '';
  const severity = said.map(severityOfWord).find((known) => known > 0) ?? 0;
  return levelName(severity);
}

function lostNotice(lost: readonly string[]): Notice {
  const message = `${lost.length} selected items are not there: ${lost.join(', ')}.`;
  return { code: 'not-found', severity: 'warning', count: lost.length, message };
}
