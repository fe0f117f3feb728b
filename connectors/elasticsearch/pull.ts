import { z } from 'zod';
import { throwIfAborted, type TimeWindow } from '../../core/base';
import {
  RetryCount,
  disjointWindows,
  type ConnectorEnv,
  type Coverage,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import { Client, isPartial, type Hit, type Json } from './api';
import { parseCursor, type Cursor, type Sampling } from './cursor';
import { unreadable, type ListOptions, type Target } from './discover';
import { makePlan } from './plan';
import { errorQuery, sampledQuery } from './queries';
import { Reader } from './reader';
import { Rows } from './rows';
import { after, cellsOf, packCells, type Slice } from './slices';
import { signalOf } from './spec';
import { Tally } from './tally';
import {
  cellOf,
  docvalueFields,
  gridOf,
  histogramAggregation,
  rangeQuery,
  resolutionOf,
  timeOf,
} from './time-field';
import { aggregate, tracesQuery, tracesWithErrors } from './traces';

/** Cells of one histogram. */
const CELLS = 240;
/** A cluster answers with 65,535 buckets at most, here a trace each. */
const MOST_TRACES = 60_000;
/** Documents of a slice that are held to be put in order; beyond them a slice comes in pieces. */
const HELD = 50_000;
const HELD_BYTES = 64 << 20;

export interface PullSettings extends Omit<ListOptions, 'windows' | 'only'> {
  /** Documents of one slice, which is what is committed at once. */
  readonly sliceDocuments: number;
}

/**
 * Pulls item after item, window after window, in slices of time that the index's own histogram sizes. A
 * slice is read whole and then marked, so a pull that was cut goes on with a new point in time at the
 * start of the slice that is not complete: no gap, no duplicate.
 */
export async function* pull(
  env: ConnectorEnv,
  settings: PullSettings,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem> {
  const retries = new RetryCount();
  const client = new Client(env, signal, retries);
  const windows = disjointWindows(request.windows);
  let cursor: Cursor;
  if (request.resumeAt === undefined) {
    const plan = await makePlan(client, request, settings, windows);
    for (const notice of plan.notices) yield { kind: 'notice', notice };
    cursor = plan.cursor;
    yield markOf(cursor);
  } else cursor = parseCursor(request.resumeAt);
  while (cursor.at.target < cursor.targets.length) {
    const run = new TargetRun(client, cursor, windows, settings, signal);
    yield* run.items();
    cursor = run.cursor;
  }
  throwIfAborted(signal);
  const notice = retries.notice();
  if (notice) yield { kind: 'notice', notice };
}

function markOf(cursor: Cursor): PullItem {
  return { kind: 'mark', cursor: JSON.stringify(cursor) };
}

/** The pull of one item, from the cursor's place to its end. */
class TargetRun {
  private readonly target: Target;
  private readonly sampling: Sampling | undefined;
  private readonly tally: Tally;
  private readonly reader: Reader;
  private failedTraces: ReadonlySet<string> | undefined;

  constructor(
    private readonly client: Client,
    public cursor: Cursor,
    private readonly windows: readonly TimeWindow[],
    private readonly settings: PullSettings,
    private readonly signal: AbortSignal,
  ) {
    this.target = targetAt(cursor);
    this.sampling = cursor.sampling[signalOf(this.target.mapping.profile)];
    this.tally = new Tally(cursor.tally);
    const { expression, mapping, red } = this.target;
    const docvalues = docvalueFields(mapping.time);
    const options = { expression, product: cursor.product, docvalues, red };
    this.reader = new Reader(client, options, this.tally);
  }

  async *items(): AsyncGenerator<PullItem> {
    try {
      for (const window of this.windows.slice(this.cursor.at.window)) {
        const from = BigInt(this.cursor.at.from);
        for await (const slice of this.slicesOf(window, from)) yield* this.slice(slice, window);
      }
      await this.reader.close();
      yield* this.end();
    } catch (error) {
      if (!isPartial(error)) throw error;
      await this.reader.close();
      throwIfAborted(this.signal);
      yield { kind: 'notice', notice: unreadable(this.target.id, error) };
      const open = this.openCoverage(BigInt(this.cursor.at.from));
      if (open) yield { kind: 'coverage', coverage: open };
      yield* this.end();
    } finally {
      await this.reader.close();
    }
  }

  /** Notices of the item, and the mark at the start of the next. */
  private *end(): Generator<PullItem> {
    throwIfAborted(this.signal);
    for (const notice of this.tally.take(this.target.id)) yield { kind: 'notice', notice };
    const from = String(this.windows[0]?.from ?? 0n);
    this.cursor = {
      ...this.cursor,
      at: { target: this.cursor.at.target + 1, window: 0, from },
      open: { from, kept: 0, total: 0 },
      tally: [],
    };
    yield markOf(this.cursor);
  }

  /** Slices of a window in order; what has more documents than a slice should is cut finer. */
  private async *slicesOf(window: TimeWindow, from: bigint): AsyncGenerator<Slice> {
    const { time } = this.target.mapping;
    const grid = gridOf(time, window, CELLS);
    const body = {
      size: 0,
      query: rangeQuery(time, window),
      aggs: { t: histogramAggregation(time, grid) },
    };
    const { buckets } = histogramAnswer.parse(await aggregate(this.client, this.target, body));
    const counts = new Map<number, number>();
    for (const { key, doc_count: count } of buckets) {
      const cell = cellOf(time, grid, key);
      counts.set(cell, (counts.get(cell) ?? 0) + count);
    }
    const most = this.sliceSize();
    for (const slice of packCells(cellsOf(window, grid, counts), most)) {
      const rest = after(slice, from);
      if (rest === undefined) continue;
      const divisible = slice.to - slice.from > resolutionOf(time) && grid.cells > 1;
      if (slice.count > most && divisible) yield* this.slicesOf(slice, from);
      else yield rest;
    }
  }

  /** Under a budget a slice may span more documents, since fewer of them come. */
  private sliceSize(): number {
    const { sliceDocuments } = this.settings;
    if (this.sampling === undefined) return sliceDocuments;
    const most = this.byTrace ? 3 : 20;
    const factor = Math.min(most, 1 / Math.max(this.sampling.share, 0.001));
    const documents = Math.max(1, Math.floor(sliceDocuments * factor));
    return this.byTrace ? Math.min(documents, MOST_TRACES) : documents;
  }

  private get byTrace(): boolean {
    const { mapping } = this.target;
    return mapping.trace !== undefined && signalOf(mapping.profile) === 'spans';
  }

  private async *slice(slice: Slice, window: TimeWindow): AsyncGenerator<PullItem> {
    const rows = new Rows(this.target.mapping, this.tally);
    if (slice.count > 0) yield* this.read(slice, rows);
    throwIfAborted(this.signal);
    const { open, at, done } = this.cursor;
    const last = slice.to === window.to;
    const next = last ? this.windows[at.window + 1]?.from : undefined;
    const opened = { ...open, kept: open.kept + rows.kept, total: open.total + slice.count };
    this.cursor = { ...this.cursor, open: opened, done: done + slice.count };
    if (last || this.sampling) {
      const coverage = this.openCoverage(slice.to);
      if (coverage) yield { kind: 'coverage', coverage };
      const from = String(next ?? slice.to);
      this.cursor = { ...this.cursor, open: { from, kept: 0, total: 0 } };
    }
    this.cursor = {
      ...this.cursor,
      at: {
        target: at.target,
        window: last ? at.window + 1 : at.window,
        from: String(next ?? slice.to),
      },
      tally: [...this.tally.snapshot()],
    };
    const { total } = this.cursor;
    const label = this.target.id;
    yield { kind: 'progress', done: this.cursor.done, total, unit: 'documents', label };
    yield markOf(this.cursor);
  }

  /** What was read since the last coverage, up to a time; undefined where nothing was. */
  private openCoverage(to: bigint): Coverage | undefined {
    const { open } = this.cursor;
    const window = { from: BigInt(open.from), to };
    if (window.to <= window.from) return undefined;
    const { id, mapping } = this.target;
    const signal = signalOf(mapping.profile);
    const sampled = this.sampling !== undefined;
    const how = `${id}: documents counted by a histogram over ${mapping.time.name}${sampled ? '; errors whole, the rest sampled' : ''}`;
    // A metric document holds several samples.
    const rowsTotal = signal === 'samples' ? null : open.total;
    return { signal, window, rowsTotal, rowsKept: open.kept, sampled, how };
  }

  private async *read(slice: Slice, rows: Rows): AsyncGenerator<PullItem> {
    const query = await this.queryOf(slice);
    const { time } = this.target.mapping;
    let held: Timed[] = [];
    let bytes = 0;
    let flushed = false;
    const restart = (): boolean => {
      held = [];
      bytes = 0;
      return !flushed;
    };
    for await (const page of this.reader.pages(query, restart)) {
      throwIfAborted(this.signal);
      for (const hit of page) {
        const ts = timeOf(time, hit);
        if (ts === undefined) {
          const where = `${hit.index}/${hit.id}`;
          this.tally.add('records-dropped', `${time.name} is no time that can be read`, where);
        } else if (ts >= slice.from && ts < slice.to) held.push({ ts, hit });
      }
      bytes += this.reader.pageBytes;
      if (held.length > HELD || bytes > HELD_BYTES) {
        flushed = true;
        yield* batchesOf(held, rows);
        held = [];
        bytes = 0;
      }
    }
    yield* batchesOf(held, rows);
  }

  private async queryOf(slice: Slice): Promise<Json> {
    const { mapping } = this.target;
    const range = rangeQuery(mapping.time, slice);
    if (this.sampling === undefined) return range;
    const { share, wholeTraces } = this.sampling;
    if (!this.byTrace) return sampledQuery(range, errorQuery(mapping), share);
    if (wholeTraces) {
      this.failedTraces ??= await tracesWithErrors(this.client, this.target, this.windows);
    }
    const always = this.failedTraces ?? new Set<string>();
    return tracesQuery(this.client, this.target, range, { share, always, most: slice.count });
  }
}

interface Timed {
  readonly ts: bigint;
  readonly hit: Hit;
}

/** In the order of time, then of names: the same in every run, whatever copy of a shard answered. */
function* batchesOf(held: Timed[], rows: Rows): Generator<PullItem> {
  held.sort((a, b) => {
    if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1;
    if (a.hit.index !== b.hit.index) return a.hit.index < b.hit.index ? -1 : 1;
    return a.hit.id < b.hit.id ? -1 : 1;
  });
  for (const { hit, ts } of held) rows.add(hit, ts);
  for (const batch of rows.take()) yield { kind: 'batch', batch };
}

const histogramAnswer = z.object({
  buckets: z.array(z.object({ key: z.number(), doc_count: z.number() })),
});

function targetAt({ targets, at }: Cursor): Target {
  const target = targets[at.target];
  if (target === undefined) throw new RangeError('The cursor names no target.');
  return target;
}
