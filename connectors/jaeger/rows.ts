import { BatchBuilder, ResourceInterner, type Attributes, type Batch } from '../../core/model';
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

export function hasFailed({ tags }: JaegerSpan): boolean {
  const of = (key: string): string => textOf(tags.find((tag) => tag.key === key)?.value);
  return statusOf({ 'otel.status_code': of('otel.status_code'), error: of('error') }) === 2;
}

/** Rows of Jaeger's traces in our model. */
export class JaegerRows {
  private readonly resources = new ResourceInterner();
  private readonly spans = new BatchBuilder('spans');
  private readonly events = new BatchBuilder('span_events');
  private readonly links = new BatchBuilder('span_links');

  add(trace: JaegerTrace, spans: readonly JaegerSpan[]): void {
    const traceId = traceIdOf(trace.traceID);
    for (const span of spans) {
      const process = trace.processes[span.processID];
      if (process) this.span(traceId, span, process);
    }
  }

  /** What has gathered, resources before what names them. */
  take(): readonly Batch[] {
    const batches: Batch[] = [];
    const resources = this.resources.take();
    if (resources) batches.push(resources);
    for (const builder of [this.spans, this.events, this.links]) {
      if (builder.rows > 0) batches.push(builder.take());
    }
    return batches;
  }

  private span(traceId: string, span: JaegerSpan, process: JaegerProcess): void {
    const tags = attributesOf(span.tags);
    const spanId = spanIdOf(span.spanID);
    const parent = parentOf(span, tags);
    const status = statusOf(tags);
    const attributes: Record<string, string> = {};
    for (const [key, value] of Object.entries(tags)) {
      if (COLUMNS.has(key) || (key === 'error' && status === 2)) continue;
      attributes[key] = value;
    }
    const { col } = this.spans;
    col.trace_id.push(traceId);
    col.span_id.push(spanId);
    col.parent_span_id.push(parent ? spanIdOf(parent.spanID) : '');
    col.resource_id.push(this.resources.intern(resourceOf(process)));
    col.name.push(span.operationName);
    col.kind.push(KINDS[tags['span.kind']?.toLowerCase() ?? ''] ?? 0);
    col.start.push(BigInt(span.startTime) * 1000n);
    col.duration.push(BigInt(Math.round(span.duration)) * 1000n);
    col.status.push(status);
    col.status_message.push(tags['otel.status_description'] ?? '');
    col.attributes.push(attributes);
    this.spans.endRow();
    this.spanEvents(traceId, spanId, span);
    this.spanLinks(traceId, spanId, span, parent);
  }

  private spanEvents(traceId: string, spanId: string, { logs }: JaegerSpan): void {
    const { col } = this.events;
    for (const { timestamp, fields } of logs) {
      const attributes = attributesOf(fields);
      const named = ['event', 'message'].find((key) => attributes[key]);
      const name = named ? (attributes[named] ?? '') : 'log';
      if (named) delete attributes[named];
      col.trace_id.push(traceId);
      col.span_id.push(spanId);
      col.ts.push(BigInt(timestamp) * 1000n);
      col.name.push(name);
      col.attributes.push(attributes);
      this.events.endRow();
    }
  }

  private spanLinks(
    traceId: string,
    spanId: string,
    { references }: JaegerSpan,
    parent: Reference | undefined,
  ): void {
    const { col } = this.links;
    for (const reference of references) {
      if (reference === parent) continue;
      const childOf = reference.refType === 'CHILD_OF';
      col.trace_id.push(traceId);
      col.span_id.push(spanId);
      col.linked_trace_id.push(traceIdOf(reference.traceID));
      col.linked_span_id.push(spanIdOf(reference.spanID));
      col.attributes.push(childOf ? { 'opentracing.ref_type': 'child_of' } : {});
      this.links.endRow();
    }
  }
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
