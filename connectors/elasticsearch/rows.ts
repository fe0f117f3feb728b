import {
  BatchBuilder,
  ResourceInterner,
  adjustedCount,
  seriesId,
  type Attributes,
  type Batch,
} from '../../core/model';
import { jsonText, placeInText, type DroppedAt } from '../../core/connect';
import type { Hit } from './api';
import { mapDocument } from './map';
import type { LogRecord, RecordSink, RemarkCode, SampleRecord, SpanRecord } from './records';
import { signalOf, type Mapping } from './spec';
import type { Tally } from './tally';

/** An attribute's longest text and the most of them that one row carries. */
const MAX_VALUE = 32_768;
const MAX_ATTRIBUTES = 512;

/** How many spans a span stands for. */
export type Weigh = (span: Pick<SpanRecord, 'traceId' | 'status'>) => number;

/** Rows of one slice: documents in, batches out. Resources and series are named anew in every slice. */
export class Rows implements RecordSink {
  private readonly resources = new ResourceInterner();
  private readonly logs = new BatchBuilder('logs');
  private readonly spans = new BatchBuilder('spans');
  private readonly events = new BatchBuilder('span_events');
  private readonly links = new BatchBuilder('span_links');
  private readonly series = new BatchBuilder('metric_series');
  private readonly samples = new BatchBuilder('samples');
  private readonly seen = new Set<bigint>();
  private readonly dropped: DroppedAt[] = [];
  /** Rows of the item's signal so far. */
  kept = 0;

  constructor(
    private readonly mapping: Mapping,
    private readonly tally: Tally,
    private readonly weigh?: Weigh,
  ) {}

  add(hit: Hit, ts: bigint): void {
    const reason = mapDocument(hit.source, ts, this.mapping, this);
    if (reason === '') return;
    this.tally.add('records-dropped', reason, `${hit.index}/${hit.id}`);
    this.drop(hit, ts);
  }

  /** A document that is none of the rows, with its place in time where it has one. */
  drop(hit: Hit, at?: bigint): void {
    const { service } = placeInText(jsonText(hit.source));
    this.dropped.push({ signal: signalOf(this.mapping.profile), at, service });
  }

  takeDropped(): readonly DroppedAt[] {
    return this.dropped.splice(0);
  }

  log(record: LogRecord): void {
    const { col } = this.logs;
    col.ts.push(record.ts);
    col.observed_ts.push(record.observedTs);
    col.resource_id.push(this.resources.intern(this.capped(record.resource)));
    col.severity.push(record.severity);
    col.severity_text.push(record.severityText);
    col.body.push(record.body);
    col.trace_id.push(record.traceId);
    col.span_id.push(record.spanId);
    col.attributes.push(this.capped(record.attributes));
    this.logs.endRow();
    this.kept++;
  }

  /** By the share that comes, and by the sampler before the index; null where all come: the store asks the span. */
  private weightOf(record: SpanRecord): number | null {
    if (!this.weigh) return null;
    return this.weigh(record) * (adjustedCount(record.attributes) ?? 1);
  }

  span(record: SpanRecord): void {
    const { traceId, spanId } = record;
    const { col } = this.spans;
    col.trace_id.push(traceId);
    col.span_id.push(spanId);
    col.parent_span_id.push(record.parentSpanId);
    col.resource_id.push(this.resources.intern(this.capped(record.resource)));
    col.name.push(record.name);
    col.kind.push(record.kind);
    col.start.push(record.start);
    col.duration.push(record.duration);
    col.status.push(record.status);
    col.status_message.push(record.statusMessage);
    col.attributes.push(this.capped(record.attributes));
    col.adjusted_count.push(this.weightOf(record));
    this.spans.endRow();
    this.kept++;
    for (const event of record.events) {
      const { col: of } = this.events;
      of.trace_id.push(traceId);
      of.span_id.push(spanId);
      of.ts.push(event.ts);
      of.name.push(event.name);
      of.attributes.push(this.capped(event.attributes));
      this.events.endRow();
    }
    for (const link of record.links) {
      const { col: of } = this.links;
      of.trace_id.push(traceId);
      of.span_id.push(spanId);
      of.linked_trace_id.push(link.traceId);
      of.linked_span_id.push(link.spanId);
      of.attributes.push(this.capped(link.attributes));
      this.links.endRow();
    }
  }

  sample(record: SampleRecord): void {
    const resource = this.resources.intern(this.capped(record.resource));
    const labels = this.capped(record.labels);
    const id = seriesId(record.metric, resource, labels);
    if (!this.seen.has(id)) {
      this.seen.add(id);
      const { col } = this.series;
      col.series_id.push(id);
      col.metric.push(record.metric);
      col.kind.push(record.counter ? 'counter' : 'gauge');
      col.unit.push(record.unit);
      col.description.push('');
      col.temporality.push(record.counter ? 'cumulative' : '');
      col.step.push(0n);
      col.resource_id.push(resource);
      col.labels.push(labels);
      this.series.endRow();
    }
    const { col } = this.samples;
    col.series_id.push(id);
    col.ts.push(record.ts);
    col.value.push(record.value);
    this.samples.endRow();
    this.kept++;
  }

  remark(code: RemarkCode): void {
    this.tally.add(code);
  }

  /** What has gathered, resources and series before what names them. */
  take(): readonly Batch[] {
    const resources = this.resources.take();
    const builders = [this.series, this.samples, this.spans, this.events, this.links, this.logs];
    const batches: Batch[] = resources ? [resources] : [];
    for (const builder of builders) if (builder.rows > 0) batches.push(builder.take());
    return batches;
  }

  /** Attributes within the limits; what is cut is counted. */
  private capped(attributes: Attributes): Attributes {
    let count = 0;
    let long = false;
    for (const key in attributes) {
      count++;
      if ((attributes[key]?.length ?? 0) > MAX_VALUE) long = true;
    }
    if (count <= MAX_ATTRIBUTES && !long) return attributes;
    if (long) this.tally.add('attributes-cut', `values over ${MAX_VALUE} characters`);
    if (count > MAX_ATTRIBUTES) {
      this.tally.add('attributes-cut', `more than ${MAX_ATTRIBUTES} attributes`);
    }
    const kept = Object.entries(attributes).slice(0, MAX_ATTRIBUTES);
    return Object.fromEntries(kept.map(([key, value]) => [key, value.slice(0, MAX_VALUE)]));
  }
}
