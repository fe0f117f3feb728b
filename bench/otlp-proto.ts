import protobuf from 'protobufjs';
import type { Rng } from '../core/base';

/** The part of opentelemetry/proto/trace/v1/trace.proto (1.5.0) that the spans of the bench have. */
const PROTO = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; }
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
  int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  Status status = 15;
}
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message TracesData { repeated ResourceSpans resource_spans = 1; }
`;

/** What OTLP's traces are to protobufjs. */
export const tracesType = (): protobuf.Type =>
  protobuf.parse(PROTO, { keepCase: false }).root.lookupType('TracesData');

const SPANS_A_RESOURCE = 500;

/** The same spans in both encodings of OTLP. */
export function encodeTraces(
  count: number,
  random: Rng,
): { readonly pb: Uint8Array; readonly json: Uint8Array } {
  const hex = (bytes: number): string =>
    Array.from({ length: bytes }, () => random.int(256).toString(16).padStart(2, '0')).join('');
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const span = (i: number) => ({
    traceId: hex(16),
    spanId: hex(8),
    parentSpanId: hex(8),
    name: `GET /orders/${i % 40}`,
    kind: 2,
    startTimeUnixNano: String(1_714_557_600_000_000_000n + BigInt(i) * 1_000_000n),
    endTimeUnixNano: String(1_714_557_600_005_000_000n + BigInt(i) * 1_000_000n),
    attributes: [
      text('http.request.method', 'GET'),
      text('url.path', `/orders/${random.int(1e6)}`),
      text('server.address', `10.0.0.${i % 200}`),
      text('user_agent.original', 'okhttp/4.12.0'),
      { key: 'http.response.status_code', value: { intValue: '200' } },
    ],
    status: { code: i % 50 === 0 ? 2 : 0 },
  });
  const resources = Array.from({ length: Math.ceil(count / SPANS_A_RESOURCE) }, (_, r) => ({
    resource: {
      attributes: [text('service.name', `service-${r % 12}`), text('host.name', `web-${r % 30}`)],
    },
    scopeSpans: [
      {
        scope: { name: 'bench', version: '1' },
        spans: Array.from(
          { length: Math.min(SPANS_A_RESOURCE, count - r * SPANS_A_RESOURCE) },
          (__, i) => span(r * SPANS_A_RESOURCE + i),
        ),
      },
    ],
  }));
  const json = new TextEncoder().encode(JSON.stringify({ resourceSpans: resources }));
  // Ids are bytes in protobuf and hexadecimal in JSON.
  const binary = structuredClone(resources) as unknown as Json;
  for (const spans of resources.keys()) binaryIds(binary, spans);
  const type = tracesType();
  return { pb: type.encode(type.fromObject({ resourceSpans: binary })).finish(), json };
}

type Json = { scopeSpans: { spans: Record<string, unknown>[] }[] }[];

function binaryIds(resources: Json, at: number): void {
  for (const { spans } of resources[at]?.scopeSpans ?? []) {
    for (const span of spans) {
      for (const id of ['traceId', 'spanId', 'parentSpanId']) {
        span[id] = Buffer.from(String(span[id]), 'hex');
      }
    }
  }
}
