import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import { replay } from '../../app/node/replay';
import type { ConnectorSubject } from '../../core/connect/testing/connector-subject';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import { describeNamedTraces } from '../../core/connect/testing/describe-named-traces';
import type { Row } from '../../core/connect/testing/import';
import { pullAll, type Tables } from '../../core/connect/testing/pulled';
import {
  START,
  callKeys,
  calls,
  failedTraces,
  micros,
  oracle,
  resourceOf,
  serviceOf,
  simulation,
  sorted,
  spans,
  traceCounts,
  windows,
} from '../../core/connect/testing/trace-oracle';
import {
  answer,
  intercepting,
  startAuthProxy,
  testEnv,
} from '../../core/connect/testing/upstreams';
import type { TimeWindow } from '../../core/base';
import { otlpRequests } from '../../core/simulate';
import { available, jaeger as server } from '../../scripts/servers/index.mjs';
import { decodeOtlp } from '../otlp';
import { jaeger as jaegerOf } from './index';

const jaeger = jaegerOf(decodeOtlp);

const SECOND = 1_000_000_000n;

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(): Promise<{ url: string }> {
  const running = await server.start();
  cleanups.push(() => running.stop());
  const { upstream } = createUpstream({ url: running.otlpHttp });
  await replay(otlpRequests(simulation.batches(), ['spans']), upstream);
  await settled(running.url);
  return running;
}

/** Jaeger answers before it has stored: waits until every span can be asked for. */
async function settled(url: string): Promise<void> {
  const services = new Set(oracle.spans?.map(serviceOf));
  for (let tries = 0; tries < 100; tries++) {
    const seen = new Set<string>();
    for (const service of services) {
      const found = await fetch(`${url}/api/traces?service=${service}&limit=100000&start=0`);
      const { data } = (await found.json()) as { data: { spans: { spanID: string }[] }[] };
      for (const trace of data) for (const span of trace.spans) seen.add(span.spanID);
    }
    if (seen.size === oracle.spans?.length) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('Jaeger does not show what it was sent.');
}

const kept = new Set(spans.map((row) => row['span_id']));

function spanKey(row: Row, resource: unknown): string {
  const { trace_id, span_id, parent_span_id, name, kind, status, status_message } = row;
  const ids = [trace_id, span_id, parent_span_id, name, kind, status, status_message];
  const times = [String(micros(row['start'])), String(micros(row['duration']))];
  return JSON.stringify([ids, times, sorted(row['attributes']), sorted(resource)]);
}

function eventKey(row: Row): string {
  const { trace_id, span_id, name, attributes } = row;
  return JSON.stringify([trace_id, span_id, name, String(micros(row['ts'])), sorted(attributes)]);
}

const linkKey = ({ span_id, linked_trace_id, linked_span_id }: Row): string =>
  JSON.stringify([span_id, linked_trace_id, linked_span_id]);

function keysOf(table: keyof Tables, tables: Tables): readonly string[] {
  const rows = tables[table] ?? [];
  if (table === 'spans') {
    const known = new Map(
      (tables.resources ?? []).map((row) => [row['resource_id'], row['attributes']]),
    );
    return rows.map((row) => spanKey(row, known.get(row['resource_id'])));
  }
  if (table === 'span_events') return rows.map(eventKey);
  if (table === 'span_links') return rows.map(linkKey);
  return callKeys(tables);
}

const DEAF = 'storefront';

async function subject(api: 'v1' | 'v3'): Promise<ConnectorSubject | { skipped: string }> {
  const got = await server.ensure();
  if (got.state === 'missing') return { skipped: got.reason };
  const { url } = await start();
  const proxy = await startAuthProxy(url, { username: 'reader', password: 'pa55word-1' });
  cleanups.push(() => proxy.close());
  const upstream = (at: string, password: string) =>
    createUpstream({ url: at, credentials: { username: 'reader', password } }).upstream;
  const heard = new Set(
    spans.filter((row) => serviceOf(row) !== DEAF).map((row) => row['trace_id']),
  );
  const key = (row: Row): string => spanKey(row, resourceOf(row));
  return {
    factory: jaeger,
    // Fewer than there are, so that time is cut again and again.
    config: { limit: api === 'v1' ? '9' : '30', api },
    upstream: upstream(proxy.url, 'pa55word-1'),
    wrong: upstream(proxy.url, 'wrong-9'),
    dead: upstream('http://127.0.0.1:1', 'pa55word-1'),
    secrets: ['pa55word-1', 'wrong-9'],
    product: /Jaeger/,
    version: /^(\d+\..*)?$/,
    windows,
    counts: traceCounts('span'),
    expected: {
      spans: spans.map(key),
      span_events: (oracle.span_events ?? [])
        .filter((row) => kept.has(row['span_id']))
        .map(eventKey),
      span_links: (oracle.span_links ?? []).filter((row) => kept.has(row['span_id'])).map(linkKey),
      ...(api === 'v1' ? { stated_relations: calls() } : {}),
    },
    keysOf,
    budget: {
      rows: Math.round(spans.length * 0.6),
      signal: 'spans',
      total: spans.length,
      whole: (table, row, tables) =>
        table === 'spans' && failedTraces(tables.spans ?? []).has(row['trace_id']),
    },
    failing: {
      request: ({ path, query }) =>
        /^\/api\/(v3\/)?traces$/.test(path) &&
        (query ?? []).some(([k, v]) => /service/.test(k) && v === DEAF),
      missing: DEAF,
      kept: { spans: spans.filter((row) => heard.has(row['trace_id'])).map(key) },
    },
  };
}

describeConnector('jaeger', () => subject('v1'));
describeConnector('jaeger, version 3 of its API', () => subject('v3'));
for (const api of ['v1', 'v3']) {
  describeNamedTraces(`jaeger, ${api} of its API`, async () => {
    const got = await server.ensure();
    if (got.state === 'missing') return { skipped: got.reason };
    const { upstream } = createUpstream(await start());
    const key = (row: Row): string => spanKey(row, resourceOf(row));
    return { factory: jaeger, config: { api }, upstream, keysOf, key };
  });
}

const there = await available(server);
describe.skipIf(!there)('a moment with more traces than Jaeger hands out', () => {
  const AT = START + 5000n * SECOND;
  const COUNT = 100;
  let url: string;

  /** Single spans that all start in one microsecond, every tenth with an error. */
  beforeAll(async () => {
    const running = await server.start();
    cleanups.push(() => running.stop());
    url = running.url;
    const records = Array.from({ length: COUNT }, (_, i) => ({
      traceId: String(i + 1).padStart(32, '0'),
      spanId: String(i + 1).padStart(16, '0'),
      name: 'burst',
      kind: 2,
      startTimeUnixNano: String(AT + BigInt(i)),
      endTimeUnixNano: String(AT + SECOND),
      status: i % 10 === 0 ? { code: 2 } : {},
    }));
    const attributes = [{ key: 'service.name', value: { stringValue: 'burst' } }];
    const body = {
      resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: records }] }],
    };
    await fetch(`${running.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    for (let tries = 0; tries < 100; tries++) {
      const found = await fetch(`${url}/api/traces?service=burst&start=0&limit=1000`);
      if (((await found.json()) as { data: unknown[] }).data.length === COUNT) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('Jaeger does not show what it was sent.');
  });

  const pull = (limit: string, window: TimeWindow) => {
    const connector = jaeger.open({ limit }, testEnv(createUpstream({ url }).upstream));
    return pullAll(connector, { windows: [window], budget: 1_000_000 });
  };

  it('raises the limit where time can not be cut further', async () => {
    const { tables, notices } = await pull('7', { from: AT - SECOND, to: AT + SECOND });
    expect(tables.spans).toHaveLength(COUNT);
    expect(notices).toEqual([]);
  });

  it('says where that is not enough, and has the errors all the same', async () => {
    const { tables, notices, coverage } = await pull('2', { from: AT - SECOND, to: AT + SECOND });
    const rows = tables.spans ?? [];
    expect(rows.length).toBeGreaterThanOrEqual(32);
    expect(rows.length).toBeLessThan(COUNT);
    expect(rows.filter((row) => row['status'] === 2)).toHaveLength(COUNT / 10);
    expect(notices).toMatchObject([{ code: 'traces-truncated', severity: 'warning', count: 1 }]);
    expect(coverage).toMatchObject([{ rowsTotal: null, rowsKept: rows.length }]);
  });

  it('keeps the window half-open to the nanosecond that Jaeger hides', async () => {
    const before = await pull('200', { from: AT - SECOND, to: AT });
    const after = await pull('200', { from: AT, to: AT + 1000n });
    expect(before.tables.spans ?? []).toHaveLength(0);
    expect(after.tables.spans).toHaveLength(COUNT);
  });
});

describe.skipIf(!there)('both APIs of Jaeger', () => {
  let url: string;
  beforeAll(async () => void ({ url } = await start()));

  const pull = (api: string) => {
    const connector = jaeger.open({ api }, testEnv(createUpstream({ url }).upstream));
    return pullAll(connector, { windows, budget: 1_000_000 });
  };

  it('bring the same rows, where version 1 can say what version 3 does', async () => {
    const [first, third] = [await pull('v1'), await pull('v3')];
    for (const table of ['spans', 'span_events', 'span_links'] as const) {
      expect(keysOf(table, first.tables).length).toBeGreaterThan(0);
      expect([...keysOf(table, third.tables)].sort()).toEqual(
        [...keysOf(table, first.tables)].sort(),
      );
    }
    expect(first.tables.stated_relations?.length).toBeGreaterThan(0);
    expect(third.tables.stated_relations ?? []).toHaveLength(0);
    expect(third.coverage.map(({ rowsTotal }) => rowsTotal)).toEqual(
      first.coverage.map(({ rowsTotal }) => rowsTotal),
    );
  });

  it('keep the nanoseconds, through version 3', async () => {
    const exact = (row: Row): string =>
      JSON.stringify([row['span_id'], (row['start'] as bigint).toString()]);
    const { tables } = await pull('v3');
    expect((tables.spans ?? []).map(exact).sort()).toEqual(spans.map(exact).sort());
  });

  it('are told apart where version 3 alone is let through', async () => {
    const upstream = intercepting(createUpstream({ url }).upstream, ({ path }) =>
      path === '/api/services' ? answer(404, 'not found') : undefined,
    );
    const probe = await jaeger.open({}, testEnv(upstream)).probe(new AbortController().signal);
    expect(probe.facts).toContain('through /api/v3');
  });
});
