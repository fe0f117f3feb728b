import { formatRfc3339, throwIfAborted, type TimeWindow } from '../../base';
import { BatchBuilder, adjustedCounts, entityId, type Batch, type Notice } from '../../model';
import { disjointWindows, inSample, planBudget } from '../budget';
import { RowSink } from '../kit/rows';
import type { PullItem, PullRequest } from '../seam';
import { REACH, TraceCollector, type Collected, type Scope } from './collect';
import { readCursor, writeCursor, type Position } from './cursor';
import { namedCursor, pullNamed } from './named';
import type { ServiceCalls, TraceStore } from './store';
import { TraceTally } from './tally';

export const DEPENDENCIES = 'dependencies';

export const itemOf = (service: string): string => `service:${service}`;

/** Slices are cut so that about this many traces come at once. */
const TRACES_AT_ONCE = 1500;
const FIRST_CUT = 16n;
const PROBES = 6n;
const PROBE_CUT = 40n;
/** Spans that may be there though a part of the time shows none of them. */
const UNSEEN = 20_000;
/** Spans up to which all are counted before a sample is drawn; above, the count is an estimate. */
const COUNT_UP_TO = 200_000;
const ESTIMATE_MARGIN = 0.85;

/**
 * Pulls whole traces from a store that is searched by service and time: slice after slice, those with an error
 * whole, of the others a share by trace id where there are more spans than the budget. `limit` is the most traces
 * that one query may bring. Where there are `named` ids, it is those traces instead, whenever they were.
 */
export async function* pullTraces(
  store: TraceStore,
  limit: number,
  request: PullRequest,
  signal: AbortSignal,
  named: readonly string[] = [],
): AsyncGenerator<PullItem, void, void> {
  const { resumeAt } = request;
  if (resumeAt === undefined ? named.length > 0 : namedCursor(resumeAt)) {
    return yield* pullNamed(store, named, request, signal);
  }
  const pull = new Pull(store, limit, request, signal);
  yield* pull.run();
}

class Pull {
  private readonly windows: readonly TimeWindow[];

  constructor(
    private readonly store: TraceStore,
    private readonly limit: number,
    private readonly request: PullRequest,
    private readonly signal: AbortSignal,
  ) {
    this.windows = disjointWindows(request.windows);
  }

  async *run(): AsyncGenerator<PullItem, void, void> {
    throwIfAborted(this.signal);
    const { resumeAt } = this.request;
    const at = resumeAt === undefined ? await this.begin() : readCursor(resumeAt);
    if (at.step === 'dependencies') {
      if (at.dependencies) yield* this.dependencies(at);
      at.step = 'plan';
      yield mark(at);
    }
    if (at.step === 'plan') {
      await this.plan(at);
      at.step = 'spans';
      yield mark(at);
    }
    yield* this.spans(at);
    yield* this.conclusion(at);
  }

  private async begin(): Promise<Position> {
    const services = await this.store.services(this.signal, this.windows);
    const { select } = this.request;
    const tally = new TraceTally();
    const lost = select?.filter(
      (id) => id !== DEPENDENCIES && !services.some((s) => itemOf(s) === id),
    );
    if (lost) tally.add('not-found', lost.join(', '), lost.length);
    const chosen = services.filter((s) =>
      select ? select.includes(itemOf(s)) : !this.store.isOwn(s),
    );
    const calls = this.store.calls !== undefined;
    const foundBy = await this.store.foundBy(this.signal);
    if (foundBy === 'start') tally.add('traces-by-start', `${REACH / 1_000_000_000n} s`);
    return {
      version: 2,
      step: 'dependencies',
      services: chosen,
      everything: this.store.together && chosen.length === services.length,
      foundBy,
      dependencies: calls && (select ? select.includes(DEPENDENCIES) : true),
      share: 1,
      estimated: false,
      window: 0,
      at: this.windows[0]?.from ?? 0n,
      length: this.wholeLength() / FIRST_CUT,
      counts: this.windows.map(() => ({ total: 0, kept: 0, more: 0 })),
      gaps: [],
      tally: tally.counts,
    };
  }

  private wholeLength(): bigint {
    return this.windows.reduce((sum, { from, to }) => sum + to - from, 0n);
  }

  private scope({ services, everything, foundBy }: Position): Scope {
    return { services, everything, foundBy, windows: this.windows, limit: this.limit };
  }

  private async *dependencies(at: Position): AsyncGenerator<PullItem, void, void> {
    const calls = new Map<string, ServiceCalls>();
    for (const window of this.windows) {
      const links = await this.store.calls?.(window, this.signal);
      if (!links) {
        new TraceTally(at.tally).add('dependencies-missing');
        return;
      }
      for (const { parent, child, callCount } of links) {
        const key = JSON.stringify([parent, child]);
        const sum = (calls.get(key)?.callCount ?? 0) + callCount;
        calls.set(key, { parent, child, callCount: sum });
      }
    }
    const batch = relations([...calls.values()]);
    if (batch.rows > 0) yield { kind: 'batch', batch };
  }

  /** How much of the traces without an error may come. */
  private async plan(at: Position): Promise<void> {
    const { budget } = this.request;
    const probed = await this.count(at, PROBES * PROBE_CUT, PROBES);
    if (probed.total * 2 + UNSEEN <= budget) return;
    const counted =
      probed.total <= COUNT_UP_TO ? await this.count(at, FIRST_CUT, FIRST_CUT) : probed;
    const exact = counted !== probed;
    const room = exact ? budget : Math.floor(budget * ESTIMATE_MARGIN);
    at.share = planBudget(counted.total, counted.failed, room).share;
    at.estimated = !exact;
  }

  /** Spans that are there, from `probes` even pieces of each window cut into `cut`. */
  private async count(
    at: Position,
    cut: bigint,
    probes: bigint,
  ): Promise<{ total: number; failed: number }> {
    const collector = new TraceCollector(this.store, this.scope(at), [], new TraceTally());
    let total = 0;
    let failed = 0;
    for (const { from, to } of this.windows) {
      for (let i = 0n; i < probes; i++) {
        const start = from + ((to - from) * i) / probes;
        const end =
          cut === probes ? from + ((to - from) * (i + 1n)) / probes : start + (to - from) / cut;
        const slice = { from: start, to: end > start ? end : start + 1n };
        for (const found of await collector.collect(slice, this.signal)) {
          total += found.spans.length;
          if (found.failed) failed += found.spans.length;
        }
      }
    }
    const times = Number(cut / probes);
    return { total: total * times, failed: failed * times };
  }

  private async *spans(at: Position): AsyncGenerator<PullItem, void, void> {
    const tally = new TraceTally(at.tally);
    const collector = new TraceCollector(this.store, this.scope(at), at.gaps, tally);
    const longest = this.wholeLength() / 4n;
    for (let window = this.windows[at.window]; window; window = this.windows[at.window]) {
      const end = at.at + (at.length > 0n ? at.length : 1n);
      const slice = { from: at.at, to: end < window.to ? end : window.to };
      const found = await collector.collect(slice, this.signal);
      for (const batch of this.keep(at, found)) yield { kind: 'batch', batch };
      for (const records of tally.takeLeft()) yield { kind: 'dropped', records };
      if (found.length > TRACES_AT_ONCE) at.length /= 2n;
      else if (found.length * 3 < TRACES_AT_ONCE && at.length < longest) at.length *= 2n;
      at.at = slice.to;
      if (slice.to >= window.to) {
        at.window++;
        at.at = this.windows[at.window]?.from ?? slice.to;
      }
      yield this.progress(at, slice);
      yield mark(at);
    }
  }

  private keep(at: Position, found: readonly Collected[]): readonly Batch[] {
    const rows = new RowSink(undefined, { redact: true });
    const tally = new TraceTally(at.tally);
    for (const { id, spans, failed } of found) {
      const kept = failed || inSample(id, at.share);
      const standsFor = adjustedCounts(spans.map(({ row }) => row.attributes ?? {}));
      for (const [i, { row }] of spans.entries()) {
        const { start } = row;
        const counts =
          at.counts[this.windows.findIndex(({ from, to }) => start >= from && start < to)];
        if (!counts) continue;
        counts.total++;
        const more = (standsFor[i] ?? 1) - 1;
        if (more > 0) tally.add('sampled-at-source');
        counts.more += more;
        if (!kept) continue;
        counts.kept++;
        rows.span({ ...row, adjustedCount: weightOf(standsFor[i], failed, at.share) });
      }
    }
    const batches = rows.batches();
    for (const { code, count } of rows.notices.take()) tally.add(code, '', count);
    return batches;
  }

  private progress(at: Position, slice: TimeWindow): PullItem {
    const done = at.counts.reduce((sum, { kept }) => sum + kept, 0);
    return {
      kind: 'progress',
      done,
      unit: 'spans',
      label: `traces until ${formatRfc3339(slice.to)}`,
    };
  }

  private *conclusion(at: Position): Generator<PullItem, void, void> {
    const tally = new TraceTally(at.tally);
    const whole = !tally.has(
      'traces-truncated',
      'traces-cut',
      'traces-refused',
      'traces-failed',
      'traces-damaged',
    );
    const percent = (at.share * 100).toPrecision(3);
    const how =
      at.share < 1
        ? `All traces were read; those with an error are whole, of the others ${percent} % by trace id.`
        : 'Counted while every trace was read.';
    for (const [i, window] of this.windows.entries()) {
      const { total, kept, more } = at.counts[i] ?? { total: 0, kept: 0, more: 0 };
      const rowsTotal = whole ? Math.round(total + more) : null;
      const sampled = at.share < 1 || more > 0;
      const source = more > 0 ? ` ${total} are stored; their sampling rates make the total.` : '';
      const coverage = { signal: 'spans', window, rowsTotal, rowsKept: kept, sampled } as const;
      yield { kind: 'coverage', coverage: { ...coverage, how: how + source } };
    }
    const { name, sentences, retries } = this.store;
    const notices = [...tally.notices(name, sentences), ...this.budgetNotices(at)];
    const retried = retries.notice();
    if (retried) notices.push(retried);
    for (const notice of notices) yield { kind: 'notice', notice };
  }

  private *budgetNotices(at: Position): Generator<Notice, void, void> {
    if (at.services.length === 0 && !at.everything) {
      yield {
        code: 'nothing-there',
        severity: 'warning',
        count: 1,
        message: `${this.store.name} knows no service to pull traces of.`,
      };
    }
    const total = at.counts.reduce((sum, counts) => sum + counts.total, 0);
    const kept = at.counts.reduce((sum, counts) => sum + counts.kept, 0);
    const more = at.counts.reduce((sum, counts) => sum + counts.more, 0);
    if (more > 0) {
      yield {
        code: 'sampled-at-source',
        severity: 'warning',
        count: at.tally['sampled-at-source']?.count ?? 0,
        message: `A sampler left spans out before they were stored: by the rates that spans carry, the ${total} that ${this.store.name} has stand for about ${Math.round(total + more)}.`,
      };
    }
    if (at.share < 1) {
      const basis = at.estimated ? ', a share that was estimated from a part of the time' : '';
      yield {
        code: 'rows-sampled',
        severity: 'warning',
        count: total - kept,
        message: `${kept} of ${total} spans are kept within the budget of ${this.request.budget}: traces with an error whole, of the others ${(at.share * 100).toPrecision(3)} %${basis}.`,
      };
    }
    if (kept > this.request.budget) {
      yield {
        code: 'budget-exceeded',
        severity: 'warning',
        count: kept - this.request.budget,
        message: `${kept} spans came for a budget of ${this.request.budget}: errors are kept whole, and a share of the others is never exact.`,
      };
    }
  }
}

/** What a kept span stands for: by the sampler before the store, and by the share of traces that this pull keeps. */
function weightOf(
  atSource: number | undefined,
  failed: boolean,
  share: number,
): number | undefined {
  if (share >= 1) return atSource;
  return (atSource ?? 1) / (failed ? 1 : share);
}

function mark(at: Position): PullItem {
  return { kind: 'mark', cursor: writeCursor(at) };
}

function relations(links: readonly ServiceCalls[]): Batch<'stated_relations'> {
  const builder = new BatchBuilder('stated_relations');
  const { col } = builder;
  const key = ({ parent, child }: ServiceCalls): string => `${parent} ${child}`;
  for (const link of [...links].sort((a, b) => (key(a) < key(b) ? -1 : 1))) {
    col.source.push(entityId('service', link.parent));
    col.target.push(entityId('service', link.child));
    col.kind.push('calls');
    col.calls.push(BigInt(link.callCount));
    builder.endRow();
  }
  return builder.take();
}
