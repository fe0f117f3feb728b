import type { ByteSource } from '../format';
import { isJsonObject, type JsonObject } from '../import-json';
import { jsonElements, type JsonElement } from './json-elements';
import { peekSource } from './peek';
import { jsonLines, type RawRecord, type RecordBlock } from './records';

/** As much is looked at to tell lines from documents. */
const PEEK = 64 << 10;
const LINES = 6;

/** An object of a JSON file, and the list it stands in. */
export interface JsonRecord {
  /** As in JsonElement; undefined for a document that is the record itself. */
  readonly path: string | undefined;
  /** Number of the document in the file, from 0. */
  readonly document: number;
  readonly value: JsonObject;
}

export interface JsonRecordsOptions {
  /** Lists whose elements are records, as in ElementsOptions. */
  readonly lists: readonly string[];
  /** What stands beside the lists of a document that has some; called when its elements have been taken. */
  readonly onRest?: (rest: JsonObject, document: number) => void;
  /**
   * What is shown of a record that is dropped, for files whose records hold secrets under any name; of one that
   * can't be read nothing is shown then. Otherwise its own text.
   */
  readonly shown?: (value: JsonObject) => string;
}

/**
 * The objects of what programs print as JSON: a list, an object that has lists, one object, or any of these one
 * after the other (one a line, or pretty-printed), in bounded memory. A document without elements of `lists` is
 * a record itself, unless one of the lists is there and empty. Of JSON lines, one that is broken is one record.
 */
export async function* jsonRecords(
  source: ByteSource,
  signal: AbortSignal,
  options: JsonRecordsOptions,
): AsyncGenerator<RecordBlock<JsonRecord>> {
  const { lists, shown } = options;
  const tops = lists.map((list) => list.split('.'));
  // Opened once: a second opening of a damaged archive would fail where the first ended quietly.
  const far = (_: Uint8Array, length: number): boolean => length >= PEEK;
  const { start, source: again } = await peekSource(source, signal, PEEK, far);
  const blocks = isLines(start, tops)
    ? lineRecords(again, signal)
    : documentRecords(again, signal, options, tops);
  if (!shown) {
    yield* blocks;
    return;
  }
  for await (const { records, malformed } of blocks) {
    const hidden = records.map((record) => ({
      ...record,
      text: 'value' in record ? shown(record.value.value) : 'what it holds is not shown',
    }));
    yield { records: hidden, malformed };
  }
}

/** True where one of the first lines is an object of its own and has none of the lists. */
function isLines(start: Uint8Array, tops: readonly (readonly string[])[]): boolean {
  const text = new TextDecoder().decode(start.subarray(0, PEEK));
  const lines = text.replace(/^\uFEFF/, '').split('\n', LINES);
  return lines.some((line) => {
    if (!line.startsWith('{') || line.trim().length <= 2) return false;
    const value = parsed(line);
    return isJsonObject(value) && !tops.some((path) => listAt(value, path));
  });
}

async function* lineRecords(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<JsonRecord>> {
  let document = 0;
  for await (const { records, malformed } of jsonLines(source, signal)) {
    const out = records.map((record): RawRecord<JsonRecord> => {
      if (!('value' in record)) return record;
      return { ...record, value: { path: undefined, document: document++, value: record.value } };
    });
    yield { records: out, malformed };
  }
}

async function* documentRecords(
  source: ByteSource,
  signal: AbortSignal,
  { lists, onRest }: JsonRecordsOptions,
  tops: readonly (readonly string[])[],
): AsyncGenerator<RecordBlock<JsonRecord>> {
  /** What was found, in order: undefined stands for an element of a list. */
  let found: (RawRecord<JsonRecord> | undefined)[] = [];
  let listed = -1;
  let rests: (readonly [JsonObject, number])[] = [];
  const blocks = jsonElements(source, signal, {
    lists,
    onElement(document) {
      listed = document;
      found.push(undefined);
    },
    onRest(rest, document) {
      const hasList = listed === document || tops.some((path) => listAt(rest, path));
      if (!hasList) found.push(documentRecord(rest, document));
      else if (isJsonObject(rest)) rests.push([rest, document]);
    },
  });
  for await (const { records, malformed } of blocks) {
    const elements = records.map(elementRecord);
    const inOrder = found.flatMap((record) => record ?? elements.shift() ?? []);
    found = [];
    yield { records: [...inOrder, ...elements], malformed };
    for (const [rest, document] of rests) onRest?.(rest, document);
    rests = [];
  }
}

function elementRecord(record: RawRecord<JsonElement>): RawRecord<JsonRecord> {
  if (!('value' in record)) return record;
  const { where, text } = record;
  const { path, document, value } = record.value;
  return isJsonObject(value)
    ? { where, text, value: { path, document, value } }
    : { where, text, reason: 'it is not a JSON object' };
}

function documentRecord(rest: unknown, document: number): RawRecord<JsonRecord> {
  const where = `document ${document + 1}`;
  if (!isJsonObject(rest)) {
    const reason = 'it is not a valid JSON object';
    return { where, text: '', reason };
  }
  return { where, text: JSON.stringify(rest), value: { path: undefined, document, value: rest } };
}

/** True where the list is there ('*' fits anything); one with elements was left out of a rest. */
function listAt(value: unknown, path: readonly string[]): boolean {
  const [key, ...further] = path;
  if (key === undefined || (key === '' && further.length === 0)) return Array.isArray(value);
  if (key === '*') {
    const children: readonly unknown[] = Array.isArray(value)
      ? value
      : isJsonObject(value)
        ? Object.values(value)
        : [];
    return children.some((child) => listAt(child, further));
  }
  return isJsonObject(value) && listAt(value[key], further);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
