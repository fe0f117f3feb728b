import { camelOf, isSnake } from './dialects';
import type { JsonCursor } from './json-cursor';
import type { JsonValues } from './json-values';
import { LogStage, SpanStage, type NestedStage } from './stages';

/** Reads spans and log records at the cursor, each into its stage. */
export class JsonRecords {
  readonly span = new SpanStage();
  readonly log = new LogStage();

  constructor(
    private readonly cursor: JsonCursor,
    private readonly values: JsonValues,
  ) {}

  /** A span into its stage. */
  readSpan(): void {
    this.span.clear();
    this.spanFields(this.cursor.open());
  }

  /** The members from this key on, or the one of it: a key in snake case is read as the one it stands for. */
  private spanFields(first: string | null, one = false): void {
    const { cursor, span } = this;
    for (let key = first; key !== null; key = one ? null : cursor.next()) {
      switch (key) {
        case 'traceId':
          span.traceId = this.values.id(32) ?? this.fault('the trace id is not valid');
          break;
        case 'spanId':
          span.spanId = this.values.id(16) ?? this.fault('the span id is not valid');
          break;
        case 'parentSpanId':
          span.parentSpanId = this.values.id(16) ?? this.fault('the parent span id is not valid');
          break;
        case 'name':
          span.name = cursor.string();
          break;
        case 'kind':
          span.kind = this.values.enumeration('SPAN_KIND_', SPAN_KINDS);
          break;
        case 'startTimeUnixNano':
          span.start = cursor.nanoseconds();
          break;
        case 'endTimeUnixNano':
          span.end = cursor.nanoseconds();
          break;
        case 'attributes':
          this.values.attributes(span.attributes);
          break;
        case 'events':
          this.events(span.events);
          break;
        case 'links':
          this.links(span.links);
          break;
        case 'status':
          this.status();
          break;
        case 'traceState':
          this.textAttribute('otel.trace_state');
          break;
        case 'droppedAttributesCount':
        case 'droppedEventsCount':
        case 'droppedLinksCount':
          this.countAttribute(key);
          break;
        default:
          if (isSnake(key)) this.spanFields(camelOf(key), true);
          else cursor.skip();
      }
    }
  }

  private fault(reason: string): string {
    this.span.fault ||= reason;
    return '';
  }

  private textAttribute(name: string): void {
    const value = this.cursor.string();
    if (value !== '') this.span.attributes.put(name, value);
  }

  /** What the sender left out is worth knowing: `otel.dropped_events_count`. */
  private countAttribute(key: string): void {
    const count = this.cursor.integer();
    if (count > 0) this.span.attributes.put(DROPPED_COUNTS[key] ?? key, String(count));
  }

  private status(): void {
    const { cursor, span } = this;
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'code') span.status = this.values.enumeration('STATUS_CODE_', STATUS_CODES);
      else if (key === 'message') span.statusMessage = cursor.string();
      else cursor.skip();
    }
  }

  private events(stage: NestedStage): void {
    const { cursor } = this;
    for (let more = cursor.openArray(); more; more = cursor.item()) {
      let ts = 0n;
      let name = '';
      for (let key = cursor.open(); key !== null; key = cursor.next()) {
        if (key === 'timeUnixNano' || key === 'time_unix_nano') ts = cursor.nanoseconds();
        else if (key === 'name') name = cursor.string();
        else if (key === 'attributes') this.values.attributes(stage.attributes);
        else cursor.skip();
      }
      stage.end(ts, name, '');
    }
  }

  private links(stage: NestedStage): void {
    const { cursor } = this;
    for (let more = cursor.openArray(); more; more = cursor.item()) {
      let traceId = '';
      let spanId = '';
      for (let key = cursor.open(); key !== null; key = cursor.next()) {
        if (key === 'traceId' || key === 'trace_id') traceId = this.values.id(32) ?? '';
        else if (key === 'spanId' || key === 'span_id') spanId = this.values.id(16) ?? '';
        else if (key === 'attributes') this.values.attributes(stage.attributes);
        else cursor.skip();
      }
      stage.end(0n, traceId, spanId);
    }
  }

  /** A log record into its stage. */
  readLog(): void {
    this.log.clear();
    this.logFields(this.cursor.open());
  }

  /** The members from this key on, or the one of it: a key in snake case is read as the one it stands for. */
  private logFields(first: string | null, one = false): void {
    const { cursor, log } = this;
    for (let key = first; key !== null; key = one ? null : cursor.next()) {
      switch (key) {
        case 'timeUnixNano':
          log.ts = cursor.nanoseconds();
          break;
        case 'observedTimeUnixNano':
          log.observedTs = cursor.nanoseconds();
          break;
        case 'severityNumber':
          log.severity = this.values.severity();
          break;
        case 'severityText':
          log.severityText = cursor.string();
          break;
        case 'body':
          log.body = this.values.anyText();
          break;
        case 'attributes':
          this.values.attributes(log.attributes);
          break;
        // A log record without a valid id stands for itself.
        case 'traceId':
          log.traceId = this.values.id(32) ?? '';
          break;
        case 'spanId':
          log.spanId = this.values.id(16) ?? '';
          break;
        case 'eventName':
          log.eventName = cursor.string();
          break;
        default:
          if (isSnake(key)) this.logFields(camelOf(key), true);
          else cursor.skip();
      }
    }
  }
}

const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'];

const DROPPED_COUNTS: Readonly<Record<string, string>> = {
  droppedAttributesCount: 'otel.dropped_attributes_count',
  droppedEventsCount: 'otel.dropped_events_count',
  droppedLinksCount: 'otel.dropped_links_count',
};
