import { asFaultlineError, isCancelled, type TimeWindow } from '../base';
import type { Connector } from '../connect';
import type { Notice } from '../model';
import type {
  CaseStore,
  CoverageRow,
  RowPlace,
  SourceIdentity,
  SourceInfo,
  SourceWriter,
} from '../store';
import {
  drain,
  pullIdentity,
  targetOf,
  type PullRunOptions,
  type PullSink,
  type PullTarget,
} from './pull';
import { sumNotices } from './receive';
import { sleep } from './sleep';

export interface TailTarget extends PullTarget {
  /** Most rows that are kept: beyond them the oldest go. */
  readonly ring: number;
}

/** Each look goes back so far again, for rows that came to the backend late: 30 s. */
const OVERLAP_NS = 30_000_000_000n;

interface TailCursor {
  /** Up to here it has been looked, ns; '' before the first look. */
  readonly to: string;
  /** A look that has begun. */
  readonly begun?: {
    readonly windows: readonly (readonly [string, string])[];
    readonly cursor?: string;
    /** Rows of it come after these. */
    readonly since: RowPlace;
  };
  readonly notices: readonly Notice[];
  readonly coverage: readonly CoverageSum[];
  readonly letGo: number;
}

interface CoverageSum {
  readonly signal: string;
  readonly from: string;
  readonly to: string;
  readonly total: number | null;
  readonly kept: number;
  readonly how: string;
}

const NOTHING: TailCursor = { to: '', notices: [], coverage: [], letGo: 0 };

function tailIdentity(target: TailTarget): SourceIdentity {
  const identity = pullIdentity(target);
  const query = { ...(JSON.parse(identity.query) as object), follow: { ring: target.ring } };
  return { ...identity, query: JSON.stringify(query), window: null };
}

/** The target of a source that was followed; undefined for one that was pulled. */
export function tailTargetOf(source: SourceInfo): TailTarget | undefined {
  if (source.query === '') return undefined;
  const { follow } = JSON.parse(source.query) as { readonly follow?: { readonly ring: number } };
  return follow && { ...targetOf(source), ring: follow.ring };
}

/**
 * Follows a backend: one source that is pulled on and on, each look from a little before the end of the last one up
 * to now, so that nothing is missed while the backend was away or this program was not running. What a look brings
 * again is kept once. One thing at a time: looks, showing and the end wait for each other.
 */
export class TailSession {
  private done: TailCursor;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly connector: Connector,
    private readonly target: TailTarget,
    private readonly writer: SourceWriter,
  ) {
    this.done = writer.cursor ? (JSON.parse(writer.cursor) as TailCursor) : NOTHING;
  }

  /** Goes on with the partial source of the same question, else begins one. */
  static async start(
    store: CaseStore,
    connector: Connector,
    target: TailTarget,
    now: bigint,
  ): Promise<TailSession> {
    return new TailSession(connector, target, await store.beginSource(tailIdentity(target), now));
  }

  get sourceId(): number {
    return this.writer.sourceId;
  }

  /** Rows that are kept. */
  get rows(): number {
    return this.writer.rows;
  }

  /** Rows that went because there were too many. */
  get letGo(): number {
    return this.done.letGo;
  }

  /** Up to when it has been looked, ns; undefined before the first look. */
  get reached(): bigint | undefined {
    return this.done.to === '' ? undefined : BigInt(this.done.to);
  }

  /** One look, up to `options.now`; says how many rows it brought, repeats among them. */
  look(options: PullRunOptions): Promise<number> {
    return this.alone(async () => {
      const windows = this.windowsOf(options.now);
      if (windows.length === 0) return 0;
      const before = this.writer.rows;
      const { writer } = this;
      const { select, budget } = this.target;
      const since = this.done.begun?.since ?? writer.place;
      const request = { windows, select, budget, resumeAt: this.done.begun?.cursor };
      try {
        const sink = this.sinkOf(windows, since);
        await drain(this.connector, request, sink, { ...options, droppedFrom: this.reached });
        await writer.commit(encode({ ...this.done, begun: { windows: wireOf(windows), since } }));
        await writer.dropRepeats(since);
        const { begun: _, ...done } = this.done;
        this.done = { ...done, to: String(endOf(windows)) };
        await writer.commit(encode(this.done));
      } catch (error) {
        await writer.suspend();
        // What was committed of it is where the next look goes on.
        this.done = writer.cursor ? (JSON.parse(writer.cursor) as TailCursor) : NOTHING;
        throw error;
      }
      return writer.rows - before;
    });
  }

  /** Makes visible what came; lets go of the oldest where there is too much. */
  show(): Promise<void> {
    return this.alone(() => this.shown());
  }

  /** What is there is complete: it is not followed any more. */
  finish(): Promise<readonly Notice[]> {
    return this.alone(async () => {
      await this.shown();
      for (const notice of this.closing()) this.writer.notice(notice);
      for (const { signal, from, to, total, kept, how } of this.done.coverage) {
        const window = { from: BigInt(from), to: BigInt(to) };
        this.writer.coverage({
          signal,
          window,
          rowsTotal: total,
          rowsKept: kept,
          sampled: true,
          how,
        });
      }
      return this.writer.finish();
    });
  }

  private async shown(): Promise<void> {
    await this.writer.show({ latestAlerts: true });
    const trimmed = await this.writer.trim(this.target.ring);
    if (!trimmed) return;
    const letGo = this.done.letGo + trimmed.rows;
    this.done = { ...this.done, letGo };
    await this.writer.commit(encode(this.done));
  }

  /** What a look says is kept with the place up to which its rows are. */
  private sinkOf(windows: readonly TimeWindow[], since: RowPlace): PullSink {
    const { writer } = this;
    return {
      rows: writer.rows,
      add: (batch) => writer.add(batch),
      commit: (cursor) =>
        writer.commit(encode({ ...this.done, begun: { windows: wireOf(windows), since, cursor } })),
      notice: (notice) => {
        this.done = { ...this.done, notices: sumNotices([...this.done.notices, notice]) };
      },
      left: (count) => writer.left(count),
      coverage: (one) => {
        this.done = { ...this.done, coverage: withCoverage(this.done.coverage, one) };
      },
    };
  }

  private windowsOf(now: bigint): readonly TimeWindow[] {
    const { begun, to } = this.done;
    if (begun) return begun.windows.map(([a, b]) => ({ from: BigInt(a), to: BigInt(b) }));
    const asked = to === '' ? this.target.windows : [{ from: BigInt(to) - OVERLAP_NS, to: now }];
    // What is still to come is looked at when it has come.
    return asked
      .map((window) => ({ from: window.from, to: window.to < now ? window.to : now }))
      .filter((window) => window.from < window.to && String(window.to) !== to);
  }

  private closing(): readonly Notice[] {
    const { notices, letGo, begun } = this.done;
    const said = [...notices];
    if (letGo > 0) {
      said.push({
        code: 'ring-budget',
        severity: 'warning',
        count: letGo,
        message:
          `${letGo} of the oldest rows were let go of while this was followed, because at most ` +
          `${this.target.ring} were to be kept. Pull their time again to have them.`,
      });
    }
    if (begun?.cursor !== undefined) {
      said.push({
        code: 'cut-short',
        severity: 'warning',
        count: 1,
        message:
          'It was stopped in the middle of a look: of the last minutes rows may be missing. Pull them again.',
      });
    }
    return said;
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.last;
    const mine = before.then(work, work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}

export interface LookOn {
  readonly now: () => bigint;
  readonly signal: AbortSignal;
  /** Between the end of a look and the next one, ms. */
  readonly everyMs: number;
}

/**
 * Looks again and again until the signal ends it. A backend that is away for a while is asked again, for all that was
 * missed. `after` each look: how many rows it brought, or why it brought none and is tried again.
 */
export async function lookOn(
  session: TailSession,
  { now, signal, everyMs }: LookOn,
  after: (came: number, trouble: string) => Promise<void> | void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const came = await session.look({ now: now(), signal });
      await after(came, '');
    } catch (error) {
      if (isCancelled(error)) return;
      const { message, retryable } = asFaultlineError(error);
      if (!retryable) throw error;
      await after(0, message);
    }
    await sleep(everyMs, signal).catch(() => undefined);
  }
}

const encode = (cursor: TailCursor): string => JSON.stringify(cursor);

const wireOf = (windows: readonly TimeWindow[]) =>
  windows.map(({ from, to }) => [String(from), String(to)] as const);

const endOf = (windows: readonly TimeWindow[]): bigint =>
  windows.reduce((last, { to }) => (to > last ? to : last), 0n);

/** Looks that were sampled are told as one stretch a signal; rows of the overlap count twice in both figures. */
function withCoverage(sums: readonly CoverageSum[], one: CoverageRow): readonly CoverageSum[] {
  const whole = !one.sampled && (one.rowsTotal === null || one.rowsKept >= one.rowsTotal);
  if (whole) return sums;
  const known = sums.find(({ signal }) => signal === one.signal);
  const { from, to } = one.window;
  const merged: CoverageSum = {
    signal: one.signal,
    from: known && BigInt(known.from) < from ? known.from : String(from),
    to: known && BigInt(known.to) > to ? known.to : String(to),
    total: one.rowsTotal === null ? (known?.total ?? null) : (known?.total ?? 0) + one.rowsTotal,
    kept: (known?.kept ?? 0) + one.rowsKept,
    how: `followed, added up over the looks that were sampled: ${one.how}`,
  };
  return [...sums.filter((sum) => sum !== known), merged];
}
