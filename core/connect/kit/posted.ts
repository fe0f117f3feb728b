import { FaultlineError } from '../../base';
import type { Batch, DroppedCount, Notice, Signal } from '../../model';
import { DroppedTally } from '../dropped-tally';
import { isJsonObject, jsonText, type JsonObject } from '../import-json';
import { decodeUtf8 } from '../import-lines';
import { parseExact } from './json-exact';
import { mappingWords, type Mapping } from './mapping';
import { MappedRows } from './mapping-rows';
import { jsonShape } from './mapping-shape';
import { placeOfDropped, type DroppedPlace } from './dropped-place';
import { noteMalformed } from './records';
import { RowSink } from './rows';

/** What the body of one POST brought: rows, and why records of it are none. */
export interface PostedRecords {
  readonly batches: readonly Batch[];
  readonly dropped: number;
  /** Why records were dropped, each reason once with its count. */
  readonly reasons: ReadonlyMap<string, number>;
  /** How many of them, by service and time. */
  readonly droppedAt: readonly DroppedCount[];
  readonly notices: readonly Notice[];
}

interface PostedReader {
  readonly sink: RowSink;
  /** What records that are none are counted as. */
  readonly signal: Signal;
  /** Puts the record into the sink, or says why it can't be taken; '' where it was. */
  readonly add: (record: JsonObject) => string;
  /** Where a record stands that `add` has just not taken; else it is read out of its text. */
  readonly place?: (record: JsonObject) => DroppedPlace;
  readonly end?: () => void;
  /** The list whose objects are the records, by its path; a document without it is a record itself. */
  readonly list?: string;
}

/**
 * Reads a posted body that is a JSON object, a list of objects, or JSON lines. Integers beyond 2^53 come as
 * texts. Throws 'format/damaged' where it is none of them; of JSON lines, one that is broken is dropped.
 */
export function readPosted(body: Uint8Array, reader: PostedReader): PostedRecords {
  const { sink, signal, add, place, end, list } = reader;
  const tally = new DroppedTally();
  const reasons = new Map<string, number>();
  let dropped = 0;
  const { text, malformed } = decodeUtf8(body, true);
  if (malformed > 0) noteMalformed(sink, malformed);
  const values = valuesOf(text);
  for (const value of list === undefined ? values : values.flatMap((of) => recordsIn(of, list))) {
    const reason = isJsonObject(value) ? add(value) : NO_OBJECT;
    if (reason === '') continue;
    dropped++;
    const known = isJsonObject(value) ? place?.(value) : undefined;
    tally.add({ signal, ...placeOfDropped(jsonText(value), known) });
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  end?.();
  const batches: Batch[] = [];
  const notices: Notice[] = [];
  for (const item of sink.items(true)) {
    if (item.kind === 'batch') batches.push(item.batch);
    if (item.kind === 'notice') notices.push(item.notice);
  }
  return { batches, dropped, reasons, droppedAt: tally.take(), notices };
}

const NO_OBJECT = 'it is not a JSON object';

/** The records of a body; undefined stands for a line that is no JSON. */
function valuesOf(text: string): readonly unknown[] {
  const whole = parsed(text);
  if (Array.isArray(whole)) return whole;
  if (isJsonObject(whole)) return [whole];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // A document that was cut has lines that are objects, too, but does not begin with one.
  if (whole === undefined && isJsonObject(parsed(lines[0] ?? ''))) return lines.map(parsed);
  throw new FaultlineError(
    'format/damaged',
    'The body is not valid JSON: post an object, a list of objects, or one object a line.',
  );
}

function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

/** What a document's list holds; itself where it has no such list. */
export function recordsIn(document: unknown, path: string): readonly unknown[] {
  const list = isJsonObject(document) ? jsonShape.column(path)?.(document) : undefined;
  return Array.isArray(list) ? list : [document];
}

/** Reads what was posted to /webhook/`name` by a mapping, each object as a record. Throws as `readPosted`. */
export function readPostedBy(mapping: Mapping, name: string, body: Uint8Array): PostedRecords {
  const sink = new RowSink();
  const rows = new MappedRows(mapping, jsonShape, sink);
  let records = 0;
  const read = readPosted(body, {
    sink,
    signal: mapping.target,
    ...(mapping.records === undefined ? {} : { list: mapping.records }),
    add: (record) => {
      const reason = rows.add(record);
      if (reason === '') records++;
      return reason;
    },
    place: (record) => rows.place(record),
  });
  // Notices of many deliveries are added up: the count stands first and bends no other word.
  const posted = `of the records posted to /webhook/${name}`;
  const notices: Notice[] = [...read.notices];
  if (records > 0) {
    notices.push({
      code: 'records-mapped',
      severity: 'info',
      count: records,
      message: `${records} ${posted} taken as ${mapping.target} by a mapping: ${mappingWords(mapping)}.`,
      detail: { mapping: JSON.stringify(mapping) },
    });
  }
  for (const [reason, count] of read.reasons) {
    const message = `${count} ${posted} dropped: ${reason}.`;
    notices.push({ code: 'records-not-mapped', severity: 'warning', count, message });
  }
  return { ...read, notices };
}
