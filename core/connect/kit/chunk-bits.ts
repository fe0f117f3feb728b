import { FaultlineError } from '../../base';

export function damagedChunk(message: string): FaultlineError {
  return new FaultlineError('format/damaged', message);
}

const scratch = new DataView(new ArrayBuffer(8));

/** A float64 of its two halves. */
export function floatOf(high: number, low: number): number {
  scratch.setUint32(0, high);
  scratch.setUint32(4, low);
  return scratch.getFloat64(0);
}

/** Prometheus' mark that a series ended: a NaN of its own (model/value.StaleNaN). */
export const isStale = (high: number, low: number): boolean => high === 0x7ff00000 && low === 2;

/** Reads bits from the highest on. Throws 'format/damaged' beyond the end. */
export class BitReader {
  private at: number;
  private readonly end: number;
  /** Halves of what `wide` read. */
  high = 0;
  low = 0;

  constructor(
    private readonly bytes: Uint8Array,
    from: number,
  ) {
    this.at = from * 8;
    this.end = bytes.length * 8;
  }

  bit(): number {
    if (this.at >= this.end) throw damagedChunk('The chunk ends within a number.');
    const byte = this.bytes[this.at >>> 3] ?? 0;
    const bit = (byte >>> (7 - (this.at & 7))) & 1;
    this.at++;
    return bit;
  }

  /** Up to 32 bits as an unsigned number. */
  bits(count: number): number {
    if (this.at + count > this.end) throw damagedChunk('The chunk ends within a number.');
    let value = 0;
    for (let left = count; left > 0;) {
      const room = 8 - (this.at & 7);
      const take = room < left ? room : left;
      const byte = this.bytes[this.at >>> 3] ?? 0;
      value = value * (1 << take) + ((byte >>> (room - take)) & ((1 << take) - 1));
      this.at += take;
      left -= take;
    }
    return value;
  }

  /** Up to 64 bits into `high` and `low`. */
  wide(count: number): void {
    this.high = count > 32 ? this.bits(count - 32) : 0;
    this.low = this.bits(count > 32 ? 32 : count);
  }

  float(): number {
    this.wide(64);
    return floatOf(this.high, this.low);
  }

  /** Number of set bits before the first that is not, up to `most`. */
  ones(most: number): number {
    let count = 0;
    while (count < most && this.bit() === 1) count++;
    return count;
  }

  /** A number of `count` bits whose upper half is negative, as the chunk encodings have them. */
  signed(count: number): number {
    this.wide(count);
    const value = this.high * 2 ** 32 + this.low;
    return value > 2 ** (count - 1) ? value - 2 ** count : value;
  }

  uvarint(): number {
    let value = 0;
    let scale = 1;
    for (let n = 0; n < 10; n++) {
      const byte = this.bits(8);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw damagedChunk('A number in the chunk has too many bytes.');
  }

  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** varbit_int of histogram chunks: 0 to 8 set bits say how many follow. */
  varbitInt(): number {
    const size = VARBIT[this.ones(8)] ?? 0;
    return size === 0 ? 0 : this.signed(size);
  }

  varbitUint(): number {
    const size = VARBIT[this.ones(8)] ?? 0;
    if (size === 0) return 0;
    this.wide(size);
    return this.high * 2 ** 32 + this.low;
  }
}

const VARBIT = [0, 3, 6, 9, 12, 18, 25, 56, 64];

/** A float that is written as what differs from the one before (Gorilla, Pelkonen et al. 2015, §4.1.2). */
export class XorFloat {
  high = 0;
  low = 0;
  private leading = 0;
  private trailing = 0;

  get value(): number {
    return floatOf(this.high, this.low);
  }

  first(bits: BitReader): void {
    bits.wide(64);
    this.high = bits.high;
    this.low = bits.low;
  }

  next(bits: BitReader): void {
    if (bits.bit() === 0) return;
    if (bits.bit() === 1) {
      this.leading = bits.bits(5);
      const meaningful = bits.bits(6) || 64;
      this.trailing = 64 - this.leading - meaningful;
      if (this.trailing < 0) throw damagedChunk('A value in the chunk has too many bits.');
    }
    bits.wide(64 - this.leading - this.trailing);
    const { trailing } = this;
    if (trailing === 0) {
      this.high = (this.high ^ bits.high) >>> 0;
      this.low = (this.low ^ bits.low) >>> 0;
    } else if (trailing < 32) {
      const carried = bits.low >>> (32 - trailing);
      this.high = (this.high ^ ((bits.high << trailing) | carried)) >>> 0;
      this.low = (this.low ^ (bits.low << trailing)) >>> 0;
    } else {
      this.high = (this.high ^ (bits.low << (trailing - 32))) >>> 0;
    }
  }
}
