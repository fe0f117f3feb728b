/** Content of one block; a length that is more is taken for a damage. */
const MOST = 256 << 20;
/** What a literal with two bytes of length holds at most. */
const LITERAL = 65_536;

/**
 * A snappy block (google/snappy, format_description.txt) as its content. Where it is damaged or cut: what
 * comes before, and why it ends there.
 */
export function unsnappy(
  block: Uint8Array,
  most = MOST,
): { readonly bytes: Uint8Array; readonly fault: string } {
  const { length, at } = preamble(block);
  if (length === undefined) return { bytes: new Uint8Array(), fault: 'its length can not be read' };
  if (length > most)
    return { bytes: new Uint8Array(), fault: `it says that it has ${length} bytes` };
  // A block can't be more than about 64 times its size: a length that is made up costs no memory.
  const out = new Uint8Array(Math.min(length, block.length * 64));
  const { made, fault } = new Elements(block, at, out, length).all();
  return { bytes: out.subarray(0, made), fault };
}

function preamble(block: Uint8Array): { readonly length: number | undefined; readonly at: number } {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) break;
    length += (byte & 127) * 128 ** at;
    if (byte < 128) return { length: length < 2 ** 32 ? length : undefined, at: at + 1 };
  }
  return { length: undefined, at: 0 };
}

class Elements {
  private made = 0;

  constructor(
    private readonly block: Uint8Array,
    private at: number,
    private readonly out: Uint8Array,
    private readonly length: number,
  ) {}

  all(): { readonly made: number; readonly fault: string } {
    const { block } = this;
    while (this.at < block.length && this.made < this.length) {
      const tag = block[this.at++] ?? 0;
      const fault = (tag & 3) === 0 ? this.literal(tag) : this.copy(tag);
      if (fault !== '') return { made: this.made, fault };
    }
    if (this.made < this.length)
      return { made: this.made, fault: 'it ends before its content does' };
    const over = this.at < block.length;
    return { made: this.made, fault: over ? 'bytes follow after its end' : '' };
  }

  private literal(tag: number): string {
    let length = tag >>> 2;
    if (length >= 60) {
      const bytes = length - 59;
      const read = this.number(bytes);
      if (read === undefined) return 'it ends within a length';
      length = read;
    }
    length++;
    const { block, out, at, made } = this;
    const there = Math.min(length, block.length - at, out.length - made);
    out.set(block.subarray(at, at + there), made);
    this.made += there;
    this.at += there;
    return there < length ? 'it ends within a literal' : '';
  }

  private copy(tag: number): string {
    const kind = tag & 3;
    const low = this.number(kind === 3 ? 4 : kind);
    if (low === undefined) return 'it ends within a copy';
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = kind === 1 ? ((tag >>> 5) << 8) + low : low;
    const { out, made } = this;
    if (offset === 0 || offset > made) return 'a copy reaches before its start';
    if (made + length > out.length) return 'it has more content than it says';
    if (offset >= length) out.copyWithin(made, made - offset, made - offset + length);
    else for (let i = made; i < made + length; i++) out[i] = out[i - offset] ?? 0;
    this.made += length;
    return '';
  }

  /** A little-endian number of 1 to 4 bytes. */
  private number(bytes: number): number | undefined {
    let value = 0;
    for (let i = 0; i < bytes; i++) {
      const byte = this.block[this.at++];
      if (byte === undefined) return undefined;
      value += byte * 256 ** i;
    }
    return value;
  }
}

/** Content as a snappy block of literals alone: larger than the content by a few bytes. */
export function snappyLiterals(content: Uint8Array): Uint8Array {
  const pieces: number[] = [];
  for (let length = content.length; ; length = Math.floor(length / 128)) {
    pieces.push(length < 128 ? length : (length % 128) | 128);
    if (length < 128) break;
  }
  const literals = Math.ceil(content.length / LITERAL);
  const out = new Uint8Array(pieces.length + content.length + 3 * literals);
  out.set(pieces);
  let at = pieces.length;
  for (let from = 0; from < content.length; from += LITERAL) {
    const literal = content.subarray(from, from + LITERAL);
    const minusOne = literal.length - 1;
    out.set([61 << 2, minusOne & 255, minusOne >> 8], at);
    out.set(literal, at + 3);
    at += 3 + literal.length;
  }
  return out;
}
