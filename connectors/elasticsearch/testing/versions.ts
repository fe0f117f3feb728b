import { afterAll, describe } from 'vitest';
import { createUpstream } from '../../../app/node';
import { replay } from '../../../app/node/replay';
import type { TimeWindow } from '../../../core/base';
import type { Upstream } from '../../../core/connect';
import type { ConnectorSubject } from '../../../core/connect/testing/connector-subject';
import { describeConnector } from '../../../core/connect/testing/describe-connector';
import { tablesOf, type Row } from '../../../core/connect/testing/import';
import type { Tables } from '../../../core/connect/testing/pulled';
import { startAuthProxy } from '../../../core/connect/testing/upstreams';
import { searchRequests, simulate, type SearchShape } from '../../../core/simulate';
import {
  available,
  type elasticsearch as elasticServer,
  type opensearch as openServer,
} from '../../../scripts/servers/index.mjs';
import { elasticsearch } from '../index';
import { alertIndices } from './alert-indices';
import { anySlicing } from './any-slicing';
import { keptOtherwise } from './kept-otherwise';
import { oddIndices } from './odd-indices';
import { previews } from './previews';

const SECOND = 1_000_000_000n;
const START = 1_790_000_000n * SECOND;
const SHAPES: readonly SearchShape[] = ['ecs', 'otel', 'jaeger'];

/** Telemetry of a service that fails: ECS logs, OpenTelemetry logs and spans, Jaeger spans. */
const simulation = simulate({
  scenario: 'bad-flag',
  seed: 28,
  size: 0.05,
  start: START,
  durationS: 600,
});
const windows: readonly TimeWindow[] = [
  { from: START + 450n * SECOND, to: START + 520n * SECOND },
  { from: START + 60n * SECOND, to: START + 120n * SECOND + 123_456n },
];

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function fill(upstream: Upstream, streams: boolean): Promise<void> {
  for (const shape of SHAPES) {
    // OpenTelemetry's documents go to data streams.
    if (shape === 'otel' && !streams) continue;
    await replay(searchRequests(simulation.batches(), shape), upstream);
  }
  await upstream.send({ method: 'POST', path: '/_refresh' });
}

const oracle = tablesOf([...simulation.batches()]);
const resources = new Map(
  (oracle.resources ?? []).map((row) => [row['resource_id'], row['attributes']]),
);
const inside = (ts: unknown): boolean =>
  windows.some(({ from, to }) => (ts as bigint) >= from && (ts as bigint) < to);
const micros = (ns: unknown): bigint => ((ns as bigint) / 1000n) * 1000n;
const sorted = (map: unknown): unknown =>
  Object.entries(map as object).sort(([a], [b]) => (a < b ? -1 : 1));

/** What both shapes of a log keep. */
function logKey(row: Row, resource: unknown): string {
  const { 'service.name': service, 'service.instance.id': instance } = resource as Record<
    string,
    string
  >;
  const { severity, body, trace_id, span_id } = row;
  return JSON.stringify([
    String(exact(row['ts'])),
    severity,
    body,
    trace_id,
    span_id,
    service,
    instance,
  ]);
}

/** Jaeger cuts times to microseconds; its spans are told by that their times are whole ones. */
function spanKey(row: Row, resource: unknown, cut: (ns: unknown) => bigint): string {
  const { trace_id, span_id, parent_span_id, name, kind, status, status_message } = row;
  const ids = [trace_id, span_id, parent_span_id, name, kind, status, status_message];
  const times = [String(cut(row['start'])), String(cut(row['duration']))];
  return JSON.stringify([ids, times, sorted(row['attributes']), sorted(resource)]);
}

const exact = (ns: unknown): bigint => ns as bigint;
const eventKey = ({ trace_id, span_id, name, ts, attributes }: Row): string =>
  JSON.stringify([trace_id, span_id, name, String(micros(ts)), sorted(attributes)]);

function keysOf(table: keyof Tables, tables: Tables): readonly string[] {
  const rows = tables[table] ?? [];
  const known = new Map(
    (tables.resources ?? []).map((row) => [row['resource_id'], row['attributes']]),
  );
  if (table === 'span_events') return rows.map(eventKey);
  const of = (row: Row): unknown => known.get(row['resource_id']);
  return rows.map((row) =>
    table === 'logs' ? logKey(row, of(row)) : spanKey(row, of(row), exact),
  );
}

const logs = (oracle.logs ?? []).filter((row) => inside(row['ts']));
const spans = (oracle.spans ?? []).filter((row) => inside(row['start']));
// A start that is cut may fall before the window.
const cutSpans = (oracle.spans ?? []).filter((row) => inside(micros(row['start'])));
const cutIds = new Set(cutSpans.map((row) => row['span_id']));
const resourceOf = (row: Row): unknown => resources.get(row['resource_id']);
const logKeys = logs.map((row) => logKey(row, resourceOf(row)));
const otelKeys = spans.map((row) => spanKey(row, resourceOf(row), exact));
const jaegerKeys = cutSpans.map((row) => spanKey(row, resourceOf(row), micros));

function failedTraces(rows: readonly Row[]): ReadonlySet<unknown> {
  return new Set(rows.filter((row) => row['status'] === 2).map((row) => row['trace_id']));
}

interface Version {
  readonly name: string;
  readonly product: RegExp;
  /** The distribution has data streams. */
  readonly streams: boolean;
  /** Why it is not started here. */
  readonly skipped?: string | undefined;
}

function subjectOf({ upstream, wrong }: Product, { product, streams }: Version): ConnectorSubject {
  const allLogs = streams ? [...logKeys, ...logKeys] : logKeys;
  const allSpans = streams ? [...otelKeys, ...jaegerKeys] : jaegerKeys;
  return {
    factory: elasticsearch,
    config: { slice: '400', index: 'shop-logs-*,logs-shop*,traces-shop*,jaeger-span-*' },
    upstream,
    wrong,
    dead: createUpstream({
      url: 'http://127.0.0.1:1',
      credentials: { username: 'reader', password: 'pa55word-1' },
    }).upstream,
    secrets: ['pa55word-1', 'wrong-9'],
    product,
    version: /^\d+\.\d+\.\d+/,
    windows,
    counts: {
      'shop-logs-*': logs.length,
      'jaeger-span-*': cutSpans.length,
      ...(streams
        ? { 'logs-shop.otel-default': logs.length, 'traces-shop.otel-default': spans.length }
        : {}),
    },
    expected: {
      logs: allLogs,
      spans: allSpans,
      span_events: (oracle.span_events ?? [])
        .filter((row) => cutIds.has(row['span_id']))
        .map(eventKey),
    },
    keysOf,
    budget: {
      rows: Math.round(allSpans.length * 0.6),
      signal: 'spans',
      total: allSpans.length,
      whole: (table, row, tables) =>
        table === 'spans' && failedTraces(tables.spans ?? []).has(row['trace_id']),
    },
    failing: streams
      ? {
          request: ({ path }) => path.startsWith('/traces-shop'),
          missing: 'traces-shop.otel-default',
          kept: { logs: allLogs, spans: jaegerKeys },
        }
      : {
          request: ({ path }) => path.startsWith('/jaeger-span'),
          missing: /jaeger-span-\*/,
          kept: { logs: allLogs },
        },
  };
}

const signIn = (url: string, password: string): Upstream =>
  createUpstream({ url, credentials: { username: 'reader', password } }).upstream;

interface Product {
  readonly upstream: Upstream;
  readonly wrong: Upstream;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function elastic(server: typeof elasticServer): Promise<Product> {
  const running = await server.start({ auth: 'reader:pa55word-1' });
  cleanups.push(() => running.stop());
  const { url } = running;
  return { upstream: signIn(url, 'pa55word-1'), wrong: signIn(url, 'wrong-9') };
}

async function openSearch(server: typeof openServer): Promise<Product> {
  const running = await server.start();
  cleanups.push(() => running.stop());
  const proxy = await startAuthProxy(running.url, { username: 'reader', password: 'pa55word-1' });
  cleanups.push(() => proxy.close());
  return { upstream: signIn(proxy.url, 'pa55word-1'), wrong: signIn(proxy.url, 'wrong-9') };
}

/** An Elasticsearch of its own, with a sign-in of its own. */
export function describeElasticsearch(
  server: typeof elasticServer,
  version: Version,
): Promise<void> {
  return describeVersion(
    server,
    version,
    once(() => elastic(server)),
  );
}

/** An OpenSearch behind a proxy that wants a sign-in. */
export function describeOpenSearch(server: typeof openServer, version: Version): Promise<void> {
  return describeVersion(
    server,
    version,
    once(() => openSearch(server)),
  );
}

async function describeVersion(
  server: Pick<typeof openServer, 'ensure'> & Parameters<typeof available>[0],
  version: Version,
  start: () => Promise<Product>,
): Promise<void> {
  const { name, streams, skipped } = version;
  describeConnector(name, async () => {
    if (skipped !== undefined) return { skipped };
    const got = await server.ensure();
    if (got.state === 'missing') return { skipped: got.reason };
    const started = await start();
    await fill(started.upstream, streams);
    return subjectOf(started, version);
  });
  const there = skipped === undefined && (await available(server));
  describe.skipIf(!there)(`odd indices in ${name}`, { timeout: 120_000 }, () => {
    const upstream = async (): Promise<Upstream> => (await start()).upstream;
    oddIndices(upstream);
    anySlicing(upstream);
    keptOtherwise(upstream, name);
    alertIndices(upstream);
    previews(upstream);
  });
}
