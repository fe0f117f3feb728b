/** What is wrong with a frame, to stand behind "…: ". */
export class Lz4Error extends Error {}

const MAGIC = 0x184d2204;
const BLOCK_SIZES = [0, 0, 0, 0, 64 << 10, 256 << 10, 1 << 20, 4 << 20];
/** Copies may reach this far back, also into blocks before. */
const REACH = 64 << 10;

/**
 * The content of an LZ4 frame (lz4_Frame_format.md 1.6.4), as Kafka (KIP-57) and Arrow keep it. Checksums are not
 * verified. Throws Lz4Error where it is damaged or holds more than `most` bytes.
 */
export function unlz4(bytes: Uint8Array, most: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 7 || view.getUint32(0, true) !== MAGIC) {
    throw new Lz4Error('it does not begin as an LZ4 frame');
  }
  const flags = bytes[4] ?? 0;
  const blockSize = BLOCK_SIZES[((bytes[5] ?? 0) >> 4) & 7] ?? 0;
  if (flags >> 6 !== 1 || blockSize === 0)
    throw new Lz4Error('its LZ4 frame has an unknown version');
  const blockChecksum = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
  const out = new Output(most, blockSize);
  for (;;) {
    if (at + 4 > bytes.length) throw new Lz4Error('its LZ4 frame is cut');
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return out.content();
    const length = word & 0x7fffffff;
    if (length > blockSize || at + length > bytes.length)
      throw new Lz4Error('its LZ4 frame is cut');
    const block = bytes.subarray(at, at + length);
    if (word >>> 31) out.literals(block, 0, block.length);
    else out.block(block);
    at += length + blockChecksum;
  }
}

class Output {
  private bytes = new Uint8Array(REACH);
  private length = 0;

  constructor(
    private readonly most: number,
    private readonly blockSize: number,
  ) {}

  content(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  literals(block: Uint8Array, from: number, to: number): void {
    this.room(to - from);
    this.bytes.set(block.subarray(from, to), this.length);
    this.length += to - from;
  }

  /** Sequences of a token, literals, and a copy of what stands before (lz4_Block_format.md). */
  block(block: Uint8Array): void {
    const start = this.length;
    let at = 0;
    const more = (nibble: number): number => {
      if (nibble < 15) return nibble;
      let sum = nibble;
      for (let byte = 255; byte === 255;) {
        byte = block[at++] ?? -1;
        if (byte < 0) throw new Lz4Error('its LZ4 block is cut');
        sum += byte;
      }
      return sum;
    };
    while (at < block.length) {
      const token = block[at++] ?? 0;
      const literals = more(token >> 4);
      if (at + literals > block.length) throw new Lz4Error('its LZ4 block is cut');
      this.literals(block, at, at + literals);
      at += literals;
      if (at === block.length) break;
      const back = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
      at += 2;
      this.copy(back, more(token & 15) + 4);
      if (this.length - start > this.blockSize) throw new Lz4Error('its LZ4 block is too large');
    }
  }

  private copy(back: number, length: number): void {
    if (back === 0 || back > this.length) throw new Lz4Error('its LZ4 block copies from nowhere');
    this.room(length);
    const { bytes } = this;
    const from = this.length - back;
    if (back >= length) bytes.copyWithin(this.length, from, from + length);
    else for (let i = 0; i < length; i++) bytes[this.length + i] = bytes[from + i] ?? 0;
    this.length += length;
  }

  private room(more: number): void {
    const need = this.length + more;
    if (need > this.most) throw new Lz4Error('its LZ4 frame is larger than it may be');
    if (need <= this.bytes.length) return;
    const bigger = new Uint8Array(Math.max(need, this.bytes.length * 2));
    bigger.set(this.bytes.subarray(0, this.length));
    this.bytes = bigger;
  }
}
