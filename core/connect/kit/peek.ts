import type { ByteSource } from '../format';
import { chunksOf, joined } from '../import-bytes';

export interface Peeked {
  /** The first bytes, at least as many as `enough` asked for; all of them where `whole`. */
  readonly start: Uint8Array;
  readonly whole: boolean;
  /** The source again, from its start. */
  readonly source: ByteSource;
}

/**
 * Looks at a source's start without opening it twice: bytes until `enough` says so of a new piece (`length`
 * counts those before it, too), or until there are `limit`.
 */
export async function peekSource(
  source: ByteSource,
  signal: AbortSignal,
  limit: number,
  enough: (piece: Uint8Array, length: number) => boolean,
): Promise<Peeked> {
  const chunks = chunksOf(source.stream(), signal);
  const held: Uint8Array[] = [];
  let length = 0;
  let whole = false;
  for (let done = false; !done && length < limit;) {
    const next = await chunks.next();
    if (next.done) {
      whole = true;
      break;
    }
    held.push(next.value);
    length += next.value.length;
    done = enough(next.value, length);
  }
  const start = joined(held);
  let first = true;
  const stream = (): ReadableStream<Uint8Array> => {
    if (!first) return source.stream();
    first = false;
    return replayed(start, chunks);
  };
  return { start, whole, source: { ...source, stream } };
}

function replayed(
  start: Uint8Array,
  chunks: AsyncGenerator<Uint8Array>,
): ReadableStream<Uint8Array> {
  let begun = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!begun && start.length > 0) {
        begun = true;
        return controller.enqueue(start);
      }
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
