import {
  Redactor,
  TimeReader,
  isJsonObject,
  type JsonObject,
  type ReadChoices,
  type RowSink,
} from '../../core/connect';
import type { Signal } from '../../core/model';
import type { FieldCaps, Hit } from './api';
import { fieldOf, firstOf } from './document';
import { mapDocument } from './map';
import type { LogRecord, RecordSink, RemarkCode, SampleRecord, SpanRecord } from './records';
import { Fields, recognise, type Recognised } from './recognise';
import { mappingWords, signalOf, type Mapping } from './spec';
import { timeOf } from './time-field';

/** A document of a file, and where it stands there. */
export interface FileDocument {
  readonly index: string;
  readonly id: string;
  readonly source: JsonObject;
  /** Values as the index has them, where a search gave some. */
  readonly fields?: Hit['fields'];
}

/** Mappings that a notice names. */
const NAMED = 5;
const MOST_SHAPES = 5000;

/**
 * Documents of files into rows, as the connector maps those of a cluster. A file has no field types: they
 * follow from each document's own values, so that equal documents come out alike wherever a file is cut.
 */
export class FileDocuments implements RecordSink {
  private readonly redactor: Redactor;
  private readonly times: TimeReader;
  private readonly shapes = new Map<string, Recognised | string>();
  private readonly said = new Map<string, number>();

  constructor(
    private readonly sink: RowSink,
    choices: ReadChoices = {},
  ) {
    this.redactor = new Redactor(sink.notices);
    // Elasticsearch reads dates without a zone as UTC.
    this.times = new TimeReader(sink.notices, { zone: 'UTC', ...choices });
  }

  /** Rows of the document, or a dropped record with the reason. */
  add({ index, id, source, fields }: FileDocument, where: string, text: string): void {
    const of = this.recognised(source);
    if (typeof of === 'string') {
      this.sink.drop('logs', where, text, of);
      return;
    }
    const { mapping } = of;
    const signal: Signal = signalOf(mapping.profile);
    const hit: Hit = { index, id, source, fields, sort: undefined };
    const ts =
      timeOf(mapping.time, hit) ?? this.times.read(firstOf(fieldOf(source, mapping.time.name)));
    const reason =
      ts === undefined ? `its ${mapping.time.name} is no time` : this.mapped(source, ts, mapping);
    if (reason === '') this.say(mapping);
    else this.sink.drop(signal, where, text, reason);
  }

  private mapped(source: JsonObject, ts: bigint, mapping: Mapping): string {
    try {
      return mapDocument(source, ts, mapping, this);
    } catch (error) {
      // A list within may be nested beyond what can be written as text.
      if (error instanceof RangeError) return 'it is nested too deeply';
      throw error;
    }
  }

  log({ observedTs, ...record }: LogRecord): void {
    this.sink.log({
      ...record,
      ...(observedTs === null ? {} : { observedTs }),
      body: this.redactor.text(record.body),
      resource: this.redactor.attributes(record.resource),
      attributes: this.redactor.attributes(record.attributes),
    });
  }

  span(record: SpanRecord): void {
    const clean = <T extends { readonly attributes: Readonly<Record<string, string>> }>(
      of: T,
    ): T => ({
      ...of,
      attributes: this.redactor.attributes(of.attributes),
    });
    this.sink.span({
      ...clean(record),
      statusMessage: this.redactor.text(record.statusMessage),
      resource: this.redactor.attributes(record.resource),
      events: record.events.map(clean),
      links: record.links.map(clean),
    });
  }

  sample({ metric, unit, counter, resource, labels, ts, value }: SampleRecord): void {
    if (!counter) {
      this.sink.notices.add(
        'kind-unknown',
        'info',
        (n) =>
          `${n} samples are of series whose kind (gauge or counter) does not stand in the file.`,
      );
    }
    const kind = counter ? 'counter' : 'unknown';
    this.sink.sample(this.sink.series({ metric, unit, kind, resource, labels }), ts, value);
  }

  remark(code: RemarkCode): void {
    this.sink.notices.add(code, REMARKS[code].severity, REMARKS[code].say);
  }

  private recognised(source: JsonObject): Recognised | string {
    const types = typesOf(source);
    if (!types) return 'it is nested too deeply';
    const event = firstOf(fieldOf(source, 'processor.event'));
    const shape = `${typeof event === 'string' ? event : ''}|${types.map((t) => t.join(':')).join()}`;
    let of = this.shapes.get(shape);
    if (of === undefined) {
      const caps: FieldCaps = Object.fromEntries(
        types.map(([name, type]) => [
          name,
          { [type]: { type, searchable: true, aggregatable: type !== 'text' } },
        ]),
      );
      of = recognise(new Fields(caps, [source]), {});
      if (this.shapes.size >= MOST_SHAPES) this.shapes.clear();
      this.shapes.set(shape, of);
    }
    return of;
  }

  private say(mapping: Mapping): void {
    const words = mappingWords(mapping);
    this.said.set(words, (this.said.get(words) ?? 0) + 1);
    this.sink.notices.add('fields-chosen', 'info', () => {
      const all = [...this.said].sort((a, b) => b[1] - a[1]);
      const named = all.slice(0, NAMED).map(([of, n]) => `${n} as ${of}`);
      const more = all.length > NAMED ? ` And ${all.length - NAMED} other shapes.` : '';
      return `Documents were read by their fields: ${named.join('. ')}.${more}`;
    });
  }
}

const REMARKS: Readonly<
  Record<RemarkCode, { severity: 'info' | 'warning'; say: (n: number) => string }>
> = {
  'body-from-document': {
    severity: 'info',
    say: (n) => `${n} documents have no message; the document stands in its place.`,
  },
  'severity-from-text': {
    severity: 'info',
    say: (n) => `${n} records give their level only as a word; its number was taken from it.`,
  },
  'histogram-left-out': {
    severity: 'warning',
    say: (n) => `${n} documents have histograms, which are not brought; only plain numbers are.`,
  },
};

/** An index allows 20 levels unless told otherwise. */
const DEPTH = 100;

/** A document's fields with the types that an index would give them; undefined where it is nested beyond reason. */
function typesOf(source: JsonObject): readonly (readonly [string, string])[] | undefined {
  let deep = false;
  const out: (readonly [string, string])[] = [];
  const go = (object: JsonObject, prefix: string, depth: number): void => {
    for (const key in object) {
      const value = firstOf(object[key]);
      if (value === null || value === undefined) continue;
      if (!isJsonObject(value)) out.push([prefix + key, typeOf(value)]);
      else if (Array.isArray(object[key])) out.push([prefix + key, 'nested']);
      else if (depth < DEPTH) go(value, `${prefix}${key}.`, depth + 1);
      else deep = true;
    }
  };
  go(source, '', 0);
  return deep ? undefined : out;
}

function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double';
  if (typeof value !== 'string') return 'object';
  if (/^\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d|$)/.test(value.slice(0, 32))) return 'date';
  // Whole numbers beyond 2^53 are texts here.
  if (/^\d{16,20}$/.test(value)) return 'long';
  return value.length > 20 && value.includes(' ') ? 'text' : 'keyword';
}

/** What a hit of a search or a line of a dump is; or why it is none. */
export function documentOf(value: unknown): FileDocument | string {
  if (!isJsonObject(value)) return 'it is not a JSON object';
  const { _index: index, _id: id, _source: source, fields } = value;
  const listed = isJsonObject(fields) ? listsOf(fields) : undefined;
  const doc = isJsonObject(source) ? source : listed && firstOfEach(listed);
  if (!doc) return 'it has neither _source nor fields';
  return {
    index: typeof index === 'string' ? index : '',
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : '',
    source: doc,
    ...(listed ? { fields: listed } : {}),
  };
}

function listsOf(fields: JsonObject): Record<string, unknown[]> {
  const lists = Object.entries(fields).filter(([, value]) => Array.isArray(value));
  return Object.fromEntries(
    lists.map(([name, value]) => [name, Array.isArray(value) ? value : []]),
  );
}

/** A search without _source gives every field as a list. */
function firstOfEach(fields: Readonly<Record<string, unknown[]>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  );
}
