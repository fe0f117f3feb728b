import {
  asObject,
  bytesOf,
  crc32c,
  decodeChunk,
  isJsonObject,
  randomAccess,
  type ByteSource,
  type DecodedChunk,
  type JsonObject,
} from '../../core/connect';
import { BlockIndex, type ChunkRef } from './block-index';
import { ByteReader, WindowReader, damaged } from './bytes';
import type { BlockFiles } from './layout';
import { readTombstones, type Deleted } from './tombstones';

/** What meta.json says; what it does not say is open. */
export interface BlockMeta {
  readonly ulid: string;
  /** Milliseconds; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly samples: number | undefined;
  /** The blocks of the first level that it was made of. */
  readonly sources: readonly string[];
  readonly parents: readonly string[];
}

const MOST_CHUNK = 64 << 20;
const SEGMENT_MAGIC = 0x85bd40dd;
const SEGMENT_HEAD = 8;

/** One block, open: its index is read series by series, its chunks one by one. */
export class Block {
  private readonly open = new Map<number, WindowReader | string>();

  private constructor(
    readonly name: string,
    readonly meta: BlockMeta,
    readonly index: BlockIndex,
    readonly deleted: ReadonlyMap<number, readonly Deleted[]>,
    private readonly segments: ReadonlyMap<number, ByteSource>,
    private readonly signal: AbortSignal,
  ) {}

  /** Throws 'format/damaged' where the index or the tombstones can't be read. */
  static async read(
    files: BlockFiles,
    sourceOf: (name: string | undefined) => ByteSource | undefined,
    signal: AbortSignal,
  ): Promise<Block> {
    const name = files.folder.slice(files.folder.lastIndexOf('/') + 1) || 'the block';
    const source = sourceOf(files.index);
    if (!source) throw damaged('The block has no index.');
    const index = await BlockIndex.open(await randomAccess(source, signal));
    const segments = new Map<number, ByteSource>();
    for (const [number, file] of files.segments) {
      const segment = sourceOf(file);
      if (segment) segments.set(number, segment);
    }
    const deleted = await stonesOf(sourceOf(files.tombstones), signal);
    const meta = metaOf(await jsonOf(sourceOf(files.meta), signal), name);
    return new Block(name, meta, index, deleted, segments, signal);
  }

  /** What a chunk holds, or why it can't be read. */
  async chunk({ segment, offset }: ChunkRef): Promise<DecodedChunk | string> {
    const file = await this.segment(segment + 1);
    if (typeof file === 'string') return file;
    const head = new ByteReader(await file.read(offset, Math.min(6, file.size - offset)));
    try {
      const length = head.uvarint();
      const at = offset + head.pos;
      if (length > MOST_CHUNK || at + length + 5 > file.size) return 'the chunk is cut';
      const bytes = await file.read(at, length + 5);
      const body = bytes.subarray(0, length + 1);
      if (
        bytes.length < length + 5 ||
        crc32c(body) !== new ByteReader(bytes, length + 1).uint32()
      ) {
        return 'the chunk does not match its checksum';
      }
      const encoding = body[0] ?? 0;
      const decoded = decodeChunk(encoding, body.subarray(1));
      return decoded ?? `the chunk has encoding ${encoding}, which is not known`;
    } catch (error) {
      return `the chunk can not be read: ${error instanceof Error ? error.message : ''}`;
    }
  }

  private async segment(number: number): Promise<WindowReader | string> {
    let known = this.open.get(number);
    if (known === undefined) this.open.set(number, (known = await this.openSegment(number)));
    return known;
  }

  private async openSegment(number: number): Promise<WindowReader | string> {
    const name = String(number).padStart(6, '0');
    const source = this.segments.get(number);
    if (!source) return `the file chunks/${name} is missing`;
    const reader = new WindowReader(await randomAccess(source, this.signal));
    const head = await reader.read(0, SEGMENT_HEAD);
    const fits = head.length === SEGMENT_HEAD && new ByteReader(head).uint32() === SEGMENT_MAGIC;
    return fits && head[4] === 1 ? reader : `the file chunks/${name} does not begin as chunks do`;
  }
}

/** Throws 'format/damaged': without them, samples that were deleted would be back. */
async function stonesOf(
  source: ByteSource | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly Deleted[]>> {
  return source ? readTombstones(await bytesOf(source, signal)) : new Map();
}

async function jsonOf(source: ByteSource | undefined, signal: AbortSignal): Promise<JsonObject> {
  if (!source) return {};
  const bytes = await bytesOf(source, signal, 1 << 20);
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return asObject(value);
  } catch {
    return {};
  }
}

function metaOf(meta: JsonObject, name: string): BlockMeta {
  const { ulid, minTime, maxTime, stats, compaction } = meta;
  const compacted = asObject(compaction);
  const samples = isJsonObject(stats) ? stats['numSamples'] : undefined;
  return {
    ulid: typeof ulid === 'string' ? ulid : name,
    from: typeof minTime === 'number' ? minTime : Number.NEGATIVE_INFINITY,
    to: typeof maxTime === 'number' ? maxTime : Number.POSITIVE_INFINITY,
    samples: typeof samples === 'number' ? samples : undefined,
    sources: ulidsOf(compacted['sources']),
    parents: ulidsOf(compacted['parents']),
  };
}

/** ULIDs, or objects that have one. */
function ulidsOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list
    .map((one: unknown) => (isJsonObject(one) ? one['ulid'] : one))
    .filter((one) => typeof one === 'string');
}
