import {
  BatchRedactor,
  NoticeCounts,
  Redactor,
  excerpt,
  placeOfDropped,
  redactText,
  type DroppedRecord,
  type FormatItem,
} from '../../core/connect';
import {
  BatchBuilder,
  ResourceInterner,
  type Attributes,
  type Batch,
  type Signal,
  type TelemetryTable,
} from '../../core/model';
import { MetricRows } from './metric-rows';
import type { AttributeStage, LogStage, NestedStage, SpanStage } from './stages';
import { severityOf } from './values';

const BATCH_ROWS = 20_000;

export const OTLP_TABLES: readonly TelemetryTable[] = [
  'resources',
  'spans',
  'span_events',
  'span_links',
  'logs',
  'metric_series',
  'samples',
  'histogram_samples',
  'exemplars',
];

/** Rows of every table that OTLP brings, and what could not be taken over. Shared by both encodings. */
export class OtlpRows {
  readonly resources = new ResourceInterner();
  readonly notices = new NoticeCounts();
  readonly metrics = new MetricRows(this.notices);
  private readonly redactor = new Redactor(this.notices);
  private readonly secrets = new BatchRedactor(this.notices);
  private readonly services = new Map<bigint, string>();
  private scope: readonly (readonly [string, string])[] = [];
  /** "line 7" of the record that is being read; records in it are counted. */
  where = '';
  private readonly spans = new BatchBuilder('spans');
  private readonly events = new BatchBuilder('span_events');
  private readonly links = new BatchBuilder('span_links');
  private readonly logs = new BatchBuilder('logs');
  private dropped: DroppedRecord[] = [];

  resource(attributes: Attributes): bigint {
    const clean = this.redactor.attributes(attributes);
    const id = this.resources.intern(clean);
    const service = clean['service.name'];
    if (service) this.services.set(id, service);
    return id;
  }

  /** Attributes of the scope that is being read; they go into its records, and into series' labels. */
  setScope(attributes: readonly (readonly [string, string])[]): void {
    this.scope = attributes;
    this.metrics.scope = attributes;
  }

  /** Its time and service are read out of the text where they are not given. */
  drop(
    signal: Signal,
    index: number,
    text: string,
    reason: string,
    { at = 0n, resource }: { readonly at?: bigint; readonly resource?: bigint } = {},
  ): void {
    const where = [this.where, index > 0 ? `${ITEM[signal] ?? 'record'} ${index}` : '']
      .filter(Boolean)
      .join(', ');
    const shown = excerpt(redactText(text.slice(0, 2000)));
    const service = resource === undefined ? undefined : this.services.get(resource);
    const place = placeOfDropped(text, { at: at > 0n ? at : undefined, service });
    this.dropped.push({ signal, where, text: shown, reason, ...place });
  }

  takeDropped(): readonly DroppedRecord[] {
    const { dropped } = this;
    if (dropped.length > 0) this.dropped = [];
    return dropped;
  }

  get full(): boolean {
    return (
      this.spans.rows + this.events.rows + this.links.rows + this.logs.rows >= BATCH_ROWS ||
      this.metrics.rows >= BATCH_ROWS
    );
  }

  /** For files: what was dropped, and batches where enough has gathered; at the end also the notices. */
  *items(atEnd = false): Generator<FormatItem> {
    for (const record of this.takeDropped()) yield { kind: 'dropped', record };
    if (!this.full && !atEnd) return;
    for (const batch of this.take()) yield { kind: 'batch', batch };
    if (!atEnd) return;
    for (const notice of this.notices.take()) yield { kind: 'notice', notice };
  }

  /** What has gathered, without secrets; resources and series before what names them. */
  take(): readonly Batch[] {
    const batches: Batch[] = [];
    const resources = this.resources.take();
    if (resources) batches.push(resources);
    batches.push(...this.metrics.take());
    for (const builder of [this.spans, this.events, this.links, this.logs]) {
      if (builder.rows > 0) batches.push(this.secrets.batch(builder.take()));
    }
    return batches;
  }

  /** Takes the staged span over; why not, where it can't be. */
  span(span: SpanStage, resource: bigint): string {
    if (span.fault) return span.fault;
    if (span.traceId === '') return 'the span has no trace id';
    if (span.spanId === '') return 'the span has no span id';
    if (span.start <= 0n) return 'the span has no start time';
    if (span.end <= 0n) return 'the span has no end time';
    if (span.end < span.start) return 'the span ends before it starts';
    const { col } = this.spans;
    col.trace_id.push(span.traceId);
    col.span_id.push(span.spanId);
    col.parent_span_id.push(span.parentSpanId);
    col.resource_id.push(resource);
    col.name.push(span.name);
    col.kind.push(span.kind);
    col.start.push(span.start);
    col.duration.push(span.end - span.start);
    col.status.push(span.status);
    col.status_message.push(span.statusMessage);
    this.putAttributes(col.attributes, span.attributes);
    this.spans.endRow();
    if (span.events.length > 0) this.spanEvents(span);
    if (span.links.length > 0) this.spanLinks(span);
    return '';
  }

  private spanEvents(span: SpanStage): void {
    const { events } = span;
    const { col } = this.events;
    for (let i = 0; i < events.length; i++) {
      let ts = events.ts[i]!;
      if (ts <= 0n) {
        ts = span.start;
        this.notices.add(
          'event-without-time',
          'info',
          (n) => `${n} span events have no time; they stand at their span's start.`,
        );
      }
      col.trace_id.push(span.traceId);
      col.span_id.push(span.spanId);
      col.ts.push(ts);
      col.name.push(events.first[i]!);
      putNested(col.attributes, events, i);
      this.events.endRow();
    }
  }

  private spanLinks(span: SpanStage): void {
    const { links } = span;
    const { col } = this.links;
    for (let i = 0; i < links.length; i++) {
      if (links.first[i] === '' || links.second[i] === '') {
        this.notices.add(
          'link-without-ids',
          'warning',
          (n) => `${n} span links name no trace or span and were left out.`,
        );
        continue;
      }
      col.trace_id.push(span.traceId);
      col.span_id.push(span.spanId);
      col.linked_trace_id.push(links.first[i]!);
      col.linked_span_id.push(links.second[i]!);
      putNested(col.attributes, links, i);
      this.links.endRow();
    }
  }

  /** Takes the staged log record over; why not, where it can't be. */
  log(log: LogStage, resource: bigint): string {
    if (log.fault) return log.fault;
    let { ts } = log;
    if (ts <= 0n) {
      ts = log.observedTs;
      if (ts <= 0n) return 'the log record has no time';
      this.notices.add(
        'log-time-observed',
        'info',
        (n) => `${n} log records have no time of their own; the time they were observed is used.`,
      );
    }
    let { severity } = log;
    if (severity === 0 && log.severityText !== '') {
      severity = severityOf(log.severityText);
      if (severity > 0) this.severityFromText();
    }
    if (log.eventName !== '' && !log.attributes.has('event.name')) {
      log.attributes.put('event.name', log.eventName);
    }
    const { col } = this.logs;
    col.ts.push(ts);
    col.observed_ts.push(log.observedTs > 0n ? log.observedTs : null);
    col.resource_id.push(resource);
    col.severity.push(severity);
    col.severity_text.push(log.severityText);
    col.body.push(log.body);
    col.trace_id.push(log.traceId);
    col.span_id.push(log.spanId);
    this.putAttributes(col.attributes, log.attributes);
    this.logs.endRow();
    return '';
  }

  private severityFromText(): void {
    this.notices.add(
      'severity-from-text',
      'info',
      (n) => `${n} log records give their level only as a word; its number was taken from it.`,
    );
  }

  private putAttributes(column: MapPut, stage: AttributeStage): void {
    for (let i = 0; i < stage.length; i++) column.put(stage.keys[i]!, stage.values[i]!);
    for (const [key, value] of this.scope) if (!stage.has(key)) column.put(key, value);
    column.end();
  }
}

interface MapPut {
  put(key: string, value: string): void;
  end(): void;
}

function putNested(column: MapPut, { attributes, ends }: NestedStage, i: number): void {
  const end = ends[i]!;
  for (let at = i === 0 ? 0 : ends[i - 1]!; at < end; at++) {
    column.put(attributes.keys[at]!, attributes.values[at]!);
  }
  column.end();
}

const ITEM: Readonly<Partial<Record<Signal, string>>> = {
  spans: 'span',
  logs: 'log record',
  samples: 'point',
};
