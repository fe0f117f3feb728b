import { throwIfAborted, type TimeWindow } from '../../core/base';
import {
  RetryCount,
  disjointWindows,
  type ConnectorEnv,
  type Coverage,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import { readAhead } from './ahead';
import { pullAlerts, windowsQuery } from './alerts';
import { Client, isPartial, type Hit } from './api';
import { countsOf } from './counts';
import { parseCursor, type Cursor, type Sampling, type Target } from './cursor';
import { unreadable, type ListOptions } from './discover';
import { documentOf, wantedOf } from './fetch';
import { Pace } from './pace';
import type { Read } from './paging';
import { planNamed } from './named';
import { makePlan } from './plan';
import { Reader, forgotten } from './reader';
import { Rows } from './rows';
import type { Slice } from './slices';
import { Slicing } from './slicing';
import { signalOf } from './spec';
import { Tally } from './tally';
import { timeOf } from './time-field';

/** Documents of a slice that are held to be put in order; beyond them a slice comes in pieces. */
const HELD = 50_000;
const HELD_BYTES = 64 << 20;

export interface PullSettings extends Omit<ListOptions, 'windows' | 'only'> {
  /** Documents of one slice, which is what is committed at once. */
  readonly sliceDocuments: number;
  /** Slices that are read at once. */
  readonly parallel: number;
  /** Documents that one answer may have at most. */
  readonly pageDocuments: number;
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
  let cursor: Cursor;
  if (request.resumeAt === undefined) {
    const plan =
      settings.traces.length > 0
        ? await planNamed(client, request, settings)
        : await makePlan(client, request, settings, disjointWindows(request.windows));
    for (const notice of plan.notices) yield { kind: 'notice', notice };
    cursor = plan.cursor;
    yield markOf(cursor);
  } else cursor = parseCursor(request.resumeAt);
  const windows = cursor.windows?.map(({ from, to }) => ({ from: BigInt(from), to: BigInt(to) }));
  const read = windows ?? disjointWindows(request.windows);
  while (cursor.at.target < cursor.targets.length) {
    const run = new TargetRun(client, cursor, read, settings, signal);
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
  private readonly slicing: Slicing;
  /** Ends what is still being read ahead. */
  private readonly left = new AbortController();

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
    const { expression, mapping, red, frozen, fetch } = this.target;
    const wanted = wantedOf(mapping.time, fetch);
    const options = { expression, product: cursor.product, wanted, red, frozen };
    const pace = new Pace(settings.parallel, settings.pageDocuments);
    const reading = client.until(this.left.signal);
    this.reader = new Reader(reading, options, pace);
    this.slicing = new Slicing(reading, {
      target: this.target,
      sampling: this.sampling,
      windows,
      documents: settings.sliceDocuments,
    });
  }

  async *items(): AsyncGenerator<PullItem> {
    try {
      yield* signalOf(this.target.mapping.profile) === 'alerts' ? this.alerts() : this.slices();
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

  private get counts(): boolean {
    return this.sampling !== undefined && signalOf(this.target.mapping.profile) !== 'samples';
  }

  /** Several slices are read at once; they come in their order, each followed by its mark. */
  private async *slices(): AsyncGenerator<PullItem> {
    const { window, from } = this.cursor.at;
    const ahead = readAhead(
      this.slicing.slices(window, BigInt(from)),
      ([slice]) => this.readSlice(slice),
      {
        lanes: this.settings.parallel,
        room: HELD_BYTES / this.settings.parallel,
        weigh: (read) => (read.kind === 'page' ? read.bytes : 0),
      },
    );
    try {
      for await (const [[slice, of], reads] of ahead) yield* this.slice(slice, of, reads);
    } finally {
      this.left.abort();
      await ahead.return(undefined);
    }
  }

  private async *alerts(): AsyncGenerator<PullItem> {
    const { target, windows, sampling, tally } = this;
    const reads = this.reader.read(windowsQuery(target.mapping, windows));
    yield* pullAlerts(reads, { target, windows, sampling, tally });
    const from = String(windows.at(-1)?.to ?? 0n);
    this.cursor = { ...this.cursor, open: { from, kept: 0, total: 0 } };
  }

  private async *readSlice(slice: Slice): AsyncGenerator<Read> {
    const { count, uncounted } = slice;
    if (uncounted !== undefined) {
      const reason = `${uncounted} shards did not answer`;
      yield { kind: 'remark', code: 'counts-partial', reason };
    } else if (count === 0) return;
    yield* this.reader.read(await this.slicing.queryOf(slice));
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

  private async *slice(
    slice: Slice,
    window: TimeWindow,
    reads: AsyncGenerator<Read>,
  ): AsyncGenerator<PullItem> {
    const rows = new Rows(this.target.mapping, this.tally, await this.slicing.weigh());
    // What is thinned out is counted in full, once a window.
    if (this.counts && slice.from === window.from) {
      yield* countsOf(this.client, this.target, window, this.tally);
    }
    yield* this.read(slice, reads, rows);
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
    if (mapping.named) {
      const how = `${id}: documents of traces that were asked for by their ids`;
      return { signal, window, rowsTotal: null, rowsKept: open.kept, sampled, how };
    }
    const how = `${id}: documents counted by a histogram over ${mapping.time.name}${sampled ? '; errors whole, the rest sampled' : ''}`;
    // A metric document holds several samples.
    const rowsTotal = signal === 'samples' ? null : open.total;
    return { signal, window, rowsTotal, rowsKept: open.kept, sampled, how };
  }

  private async *read(
    slice: Slice,
    reads: AsyncGenerator<Read>,
    rows: Rows,
  ): AsyncGenerator<PullItem> {
    let held: Timed[] = [];
    let bytes = 0;
    let flushed = false;
    let came = 0;
    for await (const read of reads) {
      throwIfAborted(this.signal);
      if (read.kind === 'remark') this.tally.add(read.code, read.reason);
      else if (read.kind === 'page') {
        came += read.hits.length;
        bytes += read.bytes;
        for (const hit of read.hits) this.hold(hit, { slice, held, rows });
      } else {
        if (flushed) throw forgotten(this.target.expression);
        held = [];
        bytes = came = 0;
      }
      if (held.length > HELD || bytes > HELD_BYTES) {
        flushed = true;
        yield* batchesOf(held, rows);
        held = [];
        bytes = 0;
      }
    }
    const lost = this.sampling ? 0 : slice.count - came;
    if (lost > 0) this.tally.add('documents-lost', '', undefined, lost);
    yield* batchesOf(held, rows);
  }

  private hold(
    given: Hit,
    { slice, held, rows }: { slice: Slice; held: Timed[]; rows: Rows },
  ): void {
    const { mapping, fetch } = this.target;
    const { time } = mapping;
    const hit = fetch ? { ...given, source: documentOf(given, fetch) } : given;
    const ts = timeOf(time, hit);
    const where = `${hit.index}/${hit.id}`;
    if (hit.bare && !fetch) {
      this.tally.add('records-dropped', 'it came without its source', where);
      rows.drop(hit, ts);
    } else if (ts === undefined) {
      rows.drop(hit);
      this.tally.add('records-dropped', `${time.name} is no time that can be read`, where);
    } else if (ts >= slice.from && ts < slice.to) held.push({ ts, hit });
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
  for (const records of rows.takeDropped()) yield { kind: 'dropped', records };
}

function targetAt({ targets, at }: Cursor): Target {
  const target = targets[at.target];
  if (target === undefined) throw new RangeError('The cursor names no target.');
  return target;
}
