import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf, type Row } from '../../core/connect/testing/import';
import { formats } from '..';
import { zipkinJson } from './format';

describeFormat(zipkinJson, {
  beside: import.meta.url,
  formats,
  records: ([file]) =>
    (JSON.parse(new TextDecoder().decode(file?.bytes)) as unknown[]).flat().length,
  // Half of a shared span stays as it is where the other half is cut off.
  cutRows: 4,
});

async function read(value: unknown) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  expect(report).toMatchObject({ format: 'zipkin-json', state: 'ok' });
  return { report, tables: tablesOf(batches) };
}

const span = {
  traceId: '48485a3953bb6124',
  id: '1',
  name: 'get /',
  timestamp: 1700000000000001,
  duration: 1500,
  localEndpoint: { serviceName: 'web', ipv4: '10.0.0.2', port: 80 },
};

describe('spans of Zipkin', () => {
  it('have times in microseconds, ids of full length, and endpoints', async () => {
    const { tables } = await read([
      {
        ...span,
        kind: 'CLIENT',
        parentId: 'AB',
        remoteEndpoint: { serviceName: 'cart', ipv4: '10.0.0.4', port: 8080 },
        annotations: [
          { timestamp: 1700000000000400, value: 'retry' },
          { timestamp: 1700000000000500, value: '"exception":{"exception.type":"E"}' },
        ],
        tags: { 'http.method': 'GET', error: 'connection refused' },
      },
      { ...span, id: '2', kind: 'SERVER', duration: undefined, tags: { error: 'false' } },
    ]);
    expect(tables.spans).toMatchObject([
      {
        trace_id: '000000000000000048485a3953bb6124',
        span_id: '0000000000000001',
        parent_span_id: '00000000000000ab',
        kind: 3,
        start: 1700000000000001000n,
        duration: 1500000n,
        status: 2,
        status_message: 'connection refused',
        attributes: {
          'http.method': 'GET',
          error: 'connection refused',
          'peer.service': 'cart',
          'server.address': '10.0.0.4',
          'server.port': '8080',
        },
      },
      { kind: 2, duration: 0n, status: 0, attributes: { error: 'false', 'server.port': '80' } },
    ]);
    expect(tables.span_events).toMatchObject([
      { name: 'retry', ts: 1700000000000400000n, attributes: {} },
      { name: 'exception', attributes: { 'exception.type': 'E' } },
    ]);
    expect(tables.resources).toMatchObject([
      { attributes: { 'service.name': 'web', 'host.ip': '10.0.0.2' } },
    ]);
  });

  it('are dropped one by one, with why', async () => {
    const { report } = await read([
      span,
      { ...span, traceId: '0000000000000000' },
      { ...span, id: 'xyz' },
      { ...span, timestamp: undefined },
      { ...span, duration: -1 },
      7,
    ]);
    expect(report.parts).toMatchObject([{ rows: 1, dropped: 5 }]);
  });
});

describe('spans that client and server share', () => {
  const sample = readFileSync(new URL('samples/trace.json', import.meta.url), 'utf8');
  const names = (spans: readonly Row[] | undefined): readonly unknown[] =>
    (spans ?? []).map((row) => {
      const parent = spans?.find((other) => other['span_id'] === row['parent_span_id']);
      return [row['name'], row['kind'], parent?.['name'] ?? '', parent?.['kind'] ?? 0];
    });

  it('become two, the client the parent of the server, in lists of spans and of traces', async () => {
    const flat = await read(sample);
    expect(names(flat.tables.spans)).toEqual([
      ['get /carts/7', 2, 'get', 3],
      ['get', 3, 'post /orders', 2],
      ['price-order', 0, 'post /orders', 2],
      ['post /charges', 2, 'post', 3],
      ['post', 3, 'post /orders', 2],
      ['post /orders', 2, 'post', 3],
      ['post', 3, 'post /checkout', 2],
      ['post /checkout', 2, '', 0],
    ]);
    expect(new Set(flat.tables.spans?.map((row) => row['span_id'])).size).toBe(8);
    expect(flat.report.notices).toMatchObject([{ code: 'shared-spans', count: 3 }]);
    const traces = await read(`[${sample}]`);
    expect(traces.tables.spans).toEqual(flat.tables.spans);
  });

  it('stay as they are where only one half is there', async () => {
    const { tables } = await read([{ ...span, parentId: '7', kind: 'SERVER', shared: true }]);
    expect(tables.spans).toMatchObject([
      { span_id: '0000000000000001', parent_span_id: '0000000000000007' },
    ]);
  });
});
