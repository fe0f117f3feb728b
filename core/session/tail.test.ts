import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { FaultlineError, type TimeWindow } from '../base';
import type { Connector, PullItem } from '../connect';
import { BatchBuilder, ResourceInterner, type Batch } from '../model';
import { droppedOverTime } from '../model/queries';
import { openCaseStore, type CaseStore } from '../store';
import { TailSession, tailTargetOf, type TailTarget } from './tail';

const SECOND = 1_000_000_000n;
const START = 1_790_000_000n * SECOND;
const at = (second: number): bigint => START + BigInt(second) * SECOND;

interface Line {
  readonly second: number;
  readonly body: string;
}

/** A backend that has a log line a second, and what tests put there. */
class Backend {
  lines: Line[] = [];
  /** Seconds of records that can't be taken. */
  bad: number[] = [];
  readonly asked: TimeWindow[] = [];
  fails: FaultlineError | undefined;
  /** Items after which the reader is killed. */
  diesAfter = Number.POSITIVE_INFINITY;

  grow(from: number, to: number): void {
    for (let second = from; second < to; second++)
      this.lines.push({ second, body: `line ${second}` });
  }

  readonly connector: Connector = {
    probe: () => Promise.reject(new Error('not asked')),
    discover: () => Promise.reject(new Error('not asked')),
    pull: (request) => this.pull(request.windows, request.resumeAt),
  };

  private async *pull(
    windows: readonly TimeWindow[],
    resumeAt: string | undefined,
  ): AsyncIterable<PullItem> {
    this.asked.push(...windows);
    if (this.fails) throw this.fails;
    const wanted = this.lines.filter(({ second }) =>
      windows.some(({ from, to }) => at(second) >= from && at(second) < to),
    );
    for (const second of this.bad) {
      if (!windows.some(({ from, to }) => at(second) >= from && at(second) < to)) continue;
      yield { kind: 'dropped', records: { signal: 'logs', at: at(second), service: 'cart' } };
      yield { kind: 'dropped', records: { signal: 'logs' } };
    }
    let items = 0;
    for (let i = Number(resumeAt ?? '0'); i < wanted.length; i += 1000) {
      for (const batch of logs(wanted.slice(i, i + 1000))) yield { kind: 'batch', batch };
      if (++items > this.diesAfter) throw new Error('killed');
      yield { kind: 'mark', cursor: String(i + 1000) };
    }
  }
}

function logs(lines: readonly Line[]): readonly Batch[] {
  const resources = new ResourceInterner();
  const resource = resources.intern({ 'service.name': 'cart' });
  const builder = new BatchBuilder('logs');
  for (const { second, body } of lines) {
    builder.col.ts.push(at(second));
    builder.col.observed_ts.push(at(second));
    builder.col.severity.push(9);
    builder.col.severity_text.push('INFO');
    builder.col.resource_id.push(resource);
    builder.col.body.push(body);
    builder.col.trace_id.push('');
    builder.col.span_id.push('');
    builder.col.attributes.push({});
    builder.endRow();
  }
  return [...[resources.take()].filter((batch) => batch !== undefined), builder.take()];
}

let store: CaseStore;
let backend: Backend;
beforeEach(async () => {
  store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 'live' } });
  backend = new Backend();
});
afterEach(() => store.close());

const target = (ring = 1_000_000): TailTarget => ({
  connector: 'fake',
  name: 'fake',
  endpoint: 'http://fake',
  config: {},
  windows: [{ from: at(0), to: at(60) }],
  budget: 1_000_000,
  ring,
});
const start = (ring?: number): Promise<TailSession> =>
  TailSession.start(store, backend.connector, target(ring), 1n);
const look = (session: TailSession, second: number): Promise<number> =>
  session.look({ now: at(second), signal: new AbortController().signal });

async function bodies(): Promise<readonly unknown[]> {
  const { data } = await store.sql('SELECT body FROM logs ORDER BY ts, row_no', 10_000);
  return data[0] ?? [];
}
const numbered = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

describe('a backend that is followed', () => {
  it('brings what is new, once, and what came late', async () => {
    backend.grow(0, 60);
    const session = await start();
    await look(session, 60);
    await session.show();
    expect(await bodies()).toEqual(numbered(0, 60));
    backend.grow(60, 70);
    backend.lines.push({ second: 50, body: 'late' });
    await look(session, 70);
    await session.show();
    expect(await bodies()).toEqual([...numbered(0, 51), 'late', ...numbered(51, 70)]);
    expect(backend.asked[1]).toEqual({ from: at(30), to: at(70) });
    await session.finish();
    const { sources, notices } = await store.facts();
    expect(sources.map(({ state, rows }) => [state, rows])).toEqual([['complete', 72]]);
    expect(notices).toEqual([]);
  });

  it('has lines that are alike and came together twice', async () => {
    backend.lines.push({ second: 1, body: 'same' }, { second: 1, body: 'same' });
    const session = await start();
    await look(session, 10);
    await session.show();
    await look(session, 20);
    await session.show();
    await look(session, 30);
    await session.finish();
    expect(await bodies()).toEqual(['same', 'same']);
  });

  it('misses nothing of a time in which the backend was away', async () => {
    backend.grow(0, 60);
    const session = await start();
    await look(session, 60);
    backend.grow(60, 300);
    backend.fails = new FaultlineError('connector/unreachable', 'gone', { retryable: true });
    await expect(look(session, 120)).rejects.toMatchObject({ code: 'connector/unreachable' });
    backend.fails = undefined;
    await look(session, 300);
    await session.finish();
    expect(await bodies()).toEqual(numbered(0, 300));
  });

  it('asks only for what has been', async () => {
    backend.grow(0, 90);
    const session = await start();
    await look(session, 20);
    expect(await look(session, 20)).toBe(0);
    await look(session, 90);
    expect(backend.asked.map(({ to }) => to)).toEqual([at(20), at(90)]);
    await session.finish();
    expect(await bodies()).toEqual(numbered(0, 90));
  });

  it('killed in the middle of a look goes on with it, without gap and repeat', async () => {
    backend.grow(0, 60);
    const first = await start();
    await look(first, 60);
    await first.show();
    backend.grow(60, 50_000);
    backend.diesAfter = 30;
    await expect(look(first, 50_000)).rejects.toThrow('killed');
    backend.diesAfter = Number.POSITIVE_INFINITY;
    const [source] = (await store.facts()).sources;
    expect(source?.state).toBe('partial');
    expect(source && tailTargetOf(source)).toEqual({ ...target(), select: undefined });
    const second = await start();
    await look(second, 60_000);
    await second.finish();
    const { data } = await store.sql('SELECT count(*), count(DISTINCT body) FROM logs', 1);
    expect(data.map((column) => Number(column[0]))).toEqual([50_000, 50_000]);
  });

  it('counts what is dropped once, however often the overlap brings it again', async () => {
    backend.grow(0, 150);
    backend.bad = [10, 50, 70, 119];
    const session = await start();
    for (const second of [60, 80, 100, 120, 140]) await look(session, second);
    await session.show();
    const grid = { from: at(0), step: SECOND, buckets: 200, limit: 1000 };
    const dropped = async (): Promise<unknown[]> => {
      const { rows, col } = await store.run(droppedOverTime(grid));
      return Array.from({ length: rows }, (_, i) => [
        col.entity_id[i],
        col.why[i],
        col.first_bucket[i],
        col.n[i],
      ]);
    };
    const whole = backend.bad.map((second) => ['service:cart', 'unreadable', second, 1]);
    expect(await dropped()).toEqual(whole);
    await session.finish();
    expect(await dropped()).toEqual(whole);
  });

  it('lets go of the oldest beyond the ring, and says how many', async () => {
    backend.grow(0, 60);
    const session = await start(100);
    await look(session, 60);
    await session.show();
    backend.grow(60, 150);
    await look(session, 150);
    await session.show();
    expect(await bodies()).toEqual(numbered(60, 150));
    expect(session.letGo).toBe(60);
    await session.finish();
    const { sources, notices } = await store.facts();
    expect(notices).toMatchObject([{ code: 'ring-budget', count: 60 }]);
    const grid = { from: at(0), step: 1_000_000_000n, buckets: 200, limit: 1000 };
    const gone = await store.run(droppedOverTime(grid));
    expect([...new Set(gone.col.why)]).toEqual(['ring']);
    expect([...new Set(gone.col.entity_id)]).toEqual(['service:cart']);
    expect([...gone.col.n].reduce((a, b) => a + b, 0)).toBe(60);
    expect(Math.max(...gone.col.last_bucket)).toBe(59);
    expect(sources[0]?.rows).toBe(91);
  });
});
