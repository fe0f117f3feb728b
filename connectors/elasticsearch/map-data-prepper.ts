import { parseRfc3339 } from '../../core/base';
import { isJsonObject, type JsonObject } from '../../core/connect';
import {
  attributesOf,
  eachLeaf,
  fieldOf,
  firstOf,
  hexId,
  integerOf,
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
import type { Mapping } from './spec';

/** What is read by name, or says the same a second time. */
const NAMED = new Set(
  (
    'traceId spanId parentSpanId name kind startTime endTime durationInNanos serviceName status ' +
    'events links attributes span resource instrumentationLibrary instrumentationScope traceGroup ' +
    'traceGroupFields droppedAttributesCount droppedEventsCount droppedLinksCount traceState'
  ).split(' '),
);

/** A span as Data Prepper stores it for OpenSearch: `otel-v1-apm-span-*`, keys with "@" for dots. */
export function mapDataPrepperSpan(
  doc: JsonObject,
  ts: bigint,
  _: Mapping,
  sink: RecordSink,
): string {
  const traceId = hexId(doc['traceId'], 32);
  const spanId = hexId(doc['spanId'], 16);
  if (traceId === '') return 'it has no traceId';
  if (spanId === '') return 'it has no spanId';
  const duration = durationOf(doc, ts);
  if (duration === undefined) return 'it has neither durationInNanos nor endTime';
  const { resource, attributes } = sides(doc);
  const service = scalarText(doc['serviceName']);
  if (service !== '') resource['service.name'] ??= service;
  sink.span({
    traceId,
    spanId,
    parentSpanId: hexId(doc['parentSpanId'], 16),
    resource,
    name: scalarText(doc['name']),
    kind: spanKindOf(scalarText(doc['kind'])),
    start: ts,
    duration,
    status: statusCodeOf(firstOf(fieldOf(doc, 'status.code'))),
    statusMessage: scalarText(fieldOf(doc, 'status.message')),
    attributes,
    events: eventsOf(doc['events'], ts),
    links: linksOf(doc['links']),
  });
  return '';
}

function durationOf(doc: JsonObject, start: bigint): bigint | undefined {
  const nanos = integerOf(doc['durationInNanos']);
  if (nanos !== undefined) return nanos;
  const end = parseRfc3339(scalarText(doc['endTime']));
  return end !== undefined && end >= start ? end - start : undefined;
}

/** `resource.attributes.*`, and `span.attributes.*` or `attributes.*`, with dots where "@" stands. */
function sides(doc: JsonObject): {
  resource: Record<string, string>;
  attributes: Record<string, string>;
} {
  const resource: Record<string, string> = {};
  const attributes: Record<string, string> = {};
  const scope = ['instrumentationLibrary', 'instrumentationScope'].find((key) => key in doc);
  for (const part of scope === undefined ? [] : ['name', 'version']) {
    const value = scalarText(fieldOf(doc, `${scope}.${part}`));
    if (value !== '') attributes[`otel.scope.${part}`] = value;
  }
  eachLeaf(doc, (path, value) => {
    const found = /^(resource|span)\.(?:attributes\.)?(.+)$|^attributes\.(.+)$/.exec(path);
    const key = (found?.[2] ?? found?.[3])?.replaceAll('@', '.');
    if (key === undefined) {
      if (!NAMED.has(path.split('.')[0] ?? '')) attributes[path] = valueText(value);
    } else if (found?.[1] === 'resource') resource[key] = valueText(value);
    else attributes[key] = valueText(value);
  });
  return { resource, attributes };
}

function withDots(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributesOf(value)).map(([key, text]) => [key.replaceAll('@', '.'), text]),
  );
}

function eventsOf(value: unknown, start: bigint): readonly SpanEvent[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((event) => ({
    ts: parseRfc3339(scalarText(event['time'])) ?? start,
    name: scalarText(event['name']),
    attributes: withDots(event['attributes']),
  }));
}

function linksOf(value: unknown): readonly SpanLink[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).flatMap((link) => {
    const traceId = hexId(link['traceId'], 32);
    const spanId = hexId(link['spanId'], 16);
    return traceId && spanId ? [{ traceId, spanId, attributes: withDots(link['attributes']) }] : [];
  });
}
