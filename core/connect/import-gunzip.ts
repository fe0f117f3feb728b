import { crc32 } from './import-crc32';

/**
 * Gzip decompression (RFC 1951, RFC 1952), streaming. The platform's DecompressionStream loses what it
 * had when a file is cut, and Chromium's refuses files of several members; this one hands out every byte
 * before a damage, reads all members and behaves alike in every engine.
 */
const WINDOW = 32768;
const OUT = 262144;
const OUT_END = WINDOW + OUT;
/** A block header and its code lengths fit in this, as does the longest symbol. */
const HEADER_ROOM = 1024;
const SYMBOL_ROOM = 16;

const LENGTH_BASE = new Uint16Array([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258, 0, 0,
]);
const LENGTH_EXTRA = new Uint8Array([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0, 0, 0,
]);
const DIST_BASE = new Uint16Array([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577, 0, 0,
]);
const DIST_EXTRA = new Uint8Array([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
  0, 0,
]);
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A canonical Huffman code as one lookup: the next `bits` input bits give symbol << 4 | length. */
interface Code {
  readonly table: Uint16Array;
  readonly bits: number;
}

function buildCode(lengths: Uint8Array): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  let bits = 15;
  while (bits > 1 && counts[bits] === 0) bits--;
  const next = new Uint16Array(17);
  let left = 1;
  for (let n = 1; n <= 15; n++) {
    next[n + 1] = (next[n]! + counts[n]!) << 1;
    left = left * 2 - counts[n]!;
    if (left < 0) throw new GunzipError('the code lengths are oversubscribed');
  }
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    let code = next[length]!++;
    let reversed = 0;
    for (let i = 0; i < length; i++, code >>= 1) reversed = (reversed << 1) | (code & 1);
    const entry = (symbol << 4) | length;
    for (let i = reversed; i < table.length; i += 1 << length) table[i] = entry;
  }
  return { table, bits };
}

let fixedCodes: { literals: Code; distances: Code } | undefined;

function fixed(): { literals: Code; distances: Code } {
  if (fixedCodes) return fixedCodes;
  const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256);
  lengths.fill(7, 256, 280).fill(8, 280);
  fixedCodes = {
    literals: buildCode(lengths),
    distances: buildCode(new Uint8Array(32).fill(5)),
  };
  return fixedCodes;
}

export class GunzipError extends Error {}

type State = 'header' | 'block' | 'stored' | 'codes' | 'trailer' | 'padding';

/** Push compressed bytes in, take decompressed chunks from `onChunk`. Throws GunzipError. */
export class Gunzip {
  private input: Uint8Array = new Uint8Array();
  private pos = 0;
  private hold = 0;
  private bits = 0;
  private state: State = 'header';
  private lastBlock = false;
  private stored = 0;
  private literals: Code | undefined;
  private distances: Code | undefined;
  private readonly out = new Uint8Array(WINDOW + OUT + 258);
  /** Next byte to write, first byte not handed out, first byte of this member that is in `out`. */
  private op = 0;
  private sent = 0;
  private memberStart = 0;
  private memberLength = 0;
  private crc = -1;
  private final = false;

  constructor(private readonly onChunk: (chunk: Uint8Array) => void) {}

  /** `final` says that no more input comes. What was decoded before an error has been handed out. */
  push(chunk: Uint8Array, final: boolean): void {
    // Bytes whose bits are held may be given back, so they are kept, too.
    const held = Math.min(this.pos, 4);
    const rest = this.input.subarray(this.pos - held);
    if (rest.length > 0) {
      this.input = new Uint8Array(rest.length + chunk.length);
      this.input.set(rest);
      this.input.set(chunk, rest.length);
    } else {
      this.input = chunk;
    }
    this.pos = held;
    this.final = final;
    try {
      while (this.step());
    } finally {
      this.flush();
    }
    if (final && this.state !== 'padding') throw new GunzipError('the data ends too early');
  }

  private step(): boolean {
    switch (this.state) {
      case 'header':
        return this.header();
      case 'block':
        return this.blockHeader();
      case 'stored':
        return this.storedBlock();
      case 'codes':
        return this.codes();
      case 'trailer':
        return this.trailer();
      case 'padding':
        return this.padding();
    }
  }

  private header(): boolean {
    const { input, pos } = this;
    let at = pos + 10;
    if (at > input.length) return false;
    if (input[pos] !== 0x1f || input[pos + 1] !== 0x8b || input[pos + 2] !== 8) {
      throw new GunzipError('a gzip header was expected');
    }
    const flags = input[pos + 3]!;
    if (flags & 4) {
      if (at + 2 > input.length) return false;
      at += 2 + (input[at]! | (input[at + 1]! << 8));
    }
    for (const flag of [8, 16]) {
      if (!(flags & flag)) continue;
      const end = input.indexOf(0, at);
      if (end < 0 && input.length - pos > 1 << 20) throw new GunzipError('an endless file name');
      if (end < 0) return false;
      at = end + 1;
    }
    if (flags & 2) at += 2;
    if (at > input.length) return false;
    this.pos = at;
    this.hold = this.bits = 0;
    this.lastBlock = false;
    this.crc = -1;
    this.memberLength = 0;
    this.memberStart = this.op;
    this.state = 'block';
    return true;
  }

  private blockHeader(): boolean {
    if (this.lastBlock) {
      this.unread();
      this.state = 'trailer';
      return true;
    }
    if (this.input.length - this.pos < HEADER_ROOM && !this.final) return false;
    this.lastBlock = this.take(1) === 1;
    const type = this.take(2);
    if (type === 0) {
      this.unread();
      const length = this.input[this.pos]! | (this.input[this.pos + 1]! << 8);
      const check = this.input[this.pos + 2]! | (this.input[this.pos + 3]! << 8);
      this.pos += 4;
      this.checkInput();
      if ((length ^ check) !== 0xffff) throw new GunzipError('a stored block has a wrong length');
      this.stored = length;
      this.state = 'stored';
    } else {
      if (type === 3) throw new GunzipError('an invalid block type');
      if (type === 1) ({ literals: this.literals, distances: this.distances } = fixed());
      else this.dynamicCodes();
      this.state = 'codes';
    }
    return true;
  }

  private dynamicCodes(): void {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const count = this.take(4) + 4;
    const meta = new Uint8Array(19);
    for (let i = 0; i < count; i++) meta[CODE_ORDER[i]!] = this.take(3);
    const code = buildCode(meta);
    const lengths = new Uint8Array(literals + distances);
    for (let i = 0; i < lengths.length;) {
      this.fill();
      const entry = code.table[this.hold & ((1 << code.bits) - 1)]!;
      if (entry === 0) throw new GunzipError('an invalid code length');
      this.drop(entry & 15);
      const symbol = entry >> 4;
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new GunzipError('an invalid code length');
      const value = symbol === 16 ? lengths[i - 1]! : 0;
      const repeat =
        symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      if (i + repeat > lengths.length) throw new GunzipError('too many code lengths');
      lengths.fill(value, i, i + repeat);
      i += repeat;
    }
    this.checkInput();
    this.literals = buildCode(lengths.subarray(0, literals));
    this.distances = buildCode(lengths.subarray(literals));
  }

  private storedBlock(): boolean {
    while (this.stored > 0) {
      const n = Math.min(this.stored, this.input.length - this.pos, WINDOW + OUT - this.op);
      if (n === 0) {
        if (this.pos >= this.input.length) return false;
        this.flush();
        continue;
      }
      this.out.set(this.input.subarray(this.pos, this.pos + n), this.op);
      this.op += n;
      this.pos += n;
      this.stored -= n;
    }
    this.state = 'block';
    return true;
  }

  /**
   * The hot loop: literals and copies until the block ends, the input runs short or `out` is full. Where the
   * data was cut, the last symbol is made up in part of bits that are not there: it is taken back.
   */
  private codes(): boolean {
    const { input, out } = this;
    const literals = this.literals!.table;
    const distances = this.distances!.table;
    const literalMask = literals.length - 1;
    const distanceMask = distances.length - 1;
    const inputEnd = this.final ? input.length : input.length - SYMBOL_ROOM;
    let { pos, hold, bits, op } = this;
    let state: State = 'codes';
    let fault = '';
    let before = op;
    while (pos < inputEnd || (this.final && pos - (bits >> 3) <= inputEnd)) {
      if (op >= OUT_END) break;
      before = op;
      for (; bits <= 24; bits += 8) hold |= input[pos++]! << bits;
      const entry = literals[hold & literalMask]!;
      const length = entry & 15;
      if (length === 0) {
        fault = 'an invalid code';
        break;
      }
      hold >>>= length;
      bits -= length;
      const symbol = entry >> 4;
      if (symbol < 256) {
        out[op++] = symbol;
        continue;
      }
      if (symbol === 256) {
        state = 'block';
        break;
      }
      const extra = LENGTH_EXTRA[symbol - 257]!;
      const size = LENGTH_BASE[symbol - 257]! + (hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= extra;
      for (; bits <= 24; bits += 8) hold |= input[pos++]! << bits;
      const dist = distances[hold & distanceMask]!;
      hold >>>= dist & 15;
      bits -= dist & 15;
      for (; bits <= 24; bits += 8) hold |= input[pos++]! << bits;
      const far = DIST_EXTRA[dist >> 4]!;
      const distance = DIST_BASE[dist >> 4]! + (hold & ((1 << far) - 1));
      hold >>>= far;
      bits -= far;
      let from = op - distance;
      if (dist === 0 || size < 3 || from < this.memberStart) {
        fault = 'an invalid distance';
        break;
      }
      const end = op + size;
      while (op < end) out[op++] = out[from++]!;
    }
    const ranOut = pos - (bits >> 3) > input.length;
    if (ranOut) op = before;
    Object.assign(this, { pos, hold, bits, op, state });
    if (ranOut || fault) throw new GunzipError(ranOut ? 'the data ends too early' : fault);
    if (op >= OUT_END) this.flush();
    return op >= OUT_END || state === 'block';
  }

  private trailer(): boolean {
    if (this.input.length - this.pos < 8) return false;
    this.flush();
    const view = new DataView(this.input.buffer, this.input.byteOffset + this.pos, 8);
    if (view.getInt32(0, true) !== ~this.crc) throw new GunzipError('the checksum differs');
    if (view.getUint32(4, true) !== this.memberLength >>> 0) {
      throw new GunzipError('the length differs');
    }
    this.pos += 8;
    this.state = 'padding';
    return true;
  }

  /** Between members: zeros (tape padding) are passed over, another member is read on. */
  private padding(): boolean {
    while (this.pos < this.input.length && this.input[this.pos] === 0) this.pos++;
    if (this.pos >= this.input.length) return false;
    if (this.input[this.pos] !== 0x1f) throw new GunzipError('foreign bytes after the end');
    this.state = 'header';
    return true;
  }

  private flush(): void {
    if (this.op > this.sent) {
      this.crc = crc32(this.crc, this.out, this.sent, this.op);
      this.memberLength += this.op - this.sent;
      this.onChunk(this.out.slice(this.sent, this.op));
      this.sent = this.op;
    }
    if (this.op < WINDOW + OUT) return;
    const shift = this.op - WINDOW;
    this.out.copyWithin(0, shift, this.op);
    this.memberStart = Math.max(0, this.memberStart - shift);
    this.op = this.sent = WINDOW;
  }

  private fill(): void {
    while (this.bits <= 24) {
      this.hold |= (this.input[this.pos++] ?? 0) << this.bits;
      this.bits += 8;
    }
  }

  private drop(n: number): void {
    this.hold >>>= n;
    this.bits -= n;
  }

  private take(n: number): number {
    this.fill();
    const value = this.hold & ((1 << n) - 1);
    this.drop(n);
    return value;
  }

  /** Gives whole unused bytes back; the rest of a started byte is dropped. */
  private unread(): void {
    this.pos -= this.bits >> 3;
    this.hold = this.bits = 0;
    this.checkInput();
  }

  private checkInput(): void {
    if (this.pos - (this.bits >> 3) > this.input.length) {
      throw new GunzipError('the data ends too early');
    }
  }
}
