import { readFileSync } from 'node:fs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { ByteSource, Mapping } from '../../core/connect';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { arrowIpc, parquet } from './format';

describeFormat(arrowIpc, { beside: import.meta.url, formats });
describeFormat(parquet, { beside: import.meta.url, formats });

function source(name: string, bytes: Uint8Array): ByteSource {
  return {
    ...bytesSource(name, bytes),
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
  };
}

/** A table of row groups of two rows. */
function table(columns: Parameters<typeof parquetWriteBuffer>[0]['columnData']): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData: columns, rowGroupSize: 2 }));
}

describe('columns of OpenTelemetry', () => {
  it('are spans with their events, ids, kinds and times', async () => {
    const bytes = readFileSync(new URL('samples/otel_traces.parquet', import.meta.url));
    const { report, batches } = await readAll(source('t', new Uint8Array(bytes)), formats);
    const { spans, span_events: events } = tablesOf(batches);
    expect(report.described).toMatchObject({ signals: ['spans'], time: 'ns' });
    expect(spans?.[1]).toMatchObject({
      name: 'charge card',
      kind: 1,
      start: 1714557600250000123n,
      duration: 1000977n,
      status: 0,
      attributes: {
        'http.route': '/checkout',
        'otel.scope.name': 'shop',
        'otel.scope.version': '1.2',
      },
    });
    expect(spans?.[0]).toMatchObject({ parent_span_id: '', kind: 2, status: 2 });
    expect(events).toHaveLength(11);
    expect(events?.[0]).toMatchObject({
      ts: 1714557600000000005n,
      name: 'exception',
      attributes: { 'exception.type': 'GatewayError' },
    });
  });

  it('are read in the words of OTLP, ids as bytes', async () => {
    const id = Uint8Array.from({ length: 16 }, (_, i) => 240 + i);
    const bytes = table([
      { name: 'time_unix_nano', data: [1714557600000000001n], type: 'INT64' },
      { name: 'trace_id', data: [id], type: 'BYTE_ARRAY' },
      { name: 'severity_number', data: [17], type: 'INT32' },
      { name: 'body', data: ['out of cards'], type: 'STRING' },
    ]);
    const { batches } = await readAll(source('t', bytes), formats);
    expect(tablesOf(batches).logs).toMatchObject([
      {
        ts: 1714557600000000001n,
        severity: 17,
        trace_id: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
        body: 'out of cards',
      },
    ]);
  });
});

it('reads what comes before and after a row group that is broken', async () => {
  const bytes = table([
    {
      name: 'when',
      data: [0, 1, 2, 3, 4, 5].map((i) => `2024-05-01T10:00:0${i}Z`),
      type: 'STRING',
    },
    {
      name: 'message',
      data: ['up', 'up', 'cherry pie is out', 'down', 'up', 'up'],
      type: 'STRING',
    },
  ]);
  const at = Buffer.from(bytes).indexOf('cherry pie');
  expect(at).toBeGreaterThan(0);
  bytes.fill(0xff, at - 8, at + 12);
  const { report, batches } = await readAll(source('t', bytes), formats);
  expect(report.parts).toMatchObject([{ rows: 4, dropped: 2 }]);
  expect(report.parts[0]?.droppedExamples[0]?.reason).toContain('its row group can not be read');
  expect(tablesOf(batches).logs).toHaveLength(4);
});

it('reads other columns by a mapping, and shows them before', async () => {
  const bytes = table([
    { name: 'at', data: [new Date('2024-05-01T10:00:00Z')], type: 'TIMESTAMP' },
    { name: 'n', data: [3], type: 'INT32' },
  ]);
  const mapping: Mapping = {
    target: 'samples',
    fields: { time: { column: 'at' }, metric: { constant: 'orders' }, value: { column: 'n' } },
  };
  const never = new AbortController().signal;
  expect(await parquet.preview?.(source('t', bytes), never, { mapping })).toMatchObject({
    columns: [{ name: 'at', examples: ['2024-05-01T10:00:00Z'] }, { name: 'n' }],
    rows: [
      {
        fields: [
          ['time', '2024-05-01T10:00:00Z'],
          ['orders', '3'],
        ],
        reason: '',
      },
    ],
  });
});

it('reads Arrow with times to the nanosecond, ids of bytes and maps', async () => {
  const bytes = readFileSync(new URL('samples/order-logs.arrows', import.meta.url));
  const { batches } = await readAll(source('t', new Uint8Array(bytes)), formats);
  const { logs, resources } = tablesOf(batches);
  expect(logs?.[31]).toMatchObject({
    ts: 1714557631000000217n,
    trace_id: '1f262d343b424950575e656c737a8188',
    body: 'order 31 paid',
    severity: 9,
    attributes: { 'order.id': '31' },
  });
  expect(resources?.[0]).toMatchObject({
    attributes: { 'service.name': 'checkout', 'host.name': 'web-0' },
  });
});

it('reads an Arrow file as the stream that stands in it', async () => {
  const stream = readFileSync(new URL('samples/order-logs.arrows', import.meta.url));
  const bytes = Buffer.concat([Buffer.from('ARROW1\0\0'), stream, Buffer.from('footer')]);
  const { report, batches } = await readAll(source('t', new Uint8Array(bytes)), formats);
  expect(report).toMatchObject({ format: 'arrow-ipc', parts: [{ rows: 60, dropped: 0 }] });
  expect(tablesOf(batches).logs).toHaveLength(60);
});

it.each(['feather-lz4.feather', 'feather-zstd.feather'])('decompresses %s', async (file) => {
  const bytes = readFileSync(new URL(`samples/${file}`, import.meta.url));
  const { batches } = await readAll(source('t', new Uint8Array(bytes)), formats);
  const { logs } = tablesOf(batches);
  expect(logs).toHaveLength(400);
  expect(logs?.[300]).toMatchObject({
    ts: 1714557600000000007n + 300n * 250_000_000n,
    body: 'order 300 paid',
    severity: 9,
    trace_id: (300 * 7919 + 1).toString(16).padStart(32, '0'),
  });
});

it('reads an Arrow file whose schema stands in its footer alone as the stream of the same table', async () => {
  const read = async (file: string) => {
    const bytes = readFileSync(new URL(`samples/${file}`, import.meta.url));
    return tablesOf((await readAll(source('t', new Uint8Array(bytes)), formats)).batches);
  };
  expect(await read('order-logs.arrow')).toEqual(await read('order-logs.arrows'));
});
