/** Values remembered, a power of two. */
export const KEPT = 4096;
/** Between two recomputations of the robust figures. */
const EVERY = 32;
/** Values that they are computed of, every fourth of more than 512. */
const MEASURED = 2048;

/** Ring of the last values with robust level and spread, both of some rows ago: a stream looks back only. */
export class RecentValues {
  private readonly ring = new Float64Array(KEPT);
  count = 0;
  median = 0;
  spread = 1;

  /** The value so many rows ago; 1 is the last one. */
  at(ago: number): number {
    return this.ring[(this.count - ago) & (KEPT - 1)] ?? 0;
  }

  add(value: number): void {
    this.ring[this.count & (KEPT - 1)] = value;
    this.count++;
    if (this.count % EVERY === 0 || this.count < EVERY) this.measure();
  }

  private measure(): void {
    const n = Math.min(this.count, MEASURED);
    const stride = n > 512 ? 4 : 1;
    const values = new Float64Array(Math.floor((n - 1) / stride) + 1);
    for (let i = 0; i < values.length; i++) values[i] = this.at(1 + i * stride);
    values.sort();
    const q = (p: number): number => values[Math.floor(p * (values.length - 1))] ?? 0;
    this.median = q(0.5);
    // 10 % to 90 % of a normal is 2.56 standard deviations; where that is nothing, what there is.
    const range = (q(0.9) - q(0.1)) / 2.56;
    this.spread = range || (q(1) - q(0)) / 8 || Math.abs(this.median) * 0.01 || 1;
  }
}
