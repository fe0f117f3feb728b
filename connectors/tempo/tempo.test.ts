import { afterAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import type { ConnectorSubject } from '../../core/connect/testing/connector-subject';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import { describeNamedTraces } from '../../core/connect/testing/describe-named-traces';
import type { Row } from '../../core/connect/testing/import';
import { pullAll, type Tables } from '../../core/connect/testing/pulled';
import {
  failedTraces,
  oracle,
  resourceOf,
  serviceOf,
  sorted,
  spans,
  traceCounts,
  windows,
} from '../../core/connect/testing/trace-oracle';
import { startAuthProxy, testEnv } from '../../core/connect/testing/upstreams';
import { decodeOtlp } from '../otlp';
import { tempo as tempoOf } from './index';
import { startTempoApi, type StoredSpan, type TempoOptions } from './testing/tempo-api';

const tempo = tempoOf(decodeOtlp);
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS = ['UNSET', 'OK', 'ERROR'];

const base64 = (hex: unknown): string => Buffer.from(hex as string, 'hex').toString('base64');
const attributes = (of: unknown): object[] =>
  Object.entries(of as Record<string, string>).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));

/** A span of the oracle as Tempo writes it: ids in base64, enumerations by name. */
function stored(row: Row): StoredSpan {
  const start = row['start'] as bigint;
  const end = start + (row['duration'] as bigint);
  const status = row['status'] as number;
  const events = (oracle.span_events ?? []).filter((event) => event['span_id'] === row['span_id']);
  return {
    traceId: row['trace_id'] as string,
    service: serviceOf(row),
    start,
    end,
    failed: status === 2,
    resource: { attributes: attributes(resourceOf(row)) },
    span: {
      traceId: base64(row['trace_id']),
      spanId: base64(row['span_id']),
      ...(row['parent_span_id'] ? { parentSpanId: base64(row['parent_span_id']) } : {}),
      name: row['name'],
      kind: `SPAN_KIND_${KINDS[row['kind'] as number]}`,
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(end),
      attributes: attributes(row['attributes']),
      events: events.map((event) => ({
        timeUnixNano: (event['ts'] as bigint).toString(),
        name: event['name'],
        attributes: attributes(event['attributes']),
      })),
      status:
        status === 0
          ? {}
          : { code: `STATUS_CODE_${STATUS[status]}`, message: row['status_message'] },
    },
  };
}

const all = (oracle.spans ?? []).map(stored);

function spanKey(row: Row, resource: unknown): string {
  const { trace_id, span_id, parent_span_id, name, kind, status, status_message } = row;
  const ids = [trace_id, span_id, parent_span_id, name, kind, status, status_message];
  const times = [(row['start'] as bigint).toString(), (row['duration'] as bigint).toString()];
  return JSON.stringify([ids, times, sorted(row['attributes']), sorted(resource)]);
}

const eventKey = (row: Row): string =>
  JSON.stringify([
    row['span_id'],
    row['name'],
    (row['ts'] as bigint).toString(),
    sorted(row['attributes']),
  ]);

function keysOf(table: keyof Tables, tables: Tables): readonly string[] {
  if (table === 'span_events') return (tables.span_events ?? []).map(eventKey);
  const resources = new Map(
    (tables.resources ?? []).map((row) => [row['resource_id'], row['attributes']]),
  );
  return (tables.spans ?? []).map((row) => spanKey(row, resources.get(row['resource_id'])));
}

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: TempoOptions = {}): Promise<string> {
  const server = await startTempoApi(all, options);
  cleanups.push(() => server.close());
  return server.url;
}

const key = (row: Row): string => spanKey(row, resourceOf(row));
const LOST = spans[0]?.['trace_id'] as string;

async function subject(): Promise<ConnectorSubject> {
  const proxy = await startAuthProxy(await start({ maxLimit: 120 }), {
    username: 'reader',
    password: 'pa55word-4',
  });
  cleanups.push(() => proxy.close());
  const upstream = (at: string, password: string) =>
    createUpstream({ url: at, credentials: { username: 'reader', password } }).upstream;
  const kept = new Set(spans.map((row) => row['span_id']));
  return {
    factory: tempo,
    config: { limit: '9' },
    upstream: upstream(proxy.url, 'pa55word-4'),
    wrong: upstream(proxy.url, 'wrong-9'),
    dead: upstream('http://127.0.0.1:1', 'pa55word-4'),
    secrets: ['pa55word-4', 'wrong-9'],
    product: /^Tempo 2\.8/,
    version: /^2\.8/,
    windows,
    counts: Object.fromEntries(
      Object.keys(traceCounts('span')).map((id) => [id, overlapping(id.replace('service:', ''))]),
    ),
    expected: {
      spans: spans.map(key),
      span_events: (oracle.span_events ?? [])
        .filter((row) => kept.has(row['span_id']))
        .map(eventKey),
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
      request: ({ path }) => path === `/api/v2/traces/${LOST}`,
      missing: LOST,
      kept: { spans: spans.filter((row) => row['trace_id'] !== LOST).map(key) },
    },
  };
}

/** Traces of a service that overlap each window, which is what a search finds; null above 100. */
function overlapping(service: string): number | null {
  const counts = windows.map(({ from, to }) => {
    const of = new Set(
      all.filter((span) => span.service === service).map(({ traceId }) => traceId),
    );
    return [...of].filter((id) => {
      const trace = all.filter(({ traceId }) => traceId === id);
      return trace.some((span) => span.start <= to) && trace.some((span) => span.end >= from);
    }).length;
  });
  return counts.some((count) => count > 100) ? null : counts.reduce((a, b) => a + b, 0);
}

describeConnector('tempo (documented API, no real server to be had here)', subject);
describeNamedTraces('tempo (documented API, no real server to be had here)', async () => {
  const { upstream } = createUpstream({ url: await start() });
  return { factory: tempo, upstream, keysOf, key };
});

describe('tempo (documented API, no real server to be had here)', () => {
  const pull = async (config: Record<string, string>, options: TempoOptions = {}, more = {}) => {
    const { upstream } = createUpstream({ url: await start(options) });
    const connector = tempo.open(config, testEnv(upstream));
    return pullAll(connector, { windows, budget: 1_000_000, ...more });
  };

  it('reads traces through version 1 of the endpoint where version 2 is not there', async () => {
    const { tables, notices } = await pull({}, { version2: false });
    expect([...keysOf('spans', tables)].sort()).toEqual(spans.map(key).sort());
    expect(notices.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  it('asks for fewer where Tempo allows fewer', async () => {
    const { tables } = await pull({ limit: '500' }, { maxLimit: 40 });
    expect(tables.spans).toHaveLength(spans.length);
  });

  it('says where traces come in part', async () => {
    const { tables, notices } = await pull({}, { partial: new Set([LOST]) });
    expect(notices).toContainEqual(
      expect.objectContaining({ code: 'traces-partial', count: 1, severity: 'warning' }),
    );
    expect(tables.spans?.length).toBeLessThan(spans.length);
  });

  it('searches with a query of one’s own, and for chosen services', async () => {
    const failed = failedTraces(
      all.map(({ traceId, failed: is }) => ({ trace_id: traceId, status: is ? 2 : 0 })),
    );
    const { tables } = await pull({ query: '{ status = error }' });
    const wanted = spans.filter((row) => failed.has(row['trace_id'])).map(key);
    expect([...keysOf('spans', tables)].sort()).toEqual(wanted.sort());
    const chosen = await pull({}, {}, { select: ['service:payment'] });
    const services = new Set(chosen.tables.spans?.map((row) => row['trace_id']));
    const paying = spans.filter((row) => serviceOf(row) === 'payment');
    expect(services).toEqual(new Set(paying.map((row) => row['trace_id'])));
    await expect(pull({ query: 'rate()' })).rejects.toMatchObject({ code: 'connector/config' });
  });
});
