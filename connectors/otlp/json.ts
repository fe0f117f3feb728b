import type { Signal } from '../../core/model';
import { JsonCursor, JsonError, detached } from './json-cursor';
import { metricsFromJson } from './json-metrics';
import { JsonValues } from './json-values';
import type { OtlpRows } from './rows';
import { scopeAttributes } from './scope';
import { AttributeStage, LogStage, SpanStage, type NestedStage } from './stages';

/** Top-level keys and what they hold; `batches` is Tempo's word. */
const SIGNAL_OF_KEY: Readonly<Record<string, Signal>> = {
  resourceSpans: 'spans',
  batches: 'spans',
  resourceLogs: 'logs',
  resourceMetrics: 'samples',
};

const SCOPES = new Set([
  'scopeSpans',
  'scopeLogs',
  'instrumentationLibrarySpans',
  'instrumentationLibraryLogs',
]);

const RESOURCES_CACHED = 10_000;

/**
 * Reads OTLP in its JSON encoding (a line of the Collector's file exporter, a body of OTLP/HTTP) straight
 * into columns. Where the text breaks off, the records before the break are kept and the rest is one
 * dropped record.
 */
export class JsonDecoder {
  private readonly cursor = new JsonCursor();
  private readonly values = new JsonValues(this.cursor);
  private readonly span = new SpanStage();
  private readonly log = new LogStage();
  private readonly loose = new AttributeStage();
  private readonly resources = new Map<string, bigint>();
  private resourceId = 0n;
  private signal: Signal = 'spans';
  private index = 0;
  /** Whether the text has a key of OTLP at all. */
  private found = false;

  constructor(private readonly rows: OtlpRows) {}

  /**
   * One JSON value: an object with resourceSpans, …Logs or …Metrics, or an array of such. Returns why it
   * could not be read to its end, or ''; that has been counted as a dropped record.
   */
  decode(text: string, from: number, to: number): string {
    const { cursor } = this;
    cursor.reset(text, from, to);
    this.index = 0;
    this.found = false;
    const start = from;
    try {
      if (cursor.peek() === 91) {
        for (let more = cursor.openArray(); more; more = cursor.item()) this.topLevel();
      } else this.topLevel();
      if (cursor.peek() !== -1) throw cursor.error('there is more after the end of the object');
      if (this.found) return '';
      const reason = 'an object without resourceSpans, resourceLogs or resourceMetrics';
      this.rows.drop(this.signal, 0, text.slice(start, to), reason);
      return reason;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      if (!this.found) this.signal = guessSignal(text.slice(start, start + 200)) ?? this.signal;
      const near = text.slice(Math.max(start, error.at - 60), Math.min(to, error.at + 100));
      const reason = `not valid JSON at column ${error.at - start + 1}: ${error.message}`;
      this.rows.drop(this.signal, this.index, near, reason);
      return reason;
    }
  }

  private topLevel(): void {
    const { cursor } = this;
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      const signal = SIGNAL_OF_KEY[key];
      if (!signal) {
        cursor.skip();
        continue;
      }
      this.signal = signal;
      this.found = true;
      for (let more = cursor.openArray(); more; more = cursor.item()) {
        if (signal === 'samples') this.resourceMetrics();
        else this.resourceItem();
      }
    }
  }

  private resourceMetrics(): void {
    const { cursor, rows } = this;
    const from = cursor.skip();
    this.index = metricsFromJson(cursor.text.slice(from, cursor.pos), this.index, rows);
  }

  /** A ResourceSpans or ResourceLogs. The resource may come after what belongs to it. */
  private resourceItem(): void {
    const { cursor } = this;
    const waiting: number[] = [];
    let known = false;
    this.resourceId = -1n;
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'resource') {
        this.resourceId = this.resource();
        known = true;
      } else if (SCOPES.has(key)) {
        if (known) this.scopes();
        else waiting.push(cursor.skip());
      } else cursor.skip();
    }
    if (waiting.length === 0) return;
    if (!known) this.resourceId = this.rows.resource({});
    const end = cursor.pos;
    for (const at of waiting) {
      cursor.seek(at);
      this.scopes();
    }
    cursor.seek(end);
  }

  /** Resources repeat from line to line: equal texts are read once. */
  private resource(): bigint {
    const { cursor, loose } = this;
    const from = cursor.skip();
    const end = cursor.pos;
    const raw = cursor.text.slice(from, end);
    const known = this.resources.get(raw);
    if (known !== undefined) return known;
    cursor.seek(from);
    loose.clear();
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'attributes') this.values.attributes(loose);
      else cursor.skip();
    }
    const id = this.rows.resource(loose.record());
    if (this.resources.size >= RESOURCES_CACHED) this.resources.clear();
    this.resources.set(detached(raw), id);
    return id;
  }

  private scopes(): void {
    const { cursor } = this;
    for (let more = cursor.openArray(); more; more = cursor.item()) this.scopeItem();
  }

  /** A ScopeSpans or ScopeLogs. */
  private scopeItem(): void {
    const { cursor } = this;
    const waiting: [string, number][] = [];
    let known = false;
    this.rows.setScope([]);
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'scope' || key === 'instrumentationLibrary') {
        this.scope();
        known = true;
      } else if (key === 'spans' || key === 'logRecords' || key === 'logs') {
        if (known) this.records(key);
        else waiting.push([key, cursor.skip()]);
      } else cursor.skip();
    }
    const end = cursor.pos;
    for (const [key, at] of waiting) {
      cursor.seek(at);
      this.records(key);
    }
    cursor.seek(end);
  }

  private scope(): void {
    const { cursor, loose } = this;
    let name = '';
    let version = '';
    loose.clear();
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'name') name = cursor.string();
      else if (key === 'version') version = cursor.string();
      else if (key === 'attributes') this.values.attributes(loose);
      else cursor.skip();
    }
    this.rows.setScope(scopeAttributes(name, version, loose));
  }

  private records(key: string): void {
    const { cursor, rows } = this;
    for (let more = cursor.openArray(); more; more = cursor.item()) {
      const from = cursor.pos;
      this.index++;
      let reason: string;
      if (key === 'spans') {
        this.readSpan();
        reason = rows.span(this.span, this.resourceId);
      } else {
        this.readLog();
        reason = rows.log(this.log, this.resourceId);
      }
      if (reason) rows.drop(this.signal, this.index, cursor.text.slice(from, cursor.pos), reason);
    }
  }

  private readSpan(): void {
    const { cursor, span } = this;
    span.clear();
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
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
          cursor.skip();
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
        if (key === 'timeUnixNano') ts = cursor.nanoseconds();
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
        if (key === 'traceId') traceId = this.values.id(32) ?? '';
        else if (key === 'spanId') spanId = this.values.id(16) ?? '';
        else if (key === 'attributes') this.values.attributes(stage.attributes);
        else cursor.skip();
      }
      stage.end(0n, traceId, spanId);
    }
  }

  private readLog(): void {
    const { cursor, log } = this;
    log.clear();
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
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
          cursor.skip();
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

function guessSignal(head: string): Signal | undefined {
  const key = /"(resourceSpans|batches|resourceLogs|resourceMetrics)"/.exec(head)?.[1];
  return key === undefined ? undefined : SIGNAL_OF_KEY[key];
}
