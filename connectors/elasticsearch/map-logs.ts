import { parseRfc3339 } from '../../core/base';
import { isJsonObject, type JsonObject } from '../../core/connect';
import { Leaves, fieldOf, firstOf, hexId, scalarText, valueText } from './document';
import type { RecordSink } from './records';
import { resourceAttributes } from './resource';
import { numberingOf, severityOf } from './severity';
import type { Mapping } from './spec';

/** A body made of a whole document is cut here. */
const BODY_MAX = 4000;

/** A log document of any shape, read by the names of its fields; what has no role becomes attributes. */
export function mapLog(
  doc: JsonObject,
  ts: bigint,
  { fields, time }: Mapping,
  sink: RecordSink,
): string {
  const event = scalarText(fieldOf(doc, 'processor.event'));
  if (event !== '' && event !== 'error' && event !== 'log') return `it is a ${event}, not a log`;
  const leaves = new Leaves(doc);
  leaves.take(time.name);
  const take = (name: string | undefined): unknown =>
    name === undefined ? undefined : leaves.take(name);
  const message = take(fields.message);
  const severityValue = take(fields.severity);
  const severity =
    severityValue === undefined && event === 'error'
      ? 17
      : severityOf(severityValue, numberingOf(fields.severity ?? ''));
  const body = bodyOf(message, doc, sink);
  const observed = observedOf(leaves);
  const traceId = hexId(take(fields.traceId), 32);
  const spanId = hexId(take(fields.spanId), 16);
  const service = scalarText(take(fields.service));
  const host = scalarText(take(fields.host));
  const { resource, attributes } = resourceAttributes(leaves);
  if (service !== '') resource['service.name'] = service;
  if (host !== '') resource['host.name'] = host;
  sink.log({
    ts,
    observedTs: observed,
    resource,
    severity,
    severityText: scalarText(severityValue),
    body,
    traceId,
    spanId,
    attributes,
  });
  return '';
}

function observedOf(leaves: Leaves): bigint | null {
  const value = firstOf(leaves.peek('event.created'));
  return typeof value === 'string' ? (parseRfc3339(value) ?? null) : null;
}

/** The message, else what an error says, else the document itself. */
function bodyOf(message: unknown, doc: JsonObject, sink: RecordSink): string {
  if (message !== undefined) return valueText(firstOf(message));
  const exception = firstOf(fieldOf(doc, 'error.exception'));
  const said =
    scalarText(fieldOf(doc, 'error.log.message')) ||
    scalarText(isJsonObject(exception) ? exception['message'] : undefined) ||
    scalarText(fieldOf(doc, 'error.message')) ||
    scalarText(fieldOf(doc, 'event.original'));
  if (said !== '') return said;
  sink.remark('body-from-document');
  return JSON.stringify(doc).slice(0, BODY_MAX);
}
