import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { FaultlineError } from '../base';
import type { Mapping } from '../connect';
import type { DeliveryAnswer } from '../host';
import { BatchBuilder, type Batch, type DroppedCount, type Notice } from '../model';
import { droppedOverTime } from '../model/queries';
import { openCaseStore, type CaseStore, type SourceWriter } from '../store';
import { ReceiveSession, deliveryDecoder, sumNotices, type DecodedDelivery } from './receive';

let folder: string;
let store: CaseStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-receive-'));
  const engine = await openNativeEngine({ path: join(folder, 'x.faultline') });
  store = await openCaseStore(engine, { now: 1n, create: { name: 'x' } });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function change(title: string): Batch {
  const builder = new BatchBuilder('changes');
  const { col } = builder;
  col.ts.push(1_790_000_000_000_000_000n);
  col.kind.push('deployment');
  col.title.push(title);
  col.version.push('');
  col.resource_id.push(0n);
  col.attributes.push({});
  builder.endRow();
  return builder.take();
}

interface Sent {
  readonly answers: DeliveryAnswer[];
  readonly answered: Promise<DeliveryAnswer>;
}

function send(
  session: ReceiveSession,
  title: string,
  decode = (): DecodedDelivery => ({ batches: [change(title)], dropped: 0, notices: [] }),
): Sent {
  const answers: DeliveryAnswer[] = [];
  const answered = new Promise<DeliveryAnswer>((resolve) => {
    session.receive({
      body: new TextEncoder().encode(title),
      decode,
      answer: (answer) => {
        answers.push(answer);
        resolve(answer);
      },
    });
  });
  return { answers, answered };
}

const taken: DeliveryAnswer = { dropped: 0 };

async function titles(): Promise<readonly unknown[]> {
  const { data } = await store.sql('SELECT title FROM changes ORDER BY title', 100);
  return data[0] ?? [];
}

/** The store with a writer whose next commits can be made to fail, as on a full disk. */
function fragile(): { readonly store: CaseStore; fail: number; commits: number } {
  const state = { store, fail: 0, commits: 0 };
  const wrap = (writer: SourceWriter): SourceWriter =>
    new Proxy(writer, {
      get(target, key) {
        if (key === 'commit') {
          return (cursor: string) => {
            state.commits++;
            if (state.fail-- > 0) throw new FaultlineError('host/io', 'The disk is full.');
            return target.commit(cursor);
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  state.store = new Proxy(store, {
    get(target, key) {
      if (key === 'beginSource') {
        return async (...args: Parameters<CaseStore['beginSource']>) =>
          wrap(await target.beginSource(...args));
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return state;
}

describe('notices of deliveries', () => {
  const said = (count: number, message: string): Notice => ({
    code: 'c',
    severity: 'info',
    count,
    message,
  });

  it('are one where they say the same thing, with the sum in count and sentence', () => {
    const all = [said(3, '3 of 3.5 or 13'), said(4, '4 of 3.5 or 13'), said(7, 'Others, 7.')];
    expect(sumNotices(all)).toEqual([said(7, '7 of 3.5 or 13'), said(7, 'Others, 7.')]);
    expect(sumNotices([...sumNotices(all), said(10, 'Others, 10.')])).toEqual([
      said(7, '7 of 3.5 or 13'),
      said(17, 'Others, 17.'),
    ]);
  });

  it('are stored once for a source, also after a cut', async () => {
    const late = (title: string, count: number) => () => ({
      batches: [change(title)],
      dropped: 2,
      notices: [said(count, `${count} late`)],
    });
    const first = await ReceiveSession.start(store, 1n);
    await send(first, 'a', late('a', 1)).answered;
    await send(first, 'b', late('b', 2)).answered;
    await first.suspend();
    const second = await ReceiveSession.start(store, 2n);
    await send(second, 'b', late('b', 2)).answered;
    await send(second, 'c', late('c', 39)).answered;
    await second.finish();
    const { notices } = await store.facts();
    expect(notices.map(({ code, count, message }) => [code, count, message])).toEqual([
      ['c', 42, '42 late'],
      ['records-dropped', 6, '6 received records could not be taken over.'],
    ]);
  });
});

describe('a receiving session', () => {
  it('answers after the commit, many deliveries in one', async () => {
    const state = fragile();
    const session = await ReceiveSession.start(state.store, 1n);
    const sent = ['a', 'b', 'c', 'd'].map((title) => send(session, title));
    expect(sent.flatMap(({ answers }) => answers)).toEqual([]);
    expect(await Promise.all(sent.map(({ answered }) => answered))).toEqual(sent.map(() => taken));
    expect(state.commits).toBeLessThan(4);
    await session.finish();
    expect(await titles()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('refuses for now what could not be committed, and takes it once when it comes again', async () => {
    const state = fragile();
    const session = await ReceiveSession.start(state.store, 1n);
    const first = send(session, 'x');
    state.fail = 1;
    // The second is a repeat of what is not committed: it may not be told of success either.
    const failed = [send(session, 'a'), send(session, 'a')];
    const refused = { message: 'The disk is full.', retryable: true };
    for (const { answered } of failed) expect(await answered).toEqual({ dropped: 0, refused });
    expect(await send(session, 'a').answered).toEqual(taken);
    expect(await send(session, 'a').answered).toEqual(taken);
    expect(await first.answered).toEqual(taken);
    expect([session.rows, session.deliveries, session.repeats]).toEqual([2, 2, 1]);
    await session.finish();
    expect(await titles()).toEqual(['a', 'x']);
  });

  it('refuses for good what can not be read, and takes what came with it', async () => {
    const session = await ReceiveSession.start(store, 1n);
    const damaged = send(session, 'x', () => {
      throw new FaultlineError('format/damaged', 'This is no OTLP.');
    });
    const good = send(session, 'a');
    const refused = { message: 'This is no OTLP.', retryable: false };
    expect(await damaged.answered).toEqual({ dropped: 0, refused });
    expect(await good.answered).toEqual(taken);
    await session.finish();
    expect(await titles()).toEqual(['a']);
  });

  it('knows the deliveries of a run that was cut off', async () => {
    const first = await ReceiveSession.start(store, 1n);
    await send(first, 'a').answered;
    await first.suspend();
    expect(await titles()).toEqual([]);
    const second = await ReceiveSession.start(store, 2n);
    expect(await send(second, 'a').answered).toEqual(taken);
    expect(await send(second, 'b').answered).toEqual(taken);
    expect([second.rows, second.deliveries, second.repeats]).toEqual([2, 1, 1]);
    await second.finish();
    expect(await titles()).toEqual(['a', 'b']);
  });

  it('shows what came so far and goes on', async () => {
    const session = await ReceiveSession.start(store, 1n);
    await send(session, 'a').answered;
    const shown = session.show();
    const during = send(session, 'b');
    await shown;
    expect(await titles()).toContain('a');
    expect(await during.answered).toEqual(taken);
    await Promise.all([session.show(), session.show(), send(session, 'c').answered]);
    await session.show();
    expect(await titles()).toEqual(['a', 'b', 'c']);
    await session.suspend();
    const second = await ReceiveSession.start(store, 2n);
    await send(second, 'd').answered;
    expect(await titles()).toEqual(['a', 'b', 'c']);
    await second.finish();
    expect(await titles()).toEqual(['a', 'b', 'c', 'd']);
    expect((await store.facts()).sources).toMatchObject([{ state: 'complete', rows: 4 }]);
  });

  it('goes on after what could not be shown', async () => {
    const session = await ReceiveSession.start(store, 1n);
    await send(session, 'a').answered;
    const writer = Reflect.get(session, 'writer') as SourceWriter;
    const real = writer.show.bind(writer);
    writer.show = () => Promise.reject(new FaultlineError('host/io', 'The disk is full.'));
    await expect(session.show()).rejects.toThrow('The disk is full.');
    writer.show = real;
    expect(await send(session, 'b').answered).toEqual(taken);
    await session.show();
    expect(await titles()).toEqual(['a', 'b']);
  });
});

describe('what a receiver could not take', () => {
  const NOW = 1_790_000_000_000_000_000n;
  const grid = { from: NOW - 1_000_000_000n, step: 1_000_000_000n, buckets: 10, limit: 100 };

  it('stands in the coverage by service and time, refused deliveries by when they came', async () => {
    const session = await ReceiveSession.start(store, 1n);
    const droppedAt: readonly DroppedCount[] = [
      {
        signal: 'logs',
        why: 'unreadable',
        entityId: 'service:cart',
        window: { from: NOW, to: NOW + 1_000_000_000n },
        records: 3,
      },
    ];
    const decode = (): DecodedDelivery => ({ batches: [], dropped: 3, droppedAt, notices: [] });
    await send(session, 'a', decode).answered;
    await send(session, 'a', decode).answered;
    await new Promise<DeliveryAnswer>((answer) => {
      session.receive({
        body: new Uint8Array(3),
        signal: 'spans',
        at: NOW + 2_000_000_000n,
        decode: () => {
          throw new FaultlineError('format/damaged', 'This is no OTLP.');
        },
        answer,
      });
    });
    await session.finish();
    const { rows, col } = await store.run(droppedOverTime(grid));
    expect(
      Array.from({ length: rows }, (_, i) => [
        col.entity_id[i],
        col.signal[i],
        col.why[i],
        col.first_bucket[i],
        col.n[i],
      ]),
    ).toEqual([
      ['service:cart', 'logs', 'unreadable', 1, 3],
      ['', 'spans', 'refused', 3, 1],
    ]);
    const { notices } = await store.facts();
    expect(notices).toMatchObject([
      { code: 'deliveries-refused', count: 1 },
      { code: 'records-dropped', count: 3 },
    ]);
  });
});

describe('deliveries of webhooks with a mapping', () => {
  const fields = { time: { column: 'at' }, title: { column: 'what' } };
  const mapping: Mapping = { target: 'changes', fields };
  const decoder = deliveryDecoder(
    { otlp: () => ({ batches: [], dropped: 0, droppedAt: [], notices: [] }), webhooks: new Map() },
    new Map([
      ['deploys-1', mapping],
      ['flags', mapping],
    ]),
  );
  const posted = (session: ReceiveSession, name: string, value: unknown): Promise<DeliveryAnswer> =>
    new Promise((answer) => {
      const body = new TextEncoder().encode(JSON.stringify(value));
      session.receive({ ...decoder.incoming({ id: 1, protocol: 'webhook', name, body }), answer });
    });
  const at = '2026-01-02T03:04:05Z';

  it('are rows once for each name, and what is dropped is counted with its reason', async () => {
    const session = await ReceiveSession.start(store, 1n);
    expect(await posted(session, 'deploys-1', { at, what: 'v1' })).toEqual(taken);
    expect(await posted(session, 'flags', { at, what: 'v1' })).toEqual(taken);
    expect(await posted(session, 'deploys-1', { at, what: 'v1' })).toEqual(taken);
    const some = [{ at, what: 'v2' }, { at }, { what: 'v3', password: 'hunter2' }];
    expect(await posted(session, 'deploys-1', some)).toEqual({
      dropped: 2,
      why: 'the change has no title; the record has no time',
    });
    expect(await posted(session, 'deploys-1', [{ at, n: 1 }])).toMatchObject({ dropped: 1 });
    expect([session.deliveries, session.repeats, session.dropped]).toEqual([4, 1, 3]);
    await session.finish();
    expect(await titles()).toEqual(['v1', 'v1', 'v2']);
    const { notices } = await store.facts();
    const said = notices.map(({ code, count, message }) => [code, count, message]);
    const words = 'taken as changes by a mapping: time = at, title = what.';
    expect(said).toEqual([
      ['records-mapped', 2, `2 of the records posted to /webhook/deploys-1 ${words}`],
      ['records-mapped', 1, `1 of the records posted to /webhook/flags ${words}`],
      [
        'records-not-mapped',
        2,
        '2 of the records posted to /webhook/deploys-1 dropped: the change has no title.',
      ],
      [
        'records-not-mapped',
        1,
        '1 of the records posted to /webhook/deploys-1 dropped: the record has no time.',
      ],
      ['records-dropped', 3, '3 received records could not be taken over.'],
    ]);
    expect(notices[0]?.detail).toEqual({ mapping: JSON.stringify(mapping) });
  });

  it('are refused for good where nothing says how to read them', async () => {
    const session = await ReceiveSession.start(store, 1n);
    const { refused } = await posted(session, 'other', {});
    expect(refused).toMatchObject({ retryable: false });
  });

  it.each(['alertmanager', 'a/b', '', '.hidden'])('have no mapping called "%s"', (name) => {
    const decoders = { otlp: () => ({ batches: [], dropped: 0, droppedAt: [], notices: [] }) };
    const mappings = new Map([[name, mapping]]);
    expect(() => deliveryDecoder({ ...decoders, webhooks: new Map() }, mappings)).toThrow(
      FaultlineError,
    );
  });
});
