import { RowSink, type SpanRow, type StoredSpan } from '../../core/connect';
import type { Attributes } from '../../core/model';
import type { JaegerProcess, JaegerSpan, JaegerTag, JaegerTrace } from './answers';

type Reference = JaegerSpan['references'][number];

const KINDS: Readonly<Record<string, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

/** What Jaeger's collector puts in the place of a name that was not sent. */
const NO_NAME = 'OTLPResourceNoServiceName';

/** Tags that say what our model has columns for. */
const COLUMNS = new Set([
  'span.kind',
  'otel.status_code',
  'otel.status_description',
  'internal.span.format',
]);

/** Ids of Jaeger leave out leading zeros. */
export function traceIdOf(id: string): string {
  return id.toLowerCase().padStart(32, '0');
}

function spanIdOf(id: string): string {
  return id.toLowerCase().padStart(16, '0');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : (JSON.stringify(value) ?? '');
}

function attributesOf(tags: readonly JaegerTag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, textOf(value)]));
}

export function resourceOf({ serviceName, tags }: JaegerProcess): Attributes {
  const attributes = attributesOf(tags);
  if (serviceName !== '' && serviceName !== NO_NAME) attributes['service.name'] = serviceName;
  return attributes;
}

/** OpenTelemetry's status code of a span: what the SDK said, else OpenTracing's `error` tag. */
function statusOf(attributes: Attributes): number {
  const said = attributes['otel.status_code']?.toUpperCase();
  if (said === 'ERROR') return 2;
  if (said === 'OK') return 1;
  return attributes['error'] === 'true' ? 2 : 0;
}

const MICROSECOND = 1000n;

/** Rows of Jaeger's traces in our model. */
export class JaegerRows {
  /** `unit`: nanoseconds in a unit of its times; Jaeger's are microseconds. */
  constructor(
    private readonly sink = new RowSink(undefined, { redact: true }),
    private readonly unit = MICROSECOND,
  ) {}

  add(trace: JaegerTrace, spans: readonly JaegerSpan[]): void {
    for (const { row } of spansOf(trace, spans, this.unit)) this.sink.span(row);
  }
}

/** Spans of a trace as rows, with the service of each; those without a process are left out. */
export function spansOf(
  trace: JaegerTrace,
  spans: readonly JaegerSpan[],
  unit = MICROSECOND,
): readonly StoredSpan[] {
  const traceId = traceIdOf(trace.traceID);
  const resources = new Map<string, Attributes>();
  return spans.flatMap((span) => {
    const process = trace.processes[span.processID];
    if (!process) return [];
    const resource = resources.get(span.processID) ?? resourceOf(process);
    resources.set(span.processID, resource);
    return { service: process.serviceName, row: rowOf(traceId, span, resource, unit) };
  });
}

function rowOf(traceId: string, span: JaegerSpan, resource: Attributes, unit: bigint): SpanRow {
  const tags = attributesOf(span.tags);
  const parent = parentOf(span, tags);
  const status = statusOf(tags);
  const attributes: Record<string, string> = {};
  for (const [key, value] of Object.entries(tags)) {
    if (COLUMNS.has(key) || (key === 'error' && status === 2)) continue;
    attributes[key] = value;
  }
  return {
    traceId,
    spanId: spanIdOf(span.spanID),
    parentSpanId: parent ? spanIdOf(parent.spanID) : '',
    name: span.operationName,
    kind: KINDS[tags['span.kind']?.toLowerCase() ?? ''] ?? 0,
    start: BigInt(span.startTime) * unit,
    duration: BigInt(Math.round(span.duration)) * unit,
    status,
    statusMessage: tags['otel.status_description'] ?? '',
    resource,
    attributes,
    events: span.logs.map((log) => eventOf(log, unit)),
    links: span.references
      .filter((reference) => reference !== parent)
      .map(({ refType, traceID, spanID }) => ({
        traceId: traceIdOf(traceID),
        spanId: spanIdOf(spanID),
        attributes: linkAttributes(refType),
      })),
  };
}

function eventOf({ timestamp, fields }: JaegerSpan['logs'][number], unit: bigint) {
  const attributes = attributesOf(fields);
  const named = ['event', 'message'].find((key) => attributes[key]);
  const name = named ? (attributes[named] ?? '') : 'log';
  if (named) delete attributes[named];
  return { ts: BigInt(timestamp) * unit, name, attributes };
}

function linkAttributes(refType: string): Attributes {
  return refType === 'CHILD_OF' ? { 'opentracing.ref_type': 'child_of' } : {};
}

/** Why a span can't be a row; '' where it can. */
export function faultOf(span: JaegerSpan, processes: JaegerTrace['processes']): string {
  if (!processes[span.processID]) return 'the process that they name is missing';
  if (!Number.isSafeInteger(span.startTime) || span.startTime <= 0) return 'they have no start';
  if (!(span.duration >= 0)) return 'they end before they start';
  return '';
}

/**
 * The parent: CHILD_OF in the same trace. OpenTracing clients also follow a parent; OpenTelemetry's
 * FOLLOWS_FROM is a link and never one.
 */
function parentOf(span: JaegerSpan, tags: Attributes): Reference | undefined {
  const inTrace = (type: string): Reference | undefined =>
    span.references.find(
      ({ refType, traceID }) => refType === type && traceIdOf(traceID) === traceIdOf(span.traceID),
    );
  const child = inTrace('CHILD_OF');
  if (child || tags['internal.span.format'] === 'otlp') return child;
  return inTrace('FOLLOWS_FROM');
}
