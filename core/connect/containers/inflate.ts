import { Decompress } from 'fzstd';
import { throwIfAborted } from '../../base';
import { Gunzip, GunzipError } from '../import-gunzip';
import { SourceDamage } from './damage';

export type Compression = 'gzip' | 'zstd';

/** Compressed bytes that are decompressed at once; they may become a thousand times as many. */
const SLICE = 64 << 10;
const NONE = new Uint8Array();

/**
 * Content may be this many times its compressed size once it is larger than BOMB_BYTES. Logs that repeat
 * one line come to some two hundred; what exceeds this was made to.
 */
const BOMB_RATIO = 500;
const BOMB_BYTES = 256 << 20;
/** A zstd frame that wants to look back further than this is refused: its window is held in memory. */
const MAX_WINDOW = 256 << 20;

/** By the first bytes: gzip, zstd (a frame, or one that is to be skipped), or undefined. */
export function compressionOf(start: Uint8Array): Compression | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  const magic = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.length < 4) return undefined;
  const word = magic.getUint32(0, true);
  return word === 0xfd2fb528 || word >>> 4 === 0x184d2a5 ? 'zstd' : undefined;
}

/** Decompresses a stream of any number of members or frames. Throws SourceDamage after the last good byte. */
export async function* inflate(
  kind: Compression,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let out = 0;
  let taken = 0;
  const ready: Uint8Array[] = [];
  const machine = machineOf(kind, (chunk) => {
    out += chunk.length;
    ready.push(chunk);
  });
  const source = chunks[Symbol.asyncIterator]();
  try {
    for (let final = false; !final;) {
      const { done, value } = await source.next();
      final = done === true;
      for (let at = 0; at === 0 || at < (value?.length ?? 0); at += SLICE) {
        throwIfAborted(signal);
        const slice = value?.subarray(at, at + SLICE) ?? NONE;
        taken += slice.length;
        const failure = push(machine, slice, final);
        yield* ready.splice(0);
        if (failure !== undefined) throw new SourceDamage(out, failure);
        if (out > BOMB_BYTES && out > taken * BOMB_RATIO) {
          throw new SourceDamage(out, `it grows more than ${BOMB_RATIO}-fold`, true);
        }
      }
    }
  } finally {
    await source.return?.();
  }
}

interface Machine {
  push(chunk: Uint8Array, final: boolean): void;
}

function machineOf(kind: Compression, onChunk: (chunk: Uint8Array) => void): Machine {
  return kind === 'gzip' ? new Gunzip(onChunk) : new Unzstd(onChunk);
}

function push(machine: Machine, chunk: Uint8Array, final: boolean): string | undefined {
  try {
    machine.push(chunk, final);
    return undefined;
  } catch (error) {
    if (error instanceof GunzipError) return error.message;
    if (machine instanceof Unzstd && error instanceof Error) return error.message;
    throw error;
  }
}

/** fzstd, with a limit on the window of the first frame. It does not verify the frames' checksums. */
class Unzstd implements Machine {
  private readonly stream: Decompress;
  private start: Uint8Array | undefined = NONE;

  constructor(onChunk: (chunk: Uint8Array) => void) {
    this.stream = new Decompress((chunk) => {
      if (chunk.length > 0) onChunk(chunk);
    });
  }

  push(chunk: Uint8Array, final: boolean): void {
    let bytes = chunk;
    if (this.start) {
      const start = new Uint8Array(this.start.length + chunk.length);
      start.set(this.start);
      start.set(chunk, this.start.length);
      if (start.length < 18 && !final) {
        this.start = start;
        return;
      }
      this.start = undefined;
      if (windowOf(start) > MAX_WINDOW) {
        throw new Error(`its zstd window is larger than ${MAX_WINDOW >> 20} MiB`);
      }
      bytes = start;
    }
    // fzstd takes an empty last piece for a cut where bytes wait, and for the end where none do.
    this.stream.push(bytes, final);
  }
}

/** Window size of a zstd frame header (RFC 8878 §3.1.1.1.2); 0 where it is no such header. */
function windowOf(start: Uint8Array): number {
  if (start.length < 18 || start[0] !== 0x28) return 0;
  const at = (i: number): number => start[i] ?? 0;
  const flags = at(4);
  if ((flags & 0x20) === 0) {
    const base = 2 ** (10 + (at(5) >> 3));
    return base + (base / 8) * (at(5) & 7);
  }
  const dictionary = (flags & 3) === 3 ? 4 : flags & 3;
  let value = 0;
  for (let i = (1 << (flags >> 6)) - 1; i >= 0; i--) value = value * 256 + at(5 + dictionary + i);
  return value;
}
