import { FaultlineError } from '../../base';
import type { ByteSource } from '../format';
import { chunksOf, joined } from '../import-bytes';

/** Bytes that can be read anywhere. Reads past the end give fewer bytes. */
export interface RandomBytes {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

const HOLD = 512 << 20;

/**
 * A source for formats that jump about (SQLite, Parquet, a block's index): as it is where it can be read
 * anywhere, else held whole. Throws 'format/damaged' where it would be more than `hold` bytes.
 */
export async function randomAccess(
  source: ByteSource,
  signal: AbortSignal,
  hold = HOLD,
): Promise<RandomBytes> {
  if (source.read && source.size !== undefined) {
    const { read, size } = source;
    return {
      size,
      read: (offset, length) => read(offset, Math.max(0, Math.min(length, size - offset))),
    };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(source.stream(), signal)) {
    length += chunk.length;
    if (length > hold) {
      throw new FaultlineError(
        'format/damaged',
        `${source.name} is larger than ${hold >> 20} MiB and is compressed or streamed; unpack it, so that it can be read in place.`,
      );
    }
    chunks.push(chunk);
  }
  const bytes = joined(chunks);
  return { size: bytes.length, read: async (offset, n) => bytes.subarray(offset, offset + n) };
}

/** Bytes behind the reading place that are kept, so that small steps back cost nothing. */
const KEPT = 32 << 20;

/**
 * A stream as bytes that can be read anywhere: cheap forwards and a little backwards; further back it is
 * opened anew. So archives inside of compressed files are read member by member in bounded memory.
 */
export class RewindingBytes {
  private chunks: AsyncGenerator<Uint8Array> | undefined;
  private held: Uint8Array[] = [];
  private heldFrom = 0;
  private heldTo = 0;
  private ended = false;

  constructor(
    private readonly open: () => ReadableStream<Uint8Array>,
    private readonly signal: AbortSignal,
  ) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < this.heldFrom) await this.close();
    this.chunks ??= chunksOf(this.open(), this.signal);
    while (this.heldTo < offset + length && !this.ended) {
      const { done, value } = await this.chunks.next();
      if (done) this.ended = true;
      else this.hold(value, offset);
    }
    return this.slice(offset, Math.min(offset + length, this.heldTo));
  }

  async close(): Promise<void> {
    await this.chunks?.return(undefined);
    this.chunks = undefined;
    this.held = [];
    this.heldFrom = this.heldTo = 0;
    this.ended = false;
  }

  private hold(chunk: Uint8Array, needed: number): void {
    this.held.push(chunk);
    this.heldTo += chunk.length;
    while (this.held.length > 1) {
      const end = this.heldFrom + (this.held[0]?.length ?? 0);
      if (end > needed || this.heldTo - end < KEPT) return;
      this.held.shift();
      this.heldFrom = end;
    }
  }

  private slice(from: number, to: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let at = this.heldFrom;
    for (const chunk of this.held) {
      if (at >= to) break;
      if (at + chunk.length > from) {
        pieces.push(chunk.subarray(Math.max(0, from - at), Math.min(chunk.length, to - at)));
      }
      at += chunk.length;
    }
    return joined(pieces);
  }
}
