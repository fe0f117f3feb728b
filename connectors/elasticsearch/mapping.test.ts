import { describe, expect, it } from 'vitest';
import { mapDocument } from './map';
import type { LogRecord, RecordSink, SampleRecord, SpanRecord } from './records';
import type { LogFields, Mapping, Profile } from './spec';
import type { TimeField } from './time-field';

const TS = 1_790_000_000_123_000_000n;
const ISO = '2026-09-21T14:13:20.123Z';
const AT: TimeField = { name: '@timestamp', kind: 'date', unitNs: 1_000_000 };

interface Mapped {
  readonly reason: string;
  readonly logs: LogRecord[];
  readonly spans: SpanRecord[];
  readonly samples: SampleRecord[];
  readonly remarks: string[];
}

function map(
  profile: Profile,
  source: Record<string, unknown>,
  more: Partial<Mapping> = {},
): Mapped {
  const out: Omit<Mapped, 'reason'> = { logs: [], spans: [], samples: [], remarks: [] };
  const sink: RecordSink = {
    log: (record) => out.logs.push(record),
    span: (record) => out.spans.push(record),
    sample: (record) => out.samples.push(record),
    remark: (code) => out.remarks.push(code),
  };
  const mapping: Mapping = { profile, time: AT, fields: {}, ...more };
  return { ...out, reason: mapDocument(source, TS, mapping, sink) };
}

const ECS: LogFields = {
  message: 'message',
  service: 'service.name',
  severity: 'log.level',
  host: 'host.name',
  traceId: 'trace.id',
  spanId: 'span.id',
};

describe('ECS logs', () => {
  it('are read nested, dotted and mixed alike', () => {
    const nested = {
      '@timestamp': ISO,
      message: 'no stock',
      log: { level: 'ERROR', logger: 'shop.Stock' },
      service: { name: 'stock', version: '1.2', node: { name: 'stock-1' } },
      host: { name: 'node-a', os: { family: 'debian' } },
      kubernetes: { pod: { name: 'stock-1' }, node: { name: 'node-a' } },
      trace: { id: 'ABCDEF0123456789ABCDEF0123456789' },
      span: { id: 'abcdef0123456789' },
      ecs: { version: '8.11.0' },
      data_stream: { dataset: 'shop' },
      tags: ['a', 'b'],
      user: { id: 7, name: null },
    };
    const dotted = {
      '@timestamp': ISO,
      message: 'no stock',
      'log.level': 'ERROR',
      'log.logger': 'shop.Stock',
      'service.name': 'stock',
      service: { version: '1.2', 'node.name': 'stock-1' },
      'host.name': 'node-a',
      'host.os.family': 'debian',
      'kubernetes.pod.name': 'stock-1',
      kubernetes: { 'node.name': 'node-a' },
      'trace.id': 'abcdef0123456789abcdef0123456789',
      'span.id': 'abcdef0123456789',
      tags: ['a', 'b'],
      'user.id': 7,
    };
    const expected = {
      ts: TS,
      observedTs: null,
      severity: 17,
      severityText: 'ERROR',
      body: 'no stock',
      traceId: 'abcdef0123456789abcdef0123456789',
      spanId: 'abcdef0123456789',
      resource: {
        'service.name': 'stock',
        'service.version': '1.2',
        'service.instance.id': 'stock-1',
        'host.name': 'node-a',
        'host.os.family': 'debian',
        'k8s.pod.name': 'stock-1',
        'k8s.node.name': 'node-a',
      },
      attributes: { 'log.logger': 'shop.Stock', tags: '["a","b"]', 'user.id': '7' },
    };
    for (const source of [nested, dotted]) {
      expect(map('ecs-logs', source, { fields: ECS }).logs).toEqual([expected]);
    }
  });

  it('take an error event’s own message, else the document', () => {
    const error = {
      processor: { event: 'error' },
      error: { exception: [{ message: 'broken pipe', type: 'IOError' }] },
    };
    const [log] = map('ecs-logs', error, { fields: ECS }).logs;
    expect(log).toMatchObject({ body: 'broken pipe', severity: 17 });
    const bare = map('ecs-logs', { a: { b: 1 } }, { fields: ECS });
    expect(bare.logs[0]).toMatchObject({ body: '{"a":{"b":1}}', severity: 0 });
    expect(bare.remarks).toEqual(['body-from-document']);
  });

  it('leave out what is no log', () => {
    const metric = { processor: { event: 'metric' } };
    expect(map('ecs-logs', metric, { fields: ECS }).reason).toBe('it is a metric, not a log');
  });
});

describe('Elastic APM', () => {
  const common = {
    '@timestamp': ISO,
    timestamp: { us: 1_790_000_000_123_456 },
    trace: { id: '0af7651916cd43dd8448eb211c80319c' },
    parent: { id: 'b7ad6b7169203331' },
    service: { name: 'cart', node: { name: 'cart-1' } },
    labels: { customer_tier: 'gold' },
  };

  it('transactions become server and consumer spans', () => {
    const transaction = {
      ...common,
      processor: { event: 'transaction' },
      event: { outcome: 'failure' },
      transaction: {
        id: '00f067aa0ba902b7',
        name: 'GET /cart',
        type: 'request',
        duration: { us: 2500.5 },
      },
    };
    const { spans } = map('apm-spans', transaction);
    expect(spans).toMatchObject([
      {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: '00f067aa0ba902b7',
        parentSpanId: 'b7ad6b7169203331',
        name: 'GET /cart',
        kind: 2,
        start: 1_790_000_000_123_456_000n,
        duration: 2_500_500n,
        status: 2,
        resource: { 'service.name': 'cart', 'service.instance.id': 'cart-1' },
        attributes: { customer_tier: 'gold', 'transaction.type': 'request' },
      },
    ]);
  });

  it('spans name whom they call', () => {
    const span = (more: Record<string, unknown>): SpanRecord | undefined =>
      map('apm-spans', {
        ...common,
        processor: { event: 'span' },
        span: { id: 'aaf067aa0ba902b7', name: 'x', duration: { us: 10 }, ...more },
      }).spans[0];
    expect(
      span({
        type: 'db',
        subtype: 'postgresql',
        destination: { service: { resource: 'postgresql/cart' } },
      }),
    ).toMatchObject({
      kind: 3,
      status: 0,
      attributes: { 'db.system': 'postgresql', 'server.address': 'postgresql/cart' },
    });
    expect(
      span({ type: 'messaging', subtype: 'kafka', message: { queue: { name: 'orders' } } }),
    ).toMatchObject({
      kind: 4,
      attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
    });
    expect(span({ type: 'app' })?.kind).toBe(1);
  });

  it('says what is missing', () => {
    const { trace: _, ...without } = common;
    const source = { ...without, processor: { event: 'span' }, span: { id: '1' } };
    expect(map('apm-spans', source)).toMatchObject({ reason: 'it has no trace.id', spans: [] });
  });
});

describe('OpenTelemetry documents', () => {
  it('of Elastic’s data streams', () => {
    const { logs } = map('otel-logs', {
      '@timestamp': ISO,
      observed_timestamp: '2026-09-21T14:13:20.200Z',
      severity_number: 13,
      severity_text: 'WARN',
      body: { structured: { a: [1] } },
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      attributes: { 'code.line': 12, nested: { flag: true } },
      resource: { attributes: { 'service.name': 'cart', 'process.command_args': ['a', 'b'] } },
      scope: { name: 'logger', version: '2' },
      event_name: 'cart.full',
    });
    expect(logs).toEqual([
      {
        ts: TS,
        observedTs: 1_790_000_000_200_000_000n,
        severity: 13,
        severityText: 'WARN',
        body: '{"a":[1]}',
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: '',
        resource: { 'service.name': 'cart', 'process.command_args': '["a","b"]' },
        attributes: {
          'code.line': '12',
          'nested.flag': 'true',
          'otel.scope.name': 'logger',
          'otel.scope.version': '2',
          'event.name': 'cart.full',
        },
      },
    ]);
  });

  it('with flattened names in capitals, in microseconds', () => {
    const { spans } = map('raw-otel-spans', {
      '@timestamp': ISO,
      TraceId: '0af7651916cd43dd8448eb211c80319c',
      SpanId: 'b7ad6b7169203331',
      ParentSpanId: '',
      Name: 'charge',
      Kind: 'SPAN_KIND_CLIENT',
      Duration: 1500,
      TraceStatus: 2,
      TraceStatusDescription: 'refused',
      'Attributes.http.response.status_code': 503,
      Attributes: { 'peer.service': 'bank' },
      'Resource.service.name': 'payment',
      Resource: { host: { name: 'node-b' } },
    });
    expect(spans).toMatchObject([
      {
        kind: 3,
        duration: 1_500_000n,
        status: 2,
        statusMessage: 'refused',
        parentSpanId: '',
        attributes: { 'http.response.status_code': '503', 'peer.service': 'bank' },
        resource: { 'service.name': 'payment', 'host.name': 'node-b' },
      },
    ]);
  });

  it('numbers of metric documents, without histograms', () => {
    const { samples, remarks } = map(
      'otel-metrics',
      {
        '@timestamp': ISO,
        metrics: {
          'http.server.requests': 7,
          system: { load: 0.5 },
          latency: { values: [1, 2], counts: [3, 4] },
        },
        unit: '{request}',
        attributes: { route: '/cart' },
        resource: { attributes: { 'service.name': 'cart' } },
      },
      { counters: ['http.server.requests'] },
    );
    expect(samples).toMatchObject([
      { metric: 'http.server.requests', value: 7, counter: true, labels: { route: '/cart' } },
      { metric: 'system.load', value: 0.5, counter: false },
    ]);
    expect(remarks).toEqual(['histogram-left-out']);
  });
});

describe('Jaeger spans', () => {
  it('with tags in lists or as fields, references and logs', () => {
    const { spans } = map('jaeger-spans', {
      traceID: '51916cd43dd8448e',
      spanID: 'b7ad6b71',
      operationName: 'GET',
      references: [
        { refType: 'FOLLOWS_FROM', traceID: '51916cd43dd8448e', spanID: '1' },
        { refType: 'CHILD_OF', traceID: '51916cd43dd8448e', spanID: '2' },
      ],
      duration: 42,
      tags: [
        { key: 'span.kind', type: 'string', value: 'server' },
        { key: 'error', type: 'bool', value: true },
        { key: 'retries', type: 'int64', value: 3 },
      ],
      tag: { 'http@status_code': 500 },
      logs: [
        {
          timestamp: 1_790_000_000_123_001,
          fields: [
            { key: 'event', value: 'retry' },
            { key: 'n', value: 1 },
          ],
        },
      ],
      process: { serviceName: 'cart', tags: [{ key: 'hostname', value: 'node-a' }] },
    });
    expect(spans).toEqual([
      {
        traceId: '000000000000000051916cd43dd8448e',
        spanId: '00000000b7ad6b71',
        parentSpanId: '0000000000000002',
        resource: { hostname: 'node-a', 'host.name': 'node-a', 'service.name': 'cart' },
        name: 'GET',
        kind: 2,
        start: TS,
        duration: 42_000n,
        status: 2,
        statusMessage: '',
        attributes: { retries: '3', 'http.status_code': '500' },
        events: [{ ts: 1_790_000_000_123_001_000n, name: 'retry', attributes: { n: '1' } }],
        links: [
          {
            traceId: '000000000000000051916cd43dd8448e',
            spanId: '0000000000000001',
            attributes: {},
          },
        ],
      },
    ]);
  });
});

describe('Data Prepper spans', () => {
  it('with "@" for dots, nested or flat', () => {
    const { spans } = map('data-prepper-spans', {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentSpanId: '',
      name: 'HTTP GET',
      kind: 'SPAN_KIND_SERVER',
      startTime: ISO,
      endTime: '2026-09-21T14:13:20.125Z',
      durationInNanos: 2_000_001,
      serviceName: 'cart',
      traceGroup: 'HTTP GET',
      status: { code: 2 },
      'span.attributes.http@method': 'GET',
      span: { attributes: { 'net@peer@name': 'x' } },
      'resource.attributes.service@name': 'cart',
      resource: { attributes: { 'host@name': 'node-a' } },
      instrumentationLibrary: { name: 'lib' },
      events: [{ name: 'e', time: '2026-09-21T14:13:20.124Z', attributes: { 'a@b': 1 } }],
    });
    expect(spans).toMatchObject([
      {
        kind: 2,
        duration: 2_000_001n,
        status: 2,
        attributes: { 'http.method': 'GET', 'net.peer.name': 'x', 'otel.scope.name': 'lib' },
        resource: { 'service.name': 'cart', 'host.name': 'node-a' },
        events: [{ ts: 1_790_000_000_124_000_000n, name: 'e', attributes: { 'a.b': '1' } }],
      },
    ]);
    expect(Object.keys(spans[0]?.attributes ?? {})).not.toContain('traceGroup');
  });
});
