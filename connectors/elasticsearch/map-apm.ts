import { isJsonObject, type JsonObject } from '../../core/connect';
import { Leaves, fieldOf, hexId, integerOf, numberOf, scalarText } from './document';
import { spanKindOf, type RecordSink, type SpanLink } from './records';
import { resourceAttributes } from './resource';
import type { Mapping } from './spec';

/** A transaction or span as Elastic's APM server stores it. */
export function mapApmSpan(doc: JsonObject, ts: bigint, _: Mapping, sink: RecordSink): string {
  const event = eventOf(doc);
  if (event !== 'transaction' && event !== 'span') {
    return event === '' ? 'it is neither a transaction nor a span' : `it is a ${event}, not a span`;
  }
  const leaves = new Leaves(doc);
  const take = (path: string): string => scalarText(leaves.take(path));
  take('@timestamp');
  take('processor.event');
  take('processor.name');
  const micros = integerOf(leaves.take('timestamp.us'));
  const own = hexId(leaves.take(`${event}.id`), 16);
  const traceId = hexId(leaves.take('trace.id'), 32);
  if (traceId === '') return 'it has no trace.id';
  if (own === '') return `it has no ${event}.id`;
  const duration = numberOf(leaves.take(`${event}.duration.us`));
  if (duration === undefined) return `it has no ${event}.duration.us`;
  const kind = take('span.kind');
  const type = scalarText(leaves.peek(`${event}.type`));
  const outcome = scalarText(leaves.peek('event.outcome'));
  const name = take(`${event}.name`);
  const parentSpanId = hexId(leaves.take('parent.id'), 16);
  const links = linksOf(leaves.take('span.links'));
  const { resource, attributes } = resourceAttributes(leaves);
  sink.span({
    traceId,
    spanId: own,
    parentSpanId,
    resource,
    name,
    kind: spanKindOf(kind) || kindOf(event, type),
    start: startOf(ts, micros),
    duration: BigInt(Math.round(duration * 1000)),
    status: outcome === 'failure' ? 2 : 0,
    statusMessage: '',
    attributes: { ...peerOf(attributes, type), ...withoutLabels(attributes) },
    events: [],
    links,
  });
  return '';
}

/** `processor.event`; newer servers leave it out of the document. */
function eventOf(doc: JsonObject): string {
  const said = scalarText(fieldOf(doc, 'processor.event'));
  if (said !== '') return said;
  if (fieldOf(doc, 'transaction.duration.us') !== undefined) return 'transaction';
  return fieldOf(doc, 'span.duration.us') === undefined ? '' : 'span';
}

/** Microseconds where they agree with the millisecond that the index has. */
function startOf(ts: bigint, micros: bigint | undefined): bigint {
  if (micros === undefined) return ts;
  const exact = micros * 1000n;
  return exact >= ts && exact - ts < 1_000_000n ? exact : ts;
}

function kindOf(event: string, type: string): number {
  if (event === 'transaction') return type === 'messaging' ? 5 : type === 'request' ? 2 : 1;
  if (type === 'messaging') return 4;
  return /^(external|db|cache|storage)/.test(type) ? 3 : 1;
}

/** Whom a span calls, under OpenTelemetry's names. */
function peerOf(
  attributes: Readonly<Record<string, string>>,
  type: string,
): Record<string, string> {
  const resource =
    attributes['span.destination.service.resource'] ?? attributes['service.target.name'];
  const subtype = attributes['span.subtype'];
  const out: Record<string, string> = {};
  if (resource === undefined && subtype === undefined) return out;
  const address = attributes['destination.address'] ?? resource;
  if (/^(db|cache)/.test(type) && subtype !== undefined) out['db.system'] = subtype;
  if (type === 'messaging') {
    out['messaging.system'] = subtype ?? 'unknown';
    const queue = attributes['span.message.queue.name'] ?? attributes['service.target.name'];
    if (queue !== undefined) out['messaging.destination.name'] = queue;
  } else if (address !== undefined) out['server.address'] = address;
  return out;
}

/** `labels.x` and `numeric_labels.x` are attributes that the sender called x, dots as underscores. */
function withoutLabels(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const key in attributes) {
    out[key.replace(/^(numeric_)?labels\./, '')] = attributes[key] ?? '';
  }
  return out;
}

function linksOf(value: unknown): readonly SpanLink[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).flatMap((link) => {
    const traceId = hexId(fieldOf(link, 'trace.id'), 32);
    const spanId = hexId(fieldOf(link, 'span.id'), 16);
    return traceId && spanId ? [{ traceId, spanId, attributes: {} }] : [];
  });
}
