import { formatRfc3339, throwIfAborted } from '../../core/base';
import {
  disjointWindows,
  inSample,
  planBudget,
  type ConnectorEnv,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import { BatchBuilder, entityId, type Batch, type Notice } from '../../core/model';
import { JaegerClient, microsOf, type Micros } from './client';
import { Collector, type Found, type Scope } from './collect';
import { readCursor, writeCursor, type Position } from './cursor';
import { JaegerRows } from './rows';
import { Tally } from './tally';

export const DEPENDENCIES = 'dependencies';

export const itemOf = (service: string): string => `service:${service}`;

/** A Jaeger that traces itself is not part of the system that it watches. */
export const isOwn = (service: string): boolean => /^jaeger(-|$)/.test(service);

/** Slices are cut so that about this many traces come at once. */
const TRACES_AT_ONCE = 1500;
const FIRST_CUT = 16n;
const PROBES = 6n;
const PROBE_CUT = 40n;
/** Spans up to which all are counted before a sample is drawn; above, the count is an estimate. */
const COUNT_UP_TO = 200_000;
const ESTIMATE_MARGIN = 0.85;

export async function* pullTraces(
  env: ConnectorEnv,
  limit: number,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem, void, void> {
  const pull = new Pull(env, limit, request, signal);
  yield* pull.run();
}

class Pull {
  private readonly client: JaegerClient;
  private readonly windows;
  private readonly micros: readonly Micros[];

  constructor(
    env: ConnectorEnv,
    private readonly limit: number,
    private readonly request: PullRequest,
    private readonly signal: AbortSignal,
  ) {
    this.client = new JaegerClient(env);
    this.windows = disjointWindows(request.windows);
    this.micros = this.windows.map(microsOf);
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
    const services = await this.client.services(this.signal);
    const { select } = this.request;
    const tally = new Tally();
    const lost = select?.filter(
      (id) => id !== DEPENDENCIES && !services.some((s) => itemOf(s) === id),
    );
    if (lost) tally.add('not-found', lost.join(', '), lost.length);
    return {
      version: 1,
      step: 'dependencies',
      services: services.filter((s) => (select ? select.includes(itemOf(s)) : !isOwn(s))),
      dependencies: select ? select.includes(DEPENDENCIES) : true,
      share: 1,
      estimated: false,
      window: 0,
      at: this.micros[0]?.from ?? 0n,
      length: this.wholeLength() / FIRST_CUT,
      counts: this.micros.map(() => ({ total: 0, kept: 0 })),
      gaps: [],
      tally: tally.counts,
    };
  }

  private wholeLength(): bigint {
    return this.micros.reduce((sum, { from, to }) => sum + to - from, 0n);
  }

  private scope(at: Position): Scope {
    return { services: at.services, windows: this.micros, limit: this.limit };
  }

  private async *dependencies(at: Position): AsyncGenerator<PullItem, void, void> {
    const calls = new Map<string, { parent: string; child: string; count: number }>();
    for (const window of this.windows) {
      const links = await this.client.dependencies(window, this.signal);
      if (!links) {
        new Tally(at.tally).add('dependencies-missing');
        return;
      }
      for (const { parent, child, callCount } of links) {
        const key = JSON.stringify([parent, child]);
        const count = (calls.get(key)?.count ?? 0) + callCount;
        calls.set(key, { parent, child, count });
      }
    }
    const batch = relations([...calls.values()]);
    if (batch.rows > 0) yield { kind: 'batch', batch };
  }

  /** How much of the traces without an error may come. */
  private async plan(at: Position): Promise<void> {
    const { budget } = this.request;
    const probed = await this.count(at, PROBES * PROBE_CUT, PROBES);
    if (probed.total * 2 <= budget) return;
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
    const collector = new Collector(this.client, this.scope(at), [], new Tally());
    let total = 0;
    let failed = 0;
    for (const { from, to } of this.micros) {
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
    const tally = new Tally(at.tally);
    const collector = new Collector(this.client, this.scope(at), at.gaps, tally);
    const longest = this.wholeLength() / 4n;
    for (let window = this.micros[at.window]; window; window = this.micros[at.window]) {
      const end = at.at + (at.length > 0n ? at.length : 1n);
      const slice = { from: at.at, to: end < window.to ? end : window.to };
      const found = await collector.collect(slice, this.signal);
      for (const batch of this.keep(at, found)) yield { kind: 'batch', batch };
      if (found.length > TRACES_AT_ONCE) at.length /= 2n;
      else if (found.length * 3 < TRACES_AT_ONCE && at.length < longest) at.length *= 2n;
      at.at = slice.to;
      if (slice.to >= window.to) {
        at.window++;
        at.at = this.micros[at.window]?.from ?? slice.to;
      }
      yield this.progress(at, slice);
      yield mark(at);
    }
  }

  private keep(at: Position, found: readonly Found[]): readonly Batch[] {
    const rows = new JaegerRows();
    for (const { id, trace, spans, failed } of found) {
      const kept = failed || inSample(id, at.share);
      for (const { startTime } of spans) {
        const start = BigInt(startTime);
        const counts =
          at.counts[this.micros.findIndex(({ from, to }) => start >= from && start < to)];
        if (!counts) continue;
        counts.total++;
        if (kept) counts.kept++;
      }
      if (kept) rows.add(trace, spans);
    }
    return rows.take();
  }

  private progress(at: Position, slice: Micros): PullItem {
    const done = at.counts.reduce((sum, { kept }) => sum + kept, 0);
    const label = `traces until ${formatRfc3339(slice.to * 1000n)}`;
    return { kind: 'progress', done, unit: 'spans', label };
  }

  private *conclusion(at: Position): Generator<PullItem, void, void> {
    const tally = new Tally(at.tally);
    const whole = !tally.has(
      'traces-truncated',
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
      const { total, kept } = at.counts[i] ?? { total: 0, kept: 0 };
      const rowsTotal = whole ? total : null;
      const sampled = at.share < 1;
      yield {
        kind: 'coverage',
        coverage: { signal: 'spans', window, rowsTotal, rowsKept: kept, sampled, how },
      };
    }
    const notices = [...tally.notices(), ...this.budgetNotices(at)];
    const retried = this.client.retries.notice();
    if (retried) notices.push(retried);
    for (const notice of notices) yield { kind: 'notice', notice };
  }
  private *budgetNotices(at: Position): Generator<Notice, void, void> {
    if (at.services.length === 0) {
      yield {
        code: 'nothing-there',
        severity: 'warning',
        count: 1,
        message: 'Jaeger knows no service to pull traces of.',
      };
    }
    const total = at.counts.reduce((sum, counts) => sum + counts.total, 0);
    const kept = at.counts.reduce((sum, counts) => sum + counts.kept, 0);
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

function mark(at: Position): PullItem {
  return { kind: 'mark', cursor: writeCursor(at) };
}

function relations(
  links: readonly { parent: string; child: string; count: number }[],
): Batch<'stated_relations'> {
  const builder = new BatchBuilder('stated_relations');
  const { col } = builder;
  const key = ({ parent, child }: (typeof links)[number]): string => `${parent} ${child}`;
  for (const link of [...links].sort((a, b) => (key(a) < key(b) ? -1 : 1))) {
    col.source.push(entityId('service', link.parent));
    col.target.push(entityId('service', link.child));
    col.kind.push('calls');
    col.calls.push(BigInt(link.count));
    builder.endRow();
  }
  return builder.take();
}
