import { FaultlineError, isCancelled, type TimeWindow } from '../base';
import { DroppedTally, type Connector, type DroppedAt, type PullRequest } from '../connect';
import type { Notice, Signal } from '../model';
import type { CaseStore, SourceIdentity, SourceInfo, SourceWriter } from '../store';

export interface PullTarget {
  readonly connector: string;
  readonly name: string;
  /** Address without credentials. */
  readonly endpoint: string;
  /** The connector's own fields; never credentials. */
  readonly config: Readonly<Record<string, string>>;
  readonly windows: readonly TimeWindow[];
  readonly select?: readonly string[];
  readonly budget: number;
}

export interface PullRunOptions {
  readonly now: bigint;
  readonly signal: AbortSignal;
  /** `unit` is what done and total count; `rows` came in so far, those before a resume included. */
  readonly onProgress?: (
    done: number,
    total: number | null,
    label: string,
    more: { readonly unit: string; readonly rows: number },
  ) => void;
  /** Rows are committed: from here on a broken pull leaves something to resume. */
  readonly onCommitted?: () => Promise<void>;
  readonly onNotice?: (notice: Notice) => void;
  /** Dropped records before this, ns, were counted by an earlier look, and so were those without a time. */
  readonly droppedFrom?: bigint;
}

export interface PullSummary {
  readonly sourceId: number;
  readonly rows: Readonly<Partial<Record<Signal | 'other', number>>>;
  readonly totalRows: number;
  readonly resumed: boolean;
  readonly notices: readonly Notice[];
}

/** Committed at the next mark after this many rows, or this long after the last commit. */
const COMMIT_ROWS = 20_000;
const COMMIT_EVERY_NS = 1_000_000_000n;

export function pullIdentity(target: PullTarget): SourceIdentity {
  const windows = target.windows.map(({ from, to }) => [String(from), String(to)]);
  const query = { windows, select: target.select, budget: target.budget, config: target.config };
  return {
    connector: target.connector,
    name: target.name,
    endpoint: target.endpoint,
    query: JSON.stringify(query),
    window: hull(target.windows),
  };
}

/** The target of a partial source, so that it can be resumed as it was asked. */
export function targetOf(source: SourceInfo): PullTarget {
  const query = JSON.parse(source.query) as {
    windows: [string, string][];
    select?: string[];
    budget: number;
    config: Record<string, string>;
  };
  return {
    connector: source.connector,
    name: source.name,
    endpoint: source.endpoint,
    config: query.config,
    windows: query.windows.map(([from, to]) => ({ from: BigInt(from), to: BigInt(to) })),
    select: query.select,
    budget: query.budget,
  };
}

function hull(windows: readonly TimeWindow[]): TimeWindow | null {
  const first = windows[0];
  if (!first) return null;
  return windows.reduce(
    (all, w) => ({
      from: w.from < all.from ? w.from : all.from,
      to: w.to > all.to ? w.to : all.to,
    }),
    first,
  );
}

/** Further baselines as `--baseline` says them, relative to the incident's window. */
export function baselineWindows(
  window: TimeWindow,
  baselines: readonly string[],
  parse: (text: string) => TimeWindow,
): readonly TimeWindow[] {
  const length = window.to - window.from;
  const day = 86_400_000_000_000n;
  return baselines.map((word) => {
    if (word === 'previous') return { from: window.from - length, to: window.from };
    const back = /^-(\d+)([dw])$/.exec(word);
    if (!back) return parse(word);
    const shift = BigInt(back[1]!) * (back[2] === 'w' ? 7n : 1n) * day;
    return { from: window.from - shift, to: window.to - shift };
  });
}

/**
 * Runs a pull into the case: batches and cursor commit together, so a cancelled or killed pull is
 * resumed without gap or duplicate; until it is complete its rows are partial and invisible.
 */
export async function runPull(
  store: CaseStore,
  connector: Connector,
  target: PullTarget,
  options: PullRunOptions,
): Promise<PullSummary> {
  const identity = pullIdentity(target);
  const known = await store.findSource(identity);
  if (known?.state === 'complete') return repeatOf(known);
  const writer = await store.beginSource(identity, options.now);
  const resumed = writer.cursor !== undefined;
  const request: PullRequest = {
    windows: target.windows,
    select: target.select,
    budget: target.budget,
    resumeAt: writer.cursor,
  };
  try {
    const gathered = await drain(connector, request, writer, options);
    const notices = [...gathered, ...(await writer.finish())];
    const source = (await store.facts()).sources.find((s) => s.sourceId === writer.sourceId);
    const totalRows = source?.rows ?? writer.rows;
    return { sourceId: writer.sourceId, rows: {}, totalRows, resumed, notices };
  } catch (error) {
    await writer.suspend();
    // It is not there: there is nothing to go on with either.
    const gone = error instanceof FaultlineError && error.code === 'not-found';
    if (gone && writer.rows === 0) await store.removeSource(writer.sourceId);
    throw isCancelled(error) ? error : asPullError(error, writer);
  }
}

/** Where a pull's items go. */
export type PullSink = Pick<
  SourceWriter,
  'rows' | 'add' | 'commit' | 'notice' | 'coverage' | 'left'
>;

/** Items of a pull into the sink, committed at marks; the last batch waits for who called. */
export async function drain(
  connector: Connector,
  request: PullRequest,
  writer: PullSink,
  options: PullRunOptions,
): Promise<readonly Notice[]> {
  const notices: Notice[] = [];
  const left = new DroppedTally();
  let rows = writer.rows;
  let uncommitted = 0;
  let committedAt = performance.now();
  for await (const item of connector.pull(request, options.signal)) {
    switch (item.kind) {
      case 'batch':
        writer.add(item.batch);
        rows += item.batch.rows;
        uncommitted += item.batch.rows;
        break;
      case 'mark': {
        const waited = BigInt(Math.round((performance.now() - committedAt) * 1e6));
        if (uncommitted >= COMMIT_ROWS || waited >= COMMIT_EVERY_NS) {
          for (const count of left.take()) writer.left(count);
          await writer.commit(item.cursor);
          uncommitted = 0;
          committedAt = performance.now();
          if (rows > 0) await options.onCommitted?.();
        }
        break;
      }
      case 'progress':
        options.onProgress?.(item.done, item.total ?? null, item.label, { unit: item.unit, rows });
        break;
      case 'notice':
        notices.push(item.notice);
        writer.notice(item.notice);
        options.onNotice?.(item.notice);
        break;
      case 'coverage':
        writer.coverage(item.coverage);
        break;
      case 'dropped':
        if (isNews(item.records, options)) left.add(item.records);
        break;
    }
  }
  for (const count of left.take()) writer.left(count);
  return notices;
}

function isNews({ at }: DroppedAt, { droppedFrom }: PullRunOptions): boolean {
  return droppedFrom === undefined || (at !== undefined && at >= droppedFrom);
}

function repeatOf(known: SourceInfo): PullSummary {
  const notice: Notice = {
    code: 'already-pulled',
    severity: 'info',
    count: known.rows,
    message: `This pull is in the case already (${known.rows} rows); nothing was added.`,
  };
  return {
    sourceId: known.sourceId,
    rows: {},
    totalRows: known.rows,
    resumed: false,
    notices: [notice],
  };
}

function asPullError(error: unknown, writer: SourceWriter): unknown {
  if (!(error instanceof FaultlineError)) return error;
  const { code, message, detail, retryable } = error;
  const kept =
    writer.rows === 0
      ? message
      : `${message} What was committed is kept as partial: resume or discard it.`;
  const more = { ...detail, sourceId: writer.sourceId, committedRows: writer.rows };
  return new FaultlineError(code, kept, { detail: more, retryable, cause: error });
}
