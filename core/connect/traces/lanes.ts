import type { RetryCount } from '../request';

/** Answers after which one more may be under way again. */
const GOOD_ENOUGH = 16;

/**
 * Requests that are under way at once: half as many after each one that the backend was too busy for, one more after
 * some that it answered.
 */
export class Lanes {
  private allowed: number;
  private good = 0;
  private refused = 0;

  constructor(
    private readonly most: number,
    private readonly retries: Pick<RetryCount, 'count'>,
  ) {
    this.allowed = most;
  }

  /** What comes of each, in the order of the items; the first failure is that of all. */
  async all<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
    const results: R[] = [];
    const busy = new Set<Promise<void>>();
    for (const [at, item] of items.entries()) {
      while (busy.size >= this.width()) await Promise.race(busy);
      const run = async (): Promise<void> => {
        results[at] = await work(item);
        this.good++;
      };
      const one = run().finally(() => busy.delete(one));
      busy.add(one);
    }
    await Promise.all(busy);
    return results;
  }

  private width(): number {
    const { count } = this.retries;
    if (count > this.refused) {
      this.allowed = Math.max(1, this.allowed >> 1);
      this.refused = count;
      this.good = 0;
    } else if (this.good >= GOOD_ENOUGH && this.allowed < this.most) {
      this.allowed++;
      this.good = 0;
    }
    return this.allowed;
  }
}
