import { FaultlineError } from '../../base';

/** Wire types of protobuf (encoding specification, "Message Structure"). */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

const SLOTS = 4096;
const INTERN_MAX = 64;

/**
 * Reads protobuf fields one after the other, in whatever order they come, without a message object. After
 * `field()` the caller takes the value by its wire type or skips it. Throws 'format/damaged'.
 */
export class WireReader {
  pos = 0;
  end: number;
  /** Number and wire type of the field that `field()` found. */
  number = 0;
  type = 0;
  private view: DataView;
  private readonly slots: (string | undefined)[] = new Array<string | undefined>(SLOTS);

  constructor(
    private bytes: Uint8Array,
    /** What the message is, for faults: 'OTLP message'. */
    private readonly what: string,
  ) {
    this.end = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins with another message; texts that were handed out go on being handed out as one. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
    this.end = bytes.length;
  }

  /** Goes to the next field; false at the end of the message. */
  field(): boolean {
    if (this.pos >= this.end) return false;
    const tag = this.uint32();
    this.number = tag >>> 3;
    this.type = tag & 7;
    if (this.number === 0) throw this.damaged('a field has the number 0');
    return true;
  }

  /** Enters a message; give what it returns back to `leave`. */
  enter(): number {
    this.want(BYTES);
    const length = this.uint32();
    const outer = this.end;
    if (this.pos + length > outer) throw this.damaged('a message is longer than what holds it');
    this.end = this.pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.pos = this.end;
    this.end = outer;
  }

  /** Passes over a message; its bytes are [start, pos). Returns start. */
  pass(): number {
    this.want(BYTES);
    const length = this.uint32();
    const from = this.pos;
    if (from + length > this.end) throw this.damaged('a field is longer than its message');
    this.pos = from + length;
    return from;
  }

  skip(): void {
    switch (this.type) {
      case VARINT:
        while (this.byte() > 127);
        return;
      case FIXED64:
        this.pos += 8;
        break;
      case BYTES:
        this.pass();
        return;
      case FIXED32:
        this.pos += 4;
        break;
      default:
        throw this.damaged(`wire type ${this.type} is not known`);
    }
    if (this.pos > this.end) throw this.damaged('a field is longer than its message');
  }

  private byte(): number {
    if (this.pos >= this.end) throw this.damaged('the data ends within a number');
    return this.bytes[this.pos++]!;
  }

  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw this.damaged('a number has too many bytes');
  }

  /** A varint field as a 32-bit signed number (enumerations, counts, flags). */
  int32(): number {
    this.want(VARINT);
    return this.uint32() | 0;
  }

  /** A zigzag varint field. */
  sint32(): number {
    this.want(VARINT);
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    this.want(VARINT);
    return this.uint32() !== 0;
  }

  /** A varint of 64 bits, unsigned. */
  varint64(): bigint {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      const value = byte & 127;
      if (shift < 28) low |= value << shift;
      else if (shift === 28) {
        low |= value << 28;
        high = value >>> 4;
      } else if (shift < 64) high |= value << (shift - 32);
      if (byte < 128) return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    }
    throw this.damaged('a number has too many bytes');
  }

  int64(): bigint {
    this.want(VARINT);
    return BigInt.asIntN(64, this.varint64());
  }

  /** A fixed64 or sfixed64 field as a signed number: times beyond 2262 do not matter here. */
  fixed64(): bigint {
    this.want(FIXED64);
    const at = this.pos;
    if (at + 8 > this.end) throw this.damaged('the data ends within a number');
    this.pos = at + 8;
    return this.view.getBigInt64(at, true);
  }

  double(): number {
    this.want(FIXED64);
    const at = this.pos;
    if (at + 8 > this.end) throw this.damaged('the data ends within a number');
    this.pos = at + 8;
    return this.view.getFloat64(at, true);
  }

  fixed32(): number {
    this.want(FIXED32);
    const at = this.pos;
    if (at + 4 > this.end) throw this.damaged('the data ends within a number');
    this.pos = at + 4;
    return this.view.getUint32(at, true);
  }

  /** A repeated fixed64 field, packed or one at a time, appended to `out`. */
  fixed64s(out: bigint[]): void {
    if (this.type === FIXED64) {
      out.push(this.fixed64());
      return;
    }
    const outer = this.enter();
    for (this.type = FIXED64; this.pos < this.end;) out.push(this.fixed64());
    this.leave(outer);
  }

  doubles(out: number[]): void {
    if (this.type === FIXED64) {
      out.push(this.double());
      return;
    }
    const outer = this.enter();
    for (this.type = FIXED64; this.pos < this.end;) out.push(this.double());
    this.leave(outer);
  }

  varints(out: bigint[]): void {
    if (this.type === VARINT) {
      out.push(this.varint64());
      return;
    }
    const outer = this.enter();
    while (this.pos < this.end) out.push(this.varint64());
    this.leave(outer);
  }

  /** A text; short ASCII ones are handed out as one string each time. */
  string(): string {
    const from = this.pass();
    const to = this.pos;
    const { bytes } = this;
    if (to - from > INTERN_MAX) return utf8.decode(bytes.subarray(from, to));
    let hash = to - from;
    let ored = 0;
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      ored |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (ored > 127) return utf8.decode(bytes.subarray(from, to));
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.slots[slot];
    if (known !== undefined && this.equals(known, from, to)) return known;
    const fresh = String.fromCharCode(...bytes.subarray(from, to));
    this.slots[slot] = fresh;
    return fresh;
  }

  private equals(text: string, from: number, to: number): boolean {
    if (text.length !== to - from) return false;
    for (let i = from; i < to; i++) if (text.charCodeAt(i - from) !== this.bytes[i]) return false;
    return true;
  }

  slice(): Uint8Array {
    const from = this.pass();
    return this.bytes.subarray(from, this.pos);
  }

  /** An id of `length` bytes in hexadecimal; '' where it is empty or all zero, undefined where wrong. */
  id(length: number): string | undefined {
    const from = this.pass();
    const to = this.pos;
    if (to === from) return '';
    if (to - from !== length) return undefined;
    let hex = '';
    let ored = 0;
    for (let i = from; i < to; i++) {
      const byte = this.bytes[i]!;
      ored |= byte;
      hex += HEX[byte]!;
    }
    return ored === 0 ? '' : hex;
  }

  private want(type: number): void {
    if (this.type !== type) {
      throw this.damaged(`field ${this.number} has the wire type ${this.type}, not ${type}`);
    }
  }

  damaged(reason: string): FaultlineError {
    return new FaultlineError(
      'format/damaged',
      `Not a readable ${this.what} at byte ${this.pos}: ${reason}.`,
    );
  }
}
