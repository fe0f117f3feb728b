/** Chunks that may wait before the writer is held up. */
const ROOM = 4;

/** One writer, one reader: `push` waits while the reader is behind. */
export class Channel implements AsyncIterable<Uint8Array> {
  private readonly chunks: Uint8Array[] = [];
  private ended = false;
  private abandoned = false;
  private wakeReader: (() => void) | undefined;
  private wakeWriter: (() => void) | undefined;

  async push(chunk: Uint8Array): Promise<void> {
    if (this.abandoned) return;
    this.chunks.push(chunk);
    this.wakeReader?.();
    while (this.chunks.length > ROOM && !this.abandoned) {
      await new Promise<void>((resolve) => (this.wakeWriter = resolve));
    }
  }

  /** Nothing more will come. */
  close(): void {
    this.ended = true;
    this.wakeReader?.();
  }

  /** Nobody reads any more: what is pushed is dropped. */
  abandon(): void {
    this.abandoned = true;
    this.chunks.length = 0;
    this.wakeWriter?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        const chunk = this.chunks.shift();
        if (chunk) {
          this.wakeWriter?.();
          yield chunk;
        } else if (this.ended) {
          return;
        } else {
          await new Promise<void>((resolve) => (this.wakeReader = resolve));
        }
      }
    } finally {
      this.abandon();
    }
  }
}
