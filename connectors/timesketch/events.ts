import {
  Redactor,
  TimeReader,
  cellText,
  epochNs,
  severityOfWord,
  type JsonObject,
  type ReadChoices,
  type RowSink,
} from '../../core/connect';
import type { Attributes } from '../../core/model';

/** Attributes of who sent an event stand under these in what `faultline export` wrote, its own under those. */
const RESOURCE = 'resource.';
const ATTRIBUTE = 'attribute.';
const OWN = 'faultline:';

/** What becomes a column, or says the same as one. */
const TAKEN = new Set([
  'message',
  'datetime',
  'timestamp',
  'severity',
  'level',
  'trace_id',
  'span_id',
]);
/** Names of the machine in plaso's and others' events. */
const HOSTS = ['hostname', 'host', 'computer_name', 'source_host'];

/** Puts events into rows. Secrets are taken out of what other tools wrote. */
export class EventReader {
  private readonly times: TimeReader;
  private readonly redactor: Redactor;
  private readonly resources = new Map<string, Attributes>();

  constructor(
    private readonly sink: RowSink,
    choices: ReadChoices | undefined,
  ) {
    // Timesketch takes times without a zone as UTC.
    this.times = new TimeReader(sink.notices, { ...choices, zone: choices?.zone ?? 'UTC' });
    this.redactor = new Redactor(sink.notices);
  }

  /** '' where the event was taken, else why not. */
  add(event: JsonObject): string {
    const ts = this.time(event);
    if (ts === undefined) return 'the event has no time';
    const type = cellText(event['data_type']);
    const message = cellText(event['message']);
    if (type.startsWith(OWN)) {
      const reason = this.own(type.slice(OWN.length), event, ts, message);
      if (reason !== undefined) return reason;
    }
    if (message === '') return 'the event has no message';
    this.log(event, ts, message);
    return '';
  }

  /** `datetime` is what must be there; `timestamp` (µs) stands in where it is none. */
  private time(event: JsonObject): bigint | undefined {
    const ts = this.times.read(cellText(event['datetime']));
    const micros = cellText(event['timestamp']);
    const also = micros === '' ? undefined : epochNs(micros, 'µs');
    if (ts === undefined) return also;
    if (also !== undefined && (ts > also ? ts - also : also - ts) > 1_000_000n) {
      this.sink.notices.add(
        'times-disagree',
        'warning',
        (n) => `${n} events have a timestamp that is not their datetime; the datetime was taken.`,
      );
    }
    return ts;
  }

  private log(event: JsonObject, ts: bigint, message: string): void {
    const host = HOSTS.find((name) => cellText(event[name]) !== '');
    const word = cellText(event['severity'] ?? event['level']);
    const attributes: Record<string, string> = {};
    for (const [name, value] of Object.entries(event)) {
      if (TAKEN.has(name) || name === host) continue;
      const text = cellText(typeof value === 'object' ? this.redactor.value(value, name) : value);
      if (text !== '') attributes[name] = this.redactor.field(name, text);
    }
    this.sink.log({
      ts,
      body: this.redactor.text(message),
      severity: severityOfWord(word),
      severityText: word,
      traceId: hexOf(event['trace_id']),
      spanId: hexOf(event['span_id']),
      resource: this.resource(host === undefined ? {} : { 'host.name': cellText(event[host]) }),
      attributes,
    });
  }

  /** Equal resources are one object. */
  private resource(attributes: Attributes): Attributes {
    const key = JSON.stringify(attributes);
    const same = this.resources.get(key);
    if (!same) this.resources.set(key, attributes);
    return same ?? attributes;
  }

  /** An event that `faultline export` wrote becomes what it was; undefined for what it does not write. */
  private own(signal: string, event: JsonObject, ts: bigint, message: string): string | undefined {
    const text = (name: string): string => this.redactor.text(cellText(event[name]));
    const resource = this.resource(this.redactor.attributes(prefixed(event, RESOURCE)));
    const attributes = this.redactor.attributes(prefixed(event, ATTRIBUTE));
    const ids = { traceId: text('trace_id'), spanId: text('span_id') };
    switch (signal) {
      case 'logs':
        this.sink.log({
          ts,
          observedTs: optional(text('observed_timestamp_ns')),
          body: this.redactor.text(message),
          severity: Number(text('severity_number') || 0),
          severityText: text('severity_text'),
          ...ids,
          resource,
          attributes,
        });
        return '';
      case 'spans':
        this.sink.span({
          ...ids,
          parentSpanId: text('parent_span_id'),
          name: text('name'),
          kind: Number(text('kind') || 0),
          start: ts,
          duration: optional(text('duration_ns')) ?? 0n,
          status: Number(text('status') || 0),
          statusMessage: text('status_message'),
          resource,
          attributes,
        });
        return '';
      case 'alerts':
        this.sink.alert({
          fingerprint: text('fingerprint'),
          name: text('name'),
          startsAt: ts,
          endsAt: optional(text('ends_timestamp_ns')),
          severity: text('severity_text'),
          resource,
          labels: attributes,
          annotations: this.redactor.attributes(prefixed(event, 'annotation.')),
        });
        return '';
      case 'changes': {
        const [kind, title, version] = [text('kind'), text('title'), text('version')];
        this.sink.change({ ts, kind, title, version, resource, attributes });
        return '';
      }
      case 'samples':
        return this.sample(event, ts, resource, attributes);
      default:
        return undefined;
    }
  }

  private sample(event: JsonObject, ts: bigint, resource: Attributes, labels: Attributes): string {
    const text = (name: string): string => cellText(event[name]);
    const value = Number(text('value') || Number.NaN);
    const kinds = ['gauge', 'counter', 'histogram', 'summary'] as const;
    const series = this.sink.series({
      metric: text('metric'),
      kind: kinds.find((kind) => kind === text('kind')) ?? 'unknown',
      unit: text('unit'),
      description: text('description'),
      temporality:
        text('temporality') === 'delta' ? 'delta' : text('temporality') === '' ? '' : 'cumulative',
      step: optional(text('step_ns')) ?? 0n,
      resource,
      labels,
    });
    this.sink.sample(series, ts, value);
    return '';
  }
}

function prefixed(event: JsonObject, prefix: string): Attributes {
  const found: Record<string, string> = {};
  for (const name in event) {
    if (name.startsWith(prefix)) found[name.slice(prefix.length)] = cellText(event[name]);
  }
  return found;
}

const optional = (text: string): bigint | undefined =>
  /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;

function hexOf(value: unknown): string {
  const text = cellText(value).toLowerCase();
  return /^[0-9a-f]+$/.test(text) ? text : '';
}
