export interface AheadOptions<T> {
  /** Sources that are read at once. */
  readonly lanes: number;
  /** What one lane holds before it waits to be emptied, in the unit of `weigh`. */
  readonly room: number;
  readonly weigh: (item: T) => number;
}

/**
 * Reads several sources at once and hands them over in their own order, each with its items. A failure comes
 * when its source's turn comes, after everything before it; leaving early ends every lane.
 */
export async function* readAhead<S, T>(
  sources: AsyncGenerator<S>,
  read: (source: S) => AsyncGenerator<T>,
  options: AheadOptions<T>,
): AsyncGenerator<readonly [S, AsyncGenerator<T>]> {
  const lanes: Lane<S, T>[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  try {
    for (;;) {
      while (!ended && lanes.length < options.lanes) {
        try {
          const next = await sources.next();
          if (next.done) ended = true;
          else lanes.push(new Lane(next.value, read(next.value), options));
        } catch (error) {
          ended = true;
          failure = { error };
        }
      }
      const first = lanes[0];
      if (!first) {
        if (failure) throw failure.error;
        return;
      }
      yield [first.source, first.items()];
      lanes.shift();
    }
  } finally {
    await Promise.all(lanes.map((lane) => lane.stop()));
    await sources.return(undefined);
  }
}

/** One source that is read into a queue of limited weight. */
class Lane<S, T> {
  private readonly queue: T[] = [];
  private weight = 0;
  private ended = false;
  private stopped = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: () => void = () => undefined;
  private readonly settled: Promise<void>;

  constructor(
    readonly source: S,
    from: AsyncGenerator<T>,
    private readonly options: AheadOptions<T>,
  ) {
    this.settled = this.fill(from);
  }

  async *items(): AsyncGenerator<T> {
    for (;;) {
      const item = this.queue.shift();
      if (item !== undefined) {
        this.weight -= this.options.weigh(item);
        this.wake();
        yield item;
      } else if (this.failure) throw this.failure.error;
      else if (this.ended) return;
      else await this.changed();
    }
  }

  /** Ends once what is under way has ended. */
  stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    return this.settled;
  }

  private async fill(from: AsyncGenerator<T>): Promise<void> {
    try {
      for await (const item of from) {
        this.queue.push(item);
        this.weight += this.options.weigh(item);
        this.wake();
        while (this.weight > this.options.room && !this.stopped) await this.changed();
        if (this.stopped) break;
      }
    } catch (error) {
      this.failure = { error };
    }
    this.ended = true;
    this.wake();
  }

  /** The reader waits for an empty queue or the taker for a full one, never both. */
  private changed(): Promise<void> {
    return new Promise((done) => (this.wake = done));
  }
}
