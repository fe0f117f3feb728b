import { FaultlineError, throwIfAborted } from '../base';
import type { ByteSource, Head } from './format';
import { Gunzip, GunzipError } from './import-gunzip';

/** Bytes of a source's start that are kept for sniffing. */
export const HEAD_BYTES = 64 << 10;

/** Compressed bytes that are decompressed at once; they may become a thousand times as many. */
const SLICE = 64 << 10;
const NONE = new Uint8Array();

/** Where and why the bytes of a source end before their time. */
export interface Damage {
  /** Offset in the decompressed bytes. */
  readonly offset: number;
  readonly reason: string;
}

/**
 * A source opened once: decompressed by what its first bytes say (gzip or plain), its head kept for
 * sniffing, the compressed bytes counted. What comes before a damage is handed out, then the stream ends.
 */
export class OpenedSource {
  /** Bytes taken from the source itself, before decompression. */
  taken = 0;
  damage: Damage | undefined;
  /** 'gzip' or '' for plain bytes. */
  readonly compression: string;
  private readonly held: Uint8Array[] = [];
  private readonly chunks: AsyncGenerator<Uint8Array>;
  private out = 0;

  private constructor(
    readonly source: ByteSource,
    raw: AsyncGenerator<Uint8Array>,
    first: readonly Uint8Array[],
    private readonly signal: AbortSignal,
  ) {
    const start = joined(first);
    this.compression = start[0] === 0x1f && start[1] === 0x8b ? 'gzip' : '';
    const bytes = this.counted(replay(first, raw));
    this.chunks = this.compression === 'gzip' ? this.inflated(bytes) : bytes;
  }

  static async open(source: ByteSource, signal: AbortSignal): Promise<OpenedSource> {
    const raw = chunksOf(source.stream(), signal);
    const first: Uint8Array[] = [];
    let length = 0;
    while (length < 2) {
      const { done, value } = await raw.next();
      if (done) break;
      first.push(value);
      length += value.length;
    }
    return new OpenedSource(source, raw, first, signal);
  }

  /** The first bytes, decompressed. Call it before `rest`. */
  async head(): Promise<Head> {
    let length = this.held.reduce((sum, chunk) => sum + chunk.length, 0);
    while (length < HEAD_BYTES) {
      const { done, value } = await this.chunks.next();
      if (done) break;
      this.held.push(value);
      length += value.length;
    }
    const bytes = joined(this.held).subarray(0, HEAD_BYTES);
    return { name: this.source.name, bytes, text: new TextDecoder().decode(bytes) };
  }

  /** The whole source, decompressed, from its start; once. */
  bytes(): ByteSource {
    const chunks = replay(this.held.splice(0), this.chunks);
    const stream = (): ReadableStream<Uint8Array> =>
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await chunks.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await chunks.return(undefined);
        },
      });
    return { name: this.source.name, size: this.source.size, stream };
  }

  async close(): Promise<void> {
    await this.chunks.return(undefined);
  }

  private async *counted(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.taken += chunk.length;
      yield chunk;
    }
  }

  private async *inflated(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    const ready: Uint8Array[] = [];
    const gunzip = new Gunzip((chunk) => {
      this.out += chunk.length;
      ready.push(chunk);
    });
    for (let final = false; !final;) {
      const { done, value } = await chunks.next();
      final = done === true;
      for (let at = 0; at === 0 || at < (value?.length ?? 0); at += SLICE) {
        throwIfAborted(this.signal);
        const failure = push(gunzip, value?.subarray(at, at + SLICE) ?? NONE, final);
        yield* ready.splice(0);
        if (failure === undefined) continue;
        if (this.out === 0) {
          throw new FaultlineError('format/damaged', `Not a readable gzip file: ${failure}.`);
        }
        this.damage = { offset: this.out, reason: failure };
        await chunks.return(undefined);
        return;
      }
    }
  }
}

function push(gunzip: Gunzip, chunk: Uint8Array, final: boolean): string | undefined {
  try {
    gunzip.push(chunk, final);
    return undefined;
  } catch (error) {
    if (error instanceof GunzipError) return error.message;
    throw error;
  }
}

/** The chunks of a byte stream; an abort cancels it. */
export async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      throwIfAborted(signal);
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      if (value.length > 0) yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

async function* replay(
  first: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
