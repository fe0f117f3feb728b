import type { ByteSource } from '../format';
import { chunksOf } from '../import-bytes';
import { decodeUtf8 } from '../import-lines';
import { partialJson } from './partial-json';
import type { RawRecord, RecordBlock } from './records';
import { JsonScanner, type ScannedElement } from './json-scan';

const PIECE = 1 << 20;
const MAX_ELEMENT = 64 << 20;

/** An element of a list in a document, with what it is an element of. */
export interface JsonElement {
  /** The list: 'data.result', 'data[3].spans', '' where the document is a list. */
  readonly path: string;
  readonly index: number;
  /** Number of the document in the file, from 0: documents may stand one after the other, or one a line. */
  readonly document: number;
  readonly value: unknown;
}

/** Where an element stands that comes as text. */
export interface JsonElementText {
  readonly path: string;
  readonly index: number;
  readonly document: number;
  /** False where the file ends within it. */
  readonly whole: boolean;
  /** Its bytes. Where they are more than the limit (`tooLong`), the text is left out. */
  readonly length: number;
  readonly tooLong: boolean;
}

export interface ElementsOptions {
  /**
   * Which lists: 'data', 'data.result', '' for a document that is a list; '*' for any key or place, as in
   * 'data.*.spans'.
   */
  readonly lists: readonly string[];
  /** What stands beside the lists' elements (they are left out of it), when its document has ended. */
  readonly onRest?: (rest: unknown, document: number) => void;
  /** What of that is known where the file ends within the document. */
  readonly onCutRest?: (rest: unknown, document: number) => void;
  /**
   * Called when a list begins, with the object around it as far as it goes ({} where it is not known): what
   * stands before the list. The rest of a document has no items of other lists then.
   */
  readonly onList?: (enclosing: unknown, path: string, document: number) => void;
  /** Called when an element begins to be known, before the rest of its document is. */
  readonly onElement?: (document: number) => void;
  readonly maxElement?: number;
  /** `parseExact` where numbers may be beyond 2^53. */
  readonly parse?: (text: string) => unknown;
}

/**
 * The elements of lists in big JSON documents, one at a time in bounded memory. An element that can't be
 * parsed, is too large or was cut is a record with a reason; so is the place where brackets stop fitting.
 */
export async function* jsonElements(
  source: ByteSource,
  signal: AbortSignal,
  options: ElementsOptions,
): AsyncGenerator<RecordBlock<JsonElement>> {
  const { parse = JSON.parse } = options;
  for await (const { records, malformed } of jsonElementTexts(source, signal, options)) {
    yield { records: records.map((record) => parsedElement(record, parse)), malformed };
  }
}

function parsedElement(
  record: RawRecord<JsonElementText>,
  parse: (text: string) => unknown,
): RawRecord<JsonElement> {
  if (!('value' in record)) return record;
  const { where, text, value } = record;
  if (value.tooLong) return { where, text, reason: tooLong(value) };
  if (!value.whole) return { where, text, reason: 'the file ends within it' };
  const { path, index, document } = value;
  try {
    return { where, text, value: { path, index, document, value: parse(text) } };
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    return { where, text, reason: `it is not valid JSON: ${why}` };
  }
}

/**
 * The same without parsing, for formats that have a parser of their own: `text` is the element, also one
 * that the file ends within.
 */
export async function* jsonElementTexts(
  source: ByteSource,
  signal: AbortSignal,
  { lists, onRest, onCutRest, onElement, onList, maxElement = MAX_ELEMENT }: ElementsOptions,
): AsyncGenerator<RecordBlock<JsonElementText>> {
  let records: RawRecord<JsonElementText>[] = [];
  let malformed = 0;
  let cut = false;
  let cutWithin = false;
  const scanner = new JsonScanner(
    lists.map((list) => (list === '' ? [] : list.split('.'))),
    {
      element(element) {
        const decoded = element.bytes ? decodeUtf8(element.bytes, false) : undefined;
        malformed += decoded?.malformed ?? 0;
        cutWithin ||= !element.whole;
        onElement?.(element.document);
        records.push(recordOf(element, decoded?.text));
      },
      rest(json, document, whole) {
        cut ||= !whole;
        if (!json) return;
        if (whole) onRest?.(parsed(json), document);
        else onCutRest?.(partialJson(new TextDecoder().decode(json)), document);
      },
      ...(onList ? { list: listWith(onList) } : {}),
    },
    maxElement,
  );
  let first = true;
  for await (const chunk of chunksOf(source.stream(), signal)) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      let piece = chunk.subarray(at, at + PIECE);
      if (first && piece[0] === 0xef) piece = piece.subarray(3);
      first = false;
      scanner.push(piece);
      yield { records, malformed };
      records = [];
      malformed = 0;
    }
    if (scanner.fault) break;
  }
  scanner.end();
  if (scanner.fault) {
    const { at, reason } = scanner.fault;
    const text = `what follows byte ${at} could not be read`;
    records.push({ where: `byte ${at}`, text, reason: `the JSON is broken here: ${reason}` });
  } else if (cut && !cutWithin) {
    const reason = 'the file ends before its document does';
    records.push({ where: 'the end', text: 'the document is not closed', reason });
  }
  yield { records, malformed };
}

/** Why an element that was over the limit is no record. */
function tooLong({ length }: Pick<JsonElementText, 'length'>): string {
  return `it has over ${length} bytes as one element`;
}

function listWith(onList: NonNullable<ElementsOptions['onList']>) {
  return (enclosing: Uint8Array | undefined, path: string, document: number): void => {
    // It ends where the list would begin: `{"stream": {…}, "values": `.
    const text = enclosing ? decodeUtf8(enclosing, false).text : '{}';
    onList(parsedText(`${text}null}`) ?? partialJson(text) ?? {}, path, document);
  };
}

function recordOf(
  { path, index, document, length, whole }: ScannedElement,
  text: string | undefined,
): RawRecord<JsonElementText> {
  const place = `${path}[${index}]`;
  const where = document > 0 ? `document ${document + 1}, ${place}` : place;
  const value = { path, index, document, whole, length, tooLong: text === undefined };
  return { where, text: text ?? '', value };
}

function parsed(bytes: Uint8Array): unknown {
  return parsedText(new TextDecoder().decode(bytes));
}

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
