import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { decoders, formats } from '../../connectors';
import { ExportLogsServiceRequestSchema } from '../../connectors/otlp/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb';
import { ExportMetricsServiceRequestSchema } from '../../connectors/otlp/generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import type { Delivery } from '../../core/host';
import type { Batch } from '../../core/model';
import { available, collector } from '../../scripts/servers/index.mjs';
import { startReceiver, type RunningReceiver } from './receiver';

const there = await available(collector);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Heard {
  readonly receiver: RunningReceiver;
  readonly batches: Batch[];
  readonly protocols: Set<string>;
}

async function hear(): Promise<Heard> {
  const batches: Batch[] = [];
  const protocols = new Set<string>();
  const receiver = await startReceiver({
    http: '127.0.0.1:0',
    grpc: '127.0.0.1:0',
    onDelivery: async (delivery: Delivery) => {
      if (delivery.protocol === 'webhook') throw new Error('not asked for');
      const { protocol, signal, body } = delivery;
      const decoded = decoders.otlp(signal, protocol === 'http/json' ? 'json' : 'protobuf', body);
      protocols.add(protocol);
      batches.push(...decoded.batches);
      return { dropped: decoded.dropped };
    },
  });
  cleanups.push(() => receiver.close());
  return { receiver, batches, protocols };
}

function configOf(protobuf: Heard, json: Heard, grpc: Heard, file: string): string {
  const exporters = '[otlp_http/protobuf, otlp_http/json, otlp_grpc, file]';
  const pipeline = `{ receivers: [otlp], processors: [batch], exporters: ${exporters} }`;
  return `
receivers:
  otlp:
    protocols:
      http: { endpoint: "127.0.0.1:\${env:OTLP_HTTP_PORT}" }
      grpc: { endpoint: "127.0.0.1:\${env:OTLP_GRPC_PORT}" }
processors:
  batch: { timeout: 100ms, send_batch_size: 256 }
exporters:
  otlp_http/protobuf: { endpoint: "http://${protobuf.receiver.http}", compression: gzip }
  otlp_http/json: { endpoint: "http://${json.receiver.http}", encoding: json, compression: none }
  otlp_grpc: { endpoint: "${grpc.receiver.grpc}", tls: { insecure: true }, compression: gzip }
  file: { path: ${JSON.stringify(file)}, flush_interval: 100ms }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: ${pipeline}
    logs: ${pipeline}
    metrics: ${pipeline}
`;
}

/** Rows in one order, resources and series once: a collector splits and joins batches as it likes. */
function canonical(batches: readonly Batch[]): Record<string, readonly string[]> {
  const tables = Object.entries(tablesOf(batches)).map(([table, rows]) => {
    const texts = rows.map((row) =>
      JSON.stringify(
        Object.entries(row).map(([key, cell]) => [
          key,
          cell !== null && typeof cell === 'object' && !Array.isArray(cell)
            ? Object.entries(cell).sort(([a], [b]) => (a < b ? -1 : 1))
            : cell,
        ]),
        (_, value) => (typeof value === 'bigint' ? String(value) : value),
      ),
    );
    const once = table === 'resources' || table === 'metric_series';
    return [table, (once ? [...new Set(texts)] : texts).sort()] as const;
  });
  return Object.fromEntries(tables);
}

const SPANS = 1000;
const LOGS = 500;
const POINTS = 300;
const T0 = 1_700_000_000_000_000_000n;
const text = (value: string) => ({ value: { case: 'stringValue' as const, value } });
const resource = { attributes: [{ key: 'service.name', value: text('sender') }] };
const id = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7 + 1) & 255);

function logs(): Uint8Array {
  const logRecords = Array.from({ length: LOGS }, (_, i) => ({
    timeUnixNano: T0 + BigInt(i),
    observedTimeUnixNano: T0 + 5n,
    severityNumber: 1 + (i % 24),
    severityText: 'INFO',
    body:
      i % 5 === 0
        ? {
            value: {
              case: 'kvlistValue' as const,
              value: {
                values: [
                  { key: 'n', value: { value: { case: 'intValue' as const, value: BigInt(i) } } },
                ],
              },
            },
          }
        : text(`message ${i} “quoted” \\ \n`),
    attributes: [
      { key: 'big', value: { value: { case: 'intValue' as const, value: 2n ** 60n + BigInt(i) } } },
      { key: 'share', value: { value: { case: 'doubleValue' as const, value: i / 7 } } },
      { key: 'raw', value: { value: { case: 'bytesValue' as const, value: id(5, i) } } },
    ],
    traceId: id(16, i),
    spanId: id(8, i),
  }));
  const scope = { name: 'app', version: '2' };
  const message = create(ExportLogsServiceRequestSchema, {
    resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }],
  });
  return toBinary(ExportLogsServiceRequestSchema, message);
}

function metrics(): Uint8Array {
  const common = (i: number) => ({
    timeUnixNano: T0 + BigInt(i) * 1000n,
    attributes: [{ key: 'route', value: text(`/${i % 7}`) }],
  });
  const range = Array.from({ length: POINTS }, (_, i) => i);
  const exemplars = [
    {
      timeUnixNano: T0,
      value: { case: 'asDouble' as const, value: 0.5 },
      traceId: id(16, 1),
      spanId: id(8, 1),
    },
  ];
  const metricList = [
    {
      name: 'requests',
      unit: '1',
      data: {
        case: 'sum' as const,
        value: {
          isMonotonic: true,
          aggregationTemporality: 2,
          dataPoints: range.map((i) => ({
            ...common(i),
            value: { case: 'asInt' as const, value: BigInt(i) },
          })),
        },
      },
    },
    {
      name: 'latency',
      unit: 's',
      data: {
        case: 'histogram' as const,
        value: {
          aggregationTemporality: 1,
          dataPoints: range.map((i) => ({
            ...common(i),
            count: 6n,
            sum: i / 3,
            explicitBounds: [0.1, 1],
            bucketCounts: [1n, 2n, 3n],
            exemplars,
          })),
        },
      },
    },
    {
      name: 'sizes',
      data: {
        case: 'exponentialHistogram' as const,
        value: {
          aggregationTemporality: 2,
          dataPoints: [
            {
              ...common(0),
              count: 4n,
              sum: 9,
              scale: 2,
              zeroCount: 1n,
              positive: { offset: -3, bucketCounts: [1n, 0n, 2n] },
            },
          ],
        },
      },
    },
    {
      name: 'quantiles',
      data: {
        case: 'summary' as const,
        value: {
          dataPoints: [
            { ...common(0), count: 4n, sum: 9, quantileValues: [{ quantile: 0.5, value: 2 }] },
          ],
        },
      },
    },
  ];
  const message = create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [
      { resource, scopeMetrics: [{ scope: { name: 'app' }, metrics: metricList }] },
    ],
  });
  return toBinary(ExportMetricsServiceRequestSchema, message);
}

/** Sends by the real SDK and as bytes; returns what the bytes hold. */
async function send(address: string): Promise<readonly Batch[]> {
  const url = `${address}/v1`;
  const exporter = new OTLPTraceExporter({ url: `${url}/traces` });
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer('sdk');
  for (let i = 0; i < SPANS; i++) {
    const span = tracer.startSpan(`op ${i % 9}`, {
      attributes: { i, ok: i % 2 === 0, list: [1, 2] },
    });
    if (i % 10 === 0) span.addEvent('half', { at: i / 2 });
    span.end();
  }
  await provider.forceFlush();
  await provider.shutdown();
  const headers = { 'content-type': 'application/x-protobuf' };
  const bodies = [
    ['logs', logs()],
    ['metrics', metrics()],
  ] as const;
  for (const [signal, body] of bodies) {
    const sent = await fetch(`${url}/${signal}`, {
      method: 'POST',
      headers,
      body: Buffer.from(body),
    });
    expect(sent.status).toBe(200);
  }
  return bodies.flatMap(([signal, body]) => decoders.otlp(signal, 'protobuf', body).batches);
}

describe.skipIf(!there)('a real OpenTelemetry Collector', () => {
  it('delivers everything by HTTP, JSON, gRPC and file, and all read alike', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-collector-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const [protobuf, json, grpc] = [await hear(), await hear(), await hear()];
    const file = join(folder, 'telemetry.jsonl');
    const running = await collector.start({ config: configOf(protobuf, json, grpc, file) });
    const sent = await send(running.url);
    // It sends on what it holds before it ends.
    await running.stop();

    expect([...protobuf.protocols, ...json.protocols, ...grpc.protocols]).toEqual([
      'http/protobuf',
      'http/json',
      'grpc',
    ]);
    const { spans = [], span_events: events = [] } = tablesOf(protobuf.batches);
    expect(spans).toHaveLength(SPANS);
    expect(events).toHaveLength(SPANS / 10);
    expect(spans[0]?.['attributes']).toMatchObject({ list: '[1,2]', 'otel.scope.name': 'sdk' });
    const want = canonical(protobuf.batches);
    // The SDK's spans have a resource of their own beside the sent ones.
    const { resources, ...direct } = canonical(sent);
    expect(want).toMatchObject(direct);
    expect(want['resources']).toEqual(expect.arrayContaining([...(resources ?? [])]));
    expect(canonical(json.batches)).toEqual(want);
    expect(canonical(grpc.batches)).toEqual(want);

    const { report, batches } = await readAll(
      bytesSource(file, new Uint8Array(readFileSync(file))),
      formats,
    );
    expect(report).toMatchObject({ format: 'otlp-json', state: 'ok' });
    expect(report.parts).toMatchObject([
      { signal: 'spans', rows: SPANS, dropped: 0 },
      { signal: 'logs', rows: LOGS, dropped: 0 },
      { signal: 'samples', rows: 2 * POINTS + 1 + 3, dropped: 0 },
    ]);
    expect(canonical(batches)).toEqual(want);
  });
});
