import {
  jsonElementTexts,
  lineBlocks,
  peekSource,
  type ByteSource,
  type FormatItem,
  type JsonElementText,
  type LineBlock,
  type RawRecord,
} from '../../core/connect';
import { OTLP_LISTS, SIGNAL_OF_KEY, hasOtlp, otlpKeys, signalOf } from './dialects';
import { JsonDecoder, NO_OTLP } from './json';
import { partsOf, type LargeElement } from './read-large';
import type { OtlpRows } from './rows';

/** A request may be written on one line; longer first lines are read element by element. */
const LINE_MAX = 16 << 20;
/** What the line after the first begins with is looked at. */
const BEGINNING = 200;
/** One resource with all its records is held whole up to this many bytes. */
const ELEMENT_MAX = 32 << 20;

/** Reads a file of OTLP in JSON, whatever stands on a line, in bounded memory. */
export class JsonFileReader {
  private readonly decoder: JsonDecoder;
  private malformed = 0;

  constructor(
    private readonly rows: OtlpRows,
    private readonly elementMax = ELEMENT_MAX,
  ) {
    this.decoder = new JsonDecoder(rows);
  }

  /** `place` stands before the place of each record, for one file of several. */
  async *read(source: ByteSource, signal: AbortSignal, place = ''): AsyncGenerator<FormatItem> {
    this.malformed = 0;
    const peeked = await peekSource(source, signal, LINE_MAX, (piece, length) => {
      return length >= 64 << 10 && piece.includes(10);
    });
    const lines = isLines(peeked.start, peeked.whole);
    const read = lines ? this.lines(peeked.source, signal, place) : undefined;
    yield* read ?? this.documents(peeked.source, signal, place, true);
    if (this.malformed === 0) return;
    this.rows.notices.add(
      'malformed-text',
      'warning',
      (n) => `${n} places are no UTF-8 and stand as U+FFFD.`,
      this.malformed,
    );
  }

  /** One request a line. Where a document over several lines begins, the rest is read as documents. */
  private async *lines(
    source: ByteSource,
    signal: AbortSignal,
    place: string,
  ): AsyncGenerator<FormatItem> {
    const { rows } = this;
    const blocks = lineBlocks(source, signal);
    for await (const block of blocks) {
      this.malformed += block.malformed;
      if (block.passedOver) {
        const { line, start, bytes } = block.passedOver;
        rows.where = `${place}line ${line}`;
        rows.drop(signalOf(start), 0, start, `the line has over ${bytes} bytes`);
      }
      const { text } = block;
      let line = block.firstLine;
      for (let from = 0; from < text.length; line++) {
        let end = text.indexOf('\n', from);
        if (end < 0) end = text.length;
        if (!isBlank(text, from, end)) {
          if (end - from < BEGINNING && OPENING.test(text.slice(from, end))) {
            const rest = bytesFrom(text.slice(from), blocks, (n) => (this.malformed += n));
            const stream = (): ReadableStream<Uint8Array> => rest;
            yield* this.documents(
              { name: source.name, stream },
              signal,
              `${place}from line ${line}, `,
              false,
            );
            return;
          }
          rows.where = `${place}line ${line}`;
          this.decoder.decode(text, from, end, true);
          yield* rows.items();
        }
        from = end + 1;
      }
      yield* rows.items();
    }
  }

  /**
   * Documents over any number of lines, one after the other, one resource in memory at a time. Those that are
   * too large for that are read in parts, where the source can be read again.
   */
  private async *documents(
    source: ByteSource,
    signal: AbortSignal,
    place: string,
    again: boolean,
  ): AsyncGenerator<FormatItem> {
    const { rows } = this;
    const large: LargeElement[] = [];
    const elements = jsonElementTexts(source, signal, {
      lists: OTLP_LISTS,
      maxElement: this.elementMax,
      onRest: (rest, document) => this.without(rest, `${place}document ${document + 1}`),
    });
    for await (const { records, malformed } of elements) {
      this.malformed += malformed;
      for (const record of records) {
        if (again && 'value' in record && record.value.tooLong) large.push(largeOf(record.value));
        else this.element(record, place);
        yield* rows.items();
      }
      yield* rows.items();
    }
    if (large.length === 0) return;
    for await (const part of partsOf(source, signal, large, this.elementMax)) {
      rows.where = place + part.where;
      if ('key' in part) this.decoder.element(part.text, part.key);
      else rows.drop(this.decoder.about, 0, part.text, part.reason);
      yield* rows.items();
    }
  }

  private element(record: RawRecord<JsonElementText>, place: string): void {
    const { rows } = this;
    rows.where = place + record.where;
    if (!('value' in record)) rows.drop(this.decoder.about, 0, record.text, record.reason);
    else if (record.value.tooLong) rows.drop(this.decoder.about, 0, '', tooLong(record.value));
    else this.decoder.element(record.text, keyOf(record.value.path));
  }

  /** A document, or an item of a list, that has nothing of OTLP is a record that can't be taken. */
  private without(rest: unknown, where: string): void {
    const items: readonly unknown[] = Array.isArray(rest) ? rest : [rest];
    for (const item of items) {
      if (hasOtlp(item)) continue;
      this.rows.where = where;
      this.rows.drop('spans', 0, JSON.stringify(item) ?? '', NO_OTLP);
    }
  }
}

function largeOf({ document, path, index, length }: JsonElementText): LargeElement {
  return { document, place: `${path}[${index}]`, reason: tooLong({ length }) };
}

const tooLong = ({ length }: { readonly length: number }): string =>
  `the resource has over ${length} bytes and could not be read in parts`;

const keyOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** A line that only opens a document. */
const OPENING = new RegExp(
  `^\\s*[[{]\\s*(\\{\\s*)?("(${[...Object.keys(SIGNAL_OF_KEY), 'trace', 'result'].join('|')})"\\s*:\\s*[[{\\s]*)?$`,
);

/** Whether a file has one request a line: its first line closes what it opens, or the next is a request, too. */
function isLines(start: Uint8Array, whole: boolean): boolean {
  let from = 0;
  while (from < start.length && (start[from] ?? 0) <= 32) from++;
  if (start[from] === 0xef) from += 3;
  const found = start.indexOf(10, from);
  if (found < 0) return whole;
  const text = new TextDecoder().decode(start.subarray(from, Math.min(found, from + BEGINNING)));
  if (found - from < BEGINNING && OPENING.test(text)) return false;
  if (closes(start, from, found)) return true;
  const after = new TextDecoder().decode(start.subarray(found + 1, found + 1 + BEGINNING));
  const [next] = otlpKeys(after);
  return next !== undefined && /^[\s{[]*$/.test(after.slice(0, next.at));
}

/** Whether all brackets that the bytes open are closed. */
function closes(bytes: Uint8Array, from: number, to: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === 92) at++;
    else if (byte === 34) quoted = !quoted;
    else if (quoted) continue;
    else if (byte === 123 || byte === 91) depth++;
    else if (byte === 125 || byte === 93) depth--;
  }
  return depth <= 0 && !quoted;
}

function bytesFrom(
  first: string,
  blocks: AsyncGenerator<LineBlock>,
  onMalformed: (count: number) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let begun = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!begun) {
        begun = true;
        return controller.enqueue(encoder.encode(first));
      }
      const { done, value } = await blocks.next();
      if (done) return controller.close();
      onMalformed(value.malformed);
      controller.enqueue(encoder.encode(value.text));
    },
    async cancel() {
      await blocks.return(undefined);
    },
  });
}

function isBlank(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (text.charCodeAt(at) > 32) return false;
  return true;
}
