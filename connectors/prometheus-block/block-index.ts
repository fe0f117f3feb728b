import { crc32c, type RandomBytes } from '../../core/connect';
import { ByteReader, WindowReader, damaged } from './bytes';

const MAGIC = 0xbaaad700;
const VERSION = 2;
const TOC = 52;
/** Symbols are held whole. */
const MOST_SYMBOLS = 512 << 20;

/** Where a chunk lies: its segment file (from 0) and the offset in it; times in ms, both inclusive. */
export interface ChunkRef {
  readonly segment: number;
  readonly offset: number;
  readonly from: number;
  readonly to: number;
}

export type IndexedSeries =
  | {
      /** What tombstones call it. */
      readonly ref: number;
      readonly labels: readonly (readonly [string, string])[];
      readonly chunks: readonly ChunkRef[];
    }
  | { readonly offset: number; readonly reason: string };

/** The index of a block (tsdb/docs/format/index.md), version 2: symbols held, series read one by one. */
export class BlockIndex {
  private readonly window: WindowReader;

  private constructor(
    bytes: RandomBytes,
    private readonly symbols: Symbols,
    private readonly from: number,
    private readonly to: number,
  ) {
    this.window = new WindowReader(bytes);
  }

  /** Throws 'format/damaged' where the index can't be read at all. */
  static async open(bytes: RandomBytes): Promise<BlockIndex> {
    if (bytes.size < 5 + TOC) throw damaged('The index is cut.');
    const head = new ByteReader(await bytes.read(0, 5));
    if (head.uint32() !== MAGIC) throw damaged('The index does not begin as one.');
    const version = head.byte();
    if (version !== VERSION) throw damaged(`The index has version ${version}, not 2.`);
    const end = bytes.size - TOC;
    const toc = await bytes.read(end, TOC);
    const offsets = new ByteReader(toc);
    const sections = Array.from({ length: 6 }, () => offsets.uint64());
    if (crc32c(toc.subarray(0, TOC - 4)) !== offsets.uint32()) {
      throw damaged('The table of contents of the index does not match its checksum: it is cut.');
    }
    const [symbols = 0, series = 0] = sections;
    const after = sections.slice(2).filter((offset) => offset >= series && offset <= end);
    const held = await readSymbols(bytes, symbols);
    return new BlockIndex(bytes, held, series, series === 0 ? 0 : Math.min(end, ...after));
  }

  /** In order of their labels. One that does not match its checksum has a reason in place of labels. */
  async *series(): AsyncGenerator<IndexedSeries> {
    let at = aligned(this.from);
    while (at < this.to) {
      const start = new ByteReader(await this.window.read(at, Math.min(10, this.to - at)));
      const length = start.uvarint();
      if (length === 0) {
        at += 16;
        continue;
      }
      const bodyAt = at + start.pos;
      if (bodyAt + length + 4 > this.to) {
        yield { offset: at, reason: 'the index can not be read from here on' };
        return;
      }
      const entry = await this.window.read(bodyAt, length + 4);
      yield this.entry(at, entry.subarray(0, length), entry.subarray(length));
      at = aligned(bodyAt + length + 4);
    }
  }

  private entry(offset: number, body: Uint8Array, sum: Uint8Array): IndexedSeries {
    if (crc32c(body) !== new ByteReader(sum).uint32()) {
      return { offset, reason: 'the series does not match its checksum' };
    }
    const reader = new ByteReader(body);
    const labels: (readonly [string, string])[] = [];
    for (let left = reader.uvarint(); left > 0; left--) {
      const name = this.symbols.at(reader.uvarint());
      const value = this.symbols.at(reader.uvarint());
      if (name === undefined || value === undefined) {
        return { offset, reason: 'the series names a text that the index does not have' };
      }
      labels.push([name, value]);
    }
    return { ref: offset / 16, labels, chunks: readRefs(reader) };
  }
}

const aligned = (offset: number): number => Math.ceil(offset / 16) * 16;

/** References are differences: of times to the end of the chunk before, of places to its place. */
function readRefs(reader: ByteReader): readonly ChunkRef[] {
  const refs: ChunkRef[] = [];
  let to = 0;
  let segment = 0;
  let offset = 0;
  for (let left = reader.uvarint(); left > 0; left--) {
    const from = refs.length === 0 ? reader.varint() : to + reader.uvarint();
    to = from + reader.uvarint();
    const place =
      refs.length === 0 ? reader.uvarint() : segment * 2 ** 32 + offset + reader.varint();
    segment = Math.floor(place / 2 ** 32);
    offset = place % 2 ** 32;
    refs.push({ segment, offset, from, to });
  }
  return refs;
}

/** Texts by their number, decoded when they are first asked for. */
class Symbols {
  private readonly decoded: (string | undefined)[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly offsets: Uint32Array,
  ) {}

  at(number: number): string | undefined {
    const known = this.decoded[number];
    if (known !== undefined) return known;
    const offset = this.offsets[number];
    if (offset === undefined) return undefined;
    const reader = new ByteReader(this.bytes, offset);
    return (this.decoded[number] = new TextDecoder().decode(reader.take(reader.uvarint())));
  }
}

async function readSymbols(bytes: RandomBytes, at: number): Promise<Symbols> {
  const length = new ByteReader(await bytes.read(at, 4)).uint32();
  if (length > MOST_SYMBOLS) throw damaged('The index has over 512 MiB of label texts.');
  const section = await bytes.read(at + 4, length + 4);
  if (section.length < length + 4) throw damaged('The index is cut within its label texts.');
  const body = section.subarray(0, length);
  if (crc32c(body) !== new ByteReader(section, length).uint32()) {
    throw damaged('The label texts of the index do not match their checksum.');
  }
  const reader = new ByteReader(body);
  const count = reader.uint32();
  if (count > length) throw damaged('The index counts more label texts than it has.');
  const offsets = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    offsets[i] = reader.pos;
    reader.take(reader.uvarint());
  }
  return new Symbols(body, offsets);
}
