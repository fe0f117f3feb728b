import {
  LogObjects,
  RowSink,
  isJsonObject,
  mappingWords,
  parseExact,
  recordsIn,
  type JsonObject,
  type Mapping,
} from '../../core/connect';
import type { Signal } from '../../core/model';
import { isRefused, type KafkaClient } from './client';
import { textOf, type OtlpReader, type Payload } from './payload';

/** What the values of a topic look like, by some of them. */
export interface Guess {
  /** Undefined where they can't be read. */
  readonly payload: Payload | undefined;
  readonly signal: Signal;
  /** In words, for the list: "JSON log records; time from ts; …". */
  readonly said: string;
  /** Bytes of a record, and rows in it, about. */
  readonly bytes: number;
  readonly rows: number;
}

const SAMPLE = 40;
const SAMPLE_BYTES = 128 << 10;

/** Values that say nothing of their kind. */
export const UNKNOWN: Guess = {
  payload: undefined,
  signal: 'logs',
  said: 'no value to go by',
  bytes: 0,
  rows: 1,
};

/** Looks at the first records from an offset on. */
export async function guessTopic(
  client: KafkaClient,
  otlp: OtlpReader,
  place: { readonly topic: string; readonly partition: number; readonly offset: number },
  { mapping, signal }: { readonly mapping: Mapping | undefined; readonly signal: AbortSignal },
): Promise<Guess> {
  const values: Uint8Array[] = [];
  let tombstones = 0;
  try {
    const options = { maxBytes: SAMPLE_BYTES };
    const fetched = await client.records(place.topic, place.partition, place.offset, options);
    for await (const batch of fetched.batches(signal)) {
      while (values.length < SAMPLE && batch.next()) {
        if (batch.offset < place.offset) continue;
        if (batch.value === null) tombstones++;
        else if (batch.value.length > 0) values.push(batch.value);
      }
      if (values.length >= SAMPLE) break;
    }
    if (values.length === 0 && fetched.lost[0]) {
      return { ...UNKNOWN, said: `can't be read: ${fetched.lost[0].reason}` };
    }
  } catch (error) {
    if (!isRefused(error) || !(error instanceof Error)) throw error;
    return { ...UNKNOWN, said: `can't be read: ${error.message}` };
  }
  const said = tombstones > 0 ? 'only deletions among the first records' : UNKNOWN.said;
  return values.length === 0 ? { ...UNKNOWN, said } : guessValues(values, otlp, mapping);
}

/** Most of the values decide. */
export function guessValues(
  values: readonly Uint8Array[],
  otlp: OtlpReader,
  mapping?: Mapping,
): Guess {
  const bytes = values.reduce((sum, { length }) => sum + length, 0) / values.length;
  const most = values.length / 2;
  const messages = values.flatMap((value) => otlp.messageOf(value) ?? []);
  if (messages.length > most && messages[0]) {
    const { encoding, signal } = messages[0];
    const mixed = messages.some((message) => message.signal !== signal);
    const what = mixed ? 'several signals' : signal;
    const said = `OTLP in ${encoding === 'json' ? 'JSON' : 'protobuf'}, ${what}`;
    return { payload: 'otlp', signal, said, bytes, rows: rowsOf(values, otlp, signal) };
  }
  const texts = values.flatMap((value) => textOf(value) ?? []);
  if (texts.length <= most) {
    // Confluent's wire format: a zero, and the id of a schema that lies elsewhere.
    const registry = values.filter((value) => value[0] === 0 && value.length > 5).length > most;
    const said = registry
      ? 'Avro, Protobuf or JSON behind a schema registry, which is not read'
      : 'bytes of an unknown kind';
    return { payload: undefined, signal: 'logs', said, bytes, rows: 1 };
  }
  const docs = texts.flatMap(objectsOf);
  if (docs.length > 0 && mapping) return mappedGuess(docs, values.length, bytes, mapping);
  if (docs.length > 0) {
    const lines = texts.length > docs.length ? 'log lines and ' : '';
    const said = `${lines}JSON log records; ${fieldsOf(docs)}`;
    return {
      payload: 'json',
      signal: 'logs',
      said,
      bytes,
      rows: Math.max(1, docs.length / values.length),
    };
  }
  return { payload: 'text', signal: 'logs', said: "log lines; time is Kafka's", bytes, rows: 1 };
}

function mappedGuess(
  docs: readonly JsonObject[],
  values: number,
  bytes: number,
  mapping: Mapping,
): Guess {
  const { records, target } = mapping;
  const rows = records === undefined ? docs : docs.flatMap((doc) => recordsIn(doc, records));
  return {
    payload: 'json',
    signal: target,
    said: `JSON, read by the mapping as ${target}; ${mappingWords(mapping)}`,
    bytes,
    rows: Math.max(1, rows.length / values),
  };
}

function objectsOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  if (!/^\s*[[{]/.test(text)) return [];
  try {
    const document = parseExact(text);
    return (Array.isArray(document) ? document : [document]).filter(isJsonObject);
  } catch {
    return [];
  }
}

/** "time from ts; level from level; …" */
function fieldsOf(docs: readonly Readonly<Record<string, unknown>>[]): string {
  const sink = new RowSink();
  const objects = new LogObjects(sink);
  const timed = docs.filter((doc) => objects.add(doc) === '').length;
  const found = sink.notices.take().find(({ code }) => code === 'fields-chosen');
  const fields = (found?.message ?? '').replace(/^[^:]*: /, '').replace(/\.$/, '');
  const time = timed * 2 < docs.length ? "time is Kafka's" : '';
  return [time, fields].filter(Boolean).join('; ');
}

const TABLES: Readonly<Partial<Record<Signal, readonly string[]>>> = {
  spans: ['spans'],
  logs: ['logs'],
  samples: ['samples', 'histogram_samples'],
};

function rowsOf(values: readonly Uint8Array[], otlp: OtlpReader, signal: Signal): number {
  const messages = otlp.open();
  for (const value of values) messages.add(value, '');
  const wanted = TABLES[signal] ?? [];
  const rows = messages
    .take()
    .batches.filter(({ table }) => wanted.includes(table))
    .reduce((sum, batch) => sum + batch.rows, 0);
  return Math.max(1, rows / values.length);
}
