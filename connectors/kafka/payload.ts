import {
  LogObjects,
  MappedRows,
  LogTexts,
  RowSink,
  isJsonObject,
  jsonShape,
  jsonText,
  mappingWords,
  parseExact,
  placeOfDropped,
  recordsIn,
  redactText,
  traceparentOf,
  type DroppedRecord,
  type JsonObject,
  type Mapping,
} from '../../core/connect';
import { formatRfc3339, msToNs } from '../../core/base';
import type { Batch, Notice, Signal } from '../../core/model';
import type { RecordBatch } from './record-batch';

/** OTLP messages in protobuf or JSON, as the connector of that name reads them. */
export interface OtlpReader {
  /** What a message is, by its content; undefined for another kind. */
  messageOf(
    bytes: Uint8Array,
  ): { readonly encoding: 'json' | 'protobuf'; readonly signal: Signal } | undefined;
  open(): {
    /** False where it is no such message. What is damaged in one is dropped with its place. */
    add(bytes: Uint8Array, where: string): boolean;
    take(): Read;
  };
}

export interface Read {
  readonly batches: readonly Batch[];
  readonly dropped: readonly DroppedRecord[];
  readonly notices: readonly Notice[];
}

/** How the values of a topic are read. */
export const PAYLOADS = ['otlp', 'json', 'text'] as const;
export type Payload = (typeof PAYLOADS)[number];

/** Where a record stands. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
}

/** The column of a mapping that stands for Kafka's own time of a record. */
export const TIME_COLUMN = 'messaging.kafka.message.timestamp';

const EXCERPT = 160;
const NO_OBJECT = 'it is no JSON object';
const NO_TIME = 'it has no time, and that of Kafka is none';
/** The end of the nanoseconds that 64 bits hold, in the year 2262. */
const LAST_MS = 9_200_000_000_000;
const strict = new TextDecoder('utf-8', { fatal: true });

/** A value as text; undefined where it is none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = strict.decode(bytes);
    return text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined;
  }
}

function timeOf({ timestamp }: RecordBatch): bigint | undefined {
  return timestamp < 0 || timestamp > LAST_MS ? undefined : msToNs(timestamp);
}

/** Reads the values of records of one place; `take` at the end gives what came of them. */
export class PayloadReader {
  private readonly sink = new RowSink();
  private readonly objects = new LogObjects(this.sink);
  private readonly texts = new LogTexts(this.sink.notices);
  private readonly mapped: MappedRows<JsonObject> | undefined;
  private readonly otlp;
  private readonly dropped: DroppedRecord[] = [];
  tombstones = 0;
  /** Records whose value could be read, if only in part. */
  read = 0;

  constructor(
    private readonly payload: Payload,
    private readonly place: RecordPlace,
    otlp: OtlpReader,
    private readonly mapping?: Mapping,
  ) {
    this.otlp = otlp.open();
    this.mapped = mapping && new MappedRows(mapping, jsonShape, this.sink);
  }

  add(record: RecordBatch): void {
    const { value } = record;
    if (value === null) {
      this.tombstones++;
      return;
    }
    const reason = this.value(record, value);
    if (reason === '') this.read++;
    else this.drop(record, value, reason);
  }

  private where({ offset }: RecordBatch): string {
    return `${this.place.topic}/${this.place.partition} at ${offset}`;
  }

  private drop(record: RecordBatch, value: Uint8Array, reason: string): void {
    const start = textOf(value.subarray(0, EXCERPT)) ?? `${value.length} bytes, not text`;
    const signal = this.payload === 'otlp' ? 'spans' : (this.mapping?.target ?? 'logs');
    const at = timeOf(record);
    this.dropped.push({
      signal,
      where: this.where(record),
      text: redactText(start),
      reason,
      ...placeOfDropped(textOf(value) ?? '', {}),
      ...(at === undefined ? {} : { at }),
    });
  }

  private value(record: RecordBatch, value: Uint8Array): string {
    if (this.payload === 'otlp') {
      return this.otlp.add(value, this.where(record)) ? '' : 'it is no OTLP message';
    }
    const text = textOf(value);
    if (text === undefined) return 'it is not text';
    if (text.trim() === '') return 'it is empty';
    if (this.payload === 'json' && this.mapped) return this.byMapping(record, value, text);
    const json = this.payload === 'json' && /^\s*[[{]/.test(text);
    return json ? this.json(record, text) : this.text(record, text);
  }

  /** Objects of a value, each by the mapping; those that are none of its rows are dropped one by one. */
  private byMapping(record: RecordBatch, value: Uint8Array, text: string): string {
    const { mapping, mapped } = this;
    if (!mapping || !mapped) return '';
    let document: unknown;
    try {
      document = parseExact(text);
    } catch {
      return 'it is no valid JSON';
    }
    const all: readonly unknown[] = Array.isArray(document) ? document : [document];
    const { records } = mapping;
    const objects = records === undefined ? all : all.flatMap((of) => recordsIn(of, records));
    if (objects.length === 0) return 'it is an empty list';
    const context = this.contextOf(record, mapping);
    for (const object of objects) {
      const reason = isJsonObject(object) ? mapped.add({ ...context, ...object }) : NO_OBJECT;
      if (reason === '') this.noteMapped(mapping);
      else if (objects.length === 1) return reason;
      else this.drop(record, value, reason);
    }
    return '';
  }

  private noteMapped(mapping: Mapping): void {
    this.sink.notices.add(
      'records-mapped',
      'info',
      (n) => `${n} records were taken as ${mapping.target} by a mapping: ${mappingWords(mapping)}.`,
    );
  }

  /** Columns beside those of the object: where the record stands and its headers, and Kafka's time if it is asked for. */
  private contextOf(record: RecordBatch, { target, fields }: Mapping): JsonObject {
    const asked = Object.values(fields).some((of) => 'column' in of && of.column === TIME_COLUMN);
    const ts = asked ? timeOf(record) : undefined;
    const time = ts === undefined ? {} : { [TIME_COLUMN]: formatRfc3339(ts) };
    // In labels they would make a series, or an alert, of every record.
    return {
      ...time,
      ...(target === 'samples' || target === 'alerts' ? {} : this.attributes(record)),
    };
  }

  private json(record: RecordBatch, text: string): string {
    let document: unknown;
    try {
      document = parseExact(text);
    } catch {
      // A line may begin with a bracket or a brace; an object that was cut is none.
      return /^\s*\{\s*"/.test(text) ? 'it is no valid JSON' : this.text(record, text);
    }
    const objects = Array.isArray(document) ? document : [document];
    if (objects.length === 0) return 'it is an empty list';
    const { traceparent, ...attributes } = this.attributes(record);
    for (const object of objects) {
      if (!isJsonObject(object)) return NO_OBJECT;
      // What the record says of its trace goes before its header.
      const doc = traceparent === undefined ? object : { traceparent, ...object };
      if (this.objects.add(doc, { attributes }) === '') continue;
      const ts = this.time(record);
      if (ts === undefined) return NO_TIME;
      const reason = this.objects.add(doc, { ts, attributes });
      if (reason !== '') return reason;
    }
    return '';
  }

  /** Kafka's time of the record, where it is one: some producers write other units. */
  private time(record: RecordBatch): bigint | undefined {
    const ts = timeOf(record);
    if (ts !== undefined) this.noteTime();
    return ts;
  }

  private noteTime(): void {
    this.sink.notices.add(
      'record-time-used',
      'info',
      (n) => `${n} records have no time of their own that is known; Kafka's is used.`,
    );
  }

  private text(record: RecordBatch, text: string): string {
    const ts = this.time(record);
    if (ts === undefined) return NO_TIME;
    const { traceparent, ...attributes } = this.attributes(record);
    const named = traceparentOf(traceparent);
    const read = this.texts.read(text.replace(/\r?\n$/, ''));
    this.sink.log({
      ts,
      ...read,
      traceId: read.traceId || (named?.traceId ?? ''),
      spanId: read.spanId || (named?.spanId ?? ''),
      resource: NOBODY,
      attributes: this.texts.redactor.attributes(attributes),
    });
    return '';
  }

  /** Where the record stands, its key and its headers, by OpenTelemetry's conventions for messaging. */
  private attributes(record: RecordBatch): Record<string, string> {
    const { topic, partition } = this.place;
    const out: Record<string, string> = {
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': String(record.offset),
    };
    const key = record.key && textOf(record.key);
    if (key) out['messaging.kafka.message.key'] = jsonText(key);
    record.headers((name, value) => {
      if (name !== '' && value !== '')
        out[name === 'traceparent' ? name : `messaging.header.${name}`] = value;
    });
    return out;
  }

  take(): Read {
    const parts: Read[] = [this.otlp.take()];
    const items = [...this.sink.items(true)];
    const batches = items.flatMap((item) => (item.kind === 'batch' ? [item.batch] : []));
    const notices = items.flatMap((item) => (item.kind === 'notice' ? [item.notice] : []));
    const dropped = items.flatMap((item) => (item.kind === 'dropped' ? [item.record] : []));
    parts.push({ batches, notices, dropped: [...this.dropped, ...dropped] });
    return {
      batches: parts.flatMap((part) => part.batches),
      notices: parts.flatMap((part) => part.notices),
      dropped: parts.flatMap((part) => part.dropped),
    };
  }
}

/** A plain text says nothing of who wrote it. */
const NOBODY = {};
