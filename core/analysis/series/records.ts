/** Rows of the means that are watched, ascending: a spike is a record of the first, a slow rise of a later one. */
const WIDTHS = [1, 6, 24, 72, 144] as const;
const LONGEST = 144;
/** An excess of this many ranges says all there is to say. */
const MOST = 10;

/** Where the values of a stream, and its means over some widths, went beyond all that were before. */
export class Records {
  private readonly ring = new Float64Array(LONGEST);
  private readonly low = new Float64Array(WIDTHS.length).fill(Infinity);
  private readonly high = new Float64Array(WIDTHS.length).fill(-Infinity);
  private count = 0;

  /** Takes a value in; returns the largest excess over the range so far, in ranges; 0 where nothing is a record. */
  add(x: number): number {
    this.ring[this.count % LONGEST] = x;
    this.count++;
    let excess = 0;
    let mean = 0;
    let row = 0;
    for (let w = 0; w < WIDTHS.length; w++) {
      const width = WIDTHS[w] ?? 1;
      if (this.count < width) break;
      for (; row < width; row++)
        mean += ((this.ring[(this.count - 1 - row) % LONGEST] ?? 0) - mean) / (row + 1);
      excess = Math.max(excess, this.beyond(w, mean));
    }
    return Math.min(MOST, excess);
  }

  private beyond(w: number, mean: number): number {
    const [low, high] = [this.low[w] ?? mean, this.high[w] ?? mean];
    this.low[w] = Math.min(low, mean);
    this.high[w] = Math.max(high, mean);
    if (low > high || (mean >= low && mean <= high)) return 0;
    const range = Math.max(high - low, 1e-9 * Math.abs(mean), Number.MIN_VALUE);
    return Math.max(mean - high, low - mean) / range;
  }
}
