import { FaultlineError, formatRfc3339, type TimeWindow } from '../../base';
import { Lanes } from './lanes';
import type { FoundTrace, StoredSpan, TracePage, TraceQuery, TraceStore } from './store';
import { TraceTally } from './tally';

/** Services whose traces of a stretch of time were not to be had. */
export interface Gap {
  readonly services: readonly string[];
  readonly from: bigint;
  readonly to: bigint;
}

/** What is asked for; the same before and after a pull is resumed. */
export interface Scope {
  readonly services: readonly string[];
  readonly everything: boolean;
  readonly foundBy: 'span' | 'start';
  /** Disjoint, in order. */
  readonly windows: readonly TimeWindow[];
  /** Traces a query may bring; more make its slice shorter. */
  readonly limit: number;
}

export interface Collected {
  readonly id: string;
  /** Spans that start inside the windows, each once, in the order of time. */
  readonly spans: readonly StoredSpan[];
  readonly failed: boolean;
  readonly home: bigint;
}

/** Where even this many nanoseconds hold more traces than the limit, the limit is raised. */
const SHORTEST = 1_000_000n;
const RAISES = [4, 16];
/** Traces that are found by their start are looked for from so long before a window, since they reach into it. */
export const REACH = 300_000_000_000n;
/** Traces that are read at once, where each takes a request; fewer while the store is busy. */
export const ABREAST = 6;

const inside = (at: bigint, { from, to }: TimeWindow): boolean => at >= from && at < to;

type Ask = Pick<TraceQuery, 'services'> & { readonly named: string };

/**
 * The traces at home in a slice. A trace is found through every service that takes part in it and in
 * every slice in which one does; its home is where the earliest span of a selected service in the windows
 * starts (of a store that finds traces by their start: that), so it comes once however the time is cut.
 */
export class TraceCollector {
  private readonly shortest: bigint;
  private readonly lanes: Lanes;

  constructor(
    private readonly store: TraceStore,
    private readonly scope: Scope,
    private readonly gaps: Gap[],
    private readonly tally: TraceTally,
  ) {
    this.shortest = store.resolution > SHORTEST ? store.resolution : SHORTEST;
    this.lanes = new Lanes(ABREAST, store.retries);
  }

  async collect(slice: TimeWindow, signal: AbortSignal): Promise<readonly Collected[]> {
    const traces = new Map<string, FoundTrace>();
    const searched = this.searched(slice);
    for (const ask of this.asks()) {
      try {
        for await (const page of this.pages(ask, searched, signal)) this.take(page, traces);
      } catch (error) {
        this.miss(ask, slice, error);
      }
    }
    const found: Collected[] = [];
    const read = await this.lanes.all([...traces.values()], (trace) => this.read(trace, slice));
    for (const one of read) {
      if (!one) continue;
      const { id, spans, home, remarks } = one;
      this.tally.join(remarks);
      if (spans && home !== undefined) found.push({ id, home, ...this.usable(spans) });
    }
    return found.sort((a, b) =>
      a.home === b.home ? (a.id < b.id ? -1 : 1) : a.home < b.home ? -1 : 1,
    );
  }

  /** Undefined for a trace that is at home elsewhere: it is read there again, and what is said of it is said once. */
  private async read(trace: FoundTrace, slice: TimeWindow) {
    const remarks = new TraceTally();
    const spans = await trace.read(remarks);
    const home = spans && this.homeOf(spans);
    if (spans && (home === undefined || !inside(home, slice))) return undefined;
    return { id: trace.id, spans, home, remarks };
  }

  private searched({ from, to }: TimeWindow): TimeWindow {
    const { foundBy, windows } = this.scope;
    const begins = foundBy === 'start' && windows.some((window) => window.from === from);
    return { from: begins ? from - REACH : from, to };
  }

  private asks(): readonly Ask[] {
    const { services, everything } = this.scope;
    if (!this.store.together) return services.map((one) => ({ services: [one], named: one }));
    if (services.length === 0 && !everything) return [];
    return [
      everything
        ? { services: undefined, named: 'all services' }
        : { services, named: services.join(', ') },
    ];
  }

  private take(page: TracePage, traces: Map<string, FoundTrace>): void {
    this.tally.add('traces-failed', page.failures[0], page.failures.length);
    for (const trace of page.traces) if (!traces.has(trace.id)) traces.set(trace.id, trace);
  }

  private miss({ services, named }: Ask, { from, to }: TimeWindow, error: unknown): void {
    if (!(error instanceof FaultlineError)) throw error;
    if (error.code !== 'connector/refused' && error.code !== 'connector/bad-answer') throw error;
    const missed = [...(services ?? [])];
    const key = missed.join('\n');
    const before = this.gaps.findIndex((gap) => gap.services.join('\n') === key && gap.to === from);
    const gap = this.gaps[before];
    if (gap) this.gaps[before] = { ...gap, to };
    else this.gaps.push({ services: missed, from, to });
    this.tally.add('traces-refused', `${named} from ${formatRfc3339(from)}: ${error.message}`);
  }

  private async *pages(
    ask: Ask,
    whole: TimeWindow,
    signal: AbortSignal,
  ): AsyncGenerator<TracePage> {
    const { limit } = this.scope;
    const ahead = [whole];
    for (let slice = ahead.pop(); slice; slice = ahead.pop()) {
      const page = await this.page(ask, slice, signal);
      if (page && !isFull(page, limit)) {
        yield page;
      } else if (slice.to - slice.from > this.shortest) {
        const middle = (slice.from + slice.to) / 2n;
        ahead.push({ from: middle, to: slice.to }, { from: slice.from, to: middle });
      } else {
        yield* this.crowded(ask, slice, signal);
      }
    }
  }

  /** Undefined where the answer is too large to take. */
  private async page(
    { services }: Ask,
    slice: TimeWindow,
    signal: AbortSignal,
  ): Promise<TracePage | undefined> {
    const { limit } = this.scope;
    try {
      return await this.store.traces({ services, slice, limit }, signal);
    } catch (error) {
      const large = error instanceof FaultlineError && error.code === 'connector/limit';
      if (large && slice.to - slice.from > this.shortest) return undefined;
      throw error;
    }
  }

  private async *crowded(
    { services, named }: Ask,
    slice: TimeWindow,
    signal: AbortSignal,
  ): AsyncGenerator<TracePage> {
    let most = 0;
    for (const raise of RAISES) {
      const limit = this.scope.limit * raise;
      let page: TracePage;
      try {
        page = await this.store.traces({ services, slice, limit }, signal);
      } catch (error) {
        // Some stores have a most of their own, and refuse what is above it.
        if (!(error instanceof FaultlineError)) throw error;
        if (error.code !== 'connector/refused' && error.code !== 'connector/limit') throw error;
        break;
      }
      yield page;
      if (!isFull(page, limit)) return;
      most = limit;
    }
    if (most === 0) {
      most = this.scope.limit;
      yield await this.store.traces({ services, slice, limit: most }, signal);
    }
    const where = `the first: ${named} at ${formatRfc3339(slice.from)}`;
    if (!this.store.findsErrors) return this.tally.add('traces-cut', where);
    this.tally.add('traces-truncated', where);
    yield await this.store.traces({ services, slice, limit: most, errorsOnly: true }, signal);
  }

  private homeOf(spans: readonly StoredSpan[]): bigint | undefined {
    const { services, everything, windows } = this.scope;
    let home: bigint | undefined;
    let fallback: bigint | undefined;
    for (const { service, row } of spans) {
      if (!everything && !services.includes(service)) continue;
      const at = row.start;
      if (!windows.some((window) => inside(at, window))) continue;
      if (fallback === undefined || at < fallback) fallback = at;
      if (this.gaps.some((gap) => isMissed(gap, service) && inside(at, gap))) continue;
      if (home === undefined || at < home) home = at;
    }
    if (this.scope.foundBy === 'start') return fallback && this.startIn(fallback, spans);
    return home ?? fallback;
  }

  /** Where a trace begins, or the window that it reaches into from before. `at`: its first span in a window. */
  private startIn(at: bigint, spans: readonly StoredSpan[]): bigint | undefined {
    const window = this.scope.windows.find((one) => inside(at, one));
    const starts = spans.map(({ row }) => row.start);
    const root = spans.find(({ row }) => !row.parentSpanId)?.row.start;
    const first = root ?? starts.reduce((a, b) => (b < a ? b : a), at);
    return window && first < window.from ? window.from : first < at ? first : at;
  }

  private usable(all: readonly StoredSpan[]): Pick<Collected, 'spans' | 'failed'> {
    const once = inOrder(all, this.tally);
    const spans = once.filter(({ row }) =>
      this.scope.windows.some((window) => inside(row.start, window)),
    );
    this.tally.add('spans-outside', '', once.length - spans.length);
    return { spans, failed: spans.some(({ row }) => row.status === 2) };
  }
}

const isFull = ({ traces, full }: TracePage, limit: number): boolean =>
  full === true || traces.length >= limit;

/** The spans of a trace, each once, in the order of time: stores hand them out in an order of chance. */
export function inOrder(all: readonly StoredSpan[], tally: TraceTally): readonly StoredSpan[] {
  const known = new Map<string, StoredSpan>();
  for (const span of all) {
    const { spanId, start, name, kind } = span.row;
    const key = `${spanId} ${start} ${kind ?? 0} ${span.service} ${name}`;
    if (known.has(key)) tally.add('spans-repeated');
    else known.set(key, span);
  }
  return [...known.values()].sort(({ row: a }, { row: b }) =>
    a.start === b.start ? (a.spanId < b.spanId ? -1 : 1) : a.start < b.start ? -1 : 1,
  );
}

const isMissed = ({ services }: Gap, service: string): boolean =>
  services.length === 0 || services.includes(service);
