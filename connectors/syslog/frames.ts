import { chunksOf, type ByteSource, type RawRecord, type RecordBlock } from '../../core/connect';

/** No message is longer; a larger count is damage. */
const MAX_FRAME = 16 << 20;
const LOOKAHEAD = 64 << 10;
const NEWLINE = 10;
const SPACE = 32;
const LESS = 60;
/** Digits of a count, the space and the "<" of the message. */
const HEADER = 10;

/** True where a text begins with a frame that says how long it is: `83 <34>1 …`. */
export function isOctetCounted(text: string): boolean {
  return /^[1-9]\d{0,7} <\d{1,3}>/.test(text);
}

/**
 * Messages with octet counts before them (RFC 6587, RFC 5425): `MSG-LEN SP SYSLOG-MSG`, one after the other; line
 * ends between them are passed over. Where no count stands, what comes before the next is a record with a reason.
 */
export async function* octetFrames(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<string>> {
  const splitter = new Splitter();
  for await (const chunk of chunksOf(source.stream(), signal)) {
    yield splitter.push(chunk, false);
  }
  yield splitter.push(new Uint8Array(), true);
}

class Splitter {
  private held: Uint8Array = new Uint8Array();
  private pieces: Uint8Array[] = [];
  private waiting = 0;
  private needed = 0;
  private offset = 0;

  push(chunk: Uint8Array, atEnd: boolean): RecordBlock<string> {
    this.pieces.push(chunk);
    this.waiting += chunk.length;
    const records: RawRecord<string>[] = [];
    let malformed = 0;
    if (this.held.length + this.waiting < this.needed && !atEnd) return { records, malformed };
    const bytes = concatenated([this.held, ...this.pieces]);
    this.pieces = [];
    this.waiting = 0;
    this.needed = 0;
    let at = 0;
    for (;;) {
      while (bytes[at] === NEWLINE) at++;
      const frame = frameAt(bytes, at, atEnd);
      if (frame === 'more') break;
      if (typeof frame === 'number') {
        this.needed = frame - at;
        break;
      }
      const { from, to, reason } = frame;
      const text = decoder.decode(bytes.subarray(from, to)).replace(/\r?\n$/, '');
      malformed += text.split('\uFFFD').length - 1;
      const where = `byte ${this.offset + at}`;
      records.push(reason === '' ? { where, text, value: text } : { where, text, reason });
      at = to;
    }
    this.offset += at;
    this.held = bytes.slice(at);
    return { records, malformed };
  }
}

interface Frame {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** The frame at a place, up to where bytes must be there for it, or 'more' where even that is not known. */
function frameAt(bytes: Uint8Array, at: number, atEnd: boolean): Frame | number | 'more' {
  if (at >= bytes.length) return 'more';
  const left = bytes.length - at;
  if (left < HEADER && !atEnd) return 'more';
  const count = countAt(bytes, at);
  // Where to go on is looked for in as many bytes, however they come in.
  const unsure = !atEnd && left < LOOKAHEAD ? at + LOOKAHEAD : 0;
  if (!count) return unsure || strayFrom(bytes, at);
  const { from, size } = count;
  const to = from + size;
  if (to > bytes.length) {
    if (!atEnd) return to;
    // The count is damaged where another message stands within what it spans.
    const next = nextCount(bytes, from, atEnd);
    const end = next < 0 ? bytes.length : next;
    return { from, to: end, reason: 'the message is shorter than its count says' };
  }
  if (bytes.length - to < HEADER && !atEnd) return to + HEADER;
  if (to === bytes.length || bytes[to] === NEWLINE || countAt(bytes, to)) {
    return { from, to, reason: '' };
  }
  // Either this count is damaged or the next: this one, if another message begins within what it spans.
  if (unsure) return unsure;
  const next = nextCount(bytes, from, atEnd);
  if (next < 0 || next >= to) return { from, to, reason: '' };
  return { from, to: next, reason: 'the message does not end where its count says' };
}

function strayFrom(bytes: Uint8Array, at: number): Frame {
  const next = nextCount(bytes, at + 1, bytes.length - at < LOOKAHEAD);
  return { from: at, to: next < 0 ? bytes.length : next, reason: 'no message with its count' };
}

function countAt(
  bytes: Uint8Array,
  at: number,
): { readonly from: number; readonly size: number } | undefined {
  let size = 0;
  let end = at;
  for (let byte = bytes[end]; byte !== undefined && byte >= 48 && byte <= 57; byte = bytes[++end]) {
    size = size * 10 + byte - 48;
    if (end - at > 7) return undefined;
  }
  if (end === at || size === 0 || size > MAX_FRAME) return undefined;
  return bytes[end] === SPACE && bytes[end + 1] === LESS ? { from: end + 1, size } : undefined;
}

/**
 * Where the next count stands, looked for by the " <" behind it; -1 where none does. The message before it may
 * end in digits of its own: the count is as many of them as lead to another one, or to the end.
 */
function nextCount(bytes: Uint8Array, from: number, atEnd: boolean): number {
  for (let less = bytes.indexOf(LESS, from); less >= 0; less = bytes.indexOf(LESS, less + 1)) {
    if (bytes[less - 1] !== SPACE) continue;
    let found = -1;
    for (let start = less - 2; start >= from && isDigit(bytes[start]); start--) {
      const count = countAt(bytes, start);
      if (!count) continue;
      found = start;
      const to = count.from + count.size;
      if ((atEnd && to === bytes.length) || bytes[to] === NEWLINE || countAt(bytes, to))
        return start;
    }
    if (found >= 0) return found;
  }
  return -1;
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 48 && byte <= 57;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
