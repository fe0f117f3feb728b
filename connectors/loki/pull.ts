import { createRng, formatRfc3339, throwIfAborted, type TimeWindow } from '../../core/base';
import {
  NoticeCounts,
  RowSink,
  disjointWindows,
  planBudget,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import { isRefusal, type LokiClient } from './api';
import { readCursor, writeCursor, type Position } from './cursor';
import { chooseQuery, selectedQuery } from './discover';
import { labelsOf, type StreamLabels } from './labels';
import { LokiLines } from './lines';
import { LEVELLED, errorsOf, type ErrorsBy } from './logql';
import { Pages, type Line } from './pages';

/** A slice is sized to bring about this many lines. */
const LINES_AT_ONCE = 20_000;
const FIRST_CUT = 16n;
/**
 * Where only a share comes, a window is cut into up to so many slices, of each of which that share of the time is
 * read; fewer where there would be hardly a line in each.
 */
const SAMPLED_CUT = 120;
const LEAST_CUT = 12;
const LINES_A_SLICE = 500;

export interface PullSettings {
  readonly query: string | undefined;
  /** Lines a page may bring. */
  readonly limit: number;
}

export async function* pull(
  client: LokiClient,
  settings: PullSettings,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem, void, void> {
  yield* new Pull(client, settings, request, signal).run();
}

class Pull {
  private readonly windows: readonly TimeWindow[];

  constructor(
    private readonly client: LokiClient,
    private readonly settings: PullSettings,
    private readonly request: PullRequest,
    private readonly signal: AbortSignal,
  ) {
    this.windows = disjointWindows(request.windows);
  }

  async *run(): AsyncGenerator<PullItem, void, void> {
    throwIfAborted(this.signal);
    const { resumeAt } = this.request;
    const at = resumeAt === undefined ? await this.begin() : readCursor(resumeAt);
    if (resumeAt === undefined) yield mark(at);
    const notices = new NoticeCounts(at.notices);
    const pages = new Pages(this.client, this.settings.limit, notices);
    for (let window = this.windows[at.window]; window; window = this.windows[at.window]) {
      const end = at.at + (at.length > 0n ? at.length : 1n);
      const slice = { from: at.at, to: end < window.to ? end : window.to };
      const read = await this.read(at, slice, pages);
      throwIfAborted(this.signal);
      yield* this.keep(at, read, notices);
      this.advance(at, slice, window, read.length);
      at.notices = [...notices.snapshot()];
      yield this.progress(at, slice);
      yield mark(at);
    }
    yield* this.conclusion(at);
  }

  /** Chooses the query, counts, and decides how much of what is no error may come. */
  private async begin(): Promise<Position> {
    const { client, signal, windows } = this;
    const chosen = await chooseQuery(client, this.settings.query, windows, signal);
    const notices = new NoticeCounts(chosen.notices);
    const query = await this.selected(chosen.query, notices);
    const counts: Position['counts'] = [];
    for (const window of windows) {
      counts.push({ total: query === '' ? 0 : await this.countOf(query, window), kept: 0 });
    }
    const whole = windows.reduce((sum, { from, to }) => sum + to - from, 0n);
    const at: Position = {
      v: 1,
      query,
      share: 1,
      errorsBy: 'level',
      counts,
      window: query === '' ? windows.length : 0,
      at: windows[0]?.from ?? 0n,
      length: whole / FIRST_CUT,
      notices: [],
    };
    const total = counts.reduce((sum, one) => sum + (one.total ?? 0), 0);
    if (total > this.request.budget) await this.thin(at, total, notices);
    if (counts.some((one) => one.total === null)) {
      notices.add(
        'not-counted',
        'warning',
        () =>
          'Loki refused to count the lines, so there is no budget for them: all of them are read.',
      );
    }
    at.notices = [...notices.snapshot()];
    return at;
  }

  /** The query for the selected items alone; '' where none of them is there. */
  private async selected(query: string, notices: NoticeCounts): Promise<string> {
    const { client, windows, signal } = this;
    const { select } = this.request;
    const found = await selectedQuery(client, query, { select, windows, signal });
    const { lost } = found;
    if (lost.length > 0) {
      notices.add(
        'not-found',
        'warning',
        (n) => `${n} selected items are not there: ${lost.join(', ')}.`,
        lost.length,
      );
    }
    return found.query;
  }

  private async countOf(query: string, window: TimeWindow): Promise<number | null> {
    try {
      const counts = await this.client.count(query, window, this.signal);
      return counts.get('') ?? 0;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return null;
    }
  }

  private async thin(at: Position, total: number, notices: NoticeCounts): Promise<void> {
    const { budget } = this.request;
    const sum = async (query: string): Promise<number> => {
      let lines = 0;
      for (const window of this.windows) lines += (await this.countOf(query, window)) ?? 0;
      return lines;
    };
    const levelled = await sum(`${at.query}${LEVELLED}`);
    at.errorsBy = levelled * 2 >= total ? 'level' : 'text';
    const errors = await sum(errorsOf(at.query, at.errorsBy));
    at.share = planBudget(total, errors, budget).share;
    at.length = this.cutOf(0);
    const how: Readonly<Record<ErrorsBy, string>> = {
      level: 'whose level says so',
      text: 'whose text names an error',
    };
    const percent = Number((at.share * 100).toPrecision(2));
    const { errorsBy } = at;
    notices.add(
      'rows-sampled',
      'warning',
      () =>
        `${total} lines are over the budget of ${budget} rows. The ${errors} errors (${how[errorsBy]}) come whole; the others from ${percent} % of the time, spread over each window. The full counts are kept as coverage.`,
      total,
    );
  }

  private cutOf(window: number): bigint {
    const { from, to } = this.windows[window] ?? { from: 0n, to: 0n };
    const most = Math.floor(this.request.budget / LINES_A_SLICE);
    const cut = BigInt(Math.max(LEAST_CUT, Math.min(SAMPLED_CUT, most)));
    return (to - from + cut - 1n) / cut;
  }

  private async read(at: Position, slice: TimeWindow, pages: Pages): Promise<readonly Line[]> {
    if (at.share >= 1) return pages.read(at.query, slice, this.signal);
    const part = partOf(slice, at.share);
    const errors = errorsOf(at.query, at.errorsBy);
    const lines: Line[] = [];
    for (const [query, from, to] of [
      [errors, slice.from, part.from],
      [at.query, part.from, part.to],
      [errors, part.to, slice.to],
    ] as const) {
      if (to > from) lines.push(...(await pages.read(query, { from, to }, this.signal)));
    }
    return lines;
  }

  /** With a sink of its own, so that a slice is the same whatever was read before it. */
  private *keep(at: Position, read: readonly Line[], notices: NoticeCounts): Generator<PullItem> {
    const sink = new RowSink(notices);
    const lines = new LokiLines(sink);
    const known = new Map<string, StreamLabels>();
    let kept = 0;
    for (const line of read) {
      let labels = known.get(line.key);
      if (!labels) known.set(line.key, (labels = labelsOf(line.labels)));
      const reason = lines.add(labels, line, line.ts);
      if (reason === '') kept++;
      else {
        const service = labels.resource['service.name'];
        yield { kind: 'dropped', records: { signal: 'logs', at: line.ts, service } };
        notices.add(
          'records-dropped',
          'warning',
          (n) => `${n} lines can't be taken over: ${reason}.`,
        );
      }
    }
    const counts = at.counts[at.window];
    if (counts) counts.kept += kept;
    for (const batch of sink.batches()) yield { kind: 'batch', batch };
  }

  private advance(at: Position, slice: TimeWindow, window: TimeWindow, lines: number): void {
    if (at.share >= 1) {
      const longest = (window.to - window.from) / 2n;
      if (lines > 2 * LINES_AT_ONCE) at.length /= 2n;
      else if (lines * 3 < LINES_AT_ONCE && at.length < longest) at.length *= 2n;
    }
    at.at = slice.to;
    if (slice.to < window.to) return;
    at.window++;
    at.at = this.windows[at.window]?.from ?? slice.to;
    if (at.share < 1) at.length = this.cutOf(at.window);
  }

  private progress(at: Position, slice: TimeWindow): PullItem {
    const done = at.counts.reduce((sum, { kept }) => sum + kept, 0);
    const label = `lines until ${formatRfc3339(slice.to)}`;
    const total = at.counts.reduce((sum, one) => sum + (one.total ?? 0), 0);
    return at.share < 1 || total < done
      ? { kind: 'progress', done, unit: 'lines', label }
      : { kind: 'progress', done, total, unit: 'lines', label };
  }

  private *conclusion(at: Position): Generator<PullItem, void, void> {
    const sampled = at.share < 1;
    const how = sampled
      ? 'Counted by Loki (count_over_time); errors whole, of the others a part of the time.'
      : 'Counted by Loki (count_over_time).';
    for (const [i, window] of this.windows.entries()) {
      const { total = null, kept = 0 } = at.counts[i] ?? {};
      yield {
        kind: 'coverage',
        coverage: { signal: 'logs', window, rowsTotal: total, rowsKept: kept, sampled, how },
      };
    }
    const kept = at.counts.reduce((sum, one) => sum + one.kept, 0);
    const notices: Notice[] = [...at.notices];
    if (kept > this.request.budget) {
      notices.push({
        code: 'budget-exceeded',
        severity: 'warning',
        count: kept - this.request.budget,
        message: `${kept} lines came for a budget of ${this.request.budget}: errors are kept whole, and a share of the time never holds exactly that share of the lines.`,
      });
    }
    const retried = this.client.retries.notice();
    if (retried) notices.push(retried);
    for (const notice of notices) yield { kind: 'notice', notice };
  }
}

/** The part of a slice that is read whole: its share of the time, anywhere in it, the same in every run. */
function partOf({ from, to }: TimeWindow, share: number): TimeWindow {
  const length = BigInt(Math.round(Number(to - from) * share));
  const room = Number(to - from - length);
  const begins = from + BigInt(Math.floor(createRng(`loki ${from}`).next() * room));
  return { from: begins, to: begins + length };
}

function mark(at: Position): PullItem {
  return { kind: 'mark', cursor: writeCursor(at) };
}
