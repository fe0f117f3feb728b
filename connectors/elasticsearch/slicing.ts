import { z } from 'zod';
import type { TimeWindow } from '../../core/base';
import { aggregate } from './aggregate';
import type { Client, Json } from './api';
import type { Sampling, Target } from './cursor';
import { hexId } from './document';
import { errorQuery, inWindow, sampledQuery } from './queries';
import type { Weigh } from './rows';
import { after, cellsOf, packCells, type Slice } from './slices';
import { signalOf } from './spec';
import { cellOf, gridOf, histogramAggregation, resolutionOf } from './time-field';
import { tracesQuery, tracesWithErrors } from './traces';

/** Cells of one histogram. */
const CELLS = 240;
/** A cluster answers with 65,535 buckets at most, here a trace each. */
const MOST_TRACES = 60_000;

const histogramAnswer = z.object({
  buckets: z.array(z.object({ key: z.number(), doc_count: z.number() })),
});

export interface SlicingOptions {
  readonly target: Target;
  readonly sampling: Sampling | undefined;
  readonly windows: readonly TimeWindow[];
  /** Documents of one slice. */
  readonly documents: number;
}

/** Cuts the windows of one item into slices by its histogram, and says what to search in each. */
export class Slicing {
  private failedTraces: Promise<ReadonlySet<string> | undefined> | undefined;

  constructor(
    private readonly client: Client,
    private readonly options: SlicingOptions,
  ) {}

  /** Slices in order, each with its window, from a time in the window of that number on. */
  async *slices(start: number, from: bigint): AsyncGenerator<readonly [Slice, TimeWindow]> {
    for (const [at, window] of this.options.windows.entries()) {
      if (at < start) continue;
      const rest = at === start ? from : window.from;
      for await (const slice of this.slicesOf(window, rest)) yield [slice, window];
    }
  }

  /** Slices of a window in order; what has more documents than a slice should is cut finer. */
  private async *slicesOf(window: TimeWindow, from: bigint): AsyncGenerator<Slice> {
    const { target } = this.options;
    const { time } = target.mapping;
    const grid = gridOf(time, window, CELLS);
    const body = {
      size: 0,
      query: inWindow(target.mapping, window),
      aggs: { t: histogramAggregation(time, grid) },
    };
    const { answer, failed } = await aggregate(this.client, target, body);
    const counts = new Map<number, number>();
    for (const { key, doc_count: count } of histogramAnswer.parse(answer).buckets) {
      const cell = cellOf(time, grid, key);
      counts.set(cell, (counts.get(cell) ?? 0) + count);
    }
    const most = this.sliceSize();
    for (const slice of packCells(cellsOf(window, grid, counts), most)) {
      const rest = after(slice, from);
      if (rest === undefined) continue;
      const divisible = slice.to - slice.from > resolutionOf(time) && grid.cells > 1;
      if (slice.count > most && divisible) yield* this.slicesOf(slice, from);
      else yield failed > 0 ? { ...rest, uncounted: failed } : rest;
    }
  }

  /** Under a budget a slice may span more documents, since fewer of them come. */
  private sliceSize(): number {
    const { documents, sampling } = this.options;
    if (sampling === undefined) return documents;
    const most = this.byTrace ? 3 : 20;
    const factor = Math.min(most, 1 / Math.max(sampling.share, 0.001));
    const more = Math.max(1, Math.floor(documents * factor));
    return this.byTrace ? Math.min(more, MOST_TRACES) : more;
  }

  private get byTrace(): boolean {
    const { mapping } = this.options.target;
    return mapping.trace !== undefined && signalOf(mapping.profile) === 'spans';
  }

  /** How many spans one that was kept stands for; undefined where all of them come. */
  async weigh(): Promise<Weigh | undefined> {
    const { target, sampling } = this.options;
    if (sampling === undefined || signalOf(target.mapping.profile) !== 'spans') return undefined;
    const whole = this.byTrace && sampling.wholeTraces ? await this.whole() : undefined;
    const ids = new Set([...(whole ?? [])].map((id) => hexId(id, 32)));
    return ({ traceId, status }) => (status === 2 || ids.has(traceId) ? 1 : 1 / sampling.share);
  }

  private whole(): Promise<ReadonlySet<string> | undefined> {
    const { target, windows } = this.options;
    return (this.failedTraces ??= tracesWithErrors(this.client, target, windows));
  }

  async queryOf(slice: Slice): Promise<Json> {
    const { target, sampling } = this.options;
    const range = inWindow(target.mapping, slice);
    if (sampling === undefined) return range;
    const { share, wholeTraces } = sampling;
    if (!this.byTrace) return sampledQuery(range, errorQuery(target.mapping), share);
    const always = (wholeTraces ? await this.whole() : undefined) ?? new Set<string>();
    return tracesQuery(this.client, target, range, { share, always, most: slice.count });
  }
}
