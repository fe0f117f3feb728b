import type { Signal } from '../../core/model';
import { protobufMetric } from './protobuf-metrics';
import { putAttribute, readAny } from './protobuf-values';
import type { OtlpRows } from './rows';
import { scopeAttributes } from './scope';
import { AttributeStage, LogStage, PointStage, SpanStage, type NestedStage } from './stages';
import { plainText } from './values';
import { BYTES, type WireReader } from '../../core/connect';

/**
 * Reads an Export{Trace,Logs,Metrics}ServiceRequest straight into columns. Field numbers are those of
 * opentelemetry-proto 1.x. Senders may write fields in any order (the Collector writes them descending),
 * so a message's own fields are gathered before its records are read.
 */
export class ProtobufDecoder {
  private readonly span = new SpanStage();
  private readonly log = new LogStage();
  private readonly point = new PointStage();
  private readonly loose = new AttributeStage();
  private index = 0;

  constructor(
    private readonly reader: WireReader,
    private readonly rows: OtlpRows,
    private readonly signal: Signal,
  ) {}

  request(): void {
    const { reader } = this;
    this.index = 0;
    while (reader.field()) {
      if (reader.number !== 1) {
        reader.skip();
        continue;
      }
      const outer = reader.enter();
      this.resourceItem();
      reader.leave(outer);
    }
  }

  /** The reader's bytes as one ResourceSpans, ResourceLogs or ResourceMetrics. */
  resource(): void {
    this.index = 0;
    this.resourceItem();
  }

  /** ResourceSpans, ResourceLogs or ResourceMetrics: resource = 1, scopes = 2. */
  private resourceItem(): void {
    const { reader, loose } = this;
    const scopes: number[] = [];
    loose.clear();
    while (reader.field()) {
      if (reader.number === 1) {
        const outer = reader.enter();
        while (reader.field()) {
          if (reader.number === 1) putAttribute(reader, loose);
          else reader.skip();
        }
        reader.leave(outer);
      } else if (reader.number === 2 && reader.type === BYTES) {
        scopes.push(reader.pass(), reader.pos);
      } else reader.skip();
    }
    const resource = this.rows.resource(loose.record());
    this.within(scopes, () => this.scopeItem(resource));
  }

  /** Visits messages that were passed over, given as [start, end) pairs. */
  private within(ranges: readonly number[], visit: () => void): void {
    const { reader } = this;
    const { pos, end } = reader;
    for (let i = 0; i < ranges.length; i += 2) {
      reader.pos = ranges[i]!;
      reader.end = ranges[i + 1]!;
      visit();
    }
    reader.pos = pos;
    reader.end = end;
  }

  /** ScopeSpans, ScopeLogs or ScopeMetrics: scope = 1, records = 2. */
  private scopeItem(resource: bigint): void {
    const { reader, loose } = this;
    const records: number[] = [];
    let name = '';
    let version = '';
    loose.clear();
    while (reader.field()) {
      if (reader.number === 1) {
        const outer = reader.enter();
        while (reader.field()) {
          if (reader.number === 1) name = reader.string();
          else if (reader.number === 2) version = reader.string();
          else if (reader.number === 3) putAttribute(reader, loose);
          else reader.skip();
        }
        reader.leave(outer);
      } else if (reader.number === 2 && reader.type === BYTES) {
        records.push(reader.pass(), reader.pos);
      } else reader.skip();
    }
    this.rows.setScope(scopeAttributes(name, version, loose));
    this.within(records, () => this.record(resource));
  }

  private record(resource: bigint): void {
    if (this.signal === 'samples') {
      this.index = protobufMetric(this.reader, this.rows, this.point, resource, this.index);
      return;
    }
    this.index++;
    if (this.signal === 'spans') {
      this.readSpan();
      const reason = this.rows.span(this.span, resource);
      if (reason) {
        const place = { at: this.span.start, resource };
        this.rows.drop('spans', this.index, `span "${this.span.name}"`, reason, place);
      }
    } else {
      this.readLog();
      const reason = this.rows.log(this.log, resource);
      if (reason) {
        const place = { at: this.log.ts > 0n ? this.log.ts : this.log.observedTs, resource };
        this.rows.drop('logs', this.index, this.log.body, reason, place);
      }
    }
  }

  private readSpan(): void {
    const { reader, span } = this;
    span.clear();
    while (reader.field()) {
      switch (reader.number) {
        case 1:
          span.traceId = reader.id(16) ?? this.fault('the trace id is not valid');
          break;
        case 2:
          span.spanId = reader.id(8) ?? this.fault('the span id is not valid');
          break;
        case 3:
          this.textAttribute('otel.trace_state');
          break;
        case 4:
          span.parentSpanId = reader.id(8) ?? this.fault('the parent span id is not valid');
          break;
        case 5:
          span.name = reader.string();
          break;
        case 6:
          span.kind = within(reader.int32(), 5);
          break;
        case 7:
          span.start = reader.fixed64();
          break;
        case 8:
          span.end = reader.fixed64();
          break;
        case 9:
          putAttribute(reader, span.attributes);
          break;
        case 11:
          this.event(span.events);
          break;
        case 13:
          this.link(span.links);
          break;
        case 15:
          this.status();
          break;
        case 10:
        case 12:
        case 14:
          this.countAttribute(DROPPED_COUNTS[reader.number] ?? '');
          break;
        default:
          reader.skip();
      }
    }
  }

  private fault(reason: string): string {
    this.span.fault ||= reason;
    return '';
  }

  private textAttribute(name: string): void {
    const value = this.reader.string();
    if (value !== '') this.span.attributes.put(name, value);
  }

  private countAttribute(name: string): void {
    const count = this.reader.int32();
    if (count > 0) this.span.attributes.put(name, String(count));
  }

  private status(): void {
    const { reader, span } = this;
    const outer = reader.enter();
    while (reader.field()) {
      if (reader.number === 2) span.statusMessage = reader.string();
      else if (reader.number === 3) span.status = within(reader.int32(), 2);
      else reader.skip();
    }
    reader.leave(outer);
  }

  private event(stage: NestedStage): void {
    const { reader } = this;
    let ts = 0n;
    let name = '';
    const outer = reader.enter();
    while (reader.field()) {
      if (reader.number === 1) ts = reader.fixed64();
      else if (reader.number === 2) name = reader.string();
      else if (reader.number === 3) putAttribute(reader, stage.attributes);
      else reader.skip();
    }
    reader.leave(outer);
    stage.end(ts, name, '');
  }

  private link(stage: NestedStage): void {
    const { reader } = this;
    let traceId = '';
    let spanId = '';
    const outer = reader.enter();
    while (reader.field()) {
      if (reader.number === 1) traceId = reader.id(16) ?? '';
      else if (reader.number === 2) spanId = reader.id(8) ?? '';
      else if (reader.number === 4) putAttribute(reader, stage.attributes);
      else reader.skip();
    }
    reader.leave(outer);
    stage.end(0n, traceId, spanId);
  }

  private readLog(): void {
    const { reader, log } = this;
    log.clear();
    while (reader.field()) {
      switch (reader.number) {
        case 1:
          log.ts = reader.fixed64();
          break;
        case 2:
          log.severity = within(reader.int32(), 24);
          break;
        case 3:
          log.severityText = reader.string();
          break;
        case 5:
          log.body = plainText(readAny(reader, true));
          break;
        case 6:
          putAttribute(reader, log.attributes);
          break;
        case 9:
          log.traceId = reader.id(16) ?? '';
          break;
        case 10:
          log.spanId = reader.id(8) ?? '';
          break;
        case 11:
          log.observedTs = reader.fixed64();
          break;
        case 12:
          log.eventName = reader.string();
          break;
        default:
          reader.skip();
      }
    }
  }
}

const DROPPED_COUNTS: Readonly<Record<number, string>> = {
  10: 'otel.dropped_attributes_count',
  12: 'otel.dropped_events_count',
  14: 'otel.dropped_links_count',
};

/** An enumeration's number; 0 where this version does not know it. */
function within(value: number, last: number): number {
  return value >= 0 && value <= last ? value : 0;
}
