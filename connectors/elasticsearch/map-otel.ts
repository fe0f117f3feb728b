import { parseRfc3339 } from '../../core/base';
import { isJsonObject, type JsonObject } from '../../core/connect';
import type { Attributes } from '../../core/model';
import {
  attributesOf,
  eachLeaf,
  fieldOf,
  firstOf,
  hexId,
  integerOf,
  numberOf,
  scalarText,
  valueText,
} from './document';
import {
  spanKindOf,
  statusCodeOf,
  type RecordSink,
  type SpanEvent,
  type SpanLink,
} from './records';
import { severityOf } from './severity';
import type { Mapping } from './spec';

/** The names that one way of writing OpenTelemetry into documents uses. */
interface Names {
  readonly resource: string;
  readonly attributes: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly severityNumber: string;
  readonly severityText: string;
  readonly body: string;
  readonly name: string;
  readonly kind: string;
  readonly duration: string;
  readonly durationNs: bigint;
  readonly statusCode: string;
  readonly statusMessage: string;
  readonly scope: string;
}

/** Elastic's data streams for OpenTelemetry (the exporter's mapping mode "otel"). */
const NATIVE: Names = {
  resource: 'resource.attributes',
  attributes: 'attributes',
  traceId: 'trace_id',
  spanId: 'span_id',
  parentSpanId: 'parent_span_id',
  severityNumber: 'severity_number',
  severityText: 'severity_text',
  body: 'body',
  name: 'name',
  kind: 'kind',
  duration: 'duration',
  durationNs: 1n,
  statusCode: 'status.code',
  statusMessage: 'status.message',
  scope: 'scope',
};

/** The exporter's modes "none" and "raw": names in capitals, durations in microseconds. */
const RAW: Names = {
  resource: 'Resource',
  attributes: 'Attributes',
  traceId: 'TraceId',
  spanId: 'SpanId',
  parentSpanId: 'ParentSpanId',
  severityNumber: 'SeverityNumber',
  severityText: 'SeverityText',
  body: 'Body',
  name: 'Name',
  kind: 'Kind',
  duration: 'Duration',
  durationNs: 1000n,
  statusCode: 'TraceStatus',
  statusMessage: 'TraceStatusDescription',
  scope: 'Scope',
};

/**
 * A set of attributes as an object (`attributes: {"a.b": 1}`), flattened into the document's keys
 * (`"Attributes.a.b": 1`), or both.
 */
function attributesAt(doc: JsonObject, path: string): Record<string, string> {
  const out = attributesOf(fieldOf(doc, path));
  const prefix = `${path}.`;
  for (const key in doc) {
    if (!key.startsWith(prefix)) continue;
    const value = doc[key];
    const name = key.slice(prefix.length);
    if (isJsonObject(value)) Object.assign(out, attributesOf(value, `${name}.`));
    else if (value !== null && value !== undefined) out[name] = valueText(value);
  }
  return out;
}

function resourceOf(doc: JsonObject, names: Names): Attributes {
  return attributesAt(doc, names.resource);
}

function scopeOf(doc: JsonObject, { scope: path }: Names): Record<string, string> {
  const out: Record<string, string> = {};
  const name = scalarText(fieldOf(doc, `${path}.name`));
  const version = scalarText(fieldOf(doc, `${path}.version`));
  if (name !== '') out['otel.scope.name'] = name;
  if (version !== '') out['otel.scope.version'] = version;
  for (const [key, value] of Object.entries(attributesAt(doc, `${path}.attributes`))) {
    out[`otel.scope.${key}`] = value;
  }
  return out;
}

export function mapOtelLog(doc: JsonObject, ts: bigint, map: Mapping, sink: RecordSink): string {
  const names = map.profile === 'raw-otel-logs' ? RAW : NATIVE;
  const severityText = scalarText(fieldOf(doc, names.severityText));
  let severity = severityOf(fieldOf(doc, names.severityNumber) ?? '', 'otel');
  if (severity === 0 && severityText !== '') {
    severity = severityOf(severityText, 'otel');
    if (severity > 0) sink.remark('severity-from-text');
  }
  const attributes = { ...scopeOf(doc, names), ...attributesAt(doc, names.attributes) };
  const event = scalarText(doc['event_name']);
  if (event !== '') attributes['event.name'] ??= event;
  const observed = firstOf(doc['observed_timestamp']);
  sink.log({
    ts,
    observedTs: typeof observed === 'string' ? (parseRfc3339(observed) ?? null) : null,
    resource: resourceOf(doc, names),
    severity,
    severityText,
    body: otelBody(fieldOf(doc, names.body), doc, names),
    traceId: hexId(fieldOf(doc, names.traceId), 32),
    spanId: hexId(fieldOf(doc, names.spanId), 16),
    attributes,
  });
  return '';
}

/** `body.text`, `body.structured` (an object or list), or a body that is the value itself. */
function otelBody(body: unknown, doc: JsonObject, names: Names): string {
  if (!isJsonObject(body)) {
    if (body !== undefined && body !== null) return valueText(body);
    const dotted = attributesAt(doc, names.body);
    return dotted['text'] ?? (Object.keys(dotted).length > 0 ? JSON.stringify(dotted) : '');
  }
  const text = body['text'];
  if (text !== undefined) return valueText(text);
  return valueText(body['structured'] ?? body['flattened'] ?? body);
}

export function mapOtelSpan(doc: JsonObject, ts: bigint, map: Mapping, sink: RecordSink): string {
  const names = map.profile === 'raw-otel-spans' ? RAW : NATIVE;
  const traceId = hexId(fieldOf(doc, names.traceId), 32);
  const spanId = hexId(fieldOf(doc, names.spanId), 16);
  if (traceId === '') return `it has no ${names.traceId}`;
  if (spanId === '') return `it has no ${names.spanId}`;
  const duration = integerOf(fieldOf(doc, names.duration));
  if (duration === undefined) return `it has no ${names.duration}`;
  sink.span({
    traceId,
    spanId,
    parentSpanId: hexId(fieldOf(doc, names.parentSpanId), 16),
    resource: resourceOf(doc, names),
    name: scalarText(fieldOf(doc, names.name)),
    kind: spanKindOf(scalarText(fieldOf(doc, names.kind))),
    start: ts,
    duration: duration * names.durationNs,
    status: statusCodeOf(firstOf(fieldOf(doc, names.statusCode))),
    statusMessage: scalarText(fieldOf(doc, names.statusMessage)),
    attributes: { ...scopeOf(doc, names), ...attributesAt(doc, names.attributes) },
    events: eventsOf(doc['events'], ts),
    links: linksOf(doc['links']),
  });
  return '';
}

/** Events stand in the span (older exporters) or as log documents of their own. */
function eventsOf(value: unknown, start: bigint): readonly SpanEvent[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((event) => {
    const at = firstOf(event['timestamp'] ?? event['time'] ?? event['@timestamp']);
    return {
      ts: (typeof at === 'string' ? parseRfc3339(at) : undefined) ?? start,
      name: scalarText(event['name']),
      attributes: attributesAt(event, 'attributes'),
    };
  });
}

function linksOf(value: unknown): readonly SpanLink[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).flatMap((link) => {
    const traceId = hexId(link['trace_id'], 32);
    const spanId = hexId(link['span_id'], 16);
    return traceId && spanId
      ? [{ traceId, spanId, attributes: attributesAt(link, 'attributes') }]
      : [];
  });
}

/** A metric document: the numbers under `metrics` of one set of attributes at one time. */
export function mapOtelMetrics(
  doc: JsonObject,
  ts: bigint,
  map: Mapping,
  sink: RecordSink,
): string {
  const metrics = doc['metrics'];
  if (!isJsonObject(metrics)) return 'it has no metrics';
  const counters = new Set(map.counters);
  const resource = resourceOf(doc, NATIVE);
  const labels = { ...attributesAt(doc, 'attributes'), ...scopeOf(doc, NATIVE) };
  const unit = scalarText(doc['unit']);
  let histograms = 0;
  const put = (metric: string, raw: unknown): void => {
    const value = numberOf(raw);
    if (/\.(values|counts|value_count|sum|min|max)$/.test(metric)) histograms++;
    else if (value !== undefined) {
      sink.sample({ ts, metric, unit, counter: counters.has(metric), value, resource, labels });
    }
  };
  eachLeaf(metrics, put);
  if (histograms > 0) sink.remark('histogram-left-out');
  return '';
}
