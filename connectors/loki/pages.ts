import { FaultlineError, formatRfc3339, type TimeWindow } from '../../core/base';
import type { NoticeCounts } from '../../core/connect';
import { bodyOf, isRefusal, type LokiClient, type Stream } from './api';
import { matcherOf, selectorOf, withMatcher } from './logql';
import { streamKey } from './labels';
import { entryOf, type Entry } from './lines';

/** A line with the labels of its stream. */
export interface Line extends Entry {
  readonly ts: bigint;
  /** Of the stream, as JSON with its keys in order. */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How often the time of one piece is halved because of refusals before what is left of it is given up. */
const MOST_REFUSALS = 40;

/** Reads all lines of a query and a time, page by page, from the oldest on. */
export class Pages {
  constructor(
    private readonly client: LokiClient,
    private limit: number,
    private readonly notices: Pick<NoticeCounts, 'add'>,
  ) {}

  /**
   * The lines in order of time, then of streams; each once. What Loki refuses is asked for again in shorter
   * pieces; what it refuses for good is said.
   */
  async read(query: string, window: TimeWindow, signal: AbortSignal): Promise<readonly Line[]> {
    const lines: Line[] = [];
    const ahead = [window];
    let refusals = 0;
    for (let piece = ahead.pop(); piece; piece = ahead.pop()) {
      try {
        const rest = await this.page(query, piece, lines, signal);
        if (rest) ahead.push(rest);
      } catch (error) {
        if (!isRefusal(error) && !isLarge(error)) throw error;
        if (this.lowered(error)) {
          ahead.push(piece);
          continue;
        }
        refusals++;
        const { from, to } = piece;
        if (to - from > 1n && refusals <= MOST_REFUSALS) {
          const middle = (from + to) / 2n;
          ahead.push({ from: middle, to }, { from, to: middle });
        } else this.lost(piece, error);
      }
    }
    return lines.sort((a, b) => {
      if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1;
      return a.key === b.key ? 0 : a.key < b.key ? -1 : 1;
    });
  }

  /** One page into `lines`; what is left of the time, or undefined. */
  private async page(
    query: string,
    piece: TimeWindow,
    lines: Line[],
    signal: AbortSignal,
  ): Promise<TimeWindow | undefined> {
    const { limit } = this;
    const got = this.linesOf(await this.client.lines(query, piece, limit, signal));
    if (got.read < limit) {
      lines.push(...got.lines);
      return undefined;
    }
    // Of the lines at the last moment some may have been left out: that moment is asked for again.
    const last = got.last ?? piece.from;
    if (last > piece.from) {
      lines.push(...got.lines.filter(({ ts }) => ts < last));
      return { from: last, to: piece.to };
    }
    lines.push(...(await this.moment(query, last, signal)));
    return last + 1n < piece.to ? { from: last + 1n, to: piece.to } : undefined;
  }

  /** More lines at one nanosecond than a page has: stream by stream. */
  private async moment(query: string, at: bigint, signal: AbortSignal): Promise<readonly Line[]> {
    const window = { from: at, to: at + 1n };
    const lines: Line[] = [];
    const streams = await this.client.series(selectorOf(query), window, signal);
    const names = [...new Set(streams.flatMap((labels) => Object.keys(labels)))].sort();
    for (const labels of streams) {
      const one = withLabels(query, names, labels);
      const got = this.linesOf(await this.client.lines(one, window, this.limit, signal));
      lines.push(...got.lines);
      if (got.read >= this.limit) {
        this.notices.add(
          'lines-truncated',
          'warning',
          (n) =>
            `${n} times a stream has at one nanosecond as many lines as Loki hands out at once (first: ${formatRfc3339(at)}); more of them may be there. Raise max_entries_limit_per_query in Loki, and the lines per query here.`,
        );
      }
    }
    return lines;
  }

  private linesOf(streams: readonly Stream[]): {
    readonly lines: readonly Line[];
    readonly read: number;
    readonly last: bigint | undefined;
  } {
    const lines: Line[] = [];
    let read = 0;
    let last: bigint | undefined;
    for (const { stream: labels, values } of streams) {
      const key = streamKey(labels);
      for (const value of values) {
        read++;
        const entry = entryOf(value);
        const ts = entry && /^-?\d{1,19}$/.test(entry.time) ? BigInt(entry.time) : undefined;
        if (!entry || ts === undefined) {
          this.notices.add(
            'records-dropped',
            'warning',
            (n) => `${n} lines came in a form that is not known and were left out.`,
          );
          continue;
        }
        lines.push({ ...entry, ts, key, labels });
        if (last === undefined || ts > last) last = ts;
      }
    }
    return { lines, read, last };
  }

  /** Whether the refusal is of the number of lines, and fewer can be asked for. */
  private lowered(error: FaultlineError): boolean {
    const most = /max entries limit[^(]*\((\d+) > (\d+)\)/i.exec(bodyOf(error))?.[2];
    if (most === undefined && !isLarge(error)) return false;
    const lower = most === undefined ? this.limit >> 2 : Number(most);
    if (lower < 1 || lower >= this.limit) return false;
    this.limit = lower;
    return true;
  }

  private lost({ from, to }: TimeWindow, error: FaultlineError): void {
    const when = `${formatRfc3339(from)} to ${formatRfc3339(to)}`;
    this.notices.add(
      'lines-missing',
      'warning',
      (n) => `Lines of ${n} stretches of time are missing, the first ${when}: ${error.message}`,
    );
  }
}

const isLarge = (error: unknown): error is FaultlineError =>
  error instanceof FaultlineError && error.code === 'connector/limit';

/** For one stream alone: it has these labels, and none of the other names. */
function withLabels(
  query: string,
  names: readonly string[],
  labels: Readonly<Record<string, string>>,
): string {
  return names
    .filter((name) => !name.startsWith('__'))
    .reduce((text, name) => withMatcher(text, matcherOf(name, '=', labels[name] ?? '')), query);
}
