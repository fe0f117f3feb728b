/** Bins per factor of e in magnitude; 160 bins reach over a factor of e^20. */
const PER_E = 8;
const BINS = 160;
/** Magnitudes seen before a tail says anything. */
export const TAIL_LEAST = 16;
/** Bin of magnitude 1: magnitudes are in robust spreads, so most lie near it. */
const ONE = 72;

/** Exceedances that stand beside those that were seen, and how far each lies beyond the tenth, in bins. */
const PRIOR = 20;
const PRIOR_EXCESS = 10;

/**
 * Tail of a stream of magnitudes: the share of what was seen that was as large, and beyond the largest
 * tenth a Pareto tail (Hill 1975). History fades, so that a stream that grew wilder is met as such.
 */
export class Tail {
  private readonly bins = new Float64Array(BINS);
  private total = 0;

  constructor(private readonly fade: number) {}

  /** Takes a magnitude in; returns -log10 of the probability of one this large, by what came before. */
  add(magnitude: number): number {
    const surprise = this.surprise(magnitude);
    this.take(magnitude);
    return surprise;
  }

  private surprise(magnitude: number): number {
    if (this.total < TAIL_LEAST) return 0;
    const at = binOf(magnitude);
    let above = 0;
    for (let i = at + 1; i < BINS; i++) above += this.bins[i] ?? 0;
    above += 0.5 * (this.bins[at] ?? 0);
    const share = (above + 0.5) / (this.total + 1);
    return share > 0.1 ? -Math.log10(share) : Math.max(-Math.log10(share), this.beyond(at));
  }

  /** Exponential tail of log-magnitude over the top tenth, held back by how few its exceedances are. */
  private beyond(at: number): number {
    const wanted = 0.1 * this.total;
    let count = 0;
    let i = BINS - 1;
    while (i > 0 && count + (this.bins[i] ?? 0) < wanted) count += this.bins[i--] ?? 0;
    if (at <= i) return 0;
    let sum = 0;
    for (let j = i + 1; j < BINS; j++) sum += (j - i) * (this.bins[j] ?? 0);
    const excess = (sum + PRIOR_EXCESS * PRIOR) / (count + PRIOR);
    return -Math.log10((count + 1) / (this.total + 1)) + (at - i) / excess / Math.LN10;
  }

  private take(magnitude: number): void {
    const at = binOf(magnitude);
    this.bins[at] = (this.bins[at] ?? 0) + 1;
    this.total++;
    if (this.total < 2 * this.fade) return;
    for (let i = 0; i < BINS; i++) this.bins[i] = (this.bins[i] ?? 0) / 2;
    this.total /= 2;
  }
}

function binOf(magnitude: number): number {
  if (!(magnitude > 0)) return 0;
  return Math.min(BINS - 1, Math.max(0, Math.round(ONE + PER_E * Math.log(magnitude))));
}
