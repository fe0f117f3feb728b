/** Places of the summary of a window, a multiple of four. */
const DIMS = 12;
/** Windows remembered, a power of two. */
const HELD = 1024;

/**
 * Left discord (Yeh et al., Matrix Profile I, ICDM 2016) on piecewise means: how far the last window lies
 * from the nearest one before it.
 */
export class Shapes {
  private readonly held = new Float64Array(HELD * DIMS);
  private count = 0;
  private readonly current = new Float64Array(DIMS);
  private block = 0;
  private inBlock = 0;
  private last = 0;
  private match = -1;

  /** `per`: rows that a place of the summary is the mean of. */
  constructor(private readonly per: number) {}

  /**
   * Takes a value in; returns the root mean square distance of the last window from the nearest one before it
   * that does not overlap it, in the values' unit (of the last whole window while one fills; 0 at first).
   */
  add(x: number): number {
    if (this.count === 0 && this.inBlock === 0) this.current.fill(x);
    this.block += x;
    if (++this.inBlock < this.per) return this.last;
    this.current.copyWithin(0, 1);
    this.current[DIMS - 1] = this.block / this.per;
    this.block = 0;
    this.inBlock = 0;
    this.last = this.nearest();
    this.held.set(this.current, (this.count & (HELD - 1)) * DIMS);
    this.count++;
    return this.last;
  }

  private nearest(): number {
    const oldest = Math.max(0, this.count - HELD);
    const newest = this.count - DIMS - 1;
    if (newest < oldest) return 0;
    // What followed the last nearest is often the nearest now: the others are given up early.
    let at = Math.min(newest, Math.max(oldest, this.match + 1));
    let best = this.squared(at, Infinity);
    for (let k = oldest; k <= newest; k++) {
      const sum = this.squared(k, best);
      if (sum >= best) continue;
      best = sum;
      at = k;
    }
    this.match = at;
    return Math.sqrt(best / DIMS);
  }

  /** Squared distance of the last window from window k, or something above `enough`. Newest places first. */
  private squared(k: number, enough: number): number {
    const { held, current } = this;
    const from = (k & (HELD - 1)) * DIMS;
    let sum = 0;
    // Four places at a time: looking whether it is enough costs more than a place does.
    for (let d = DIMS - 4; d >= 0 && sum < enough; d -= 4) {
      const a = (current[d] ?? 0) - (held[from + d] ?? 0);
      const b = (current[d + 1] ?? 0) - (held[from + d + 1] ?? 0);
      const c = (current[d + 2] ?? 0) - (held[from + d + 2] ?? 0);
      const e = (current[d + 3] ?? 0) - (held[from + d + 3] ?? 0);
      sum += a * a + b * b + c * c + e * e;
    }
    return sum;
  }
}
