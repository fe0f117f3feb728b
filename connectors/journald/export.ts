import { chunksOf, type ByteSource, type RawRecord, type RecordBlock } from '../../core/connect';
import { isWanted, type JournalEntry } from './entry';

/** A field over this is passed over: systemd 214 and older put whole core dumps into the journal. */
const MAX_FIELD = 16 << 20;
/** More than journald takes for a field: such a size is damage. */
const MAX_SIZE = 1 << 30;
const NEWLINE = 10;
const EQUALS = 61;
const NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;
/** What is kept of a damaged entry, to show it. */
const SHOWN = 300;

type Entry = RawRecord<JournalEntry>;

/**
 * The entries of a file in the Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS): fields as
 * `NAME=text\n`, or where they are no plain text `NAME\n`, a little endian 64-bit size, the bytes and `\n`; an
 * empty line ends an entry. A damaged entry is left at the next empty line.
 */
export async function* exportEntries(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<JournalEntry>> {
  const parser = new ExportParser();
  for await (const chunk of chunksOf(source.stream(), signal)) {
    parser.push(chunk);
    yield parser.take();
  }
  parser.end();
  yield parser.take();
}

class ExportParser {
  private pieces: Uint8Array[] = [];
  private held = 0;
  /** Bytes that must be there before it is worth looking again. */
  private needed = 1;
  /** Where in the file the held bytes begin. */
  private offset = 0;
  private buf: Uint8Array = new Uint8Array();
  /** The same, a character a byte: its slices cost nothing. */
  private latin = '';
  private at = 0;
  private fields = new Map<string, string[]>();
  private start = 0;
  private shown = '';
  /** Why the entry can't be read; what is left of it is passed over. */
  private fault = '';
  /** Bytes of a huge field that are still to be passed over. */
  private passing = 0;
  private done: Entry[] = [];
  private malformed = 0;

  push(chunk: Uint8Array): void {
    this.pieces.push(chunk);
    this.held += chunk.length;
    if (this.held < this.needed) return;
    this.buf = this.pieces.length === 1 ? chunk : concatenated(this.pieces, this.held);
    this.latin = latin.decode(this.buf);
    this.at = 0;
    this.needed = 1;
    while (this.step());
    const rest = this.buf.subarray(this.at);
    this.offset += this.at;
    this.pieces = rest.length > 0 ? [rest] : [];
    this.held = rest.length;
    this.needed = Math.max(this.needed, rest.length + 1);
  }

  take(): RecordBlock<JournalEntry> {
    const block = { records: this.done, malformed: this.malformed };
    this.done = [];
    this.malformed = 0;
    return block;
  }

  /** What stands at the end without its empty line was cut, except where only that line is missing. */
  end(): void {
    this.needed = 0;
    this.push(new Uint8Array());
    if (this.held > 0 || this.passing > 0) this.fault ||= 'the file ends within the entry';
    if (this.held > 0) this.show(this.pieces[0] ?? new Uint8Array());
    this.endEntry();
  }

  /** One line or field; false where more bytes are needed. */
  private step(): boolean {
    if (this.passing > 0) return this.pass();
    const newline = this.buf.indexOf(NEWLINE, this.at);
    if (newline < 0) return this.unended();
    if (newline === this.at) {
      this.at++;
      this.endEntry();
      return true;
    }
    if (this.fault !== '') {
      this.at = newline + 1;
      return true;
    }
    if (this.shown === '' && this.fields.size === 0) this.start = this.offset + this.at;
    this.show(this.buf.subarray(this.at, newline));
    const equals = this.buf.indexOf(EQUALS, this.at);
    if (equals < 0 || equals > newline) return this.binary(newline);
    const name = this.name(equals);
    if (name !== undefined && isWanted(name)) this.add(name, equals + 1, newline);
    this.at = newline + 1;
    return true;
  }

  /** A line that goes on: it is not looked through again for every byte that comes, nor kept when it is damage. */
  private unended(): boolean {
    const left = this.buf.length - this.at;
    this.needed = Math.min(left * 2, MAX_FIELD + 1);
    if (left <= MAX_FIELD) return false;
    if (this.fault === '') this.show(this.buf.subarray(this.at, this.at + SHOWN));
    this.fault ||= `a line has over ${MAX_FIELD >> 20} MiB`;
    this.at = this.buf.length;
    this.needed = 1;
    return false;
  }

  /** A field whose name stands alone on its line, before its size and bytes. */
  private binary(newline: number): boolean {
    const name = this.name(newline);
    const sizeAt = newline + 1;
    if (name === undefined) {
      this.at = sizeAt;
      return true;
    }
    if (this.buf.length < sizeAt + 8) {
      this.needed = sizeAt + 8 - this.at;
      return false;
    }
    const size = sizeOf(this.buf, sizeAt);
    const from = sizeAt + 8;
    if (size > MAX_SIZE) return this.damage(from, `${name} would have ${size} bytes`);
    if (size > MAX_FIELD) {
      this.at = from;
      this.passing = size + 1;
      return this.pass();
    }
    if (this.buf.length < from + size + 1) {
      this.needed = from + size + 1 - this.at;
      return false;
    }
    if (this.buf[from + size] !== NEWLINE) {
      return this.damage(from, `${name} does not end where its size says`);
    }
    if (isWanted(name)) this.add(name, from, from + size);
    this.at = from + size + 1;
    return true;
  }

  private pass(): boolean {
    const length = Math.min(this.passing, this.buf.length - this.at);
    this.at += length;
    this.passing -= length;
    return this.passing === 0;
  }

  private damage(at: number, reason: string): boolean {
    this.fault = reason;
    this.at = at;
    return true;
  }

  /** The name between the line's start and `end`; undefined, and the entry damaged, where it is none. */
  private name(end: number): string | undefined {
    const name = end - this.at > 64 ? '' : this.latin.slice(this.at, end);
    if (NAME.test(name)) return name;
    this.fault = 'a line is no field';
    return undefined;
  }

  private add(name: string, from: number, to: number): void {
    const plain = this.latin.slice(from, to);
    const text = BEYOND_ASCII.test(plain) ? this.decode(this.buf.subarray(from, to)) : plain;
    const values = this.fields.get(name);
    if (values) values.push(text);
    else this.fields.set(name, [text]);
  }

  private decode(bytes: Uint8Array): string {
    const text = decoder.decode(bytes);
    if (text.includes('\uFFFD')) this.malformed += text.split('\uFFFD').length - 1;
    return text;
  }

  private show(line: Uint8Array): void {
    if (this.shown.length >= SHOWN) return;
    this.shown += `${decoder.decode(line.subarray(0, SHOWN))} `;
  }

  private endEntry(): void {
    const { fields, shown: text, fault: reason } = this;
    if (text === '' && fields.size === 0) return;
    const where = `byte ${this.start}`;
    this.done.push(reason === '' ? { where, text, value: fields } : { where, text, reason });
    this.fields = new Map();
    this.shown = '';
    this.fault = '';
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const latin = new TextDecoder('latin1');
const BEYOND_ASCII = /[\x80-\uFFFF]/;

function sizeOf(bytes: Uint8Array, at: number): number {
  let size = 0;
  for (let i = 7; i >= 0; i--) size = size * 256 + (bytes[at + i] ?? 0);
  return size;
}

function concatenated(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
