import { create, toBinary, toJson, type JsonValue } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { ExportLogsServiceRequestSchema } from './generated/opentelemetry/proto/collector/logs/v1/logs_service_pb';
import { ExportMetricsServiceRequestSchema } from './generated/opentelemetry/proto/collector/metrics/v1/metrics_service_pb';
import { ExportTraceServiceRequestSchema } from './generated/opentelemetry/proto/collector/trace/v1/trace_service_pb';
import { decodeOtlp, otlpJson, type Decoded, type OtlpSignal } from '.';

const T0 = 1_700_000_000_000_000_000n;

/** OTLP's JSON differs from protobuf's in its ids: hexadecimal instead of base64. */
function hexIds(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(hexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [
      key,
      /^(traceId|spanId|parentSpanId)$/.test(key) && typeof v === 'string'
        ? Buffer.from(v, 'base64').toString('hex')
        : hexIds(v),
    ]),
  );
}

/** Floats that went through JSON text are equal as numbers; -0 is not told apart there. */
function comparable(decoded: Decoded): unknown {
  return JSON.parse(
    JSON.stringify({ tables: tablesOf(decoded.batches), dropped: decoded.dropped }, (_, value) =>
      typeof value === 'bigint' ? `${value}n` : Number.isNaN(value) ? 'NaN' : value,
    ),
  );
}

const id = (length: number) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ minLength: length, maxLength: length }) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array()) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(length)) },
  );
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constant('quote " back \\ slash\n'),
);
const time = fc.oneof(
  { weight: 9, arbitrary: fc.bigInt({ min: T0, max: T0 + 10n ** 15n }) },
  { weight: 1, arbitrary: fc.constant(0n) },
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0 || 0);
const scalar = fc.oneof(
  text.map((value) => ({ value: { case: 'stringValue' as const, value } })),
  fc.boolean().map((value) => ({ value: { case: 'boolValue' as const, value } })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({
    value: { case: 'intValue' as const, value },
  })),
  finite.map((value) => ({ value: { case: 'doubleValue' as const, value } })),
  fc.uint8Array({ maxLength: 7 }).map((value) => ({
    value: { case: 'bytesValue' as const, value },
  })),
  fc.constant({}),
);
const any = fc.oneof(
  { weight: 5, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc.array(scalar, { maxLength: 3 }).map((values) => ({
      value: { case: 'arrayValue' as const, value: { values } },
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), scalar), {
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map((pairs) => ({
        value: {
          case: 'kvlistValue' as const,
          value: { values: pairs.map(([key, value]) => ({ key, value })) },
        },
      })),
  },
);
const attributes = fc
  .uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), any), {
    maxLength: 4,
    selector: ([key]) => key,
  })
  .map((pairs) => pairs.map(([key, value]) => ({ key, value })));
const resource = attributes.map((list) => ({ attributes: list }));
const scope = fc.record({ name: text, version: text, attributes });

const span = fc.record({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: id(8),
  name: text,
  kind: fc.integer({ min: 0, max: 5 }),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes,
  traceState: fc.constantFrom('', 'a=b'),
  droppedEventsCount: fc.integer({ min: 0, max: 2 }),
  status: fc.option(fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }), {
    nil: undefined,
  }),
  events: fc.array(fc.record({ timeUnixNano: time, name: text, attributes }), { maxLength: 2 }),
  links: fc.array(fc.record({ traceId: id(16), spanId: id(8), attributes }), { maxLength: 2 }),
});
const logRecord = fc.record({
  timeUnixNano: time,
  observedTimeUnixNano: time,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: fc.constantFrom('', 'INFO', 'warning', 'odd'),
  body: fc.option(any, { nil: undefined }),
  attributes,
  traceId: id(16),
  spanId: id(8),
  eventName: fc.constantFrom('', 'login'),
});
const exemplar = fc.record({
  timeUnixNano: time,
  value: finite.map((value) => ({ case: 'asDouble' as const, value })),
  traceId: id(16),
  spanId: id(8),
  filteredAttributes: attributes,
});
const exemplars = fc.array(exemplar, { maxLength: 1 });
const flags = fc.constantFrom(0, 0, 0, 1);
const numberPoint = fc.record({
  attributes,
  timeUnixNano: time,
  value: fc.oneof(
    finite.map((value) => ({ case: 'asDouble' as const, value })),
    fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }).map((value) => ({
      case: 'asInt' as const,
      value,
    })),
    fc.constant({ case: undefined }),
  ),
  exemplars,
  flags,
});
const count = fc.bigInt({ min: 0n, max: 2n ** 40n });
const histogramPoint = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 4 }),
    fc.array(count, { minLength: 5, maxLength: 5 }),
    fc.boolean(),
  )
  .chain(([bounds, counts, wrong]) =>
    fc.record({
      attributes,
      timeUnixNano: time,
      count,
      sum: fc.option(finite, { nil: undefined }),
      explicitBounds: fc.constant(bounds.sort((a, b) => a - b)),
      bucketCounts: fc.constant(counts.slice(0, bounds.length + (wrong ? 0 : 1))),
      exemplars,
      flags,
      min: fc.option(finite, { nil: undefined }),
    }),
  );
const buckets = fc.record({
  offset: fc.integer({ min: -20, max: 20 }),
  bucketCounts: fc.array(count, { maxLength: 4 }),
});
const exponentialPoint = fc.record({
  attributes,
  timeUnixNano: time,
  count,
  sum: finite,
  scale: fc.integer({ min: -2, max: 5 }),
  zeroCount: count,
  zeroThreshold: fc.constantFrom(0, 1e-9),
  positive: buckets,
  negative: buckets,
});
const summaryPoint = fc.record({
  attributes,
  timeUnixNano: time,
  count,
  sum: finite,
  quantileValues: fc.array(fc.record({ quantile: fc.constantFrom(0, 0.5, 0.99), value: finite }), {
    maxLength: 3,
  }),
});
const aggregationTemporality = fc.integer({ min: 0, max: 2 });
const points = <T>(point: fc.Arbitrary<T>) => fc.array(point, { maxLength: 3 });
const data = fc.oneof(
  fc.record({
    case: fc.constant('gauge' as const),
    value: fc.record({ dataPoints: points(numberPoint) }),
  }),
  fc.record({
    case: fc.constant('sum' as const),
    value: fc.record({
      dataPoints: points(numberPoint),
      aggregationTemporality,
      isMonotonic: fc.boolean(),
    }),
  }),
  fc.record({
    case: fc.constant('histogram' as const),
    value: fc.record({ dataPoints: points(histogramPoint), aggregationTemporality }),
  }),
  fc.record({
    case: fc.constant('exponentialHistogram' as const),
    value: fc.record({ dataPoints: points(exponentialPoint), aggregationTemporality }),
  }),
  fc.record({
    case: fc.constant('summary' as const),
    value: fc.record({ dataPoints: points(summaryPoint) }),
  }),
);
const metric = fc.record({
  name: fc.constantFrom('', 'a', 'b.c', 'd'),
  unit: text,
  description: text,
  data,
});

const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
const resourceSpans = few(
  fc.record({ resource, scopeSpans: few(fc.record({ scope, spans: few(span) })) }),
);
const resourceLogs = few(
  fc.record({ resource, scopeLogs: few(fc.record({ scope, logRecords: few(logRecord) })) }),
);
const resourceMetrics = few(
  fc.record({ resource, scopeMetrics: few(fc.record({ scope, metrics: few(metric) })) }),
);

interface Encoded {
  readonly binary: Uint8Array;
  readonly json: JsonValue;
}
const CASES: readonly (readonly [OtlpSignal, fc.Arbitrary<Encoded>])[] = [
  [
    'traces',
    resourceSpans.map((list) => {
      const message = create(ExportTraceServiceRequestSchema, { resourceSpans: list });
      return {
        binary: toBinary(ExportTraceServiceRequestSchema, message),
        json: toJson(ExportTraceServiceRequestSchema, message),
      };
    }),
  ],
  [
    'logs',
    resourceLogs.map((list) => {
      const message = create(ExportLogsServiceRequestSchema, { resourceLogs: list });
      return {
        binary: toBinary(ExportLogsServiceRequestSchema, message),
        json: toJson(ExportLogsServiceRequestSchema, message),
      };
    }),
  ],
  [
    'metrics',
    resourceMetrics.map((list) => {
      const message = create(ExportMetricsServiceRequestSchema, { resourceMetrics: list });
      return {
        binary: toBinary(ExportMetricsServiceRequestSchema, message),
        json: toJson(ExportMetricsServiceRequestSchema, message),
      };
    }),
  ],
];

const bytes = (value: JsonValue, space?: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value, null, space));

/** Keys in another order, as other senders write them: the resource after its records. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([k, v]) => [k, reversed(v)])
      .reverse(),
  );
}

describe.each(CASES)('OTLP %s', (signal, encoded) => {
  it('is read alike from protobuf and from every manner of JSON', () => {
    fc.assert(
      fc.property(encoded, ({ binary, json }) => {
        const want = comparable(decodeOtlp(signal, 'protobuf', binary));
        const hex = hexIds(json);
        expect(comparable(decodeOtlp(signal, 'json', bytes(hex)))).toEqual(want);
        expect(comparable(decodeOtlp(signal, 'json', bytes(hex, 2)))).toEqual(want);
        expect(comparable(decodeOtlp(signal, 'json', bytes(json)))).toEqual(want);
        expect(comparable(decodeOtlp(signal, 'json', bytes(reversed(hex))))).toEqual(want);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a changed or cut protobuf body or reads it, but breaks in no other way', () => {
    fc.assert(
      fc.property(encoded, fc.nat(), fc.nat(), fc.boolean(), ({ binary }, at, value, cut) => {
        fc.pre(binary.length > 0);
        const damaged = cut ? binary.slice(0, at % binary.length) : binary.slice();
        if (!cut) damaged[at % binary.length] = value;
        let code = '';
        try {
          decodeOtlp(signal, 'protobuf', damaged);
        } catch (error) {
          code = (error as { code?: string }).code ?? String(error);
        }
        expect(['', 'format/damaged']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a cut JSON body as a whole', () => {
    fc.assert(
      fc.property(encoded, fc.nat(), ({ json }, at) => {
        const whole = bytes(hexIds(json));
        fc.pre(whole.length > 2);
        const cut = whole.slice(0, 1 + (at % (whole.length - 1)));
        expect(() => decodeOtlp(signal, 'json', cut)).toThrow(
          expect.objectContaining({ code: 'format/damaged' }),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('keeps whole records of a damaged file and never breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(encoded, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (list, at, value, cut) => {
          const file = Buffer.concat(
            list.flatMap(({ json }) => [Buffer.from(bytes(hexIds(json))), Buffer.from('\n')]),
          );
          const where = at % file.length;
          const damaged = cut ? file.subarray(0, where) : Buffer.from(file);
          if (!cut) damaged[where] = value;
          const { report, items } = await readAll(
            bytesSource('f', damaged),
            [otlpJson],
            'otlp-json',
          );
          expect(report.state).toBe('ok');
          const dropped = items.filter((item) => item.kind === 'dropped').length;
          expect(report.parts.reduce((sum, part) => sum + part.dropped, 0)).toBe(dropped);
        },
      ),
      { numRuns: 200 },
    );
  });
});
