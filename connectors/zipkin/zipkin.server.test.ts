import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
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
  serviceOf,
  sorted,
  spans,
  traceCounts,
  windows,
} from '../../core/connect/testing/trace-oracle';
import { startAuthProxy, testEnv } from '../../core/connect/testing/upstreams';
import { available, zipkin as server } from '../../scripts/servers/index.mjs';
import { zipkin } from './index';

const SECOND = 1_000_000_000n;

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const KINDS = ['', '', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
/** Zipkin links services by these alone where nobody says who is at the other end. */
const SERVER = 2;
const STATUS = ['', 'OK', 'ERROR'];

/** Tags as OpenTelemetry's exporter for Zipkin writes them. */
function tagsOf(row: Row): Record<string, string> {
  const status = row['status'] as number;
  return {
    ...(row['attributes'] as Record<string, string>),
    ...(STATUS[status] ? { 'otel.status_code': STATUS[status] } : {}),
    ...(status === 2 ? { error: (row['status_message'] as string) || 'true' } : {}),
  };
}

function zipkinSpan(row: Row): object {
  const events = (oracle.span_events ?? []).filter((event) => event['span_id'] === row['span_id']);
  return {
    traceId: row['trace_id'],
    id: row['span_id'],
    ...(row['parent_span_id'] ? { parentId: row['parent_span_id'] } : {}),
    name: row['name'],
    ...(KINDS[row['kind'] as number] ? { kind: KINDS[row['kind'] as number] } : {}),
    timestamp: Number((row['start'] as bigint) / 1000n),
    duration: Number((row['duration'] as bigint) / 1000n),
    localEndpoint: { serviceName: serviceOf(row) },
    tags: tagsOf(row),
    annotations: events.map((event) => ({
      timestamp: Number((event['ts'] as bigint) / 1000n),
      value: event['name'],
    })),
  };
}

async function post(url: string, list: readonly object[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const sent = await fetch(`${url}/api/v2/spans`, {
    method: 'POST',
    headers,
    body: JSON.stringify(list),
  });
  if (sent.status !== 202) throw new Error(`Zipkin refused what it was sent: ${sent.status}`);
}

/** Zipkin answers before it has stored: waits until so many spans can be asked for. */
async function settled(url: string, services: Iterable<string>, count: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const seen = new Set<string>();
    for (const service of services) {
      const query = `serviceName=${service}&limit=100000&endTs=1900000000000&lookback=1900000000000`;
      const found = await fetch(`${url}/api/v2/traces?${query}`);
      for (const trace of (await found.json()) as { id: string }[][])
        for (const { id } of trace) seen.add(id);
    }
    if (seen.size === count) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('Zipkin does not show what it was sent.');
}

/** What Zipkin keeps of a span of the oracle: names in lower case, microseconds, no kind for internal ones. */
function expectedKey(row: Row): string {
  const { 'otel.status_code': _, ...attributes } = tagsOf(row);
  const status = row['status'] as number;
  return JSON.stringify([
    [row['trace_id'], row['span_id'], row['parent_span_id']],
    (row['name'] as string).toLowerCase(),
    KINDS[row['kind'] as number] ? row['kind'] : 0,
    [String(micros(row['start'])), String(micros(row['duration']))],
    [status, status === 2 ? row['status_message'] : ''],
    sorted(attributes),
    [['service.name', serviceOf(row).toLowerCase()]],
  ]);
}

function keysOf(table: keyof Tables, tables: Tables): readonly string[] {
  if (table === 'stated_relations') return callKeys(tables);
  if (table === 'span_events') {
    return (tables.span_events ?? []).map((row) =>
      JSON.stringify([row['span_id'], row['name'], String(row['ts'] as bigint)]),
    );
  }
  const resources = new Map(
    (tables.resources ?? []).map((row) => [row['resource_id'], row['attributes']]),
  );
  return (tables.spans ?? []).map((row) =>
    JSON.stringify([
      [row['trace_id'], row['span_id'], row['parent_span_id']],
      row['name'],
      row['kind'],
      [String(row['start'] as bigint), String(row['duration'] as bigint)],
      [row['status'], row['status_message']],
      sorted(row['attributes']),
      sorted(resources.get(row['resource_id'])),
    ]),
  );
}

const DEAF = 'storefront';

/** A Zipkin with the whole oracle. */
async function start(): Promise<{ url: string }> {
  const running = await server.start();
  cleanups.push(() => running.stop());
  const all = oracle.spans ?? [];
  for (let at = 0; at < all.length; at += 500) {
    await post(running.url, all.slice(at, at + 500).map(zipkinSpan));
  }
  await settled(running.url, new Set(all.map(serviceOf)), all.length);
  return running;
}

async function subject(): Promise<ConnectorSubject | { skipped: string }> {
  const got = await server.ensure();
  if (got.state === 'missing') return { skipped: got.reason };
  const running = await start();
  const proxy = await startAuthProxy(running.url, { username: 'reader', password: 'pa55word-2' });
  cleanups.push(() => proxy.close());
  const upstream = (at: string, password: string) =>
    createUpstream({ url: at, credentials: { username: 'reader', password } }).upstream;
  const kept = new Set(spans.map((row) => row['span_id']));
  const heard = new Set(
    spans.filter((row) => serviceOf(row) !== DEAF).map((row) => row['trace_id']),
  );
  return {
    factory: zipkin,
    // Fewer than there are, so that time is cut again and again.
    config: { limit: '40' },
    upstream: upstream(proxy.url, 'pa55word-2'),
    wrong: upstream(proxy.url, 'wrong-9'),
    dead: upstream('http://127.0.0.1:1', 'pa55word-2'),
    secrets: ['pa55word-2', 'wrong-9'],
    product: /^Zipkin 3\./,
    version: /^3\./,
    windows,
    counts: traceCounts('start'),
    expected: {
      spans: spans.map(expectedKey),
      span_events: (oracle.span_events ?? [])
        .filter((row) => kept.has(row['span_id']))
        .map((row) => JSON.stringify([row['span_id'], row['name'], String(micros(row['ts']))])),
      stated_relations: calls((row) => row['kind'] === SERVER),
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
        path === '/api/v2/traces' &&
        (query ?? []).some(([k, v]) => k === 'serviceName' && v === DEAF),
      missing: DEAF,
      kept: { spans: spans.filter((row) => heard.has(row['trace_id'])).map(expectedKey) },
    },
  };
}

describeConnector('zipkin', subject);
describeNamedTraces('zipkin', async () => {
  const got = await server.ensure();
  if (got.state === 'missing') return { skipped: got.reason };
  const { upstream } = createUpstream(await start());
  return { factory: zipkin, upstream, keysOf, key: expectedKey };
});

const there = await available(server);
describe.skipIf(!there)('traces of Zipkin', () => {
  const AT = START + 5000n * SECOND;
  const COUNT = 100;
  let url: string;

  /** Calls that all start in one millisecond, each a client and a server that share an id, every tenth failed. */
  beforeAll(async () => {
    const running = await server.start();
    cleanups.push(() => running.stop());
    url = running.url;
    const ids = Array.from({ length: COUNT }, (_, i) => String(i + 1).padStart(16, '0'));
    const half = (id: string, i: number) => ({
      traceId: id,
      id,
      name: 'burst',
      timestamp: Number(AT / 1000n) + i,
      duration: 1000,
      tags: i % 10 === 0 ? { error: 'late' } : {},
    });
    await post(url, [
      ...ids.map((id, i) => ({
        ...half(id, i),
        kind: 'CLIENT',
        localEndpoint: { serviceName: 'web' },
      })),
      ...ids.map((id, i) => ({
        ...half(id, i),
        kind: 'SERVER',
        shared: true,
        localEndpoint: { serviceName: 'cart' },
      })),
    ]);
    await settled(url, ['web'], COUNT);
  });

  const pull = (limit: string, from: bigint, to: bigint) => {
    const connector = zipkin.open({ limit }, testEnv(createUpstream({ url }).upstream));
    return pullAll(connector, { windows: [{ from, to }], budget: 1_000_000 });
  };

  it('share ids between client and server, which are told apart', async () => {
    const { tables, notices } = await pull('200', AT - SECOND, AT + SECOND);
    const rows = tables.spans ?? [];
    expect(rows).toHaveLength(2 * COUNT);
    expect(new Set(rows.map((row) => row['span_id'])).size).toBe(2 * COUNT);
    const ids = new Set(rows.map((row) => row['span_id']));
    expect(
      rows.filter((row) => row['kind'] === 2).every((row) => ids.has(row['parent_span_id'])),
    ).toBe(true);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'shared-spans', count: COUNT }));
  });

  it('raises the limit where time can not be cut further', async () => {
    const { tables, notices } = await pull('7', AT - SECOND, AT + SECOND);
    expect(tables.spans).toHaveLength(2 * COUNT);
    expect(notices.map(({ code }) => code)).toEqual(['traces-by-start', 'shared-spans']);
  });

  it('says where that is not enough, and has the errors all the same', async () => {
    const { tables, notices, coverage } = await pull('2', AT - SECOND, AT + SECOND);
    const rows = tables.spans ?? [];
    expect(rows.length).toBeLessThan(2 * COUNT);
    expect(rows.filter((row) => row['status'] === 2)).toHaveLength((2 * COUNT) / 10);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'traces-truncated' }));
    expect(coverage).toMatchObject([{ rowsTotal: null, rowsKept: rows.length }]);
  });

  it('keeps the window to the microsecond that Zipkin can not be asked for', async () => {
    const { tables } = await pull('200', AT + 10_000n, AT + 20_000n);
    expect(tables.spans).toHaveLength(20);
  });
});
