const MAGIC = 0x184d2204;

/**
 * The content of an LZ4 frame (lz4/doc/lz4_Frame_format.md, lz4_Block_format.md), `length` bytes. Blocks may go
 * on with what those before them have. Checksums are not looked at. Throws where it is damaged.
 */
export function unlz4(frame: Uint8Array, length: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw new Error('it is no LZ4 frame');
  // A block is no more than 255 times its size.
  if (length > frame.length * 255)
    throw new Error('an LZ4 frame says that it is larger than it can be');
  const flags = view.getUint8(4);
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
  const out = new Uint8Array(length);
  let made = 0;
  for (;;) {
    if (at + 4 > frame.length) throw new Error('an LZ4 frame is cut');
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fffffff;
    const block = frame.subarray(at, at + size);
    if (block.length < size) throw new Error('an LZ4 frame is cut');
    if (word >>> 31 === 1) {
      if (made + size > length) throw new Error('an LZ4 frame is longer than it says');
      out.set(block, made);
      made += size;
    } else made = unblock(block, out, made);
    at += size + (flags & 16 ? 4 : 0);
  }
  if (made !== length) throw new Error('an LZ4 frame is shorter than it says');
  return out;
}

/** Decodes a block behind the first `made` bytes of `out`; gives where it ends. */
function unblock(block: Uint8Array, out: Uint8Array, made: number): number {
  let at = 0;
  let to = made;
  const longer = (nibble: number): number => {
    let length = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) {
      byte = block[at++] ?? 0;
    }
    return length;
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = longer(token >>> 4);
    if (at + literals > block.length || to + literals > out.length) {
      throw new Error('an LZ4 block is broken');
    }
    out.set(block.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at >= block.length) break;
    const back = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const length = longer(token & 15) + 4;
    if (back === 0 || back > to || to + length > out.length) {
      throw new Error('an LZ4 block is broken');
    }
    // What is copied may be what is being written.
    for (let i = 0; i < length; i++) out[to + i] = out[to + i - back] ?? 0;
    to += length;
  }
  return to;
}
