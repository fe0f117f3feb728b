import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { decoders } from '../../connectors';
import {
  ExportMetricsServiceRequestSchema,
  ExportMetricsServiceResponseSchema,
} from '../../connectors/otlp/generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb';
import { FaultlineError } from '../../core/base';
import { tablesOf } from '../../core/connect/testing/import';
import type { Delivery } from '../../core/host';
import { deliveryDecoder, type DecodedDelivery } from '../../core/session';
import { startReceiver, type ReceiverOptions, type RunningReceiver } from './receiver';

let running: RunningReceiver | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** Starts a receiver that decodes what it hears, as the case side does. */
async function start(
  options: Partial<ReceiverOptions> = {},
): Promise<{ deliveries: Delivery[]; http: string; grpc: string }> {
  const deliveries: Delivery[] = [];
  running = await startReceiver({
    http: '127.0.0.1:0',
    grpc: '127.0.0.1:0',
    onDelivery: async (delivery) => {
      const { dropped, why } = decode(delivery);
      deliveries.push(delivery);
      return { dropped, ...(why ? { why } : {}) };
    },
    ...options,
  });
  return { deliveries, http: `http://${running.http}`, grpc: running.grpc };
}

const decoder = deliveryDecoder(decoders);
const decode = (delivery: Delivery): DecodedDelivery => decoder.incoming(delivery).decode();

const spansOf = (deliveries: readonly Delivery[]) =>
  tablesOf(deliveries.flatMap((delivery) => decode(delivery).batches));

/** A body that dots the receiver's memory: n gauge points, the last one without a time. */
function metrics(points: number): Uint8Array {
  const dataPoints = Array.from({ length: points }, (_, i) => ({
    timeUnixNano: i === points - 1 ? 0n : 1_700_000_000_000_000_000n + BigInt(i),
    value: { case: 'asDouble' as const, value: i },
  }));
  const message = create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [
      {
        scopeMetrics: [
          { metrics: [{ name: 'm', data: { case: 'gauge', value: { dataPoints } } }] },
        ],
      },
    ],
  });
  return toBinary(ExportMetricsServiceRequestSchema, message);
}

const SPANS = 700;

/** A real SDK's spans: parents, kinds, errors with an exception event, links. */
async function sendSpans(exporter: SpanExporter): Promise<void> {
  const processor = new BatchSpanProcessor(exporter, { maxExportBatchSize: 128 });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer('shop', '1.0');
  for (let i = 0; i < SPANS / 2; i++) {
    const root = tracer.startSpan('GET /cart', { kind: SpanKind.SERVER, attributes: { i } });
    const inside = trace.setSpan(context.active(), root);
    const child = tracer.startSpan(
      'SELECT',
      { kind: SpanKind.CLIENT, links: [{ context: root.spanContext() }] },
      inside,
    );
    if (i % 7 === 0) {
      child.recordException(new Error('no “connection”'));
      child.setStatus({ code: SpanStatusCode.ERROR, message: 'lost' });
    }
    child.end();
    root.end();
  }
  await provider.forceFlush();
  await provider.shutdown();
}

describe('OTLP from the real SDK', () => {
  it.each([
    ['http/protobuf', (http: string) => new ProtoExporter({ url: `${http}/v1/traces` })],
    ['http/json', (http: string) => new JsonExporter({ url: `${http}/v1/traces` })],
    ['grpc', (_: string, grpc: string) => new GrpcExporter({ url: `http://${grpc}` })],
  ] as const)('arrives whole by %s', async (protocol, exporter) => {
    const { deliveries, http, grpc } = await start();
    await sendSpans(exporter(http, grpc));
    expect(deliveries.length).toBeGreaterThan(4);
    expect(new Set(deliveries.map((d) => d.protocol))).toEqual(new Set([protocol]));
    const { spans = [], span_events: events = [], span_links: links = [] } = spansOf(deliveries);
    expect(spans).toHaveLength(SPANS);
    expect(links).toHaveLength(SPANS / 2);
    expect(events).toHaveLength(SPANS / 14);
    const failed = spans.filter((row) => row['status'] === 2);
    expect(failed).toHaveLength(SPANS / 14);
    expect(failed[0]).toMatchObject({ name: 'SELECT', kind: 3, status_message: 'lost' });
    expect(events[0]).toMatchObject({ name: 'exception' });
    expect(events[0]?.['attributes']).toMatchObject({ 'exception.message': 'no “connection”' });
    const roots = new Map(spans.filter((row) => row['kind'] === 2).map((r) => [r['span_id'], r]));
    expect(roots.size).toBe(SPANS / 2);
    for (const row of spans.filter((s) => s['kind'] === 3)) {
      const parent = roots.get(row['parent_span_id'] ?? '');
      expect(parent?.['trace_id']).toBe(row['trace_id']);
      expect(row['attributes']).toEqual({ 'otel.scope.name': 'shop', 'otel.scope.version': '1.0' });
    }
    expect(
      [...roots.values()]
        .map((row) => Number((row['attributes'] as { i: string }).i))
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: SPANS / 2 }, (_, i) => i));
  });

  it('takes gzip by HTTP and gRPC', async () => {
    const { deliveries, http, grpc } = await start();
    const compression = 'gzip' as never;
    await sendSpans(new ProtoExporter({ url: `${http}/v1/traces`, compression }));
    await sendSpans(new GrpcExporter({ url: `http://${grpc}`, compression }));
    expect(spansOf(deliveries).spans).toHaveLength(2 * SPANS);
  });
});

describe('OTLP/HTTP', () => {
  const post = (url: string, body: Uint8Array | string, headers: Record<string, string>) =>
    fetch(url, { method: 'POST', body: Buffer.from(body), headers });
  const protobuf = { 'content-type': 'application/x-protobuf' };
  const json = { 'content-type': 'application/json; charset=utf-8' };

  it('says in protobuf how many records it dropped', async () => {
    const { http } = await start();
    const response = await post(`${http}/v1/metrics`, metrics(5), protobuf);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-protobuf');
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { partialSuccess } = fromBinary(ExportMetricsServiceResponseSchema, bytes);
    expect(partialSuccess?.rejectedDataPoints).toBe(1n);
    expect(partialSuccess?.errorMessage).toContain('not valid');
  });

  it('says it in JSON, and nothing where all was taken', async () => {
    const { http } = await start();
    const span = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: 'x' };
    const good = { ...span, startTimeUnixNano: '1', endTimeUnixNano: '2' };
    const body = (spans: object[]) =>
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const some = await post(`${http}/v1/traces`, body([good, span]), json);
    expect(await some.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
    const all = await post(`${http}/v1/traces`, body([good]), json);
    expect(await all.json()).toEqual({});
  });

  it('refuses what it can not read, each with its status', async () => {
    const { deliveries, http } = await start({ maxBytes: 10_000 });
    const traces = `${http}/v1/traces`;
    const status = async (
      url: string,
      body: Uint8Array | string,
      headers: Record<string, string>,
    ) => (await post(url, body, headers)).status;
    expect(await status(traces, 'x', { 'content-type': 'text/plain' })).toBe(415);
    expect(await status(traces, 'x', { ...protobuf, 'content-encoding': 'zstd' })).toBe(415);
    expect(await status(traces, 'nonsense', protobuf)).toBe(400);
    expect(await status(traces, '{"resourceSpans":[{', json)).toBe(400);
    expect(await status(traces, 'no gzip', { ...protobuf, 'content-encoding': 'gzip' })).toBe(400);
    expect(await status(traces, new Uint8Array(20_000), protobuf)).toBe(413);
    const bomb = gzipSync(new Uint8Array(1 << 22));
    expect(await status(traces, bomb, { ...protobuf, 'content-encoding': 'gzip' })).toBe(413);
    expect(await status(`${http}/v1/profiles`, 'x', protobuf)).toBe(404);
    expect((await fetch(traces)).status).toBe(405);
    expect(deliveries).toEqual([]);
  });

  it('takes a chunked body without a length, and ends one that grows too large', async () => {
    const { deliveries, http } = await start({ maxBytes: 100_000 });
    const send = (chunks: readonly Uint8Array[]): Promise<number> =>
      new Promise((resolve, reject) => {
        const sending = request(
          `${http}/v1/metrics`,
          { method: 'POST', headers: protobuf },
          (res) => {
            res.resume();
            resolve(res.statusCode ?? 0);
          },
        );
        sending.on('error', reject);
        for (const chunk of chunks) sending.write(chunk);
        sending.end();
      });
    const body = metrics(50);
    expect(await send([body.subarray(0, 100), body.subarray(100)])).toBe(200);
    expect(deliveries[0]?.body).toEqual(new Uint8Array(body));
    expect(await send(Array.from({ length: 40 }, () => new Uint8Array(10_000)))).toBe(413);
    expect(deliveries).toHaveLength(1);
  });

  it('answers after the commit, and tells a flood to come back', async () => {
    let commit = (): void => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    const { http } = await start({
      maxPending: 2,
      onDelivery: async () => {
        await committed;
        return { dropped: 0 };
      },
    });
    const first = Array.from({ length: 2 }, () => post(`${http}/v1/metrics`, metrics(2), protobuf));
    let busy = await post(`${http}/v1/metrics`, metrics(2), protobuf);
    while (busy.status === 200) busy = await post(`${http}/v1/metrics`, metrics(2), protobuf);
    expect(busy.status).toBe(429);
    expect(busy.headers.get('retry-after')).toBe('1');
    commit();
    expect((await Promise.all(first)).map((response) => response.status)).toEqual([200, 200]);
  });

  it('asks the sender to try again where the case could not be written', async () => {
    const { http } = await start({
      onDelivery: async () => {
        throw new FaultlineError('store/query-failed', 'The disk is full.');
      },
    });
    const response = await post(`${http}/v1/metrics`, metrics(2), protobuf);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
  });

  it('waits for what is under way when it is closed', async () => {
    let commit = (): void => undefined;
    let heard = (): void => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    const delivered = new Promise<void>((resolve) => (heard = resolve));
    const { http } = await start({
      onDelivery: async () => {
        heard();
        await committed;
        return { dropped: 0 };
      },
    });
    const response = post(`${http}/v1/metrics`, metrics(2), protobuf);
    await delivered;
    const closing = running?.close();
    commit();
    expect((await response).status).toBe(200);
    await closing;
    await expect(post(`${http}/v1/metrics`, metrics(2), protobuf)).rejects.toThrow('fetch failed');
  });

  it('names the port that is in use', async () => {
    await start();
    const second = startReceiver({
      http: running?.http ?? '',
      grpc: '127.0.0.1:0',
      onDelivery: async () => ({ dropped: 0 }),
    });
    await expect(second).rejects.toMatchObject({ code: 'host/unavailable' });
    const wrong = startReceiver({
      http: 'nowhere',
      grpc: '0',
      onDelivery: async () => ({ dropped: 0 }),
    });
    await expect(wrong).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('OTLP/gRPC', () => {
  const call = (address: string, body: Uint8Array): Promise<Uint8Array> => {
    const client = new Client(address, credentials.createInsecure());
    const path = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
    return new Promise<Uint8Array>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => new Uint8Array(bytes),
        body,
        (error, value) => (error ? reject(error) : resolve(value ?? new Uint8Array())),
      );
    }).finally(() => client.close());
  };

  it('says how many records it dropped', async () => {
    const { grpc } = await start();
    const response = fromBinary(ExportMetricsServiceResponseSchema, await call(grpc, metrics(9)));
    expect(response.partialSuccess?.rejectedDataPoints).toBe(1n);
  });

  it('refuses nonsense for good and a failed commit for now', async () => {
    const { grpc } = await start({ maxBytes: 10_000 });
    await expect(call(grpc, Buffer.from('nonsense'))).rejects.toMatchObject({ code: 3 });
    await expect(call(grpc, new Uint8Array(20_000))).rejects.toMatchObject({ code: 8 });
    await running?.close();
    const failing = await start({
      onDelivery: async () => {
        throw new FaultlineError('store/query-failed', 'The disk is full.');
      },
    });
    await expect(call(failing.grpc, metrics(2))).rejects.toMatchObject({ code: 14 });
  });
});
