import type { Notice } from '../../model';

/** Bytes of an archive, whatever holds them. */
export interface ArchiveBytes {
  /** Undefined where only its end tells. */
  readonly size?: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file in an archive. Opening its stream again starts it again; a damage within it is a SourceDamage. */
export interface ArchiveEntry {
  readonly name: string;
  /** Size of its content where it is known. */
  readonly size?: number;
  /** When it was last changed, milliseconds since the epoch, where the archive says so in UTC. */
  readonly modifiedMs?: number;
  stream(): ReadableStream<Uint8Array>;
  readonly read?: (offset: number, length: number) => Promise<Uint8Array>;
}

export interface ArchiveListing {
  readonly entries: readonly ArchiveEntry[];
  readonly notices: readonly Notice[];
}

/** Members of one archive that are looked at. */
export const MAX_ENTRIES = 20_000;

/** What nobody put there on purpose: hidden files, and what macOS adds. */
export function isHidden(name: string): boolean {
  return /(^|\/)(\.|__MACOSX(\/|$))/.test(name.replace(/^(\.\/)+/, ''));
}

const STEP = 1 << 20;

/** A stretch of an archive as a stream. */
export async function* stretch(
  bytes: ArchiveBytes,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to;) {
    const chunk = await bytes.read(at, Math.min(STEP, to - at));
    if (chunk.length === 0) return;
    yield chunk;
    at += chunk.length;
  }
}

export function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
