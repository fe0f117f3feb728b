import { beforeAll, expect, it } from 'vitest';
import type { TimeWindow } from '../../../core/base';
import type { Upstream, UpstreamRequest } from '../../../core/connect';
import type { Pulled } from '../../../core/connect/testing/pulled';
import type { Attributes } from '../../../core/model';
import {
  CountingUpstream,
  answer,
  intercepting,
  testEnv,
} from '../../../core/connect/testing/upstreams';
import { elasticsearch } from '../connector';
import {
  Cluster,
  DATE,
  MS,
  START,
  START_MS,
  WINDOW,
  bodies,
  cameOnce,
  iso,
  noticeOf,
  numbered,
  type Document,
} from './cluster';

/** Sums of the metric log.record.count by service and level, each counted once a step in the window. */
function countsIn({ tables }: Pulled): unknown {
  const resources = new Map(
    (tables.resources ?? []).map((r) => [r['resource_id'], r['attributes']]),
  );
  const rows = (tables.metric_series ?? []).map((series) => {
    const own = (tables.samples ?? []).filter((row) => row['series_id'] === series['series_id']);
    const times = new Set(own.map((row) => row['ts']));
    expect([series['metric'], own.length, times.size]).toEqual(['log.record.count', 240, 240]);
    const { 'service.name': service } = resources.get(series['resource_id']) as Attributes;
    const { severity } = series['labels'] as Attributes;
    return [service, severity, own.reduce((sum, row) => sum + (row['value'] as number), 0)];
  });
  return rows.sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

/** What clusters hold beside well-formed telemetry, on a real one. */
export function oddIndices(start: () => Promise<Upstream>): void {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = new Cluster(await start());
  }, 240_000);

  it('guesses the fields of an index of any form, and takes other fields when told', async () => {
    const properties = {
      ts: { type: 'long' },
      msg: { type: 'text' },
      lvl: { type: 'keyword' },
      app: { type: 'keyword' },
      other: { type: 'keyword' },
    };
    const documents = Array.from({ length: 20 }, (_, i) => ({
      ts: START_MS + i * 1000,
      msg: `m${i}`,
      lvl: i % 5 === 0 ? 'ERROR' : 'info',
      app: 'cart',
      other: 'basket',
      order: { id: 9_007_199_254_740_993n, lines: [{ sku: 'a' }] },
    }));
    await cluster.index('x-guess', properties, documents);
    const connector = elasticsearch.open({ index: 'x-guess' }, testEnv(cluster.upstream));
    const { items } = await connector.discover([WINDOW], new AbortController().signal);
    expect(items).toMatchObject([
      {
        id: 'x-guess',
        count: 20,
        signal: 'logs',
        mapping: expect.stringMatching(
          /guessed.*time: ts \(ms\), message: msg, service: app, severity: lvl/,
        ),
      },
    ]);
    const pulled = await cluster.pull({ index: 'x-guess' });
    expect(noticeOf(pulled, 'mapping-guessed')?.message).toContain('message: msg');
    expect(bodies(pulled)).toEqual(numbered(20));
    expect(pulled.tables.logs?.[5]).toMatchObject({
      ts: START + 5000n * MS,
      severity: 17,
      attributes: {
        other: 'basket',
        'order.id': '9007199254740993',
        'order.lines': '[{"sku":"a"}]',
      },
    });
    const told = await cluster.pull({ index: 'x-guess', service: 'other' });
    expect(told.tables.resources?.[0]?.['attributes']).toEqual({ 'service.name': 'basket' });
  });

  it('counts documents without a time and names some', async () => {
    const documents = [
      { '@timestamp': iso(0), message: 'm0' },
      { _id: 'lost-1', message: 'no time' },
      { _id: 'lost-2', message: 'no time' },
    ];
    await cluster.index('x-untimed', { '@timestamp': DATE, message: { type: 'text' } }, documents);
    const pulled = await cluster.pull({ index: 'x-untimed' });
    expect(bodies(pulled)).toEqual(['m0']);
    const notice = noticeOf(pulled, 'records-without-time');
    expect(notice).toMatchObject({ severity: 'warning', count: 2 });
    expect(notice?.message).toMatch(/x-untimed\/lost-[12]/);
  });

  const dense = (name: string, from: number): readonly Document[] =>
    Array.from({ length: 1500 }, (_, i) => ({
      _id: `same-${i}`,
      '@timestamp': iso(60_000),
      message: `m${i + from}`,
      index: name,
    }));

  it('brings thousands of one millisecond once, also where two indices share ids', async () => {
    const properties = { '@timestamp': DATE, message: { type: 'text' } };
    await cluster.index('x-dense-2026.01.01', properties, dense('a', 0), 3);
    await cluster.index('x-dense-2026.01.02', properties, dense('b', 1500), 2);
    const pulled = await cluster.pull({ index: 'x-dense-*', slice: '100' });
    expect(cameOnce(pulled, 3000)).toBe('each once');
  });

  it.each([
    [
      'a point in time is not allowed',
      403,
      (r: UpstreamRequest) => /_pit$|point_in_time$/.test(r.path) && r.method === 'POST',
    ],
    [
      'no order but that of the index is allowed',
      400,
      (r: UpstreamRequest) =>
        String(r.body).includes('"sort":["_shard_doc"]') ||
        String(r.body).includes('"sort":["_id"'),
    ],
  ])('scrolls where %s', async (_, status, refused) => {
    const upstream = intercepting(cluster.upstream, (r) =>
      refused(r) ? answer(status, '{"error":"no"}') : undefined,
    );
    const pulled = await cluster.pull({ index: 'x-dense-*', slice: '100' }, {}, upstream);
    expect(cameOnce(pulled, 3000)).toBe('each once');
    expect(noticeOf(pulled, 'pit-not-allowed')).toMatchObject({ severity: 'info' });
  });

  it('reads a slice anew where the server forgot the point in time in its middle', async () => {
    let lost = 0;
    const forgetful = intercepting(cluster.upstream, (r) => {
      const second = String(r.body).includes('"search_after"');
      return second && lost++ === 0
        ? answer(404, '{"error":{"type":"search_context_missing_exception"}}')
        : undefined;
    });
    const counting = new CountingUpstream(forgetful);
    const pulled = await cluster.pull({ index: 'x-dense-*', slice: '100' }, {}, counting);
    expect(lost).toBeGreaterThan(1);
    expect(cameOnce(pulled, 3000)).toBe('each once');
    const opened = counting.requests.filter(
      (r) => /_pit$|point_in_time$/.test(r.path) && r.method === 'POST',
    );
    expect(opened).toHaveLength(2);
  });

  it('keeps to windows finer than the index, and brings a document of several times once', async () => {
    const at = (fraction: string): string => iso(0).replace('.000Z', `.${fraction}Z`);
    const documents = [
      { '@timestamp': at('000100000'), message: 'before' },
      { '@timestamp': at('000500000'), message: 'first' },
      { '@timestamp': at('000899999'), message: 'last' },
      { '@timestamp': at('000900000'), message: 'after' },
      { '@timestamp': [iso(1_800_000), iso(600_000)], message: 'twice' },
    ];
    await cluster.index('x-fine', { '@timestamp': DATE, message: { type: 'text' } }, documents);
    const fine: TimeWindow = { from: START + 500_000n, to: START + 900_000n };
    const request = { windows: [fine, { from: START + MS, to: WINDOW.to }] };
    const pulled = await cluster.pull({ index: 'x-fine', slice: '1' }, request);
    expect(bodies(pulled)).toEqual(['first', 'last', 'twice']);
    expect(pulled.tables.logs?.[0]?.['ts']).toBe(START + 500_000n);
  });

  it('brings what is there of indices that are closed or have lost shards', async () => {
    const properties = { '@timestamp': DATE, message: { type: 'text' } };
    const one = (message: string): Document => ({ '@timestamp': iso(0), message });
    await cluster.index('x-state-2026.01.01', properties, [one('m0')]);
    await cluster.index('x-state-2026.01.02', properties, [one('hidden')]);
    await cluster.send('POST', '/x-state-2026.01.02/_close');
    const nowhere = { 'index.routing.allocation.require._name': 'nowhere', number_of_replicas: 0 };
    const red = { settings: nowhere, mappings: { properties } };
    for (const name of ['x-state-2026.01.03', 'x-state-gone']) {
      await cluster.send('PUT', `/${name}`, red, [
        ['wait_for_active_shards', '0'],
        ['timeout', '1s'],
      ]);
    }
    // What was just made or closed is red itself for a moment.
    await cluster.send('GET', '/_cluster/health/x-state-2026.01.01,x-state-2026.01.02', undefined, [
      ['wait_for_status', 'yellow'],
      ['expand_wildcards', 'all'],
    ]);
    const pulled = await cluster.pull({ index: 'x-state-*' });
    expect([bodies(pulled), pulled.notices]).toMatchObject([['m0'], {}]);
    expect(noticeOf(pulled, 'index-closed')?.message).toContain('x-state-2026.01.02');
    expect(noticeOf(pulled, 'index-red')).toMatchObject({ count: 2 });
    const missing = pulled.notices.filter(({ code }) => /index-failed|shards-failed/.test(code));
    expect(missing.map(({ message }) => message).join()).toContain('x-state-gone');
    expect(noticeOf(pulled, 'retried')).toBeUndefined();
    const connector = elasticsearch.open({}, testEnv(cluster.upstream));
    const { notices } = await connector.probe(new AbortController().signal);
    expect(notices).toMatchObject([{ code: 'index-red', count: 2 }]);
    expect(notices[0]?.message).toContain('x-state-gone');
  });

  it('keeps errors whole under a budget of logs, by level as by HTTP status', async () => {
    const properties = {
      '@timestamp': DATE,
      message: { type: 'text' },
      log: { properties: { level: { type: 'text', fields: { keyword: { type: 'keyword' } } } } },
      http: { properties: { response: { properties: { status_code: { type: 'short' } } } } },
      ecs: { properties: { version: { type: 'keyword' } } },
      service: { properties: { name: { type: 'keyword' } } },
    };
    const documents = Array.from({ length: 1000 }, (_, i) => ({
      '@timestamp': iso(i * 3000),
      ecs: { version: '8.11' },
      message: `m${i}`,
      service: { name: 'shop' },
      log: { level: i % 50 === 0 ? 'Error' : 'info' },
      http: { response: { status_code: i % 50 === 1 ? 503 : 200 } },
    }));
    await cluster.index('x-budget', properties, documents, 2);
    const pulled = await cluster.pull({ index: 'x-budget', slice: '50' }, { budget: 300 });
    const came = new Set(bodies(pulled));
    expect(came.size).toBe(pulled.tables.logs?.length);
    expect(Math.abs(came.size - 300)).toBeLessThan(60);
    for (let i = 0; i < 1000; i++) if (i % 50 < 2) expect(came).toContain(`m${i}`);
    expect(noticeOf(pulled, 'rows-sampled')?.message).toMatch(
      /1000 logs .* budget of 300 .* 40 errors/,
    );
    const totals = pulled.coverage.map(({ rowsTotal }) => rowsTotal ?? 0);
    expect(totals.length).toBeGreaterThan(3);
    expect(totals.reduce((a, b) => a + b, 0)).toBe(1000);
    expect(countsIn(pulled)).toEqual([
      ['shop', 'Error', 20],
      ['shop', 'info', 980],
    ]);
    const smaller = await cluster.pull({ index: 'x-budget', slice: '50' }, { budget: 100 });
    expect(bodies(smaller).filter((body) => !came.has(body))).toEqual([]);
  });

  it('keeps traces whole under a budget of spans, over shards, indices and forms', async () => {
    const apm = {
      '@timestamp': DATE,
      processor: { properties: { event: { type: 'keyword' } } },
      trace: { properties: { id: { type: 'keyword' } } },
      span: {
        properties: { id: { type: 'keyword' }, duration: { properties: { us: { type: 'long' } } } },
      },
      event: { properties: { outcome: { type: 'keyword' } } },
    };
    const prepper = {
      startTime: { type: 'date_nanos' },
      traceId: { type: 'keyword' },
      spanId: { type: 'keyword' },
      durationInNanos: { type: 'long' },
      status: { properties: { code: { type: 'integer' } } },
    };
    const id = (n: number, digits: number): string => (n + 1).toString(16).padStart(digits, '0');
    const spans = Array.from({ length: 600 }, (_, i) => ({
      trace: i >> 2,
      at: i * 5000,
      failed: i % 80 === 3,
    }));
    await cluster.index(
      'x-spans-apm',
      apm,
      spans.map(({ trace, at, failed }, i) => ({
        '@timestamp': iso(at),
        processor: { event: 'span' },
        trace: { id: id(trace, 32) },
        span: { id: id(i, 16), name: 'a', duration: { us: 5 } },
        event: { outcome: failed ? 'failure' : 'success' },
      })),
      3,
    );
    await cluster.index(
      'x-spans-prepper',
      prepper,
      spans.map(({ trace, at }, i) => ({
        startTime: iso(at + 1),
        traceId: id(trace, 32),
        spanId: id(i + 1000, 16),
        name: 'b',
        serviceName: 'cart',
        durationInNanos: 7,
        status: { code: 0 },
      })),
      2,
    );
    const config = { index: 'x-spans-*', slice: '100' };
    const whole = await cluster.pull(config);
    expect(whole.tables.spans).toHaveLength(1200);
    const sampled = await cluster.pull(config, { budget: 400 });
    const rows = sampled.tables.spans ?? [];
    expect(Math.abs(rows.length - 400)).toBeLessThan(100);
    const perTrace = (name: string): Map<unknown, number> => {
      const counts = new Map<unknown, number>();
      for (const row of rows) {
        if (row['name'] === name)
          counts.set(row['trace_id'], (counts.get(row['trace_id']) ?? 0) + 1);
      }
      return counts;
    };
    for (const name of ['a', 'b']) {
      expect([...perTrace(name).values()].every((n) => n === 4)).toBe(true);
    }
    for (const { trace, failed } of spans) {
      if (failed) expect(perTrace('a').get(id(trace, 32))).toBe(4);
    }
    const unfailed = new Set(
      spans.filter(({ failed }) => failed).map(({ trace }) => id(trace, 32)),
    );
    const others = [...perTrace('a').keys()].filter((trace) => !unfailed.has(trace as string));
    expect(others.every((trace) => perTrace('b').has(trace))).toBe(true);
  });

  it('leaves out an index that the sign-in may not read, and fails where that is all of them', async () => {
    const forbidden = (path: RegExp): Upstream =>
      intercepting(cluster.upstream, (r) => (path.test(r.path) ? answer(403, '{}') : undefined));
    const config = { index: 'x-untimed,x-fine' };
    const pulled = await cluster.pull(config, {}, forbidden(/^\/x-fine/));
    expect(bodies(pulled)).toEqual(['m0']);
    expect(noticeOf(pulled, 'index-failed')).toMatchObject({ severity: 'warning' });
    expect(noticeOf(pulled, 'index-failed')?.message).toContain('x-fine');
    const all = cluster.pull(config, {}, forbidden(/^\/x-/));
    await expect(all).rejects.toMatchObject({ code: 'connector/auth' });
  });
}
