import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import { isBrokerAddress } from '../../core/host';
import type { Notice } from '../../core/model';
import { pullAll } from '../../core/connect/testing/pulled';
import { intercepting, testEnv } from '../../core/connect/testing/upstreams';
import { available, kafka as server } from '../../scripts/servers/index.mjs';
import { connectors } from '..';
import { connect, messageOf, type Cluster, type Sent } from './testing/produce';

const START = 1_790_000_000_000;
const window = {
  from: BigInt(START) * 1_000_000n,
  to: BigInt(START + 60_000) * 1_000_000n,
};
const credentials = { username: 'reader', password: 'pa55word-1' };

const there = await available(server);
describe.skipIf(!there)('what a real Kafka holds beside records', () => {
  let url = '';
  let cluster: Cluster;
  const cleanups: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const running = await server.start({
      sasl: { mechanisms: ['PLAIN'], ...credentials },
      settings: { 'log.retention.ms': -1 },
    });
    cleanups.push(() => running.stop());
    ({ url } = running);
    cluster = await connect(running.address, { sasl: { mechanism: 'plain', ...credentials } });
    cleanups.push(() => cluster.close());
  });
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  const opened = (config: Readonly<Record<string, string>>) => {
    const kafka = connectors.find(({ id }) => id === 'kafka');
    if (!kafka) throw new Error('The connector is not listed.');
    const { upstream } = createUpstream({ url, credentials });
    return kafka.open(kafka.config.parse(config), testEnv(upstream));
  };
  const pull = async (config: Readonly<Record<string, string>>, budget = 1_000_000) => {
    const pulled = await pullAll(opened(config), { windows: [window], budget });
    const logs = pulled.tables.logs ?? [];
    return { ...pulled, logs, bodies: logs.map((row) => row['body']) };
  };
  const about = (notices: readonly Notice[], code: string) =>
    notices.find((notice) => notice.code === code);
  const line = (i: number, more: Partial<Sent> = {}): Sent => ({
    at: START + i * 1000,
    value: `INFO line ${i}`,
    partition: 0,
    ...more,
  });

  it('leaves out what was rolled back, and marks of transactions, and says so', async () => {
    await cluster.fill('paid', 1, [line(0)]);
    const producer = cluster.client.producer({
      transactionalId: 'test-transactions',
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const send = async (lines: readonly Sent[], end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'paid', messages: lines.map(messageOf) });
      await transaction[end]();
    };
    await send([line(1), line(2)], 'commit');
    await send([line(3), line(4), line(5)], 'abort');
    await send([line(6)], 'commit');
    const open = await producer.transaction();
    await open.send({ topic: 'paid', messages: [messageOf(line(7))] });
    // A commit is answered before its mark stands in the log.
    let pulled = await pull({ topics: 'paid' });
    for (let tries = 0; tries < 50 && pulled.bodies.length < 4; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      pulled = await pull({ topics: 'paid' });
    }
    const { bodies, notices, coverage } = pulled;
    await open.abort();
    await producer.disconnect();
    expect(bodies).toEqual(['INFO line 0', 'INFO line 1', 'INFO line 2', 'INFO line 6']);
    expect(about(notices, 'rolled-back')?.count).toBe(3);
    expect(about(notices, 'transaction-marks')?.count).toBe(3);
    expect(about(notices, 'transaction-open')?.count).toBe(1);
    expect(coverage).toMatchObject([{ rowsTotal: null, rowsKept: 4 }]);
  });

  it('counts deletions, and drops what can not be read with its place', async () => {
    await cluster.fill('mixed', 1, [
      line(0, { value: '{"msg":"fine","level":"warn","time":"2026-09-21T14:13:21Z"}', key: 'a' }),
      line(1, { value: null, key: 'a' }),
      line(2, { value: '{"msg":"cut' }),
      line(3, { value: Buffer.from([0xff, 0xfe, 0x00, 0x01]) }),
      line(4, { value: '[{"msg":"first of two"},{"msg":"second of two"}]' }),
      line(5, { value: 'ERROR not even JSON' }),
      line(6, { value: '{"level":"info","message":"no time"}' }),
    ]);
    const { logs, bodies, notices } = await pull({ topics: 'mixed' });
    expect(bodies).toEqual([
      'fine',
      'first of two',
      'second of two',
      'ERROR not even JSON',
      'no time',
    ]);
    expect(logs[0]).toMatchObject({
      attributes: {
        'messaging.destination.name': 'mixed',
        'messaging.destination.partition.id': '0',
        'messaging.kafka.offset': '0',
        'messaging.kafka.message.key': 'a',
      },
    });
    expect(logs[4]?.['ts']).toBe(BigInt(START + 6000) * 1_000_000n);
    expect(about(notices, 'tombstones')).toMatchObject({ count: 1 });
    expect(about(notices, 'records-dropped')).toMatchObject({
      count: 2,
      message:
        "2 records can't be taken over: mixed/0 at 2 (it is no valid JSON); mixed/0 at 3 (it is not text).",
    });
    expect(about(notices, 'record-time-used')).toMatchObject({ count: 4 });
  });

  it('gives a header its trace, hides secrets, and keeps other headers', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { traceparent, tenant: 'blue', authorization: 'Bearer abc.def.ghi' };
    await cluster.fill('traced', 1, [
      line(0, { value: 'INFO a line', headers }),
      line(1, { value: '{"msg":"an object","level":"info"}', headers }),
    ]);
    const { logs } = await pull({ topics: 'traced' });
    expect(logs).toHaveLength(2);
    for (const row of logs) {
      expect(row).toMatchObject({
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        span_id: '00f067aa0ba902b7',
        attributes: { 'messaging.header.tenant': 'blue' },
      });
      expect(JSON.stringify(row['attributes'])).not.toContain('abc.def');
    }
  });

  it('reads exactly the offsets that were asked for', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => line(i * 60, { partition: i % 2 }));
    await cluster.fill('spread', 2, lines);
    const { bodies, notices } = await pull({ offsets: 'spread/0=3-6, spread/1=23-, spread/0=5-7' });
    const wanted = [3, 4, 5, 6].map((n) => n * 2 * 60).concat([47 * 60, 49 * 60]);
    expect(bodies).toEqual(wanted.map((i) => `INFO line ${i}`));
    expect(about(notices, 'rows-outside-kept')).toMatchObject({ count: 6 });
    const { notices: none } = await pull({ offsets: 'spread/0=900-, nowhere/0=1-' });
    expect(about(none, 'not-found')?.message).toContain('nowhere');
    expect(about(none, 'nothing-there')?.count).toBe(1);
  });

  it('notices times that run backwards, and what comes late', async () => {
    await cluster.fill('late', 1, [
      line(10),
      line(5),
      line(30),
      line(20),
      // Made within the window, sent after it.
      line(70, { value: `{"msg":"late","level":"info","ts":${START + 50_000}}` }),
      line(200, { value: `{"msg":"too late","level":"info","ts":${START + 50_000}}` }),
    ]);
    const { bodies, notices } = await pull({ topics: 'late' });
    expect(bodies).toEqual(['INFO line 10', 'INFO line 5', 'INFO line 30', 'INFO line 20', 'late']);
    expect(about(notices, 'times-out-of-order')?.count).toBe(2);
    const { bodies: punctual } = await pull({ topics: 'late', late: '0' });
    expect(punctual).not.toContain('late');
    const { bodies: patient } = await pull({ topics: 'late', late: '300' });
    expect(patient).toContain('too late');
  });

  it('is not led astray by a record from the future', async () => {
    await cluster.fill('skewed', 1, [
      line(1),
      line(2, { at: START + 1_000_000 }),
      ...Array.from({ length: 30 }, (_, i) => line(3 + i)),
      line(400),
    ]);
    const { bodies, notices } = await pull({ topics: 'skewed' });
    expect(bodies).toHaveLength(31);
    expect(bodies.at(-1)).toBe('INFO line 32');
    expect(about(notices, 'times-jump')).toMatchObject({ count: 1, severity: 'warning' });
  });

  it('goes past offsets that deletion of old records has emptied', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => line(i));
    await cluster.fill('short', 1, lines);
    const connector = opened({ topics: 'short' });
    const iterator = connector.pull(
      { windows: [window], budget: 100 },
      new AbortController().signal,
    );
    let resumeAt = '';
    for await (const item of iterator) {
      if (item.kind !== 'mark') continue;
      resumeAt = item.cursor;
      break;
    }
    // kafkajs knows a topic's leaders only after it has asked for something of it.
    await cluster.admin.fetchTopicOffsets('short');
    await cluster.admin.deleteTopicRecords({
      topic: 'short',
      partitions: [{ partition: 0, offset: '12' }],
    });
    const { tables, notices, coverage } = await pullAll(connector, {
      windows: [window],
      budget: 100,
      resumeAt,
    });
    expect(tables.logs).toHaveLength(8);
    expect(about(notices, 'retention-passed')?.count).toBe(12);
    expect(coverage).toMatchObject([{ rowsTotal: null, rowsKept: 8 }]);
  });

  it('keeps errors whole under a budget, of the other traces all spans or none', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => String(i).padStart(32, 'a'));
    const spanOf = (i: number, n: number) => ({
      traceId: ids[i],
      spanId: `${i}${n}`.padStart(16, 'a'),
      name: 'GET /',
      startTimeUnixNano: `${START + i * 100 + n}000000`,
      endTimeUnixNano: `${START + i * 100 + n + 5}000000`,
      status: i % 50 === 0 && n === 1 ? { code: 2 } : {},
    });
    const request = (i: number, n: number) =>
      JSON.stringify({
        resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [spanOf(i, n)] }] }],
      });
    const lines = ids.flatMap((_, i) => [0, 1, 2].map((n) => [i, n] as const));
    await cluster.fill(
      'scattered',
      2,
      lines.map(([i, n]) => ({
        at: START + i * 100 + n,
        value: request(i, n),
        partition: (i + n) % 2,
      })),
    );
    const { tables, notices, coverage } = await pull({ topics: 'scattered' }, 300);
    const kept = tables.spans ?? [];
    const errors = kept.filter((row) => row['status'] === 2).map((row) => row['trace_id']);
    expect(new Set(errors)).toEqual(new Set(ids.filter((_, i) => i % 50 === 0)));
    const counts = new Map<unknown, number>();
    for (const row of kept) counts.set(row['trace_id'], (counts.get(row['trace_id']) ?? 0) + 1);
    const failed = new Set<unknown>(errors);
    const parts = [...counts].filter(([id, n]) => n !== 3 && !failed.has(id));
    expect(parts).toEqual([]);
    expect(kept.length).toBeGreaterThan(60);
    expect(kept.length).toBeLessThanOrEqual(330);
    expect(coverage).toMatchObject([{ rowsTotal: 900, rowsKept: kept.length, sampled: true }]);
    expect(about(notices, 'rows-sampled')).toMatchObject({ count: 900 - kept.length });
  });

  it('reads JSON of unknown shape by a mapping, with its place in Kafka', async () => {
    const at = new Date(START + 2000).toISOString();
    const order = (id: number, more: object = {}) =>
      JSON.stringify({ when: at, what: `order ${id}`, shop: { name: 'north' }, ...more });
    await cluster.fill('orders', 1, [
      line(0, { value: order(1) }),
      line(1, { value: JSON.stringify({ batch: [{ when: at, what: 'order 2' }, { when: at }] }) }),
      line(2, { value: order(3, { when: 'tomorrow' }) }),
      line(3, { value: 'plain text' }),
    ]);
    const mapping = {
      version: 1,
      target: 'changes',
      records: 'batch',
      fields: {
        time: { column: 'when' },
        title: { column: 'what' },
        service: { column: 'shop.name' },
      },
    };
    const config = { topics: 'orders', mapping: JSON.stringify(mapping) };
    const { items } = await opened(config).discover([window], new AbortController().signal);
    expect(items).toMatchObject([{ id: 'topic:orders', signal: 'changes', selected: true }]);
    expect(items[0]?.mapping).toContain('read by the mapping as changes');
    const { tables, notices, coverage, items: came } = await pull(config);
    expect(tables.changes?.map((row) => row['title'])).toEqual(['order 1', 'order 2']);
    expect(tables.changes?.[0]).toMatchObject({
      ts: BigInt(START + 2000) * 1_000_000n,
      attributes: { 'messaging.destination.name': 'orders', 'messaging.kafka.offset': '0' },
    });
    expect(about(notices, 'records-mapped')).toMatchObject({ count: 2 });
    expect(about(notices, 'records-dropped')).toMatchObject({
      count: 3,
      message: expect.stringContaining('orders/0 at 1 (the change has no title)') as string,
    });
    expect(coverage).toMatchObject([{ signal: 'changes', rowsKept: 2 }]);
    const dropped = came.flatMap((item) => (item.kind === 'dropped' ? [item.records] : []));
    expect(dropped.map((of) => [of.signal, of.at])).toEqual(
      [1, 2, 3].map((i) => ['changes', BigInt(START + i * 1000) * 1_000_000n]),
    );
  });

  it("takes Kafka's time where the mapping asks for it, and says what is wrong with a mapping", async () => {
    await cluster.fill('gauges', 1, [line(4, { value: '{"room":"a","load":0.5}' })]);
    const mapping = {
      version: 1,
      target: 'samples',
      fields: { time: { column: 'messaging.kafka.message.timestamp' } },
      values: ['load'],
    };
    const { tables } = await pull({ topics: 'gauges', mapping: JSON.stringify(mapping) });
    expect(tables.samples).toMatchObject([{ ts: BigInt(START + 4000) * 1_000_000n, value: 0.5 }]);
    expect(tables.metric_series).toMatchObject([{ metric: 'load', labels: {} }]);
    const kafka = connectors.find(({ id }) => id === 'kafka');
    const wrong = kafka?.config.safeParse({ mapping: '{"version":1,"target":"logs","fields":{}}' });
    expect(wrong?.error?.issues[0]?.message).toMatch(/a column for time is missing/);
  });

  it('names topics whose values it can not read, and does not choose them', async () => {
    const avro = Buffer.from([0, 0, 0, 0, 7, 12, 200, 14, 130]);
    await cluster.fill('registry', 1, [line(0, { value: avro }), line(1, { value: avro })]);
    const { items } = await opened({ topics: 'registry' }).discover(
      [window],
      new AbortController().signal,
    );
    expect(items).toMatchObject([{ id: 'topic:registry', count: 2, selected: false }]);
    expect(items[0]?.mapping).toContain('schema registry');
    const { notices } = await pull({ topics: 'registry' });
    expect(about(notices, 'topics-not-read')?.message).toContain('registry');
  });

  it('says who may not sign in, also where no one tries', async () => {
    const kafka = connectors.find(({ id }) => id === 'kafka');
    const nobody = createUpstream({ url, timeoutMs: 5000 }).upstream;
    const probe = kafka?.open({}, testEnv(nobody)).probe(new AbortController().signal);
    await expect(probe).rejects.toThrow(/sign-in/);
    const secure = createUpstream({ url: url.replace('kafka:', 'kafka+ssl:'), timeoutMs: 5000 });
    const wrong = kafka?.open({}, testEnv(secure.upstream)).probe(new AbortController().signal);
    await expect(wrong).rejects.toMatchObject({ code: 'connector/unreachable' });
  });

  it('is only read', async () => {
    const { upstream, endpoint } = createUpstream({ url, credentials });
    expect(isBrokerAddress(endpoint)).toBe(true);
    expect((await upstream.send({ method: 'POST', path: '/topics' })).status).toBe(405);
    expect((await upstream.send({ method: 'GET', path: '/elsewhere' })).status).toBe(404);
    const seen: string[] = [];
    const watched = intercepting(upstream, ({ method, path }) => {
      seen.push(`${method} ${path}`);
      return undefined;
    });
    const kafka = connectors.find(({ id }) => id === 'kafka');
    const connector = kafka?.open({}, testEnv(watched));
    if (connector) await pullAll(connector, { windows: [window], budget: 1000 });
    expect([...new Set(seen)].sort()).toEqual(['GET /offsets', 'GET /records', 'GET /topics']);
    const { groups } = await cluster.admin.listGroups();
    expect(groups).toEqual([]);
  });
});
