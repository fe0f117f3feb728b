import type { ByteSource, Head } from '../format';
import { chunksOf } from '../import-bytes';
import { headLines } from './head';
import type { RawRecord, RecordBlock } from './records';

/** A record longer than this, or a quote left open for so long, is given up. */
const MAX_RECORD = 1 << 20;
const DELIMITERS = [',', '\t', ';', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The fields of one line that is known to be whole (no line end inside quotes). */
export function csvFields(line: string, delimiter: Delimiter): readonly string[] {
  const splitter = new CsvSplitter(delimiter);
  splitter.push(`${line}\n`);
  return splitter.take()[0]?.fields ?? [];
}

export interface CsvHead {
  readonly delimiter: Delimiter;
  readonly header: readonly string[];
  /** The first rows after the header, whole ones. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * Header and first rows of a head that looks like a table: the delimiter under which most lines have as
 * many fields as the first (two at least). Undefined where no delimiter does.
 */
export function headCsv(head: Head): CsvHead | undefined {
  const first = headLines(head)[0];
  if (first === undefined || /^\s*[[{<]/.test(first)) return undefined;
  let best: (CsvHead & { readonly share: number }) | undefined;
  for (const delimiter of DELIMITERS) {
    const header = csvFields(first, delimiter);
    if (header.length < 2) continue;
    const splitter = new CsvSplitter(delimiter);
    splitter.push(head.text.replace(/^\uFEFF/, ''));
    const records = splitter.take();
    // A table of a header and a last line without its end.
    if (head.bytes.length < HEAD) records.push(...splitter.end());
    const rows = records.slice(1, 200).map(({ fields }) => fields);
    if (rows.length === 0) continue;
    const share = rows.filter(({ length }) => length === header.length).length / rows.length;
    const found = { delimiter, header: header.map((name) => name.trim()), rows, share };
    if (share > 0.7 && better(found, best)) best = found;
  }
  return best;
}

const HEAD = 64 << 10;

function better(
  found: CsvHead & { readonly share: number },
  best: (CsvHead & { readonly share: number }) | undefined,
): boolean {
  if (!best || found.share > best.share) return true;
  return found.share === best.share && found.header.length > best.header.length;
}

/**
 * The records of a CSV file (RFC 4180; quotes may hold line ends), the header among them. Empty lines are no
 * records; `where` is the line on which a record begins. A quote that does not end within a mebibyte drops
 * its line only, not the rest of the file.
 */
export async function* csvRecords(
  source: ByteSource,
  signal: AbortSignal,
  delimiter: Delimiter,
): AsyncGenerator<RecordBlock<readonly string[]>> {
  const splitter = new CsvSplitter(delimiter);
  const decoder = new TextDecoder('utf-8');
  let malformed = 0;
  const decoded = (bytes?: Uint8Array): string => {
    const text = decoder.decode(bytes, { stream: bytes !== undefined });
    malformed += text.split('\uFFFD').length - 1;
    return text;
  };
  for await (const chunk of chunksOf(source.stream(), signal)) {
    for (let at = 0; at < chunk.length; at += MAX_RECORD) {
      splitter.push(decoded(chunk.subarray(at, at + MAX_RECORD)));
      yield { records: splitter.take().map(recordOf), malformed };
      malformed = 0;
    }
  }
  splitter.push(decoded());
  yield { records: [...splitter.take(), ...splitter.end()].map(recordOf), malformed };
}

interface Split {
  readonly line: number;
  readonly text: string;
  readonly fields: readonly string[];
  readonly reason?: string;
}

function recordOf({ line, text, fields, reason }: Split): RawRecord<readonly string[]> {
  const where = `line ${line}`;
  return reason === undefined ? { where, text, value: fields } : { where, text, reason };
}

/** Takes text in pieces and gives whole records. */
class CsvSplitter {
  private held = '';
  private line = 1;
  /** How far `held` is known to hold no end of its first record; it is looked through anew from its start. */
  private looked = 0;
  private known = { in: '', from: 0, quote: -1 };
  private done: Split[] = [];

  constructor(private readonly delimiter: Delimiter) {}

  push(text: string): void {
    this.held += text;
    // A record that did not end is not looked through again for every byte that comes.
    if (this.held.length < this.looked * 2 && !text.includes('\n')) return;
    let at = 0;
    for (;;) {
      const end = this.endOf(at);
      if (end < 0) {
        if (this.held.length - at <= MAX_RECORD) break;
        at = this.giveUp(at);
        continue;
      }
      this.record(at, end);
      at = end + 1;
    }
    this.held = this.held.slice(at);
    this.looked = this.held.length;
  }

  take(): Split[] {
    return this.done.splice(0);
  }

  /** What stands after the last line end. */
  end(): Split[] {
    while (this.held !== '') {
      const end = this.endOf(0, true);
      if (end < 0) {
        this.held = this.held.slice(this.giveUp(0));
      } else {
        this.record(0, end);
        this.held = this.held.slice(end + 1);
      }
    }
    return this.take();
  }

  /** Where the record that begins at `from` ends (its LF, or the end of the text); -1 where it does not yet. */
  private endOf(from: number, atEnd = false): number {
    const { held } = this;
    let at = from;
    for (;;) {
      const newline = held.indexOf('\n', at);
      const quote = this.quoteFrom(at);
      if (quote < 0 || (newline >= 0 && newline < quote)) {
        return newline >= 0 ? newline : atEnd ? held.length : -1;
      }
      // A quote within a field is a character; only at a field's start does it open one.
      const before = held[quote - 1];
      if (quote > from && before !== this.delimiter && before !== '\n') {
        at = quote + 1;
        continue;
      }
      const close = closingQuote(held, quote + 1);
      if (close < 0) return -1;
      at = close + 1;
    }
  }

  /** The next quote, -1 where there is none; a text without any is looked through once, not once a record. */
  private quoteFrom(at: number): number {
    const { held, known } = this;
    if (known.in !== held || at < known.from || (known.quote >= 0 && at > known.quote)) {
      this.known = { in: held, from: at, quote: held.indexOf('"', at) };
    }
    return this.known.quote;
  }

  private record(from: number, end: number): void {
    const raw = this.held.slice(from, end);
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (text !== '')
      this.done.push({ line: this.line, text, fields: fieldsOf(text, this.delimiter) });
    this.line += countLines(raw) + 1;
  }

  /** Drops the first line of a record whose quote never ends. */
  private giveUp(from: number): number {
    const newline = this.held.indexOf('\n', from);
    const end = newline < 0 ? this.held.length : newline;
    const text = this.held.slice(from, end);
    this.done.push({
      line: this.line,
      text,
      fields: [],
      reason: 'a quote in the line does not end',
    });
    this.line++;
    return end + 1;
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function fieldsOf(text: string, delimiter: string): readonly string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      const quoted = text.slice(at + 1, close < 0 ? text.length : close).replaceAll('""', '"');
      let next = close < 0 ? -1 : text.indexOf(delimiter, close + 1);
      if (next < 0) next = text.length;
      // What stands between a closing quote and the delimiter belongs to the field.
      fields.push(quoted + (close < 0 ? '' : text.slice(close + 1, next)));
      at = next;
    } else {
      const next = text.indexOf(delimiter, at);
      fields.push(next < 0 ? text.slice(at) : text.slice(at, next));
      at = next < 0 ? text.length : next;
    }
    if (at >= text.length) return fields;
    at += delimiter.length;
    if (at >= text.length) return [...fields, ''];
  }
}
