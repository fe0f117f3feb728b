import { isJsonObject, type JsonObject } from '../../core/connect';
import { eachLeaf, hexId, integerOf, scalarText, valueText } from './document';
import { spanKindOf, type RecordSink, type SpanEvent, type SpanLink } from './records';
import type { Mapping } from './spec';

/** A span as Jaeger stores it: times and durations in microseconds, tags as lists or as fields. */
export function mapJaegerSpan(doc: JsonObject, ts: bigint, _: Mapping, sink: RecordSink): string {
  const traceId = hexId(doc['traceID'], 32);
  const spanId = hexId(doc['spanID'], 16);
  if (traceId === '') return 'it has no traceID';
  if (spanId === '') return 'it has no spanID';
  const duration = integerOf(doc['duration']);
  if (duration === undefined) return 'it has no duration';
  const attributes = tagsOf(doc['tags'], doc['tag']);
  const { process } = doc;
  const resource = isJsonObject(process) ? tagsOf(process['tags'], process['tag']) : {};
  const service = isJsonObject(process) ? scalarText(process['serviceName']) : '';
  if (service !== '') resource['service.name'] = service;
  const { hostname } = resource;
  if (hostname !== undefined) resource['host.name'] ??= hostname;
  const { parent, links } = referencesOf(doc, traceId);
  const kind = taken(attributes, 'span.kind');
  const code = taken(attributes, 'otel.status_code');
  const failed = code === 'ERROR' || attributes['error'] === 'true';
  if (attributes['error'] === 'true') delete attributes['error'];
  sink.span({
    traceId,
    spanId,
    parentSpanId: parent,
    resource,
    name: scalarText(doc['operationName']),
    kind: spanKindOf(kind),
    start: ts,
    duration: duration * 1000n,
    status: failed ? 2 : code === 'OK' ? 1 : 0,
    statusMessage: taken(attributes, 'otel.status_description'),
    attributes,
    events: eventsOf(doc['logs'], ts),
    links,
  });
  return '';
}

function taken(attributes: Record<string, string>, key: string): string {
  const value = attributes[key] ?? '';
  delete attributes[key];
  return value;
}

/** `[{key, type, value}]`, or an object whose keys have "@" for dots where Jaeger writes tags as fields. */
function tagsOf(list: unknown, asFields: unknown): Record<string, string> {
  const out: Record<string, string> = {};
  if (isJsonObject(asFields)) {
    eachLeaf(asFields, (key, value) => (out[key.replaceAll('@', '.')] = valueText(value)));
  }
  if (!Array.isArray(list)) return out;
  for (const tag of list) {
    if (!isJsonObject(tag)) continue;
    const key = scalarText(tag['key']);
    if (key !== '') out[key] = valueText(tag['value'] ?? '');
  }
  return out;
}

function referencesOf(
  doc: JsonObject,
  traceId: string,
): { parent: string; links: readonly SpanLink[] } {
  let parent = hexId(doc['parentSpanID'], 16);
  const links: SpanLink[] = [];
  const references = Array.isArray(doc['references']) ? doc['references'] : [];
  for (const reference of references) {
    if (!isJsonObject(reference)) continue;
    const trace = hexId(reference['traceID'], 32);
    const span = hexId(reference['spanID'], 16);
    if (span === '') continue;
    const childOf = scalarText(reference['refType']) === 'CHILD_OF' && trace === traceId;
    if (childOf && (parent === '' || parent === span)) parent = span;
    else if (trace !== '') links.push({ traceId: trace, spanId: span, attributes: {} });
  }
  return { parent, links };
}

function eventsOf(logs: unknown, start: bigint): readonly SpanEvent[] {
  if (!Array.isArray(logs)) return [];
  return logs.filter(isJsonObject).map((log) => {
    const attributes = tagsOf(log['fields'], undefined);
    const micros = integerOf(log['timestamp']);
    const ts = micros === undefined ? start : micros * 1000n;
    const name = taken(attributes, 'event') || (attributes['message'] ?? 'log');
    return { ts, name, attributes };
  });
}
