import { FaultlineError, throwIfAborted } from '../base';
import { SourceDamage } from './containers/damage';
import { compressionOf, inflate } from './containers/inflate';
import type { ByteSource, Head } from './format';

/** Bytes of a source's start that are kept for sniffing. */
export const HEAD_BYTES = 64 << 10;

/** Compressions within one another that are opened: a log rotated by gzip, sent as zstd. */
const LAYERS = 3;
const MAGIC = 4;

/**
 * A source opened once: decompressed by what its first bytes say (gzip, zstd or plain), its head kept for
 * sniffing, the compressed bytes counted. What comes before a damage is handed out, then the stream ends.
 */
export class OpenedSource {
  /** Bytes taken from the source itself, before decompression. */
  taken = 0;
  /** Where and why the bytes end before their time, once that was met. */
  damage: SourceDamage | undefined;
  /** 'gzip', 'zstd', 'gzip+zstd', or '' for plain bytes. */
  compression = '';
  private readonly held: Uint8Array[] = [];
  private out = 0;
  private chunks: AsyncGenerator<Uint8Array>;

  private constructor(
    readonly source: ByteSource,
    private readonly signal: AbortSignal,
  ) {
    this.chunks = this.counted(chunksOf(source.stream(), signal));
  }

  static async open(source: ByteSource, signal: AbortSignal): Promise<OpenedSource> {
    const opened = new OpenedSource(source, signal);
    await opened.peel();
    opened.chunks = opened.guarded(opened.chunks);
    return opened;
  }

  /** The first bytes, decompressed. Call it before `bytes`. */
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

  /** The whole source, decompressed; opened anew where it is asked for a second time. */
  bytes(): ByteSource {
    const { source } = this;
    const chunks = replay(this.held.splice(0), this.chunks);
    let first: AsyncGenerator<Uint8Array> | undefined = chunks;
    const stream = (): ReadableStream<Uint8Array> => {
      if (!first) return decompressed(source, this.signal);
      const taken = first;
      first = undefined;
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await taken.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await taken.return(undefined);
        },
      });
    };
    const plain = this.compression === '';
    return {
      name: source.name,
      size: plain ? source.size : undefined,
      modifiedMs: source.modifiedMs,
      stream,
      read: plain ? source.read : undefined,
      path: plain ? source.path : undefined,
    };
  }

  async close(): Promise<void> {
    await this.chunks.return(undefined);
  }

  /** Puts a decompressor over the bytes while their start asks for one. */
  private async peel(): Promise<void> {
    for (let layer = 0; layer < LAYERS; layer++) {
      const first: Uint8Array[] = [];
      let length = 0;
      try {
        while (length < MAGIC) {
          const { done, value } = await this.chunks.next();
          if (done) break;
          first.push(value);
          length += value.length;
        }
      } catch (error) {
        throw this.unreadable(error);
      }
      const rest = replay(first, this.chunks);
      const kind = compressionOf(joined(first));
      this.chunks = kind ? inflate(kind, rest, this.signal) : rest;
      if (!kind) return;
      this.compression = this.compression === '' ? kind : `${this.compression}+${kind}`;
    }
  }

  private unreadable(error: unknown): unknown {
    if (!(error instanceof SourceDamage)) return error;
    const what = this.compression === '' ? 'archive member' : `${this.compression} file`;
    return new FaultlineError('format/damaged', `Not a readable ${what}: ${error.reason}.`);
  }

  /** Ends at a damage, which is kept; one before the first byte is an error. */
  private async *guarded(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        this.out += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (!(error instanceof SourceDamage)) throw error;
      if (this.out === 0) throw this.unreadable(error);
      this.damage = error;
    }
  }

  private async *counted(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.taken += chunk.length;
      yield chunk;
    }
  }
}

/** The source's content from its start. A damage is an error of the stream, or ends it where `onDamage` takes it. */
export function decompressed(
  source: ByteSource,
  signal: AbortSignal,
  onDamage?: (damage: SourceDamage) => void,
): ReadableStream<Uint8Array> {
  let chunks: AsyncGenerator<Uint8Array> | undefined;
  let opened: OpenedSource | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!chunks) {
        opened = await OpenedSource.open(source, signal);
        chunks = chunksOf(opened.bytes().stream(), signal);
      }
      const { done, value } = await chunks.next();
      if (!done) controller.enqueue(value);
      else if (opened?.damage && !onDamage) controller.error(opened.damage);
      else {
        if (opened?.damage) onDamage?.(opened.damage);
        controller.close();
      }
    },
    async cancel() {
      await chunks?.return(undefined);
    },
  });
}

/** A source's head, and the source with it put back in front; its stream can be taken once. */
export async function peeked(
  source: ByteSource,
  signal: AbortSignal,
): Promise<{ readonly head: Head; readonly source: ByteSource }> {
  const chunks = chunksOf(source.stream(), signal);
  const held: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const { done, value } = await chunks.next();
    if (done) break;
    held.push(value);
    length += value.length;
  }
  const bytes = joined(held).subarray(0, HEAD_BYTES);
  const all = replay(held, chunks);
  const stream = (): ReadableStream<Uint8Array> =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await all.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await all.return(undefined);
        await chunks.return(undefined);
      },
    });
  const head = { name: source.name, bytes, text: new TextDecoder().decode(bytes) };
  return { head, source: { ...source, stream } };
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

/** Several pieces as one; the piece itself where there is only one. */
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
