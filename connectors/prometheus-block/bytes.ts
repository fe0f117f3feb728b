import { FaultlineError } from '../../core/base';
import type { RandomBytes } from '../../core/connect';

export function damaged(message: string): FaultlineError {
  return new FaultlineError('format/damaged', message);
}

/** Reads numbers of one piece of bytes in order. Throws 'format/damaged' beyond its end. */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    public pos = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.pos;
  }

  byte(): number {
    const byte = this.bytes[this.pos++];
    if (byte === undefined) throw damaged('The data ends within a number.');
    return byte;
  }

  uint32(): number {
    if (this.left < 4) throw damaged('The data ends within a number.');
    this.pos += 4;
    return this.view.getUint32(this.pos - 4);
  }

  /** A file offset of 8 bytes; offsets are far below 2^53. */
  uint64(): number {
    const high = this.uint32();
    return high * 2 ** 32 + this.uint32();
  }

  /** Go's unsigned varint. Exact up to 2^53. */
  uvarint(): number {
    let value = 0;
    let scale = 1;
    for (let n = 0; n < 10; n++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw damaged('A number has too many bytes.');
  }

  /** Go's signed varint (zigzag). Exact up to 2^52. */
  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw damaged('The data ends within a text.');
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }
}

const WINDOW = 1 << 20;

/** Bytes read near one another cost one read of a mebibyte. */
export class WindowReader {
  private held: Uint8Array = new Uint8Array();
  private from = 0;

  constructor(private readonly source: RandomBytes) {}

  get size(): number {
    return this.source.size;
  }

  /** Fewer bytes only at the end of the file. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const at = offset - this.from;
    if (at >= 0 && at + length <= this.held.length) return this.held.subarray(at, at + length);
    this.held = await this.source.read(offset, Math.max(length, WINDOW));
    this.from = offset;
    return this.held.subarray(0, length);
  }
}
