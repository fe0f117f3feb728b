import { hashHex } from '../../base';
import type { ReadChoices, TimeUnit } from '../format';
import type { DroppedPlace } from './dropped-place';
import { ATTRIBUTE, type MapFrom, type Mapping } from './mapping';
import { Gathered, prefixed, resourceFields, type Get } from './mapping-gathered';
import { cellText, isDay, type RecordShape } from './mapping-shape';
import { REDACTED, Redactor, isSecretName } from './redact';
import type { RowSink } from './rows';
import { severityOfTens, severityOfWord } from './severity';
import { TimeReader, epochNs, guessTimeUnit } from './times';

/** What a person chose goes before what the mapping says. */
export function choicesOf(mapping: Mapping, choices: ReadChoices): ReadChoices {
  const { unit: timeUnit, zone, dayFirst } = mapping.time ?? {};
  const said = Object.fromEntries(Object.entries(choices).filter(([, v]) => v !== undefined));
  return { timeUnit, zone, dayFirst, ...said };
}

/** Puts records into a sink by a mapping that has no faults. */
export class MappedRows<R> {
  private readonly get: Readonly<Record<string, Get<R>>>;
  private readonly values: readonly { readonly metric: string; readonly get: Get<R> }[];
  private readonly times: TimeReader;
  private readonly timeUnit: TimeUnit | undefined;
  private readonly missing: string;
  private readonly redactor: Redactor;
  private readonly resource: Gathered<R>;
  private readonly attributes: Gathered<R>;
  private readonly series = new Map<string, bigint>();
  private readonly take: (record: R, ts: bigint) => string;
  private lastTime: bigint | undefined;

  constructor(
    private readonly mapping: Mapping,
    shape: RecordShape<R>,
    private readonly sink: RowSink,
    choices: ReadChoices = {},
  ) {
    const { fields, values = [], target } = mapping;
    this.redactor = new Redactor(sink.notices);
    const absent = new Set<string>();
    const find = (column: string): Get<R> => {
      const get = shape.column(column);
      if (!get) absent.add(column);
      if (get && isSecretName(column)) return (record) => (get(record) ? REDACTED : undefined);
      return get ?? (() => undefined);
    };
    const getOf = (of: MapFrom): Get<R> => ('column' in of ? find(of.column) : () => of.constant);
    this.get = Object.fromEntries(Object.entries(fields).map(([n, of]) => [n, getOf(of)]));
    this.values = values.map((metric) => ({ metric, get: find(metric) }));
    this.missing = [...absent].join(', ');
    const known = choicesOf(mapping, choices);
    this.timeUnit = known.timeUnit;
    this.times = new TimeReader(sink.notices, known);
    const used = new Set([
      ...Object.values(fields).flatMap((of) => ('column' in of ? [of.column] : [])),
      ...values,
    ]);
    const keep = (mapping.rest ?? (target === 'samples' ? 'leave' : 'attributes')) === 'attributes';
    this.resource = new Gathered(resourceFields(this.get), this.redactor);
    this.attributes = new Gathered(
      prefixed(this.get, ATTRIBUTE),
      this.redactor,
      keep ? shape.others(used) : undefined,
    );
    this.take = {
      logs: (r: R, ts: bigint) => this.log(r, ts),
      samples: (r: R, ts: bigint) => (values.length > 0 ? this.wide(r, ts) : this.long(r, ts)),
      spans: (r: R, ts: bigint) => this.span(r, ts),
      alerts: (r: R, ts: bigint) => this.alert(r, ts),
      changes: (r: R, ts: bigint) => this.change(r, ts),
    }[target];
  }

  /** Columns that the mapping names and the table does not have. */
  get missingColumns(): string {
    return this.missing;
  }

  /** Puts the record into the sink, or says why it can't be taken; '' where it was. */
  add(record: R): string {
    const given = this.whole(record);
    this.lastTime = undefined;
    if (given === '') return 'the record has no time';
    const ts = this.time(given);
    this.lastTime = ts;
    return ts === undefined ? 'its time can not be read' : this.take(record, ts);
  }

  /** Where the record stands that `add` did not take just now. */
  place(record: R): DroppedPlace {
    return { at: this.lastTime, service: this.resource.of(record)['service.name'] };
  }

  private whole(record: R): unknown {
    const time = this.get['time']?.(record);
    const date = this.get['date'] ? cellText(this.get['date'](record)) : '';
    const text = typeof time === 'number' ? time : cellText(time).trim();
    return date === '' || text === '' ? text : `${date.trim()} ${text}`;
  }

  private time(value: unknown): bigint | undefined {
    if (typeof value === 'string' && /^-?\d+(\.\d+)?[eE]\+?\d+$/.test(value)) {
      return this.times.read(Number(value));
    }
    if (typeof value === 'string' && isDay(value)) {
      this.note('times-are-days', (n) => `${n} times are days only; they were read as midnight.`);
      return this.times.read(`${value} 00:00:00`);
    }
    return this.times.read(value);
  }

  private text(name: string, record: R): string {
    const get = this.get[name];
    return get ? this.redactor.text(cellText(get(record))) : '';
  }

  private optionalTime(name: string, record: R): bigint | undefined {
    const get = this.get[name];
    if (!get) return undefined;
    const value = get(record);
    const given = typeof value === 'number' ? value : cellText(value).trim();
    if (given === '') return undefined;
    const ts = this.time(given);
    if (ts === undefined) {
      this.note(
        'times-not-read',
        (n) => `${n} times beside the first one of a record could not be read and are missing.`,
        'warning',
      );
    }
    return ts;
  }

  private note(code: string, say: (n: number) => string, severity: 'info' | 'warning' = 'info') {
    this.sink.notices.add(code, severity, say);
  }

  private log(record: R, ts: bigint): string {
    const body = this.text('body', record);
    if (body === '') return 'the record has no message';
    const word = this.text('severity', record);
    const number = Number(this.text('severity_number', record) || Number.NaN);
    this.sink.log({
      ts,
      observedTs: this.optionalTime('observed_time', record),
      body,
      severity: number >= 1 && number <= 24 ? Math.trunc(number) : this.severity(word),
      severityText: word,
      traceId: this.id('trace_id', record),
      spanId: this.id('span_id', record),
      resource: this.resource.of(record),
      attributes: this.attributes.of(record),
    });
    return '';
  }

  private severity(word: string): number {
    if (word === '') return 0;
    const known = /^\d+$/.test(word) ? severityOfTens(Number(word)) : severityOfWord(word);
    if (known === 0) {
      this.note(
        'severity-not-known',
        (n) => `${n} severities are no known word or number; they are kept as text.`,
      );
    }
    return known;
  }

  /** Ids in hexadecimal come in lower case without dashes; others stay as they are, so that they still join. */
  private id(name: string, record: R): string {
    const text = this.text(name, record).trim();
    const hex = text.replaceAll('-', '').toLowerCase();
    if (/^0*$/.test(hex)) return '';
    if (/^[0-9a-f]+$/.test(hex)) return hex.padStart(name === 'trace_id' ? 32 : 16, '0');
    this.note(
      'ids-not-hex',
      (n) => `${n} trace or span ids are not hexadecimal; they stand as they are in the file.`,
    );
    return text;
  }

  private span(record: R, start: bigint): string {
    const name = this.text('name', record);
    const traceId = this.id('trace_id', record);
    const spanId = this.id('span_id', record);
    if (name === '') return 'the span has no name';
    if (traceId === '' || spanId === '') return 'the span has no trace or span id';
    const duration = this.duration(record, start);
    if (typeof duration === 'string') return duration;
    this.sink.span({
      traceId,
      spanId,
      parentSpanId: this.id('parent_span_id', record),
      name,
      kind: kindOf(this.text('kind', record)),
      start,
      duration,
      status: statusOf(this.text('status', record)),
      statusMessage: this.text('status_message', record),
      resource: this.resource.of(record),
      attributes: this.attributes.of(record),
    });
    return '';
  }

  private duration(record: R, start: bigint): bigint | string {
    const text = this.text('duration', record).trim();
    if (text !== '') {
      const ns = epochNs(this.decimal(text), this.durationUnit(record));
      if (ns === undefined) return 'its duration is no number';
      return ns < 0n ? 'its duration is negative' : ns;
    }
    const end = this.optionalTime('end', record);
    if (end === undefined) {
      this.note(
        'spans-without-duration',
        (n) => `${n} spans have neither duration nor end; they have length 0.`,
        'warning',
      );
      return 0n;
    }
    return end < start ? 'the span ends before it starts' : end - start;
  }

  /** Who writes the start in microseconds or nanoseconds writes the duration in them, too. */
  private durationUnit(record: R): TimeUnit {
    if (this.mapping.duration) return this.mapping.duration;
    const start = Number(this.whole(record));
    const unit = this.timeUnit ?? guessTimeUnit(start);
    const fine = Number.isFinite(start) && (unit === 'µs' || unit === 'ns') ? unit : undefined;
    this.note(
      'duration-unit-assumed',
      (n) =>
        fine === undefined
          ? `${n} durations say no unit; they were read in milliseconds.`
          : `${n} durations say no unit; they were read in that of the times.`,
      'warning',
    );
    return fine ?? 'ms';
  }

  private decimal(text: string): string {
    return this.mapping.decimal === ',' ? text.replaceAll('.', '').replace(',', '.') : text;
  }

  private number(value: unknown): number {
    if (typeof value === 'number') return value;
    const text = cellText(value).trim();
    return text === '' ? Number.NaN : numberOf(this.decimal(text));
  }

  private long(record: R, ts: bigint): string {
    const metric = this.text('metric', record);
    if (metric === '') return 'the record has no metric';
    const value = this.get['value']?.(record);
    const number = this.number(value);
    if (Number.isNaN(number) && !isNaNText(value)) return 'its value is no number';
    this.sample(record, metric, ts, number);
    return '';
  }

  private wide(record: R, ts: bigint): string {
    let taken = 0;
    for (const { metric, get } of this.values) {
      const value = get(record);
      const number = this.number(value);
      if (Number.isNaN(number) && !isNaNText(value)) {
        if (cellText(value).trim() === '') continue;
        this.note(
          'values-not-numbers',
          (n) => `${n} values in columns of numbers are none and were left out.`,
          'warning',
        );
        continue;
      }
      this.sample(record, metric, ts, number);
      taken++;
    }
    return taken === 0 ? 'none of its values is a number' : '';
  }

  private sample(record: R, metric: string, ts: bigint, value: number): void {
    const resource = this.resource.of(record);
    const labels = this.attributes.of(record);
    const unit = this.text('unit', record);
    const key = JSON.stringify([metric, unit, resource, labels]);
    let id = this.series.get(key);
    if (id === undefined) {
      id = this.sink.series({ metric, unit, resource, labels });
      this.series.set(key, id);
    }
    this.sink.sample(id, ts, value);
  }

  private alert(record: R, startsAt: bigint): string {
    const name = this.text('name', record);
    if (name === '') return 'the alert has no name';
    const endsAt = this.optionalTime('end', record);
    if (endsAt !== undefined && endsAt < startsAt) return 'the alert ends before it starts';
    const resource = this.resource.of(record);
    const labels = this.attributes.of(record);
    const description = this.text('description', record);
    this.sink.alert({
      fingerprint:
        this.text('fingerprint', record) || hashHex(JSON.stringify([name, resource, labels])),
      name,
      startsAt,
      endsAt,
      severity: this.text('severity', record),
      resource,
      labels,
      annotations: description === '' ? {} : { description },
    });
    return '';
  }

  private change(record: R, ts: bigint): string {
    const title = this.text('title', record);
    if (title === '') return 'the change has no title';
    this.sink.change({
      ts,
      kind: this.text('kind', record).toLowerCase() || 'change',
      title,
      version: this.text('version', record),
      resource: this.resource.of(record),
      attributes: this.attributes.of(record),
    });
    return '';
  }
}

/** A number as tables have it; NaN where it is none. */
export function numberOf(text: string): number {
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^[+-]?[\d.]/.test(text) && !/^0[xbo]/i.test(text) ? Number(text) : Number.NaN;
}

const isNaNText = (value: unknown): boolean =>
  Number.isNaN(value) || (typeof value === 'string' && /^nan$/i.test(value.trim()));

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** OpenTelemetry's SpanKind of its name, with or without SPAN_KIND_, or of its number; 0 where unknown. */
export function kindOf(text: string): number {
  if (/^[0-5]$/.test(text)) return Number(text);
  return Math.max(0, KINDS.indexOf(text.toLowerCase().replace(/^span_kind_/, '')));
}

/** OpenTelemetry's status code of its name, with or without STATUS_CODE_, or of its number; 0 where unknown. */
export function statusOf(text: string): number {
  if (/^[0-2]$/.test(text)) return Number(text);
  return Math.max(
    0,
    ['unset', 'ok', 'error'].indexOf(text.toLowerCase().replace(/^status_code_/, '')),
  );
}
