import { BatchBuilder, ResourceInterner, type Attributes, type Batch } from '../model';
import { hashHex, type EpochNs, type Rng } from '../base';

/** OpenTelemetry span kinds. */
export const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

export const SEVERITY = { info: 9, warn: 13, error: 17 } as const;
const SEVERITY_TEXT: Readonly<Record<number, string>> = { 9: 'INFO', 13: 'WARN', 17: 'ERROR' };

/** One request's trace. Its id is drawn when it is first needed; spans are kept for sampled traces only. */
export class Trace {
  #id: string | undefined;
  constructor(
    private readonly ids: Rng,
    readonly sampled: boolean,
  ) {}
  get id(): string {
    this.#id ??= hex(this.ids, 4);
    return this.#id;
  }
}

/** A span under way, of a sampled trace. */
export interface OpenSpan {
  readonly trace: Trace;
  readonly id: string;
  readonly parent: string;
  readonly kind: number;
  readonly resource: bigint;
  readonly start: number;
  name: string;
  /** Keys and values in turn. */
  readonly attributes: string[];
  /** Written with the span; a span that is lost takes them along. */
  exceptions?: { readonly at: number; readonly type: string; readonly message: string }[];
  link?: { readonly trace: string; readonly span: string };
}

function hex(rng: Rng, words: number): string {
  let text = '';
  for (let i = 0; i < words; i++) text += rng.int(0x1_0000_0000).toString(16).padStart(8, '0');
  return text;
}

/** Writes spans, logs, alerts and changes of the simulation, by simulated milliseconds, into batches. */
export class Recorder {
  readonly resources = new ResourceInterner();
  private readonly spans = new BatchBuilder('spans');
  private readonly events = new BatchBuilder('span_events');
  private readonly links = new BatchBuilder('span_links');
  private readonly logs = new BatchBuilder('logs');
  readonly alerts = new BatchBuilder('alerts');
  readonly changes = new BatchBuilder('changes');
  readonly series = new BatchBuilder('metric_series');
  readonly samples = new BatchBuilder('samples');
  readonly relations = new BatchBuilder('stated_relations');
  /** Nothing that happens before this (the warm-up) is written. */
  constructor(
    private readonly origin: EpochNs,
    private readonly ids: Rng,
    private readonly from: number,
    private readonly hasLogs = true,
  ) {}

  time(ms: number): EpochNs {
    return this.origin + BigInt(Math.round(ms * 1e6));
  }

  trace(sampled: boolean): Trace {
    return new Trace(this.ids, sampled);
  }

  open(
    trace: Trace,
    parent: string,
    kind: number,
    name: string,
    resource: bigint,
    start: number,
    attributes: readonly string[] = [],
  ): OpenSpan | undefined {
    if (!trace.sampled) return undefined;
    const id = hex(this.ids, 2);
    return { trace, id, parent, kind, name, resource, start, attributes: [...attributes] };
  }

  /** Ends a span; `error` is the status message of a failed one. */
  close(span: OpenSpan | undefined, end: number, error?: string): void {
    if (!span) return;
    const { col } = this.spans;
    const start = this.time(span.start);
    col.trace_id.push(span.trace.id);
    col.span_id.push(span.id);
    col.parent_span_id.push(span.parent);
    col.resource_id.push(span.resource);
    col.name.push(span.name);
    col.kind.push(span.kind);
    col.start.push(start);
    col.duration.push(this.time(end) - start);
    col.status.push(error === undefined ? 0 : 2);
    col.status_message.push(error ?? '');
    const { attributes } = span;
    for (let i = 0; i < attributes.length; i += 2) {
      col.attributes.put(attributes[i]!, attributes[i + 1]!);
    }
    col.attributes.end();
    this.spans.endRow();
    if (span.exceptions) this.writeEvents(span);
    if (span.link) this.writeLink(span, span.link);
  }

  exception(span: OpenSpan | undefined, at: number, type: string, message: string): void {
    if (span) (span.exceptions ??= []).push({ at, type, message });
  }

  private writeEvents(span: OpenSpan): void {
    const { col } = this.events;
    for (const { at, type, message } of span.exceptions ?? []) {
      col.trace_id.push(span.trace.id);
      col.span_id.push(span.id);
      col.ts.push(this.time(at));
      col.name.push('exception');
      col.attributes.push({ 'exception.type': type, 'exception.message': message });
      this.events.endRow();
    }
  }

  private writeLink(span: OpenSpan, link: { readonly trace: string; readonly span: string }): void {
    const { col } = this.links;
    col.trace_id.push(span.trace.id);
    col.span_id.push(span.id);
    col.linked_trace_id.push(link.trace);
    col.linked_span_id.push(link.span);
    col.attributes.push({});
    this.links.endRow();
  }

  log(
    at: number,
    resource: bigint,
    severity: number,
    body: string,
    place: { trace?: Trace; span?: OpenSpan; attributes?: Attributes } = {},
  ): void {
    if (at < this.from || !this.hasLogs) return;
    const { col } = this.logs;
    const ts = this.time(at);
    col.ts.push(ts);
    col.observed_ts.push(ts + 1_000_000n * BigInt(20 + (this.logs.rows % 180)));
    col.resource_id.push(resource);
    col.severity.push(severity);
    col.severity_text.push(SEVERITY_TEXT[severity] ?? '');
    col.body.push(body);
    col.trace_id.push(place.trace ? place.trace.id : '');
    col.span_id.push(place.span ? place.span.id : '');
    col.attributes.push(place.attributes ?? {});
    this.logs.endRow();
  }

  change(
    at: number,
    change: { kind: string; title: string; version: string },
    resource: Attributes,
    attributes: Attributes,
  ): void {
    if (at < this.from) return;
    const { col } = this.changes;
    col.ts.push(this.time(Math.round(at)));
    col.kind.push(change.kind);
    col.title.push(change.title);
    col.version.push(change.version);
    col.resource_id.push(this.resources.intern(resource));
    col.attributes.push(attributes);
    this.changes.endRow();
  }

  /** An alert; `ends` undefined means that it still fires. Its fingerprint is of its labels. */
  alert(
    starts: number,
    ends: number | undefined,
    name: string,
    labels: Attributes,
    annotations: Attributes,
    resource: Attributes,
  ): void {
    const { col } = this.alerts;
    const all = Object.entries({ alertname: name, ...labels }).sort(([a], [b]) => (a < b ? -1 : 1));
    col.fingerprint.push(hashHex(JSON.stringify(all)));
    col.name.push(name);
    col.starts_at.push(this.time(starts));
    col.ends_at.push(ends === undefined ? null : this.time(ends));
    col.severity.push(labels['severity'] ?? '');
    col.resource_id.push(this.resources.intern(resource));
    col.labels.push(labels);
    col.annotations.push(annotations);
    this.alerts.endRow();
  }

  /** Rows that wait in the largest builder. */
  get pending(): number {
    return Math.max(this.spans.rows, this.logs.rows, this.samples.rows);
  }

  /** What has gathered; what others name comes before them, a span's events and links before the span. */
  take(): Batch[] {
    const batches: Batch[] = [];
    const resources = this.resources.take();
    if (resources) batches.push(resources);
    const builders = [
      this.relations,
      this.changes,
      this.series,
      this.samples,
      this.events,
      this.links,
      this.spans,
      this.logs,
      this.alerts,
    ];
    for (const builder of builders) if (builder.rows > 0) batches.push(builder.take());
    return batches;
  }
}
