import { betaBinomialTail } from '../stats';
import { PARTS, STRIDE, type MinedLines } from './tally';

/** A template after which comes, in a window, what never came after it in the baseline. */
export interface BrokenOrder {
  readonly first: number;
  /** What comes most often of it, and what came most often before and does no more. */
  readonly next: number;
  readonly instead: number;
  /** How often `next` comes. */
  readonly observed: number;
  /** -log10 of the probability of that many unheard of followers. */
  readonly score: number;
}

/** More of one kind than this tell no more, and cost time. */
const MOST = 200;

/** Which template follows which, by the first of the two. */
export class Followers {
  /** Pairs in order of their first template, and where those of each begin. */
  private readonly order: Int32Array;
  private readonly starts: number[] = [];

  constructor(private readonly pairs: MinedLines['pairs']) {
    const { first } = pairs;
    this.order = Int32Array.from(first.keys()).sort(
      (a, b) => (first[a] ?? 0) - (first[b] ?? 0) || a - b,
    );
    for (let i = 0; i < this.order.length; i++) {
      if (i === 0 || this.firstAt(i) !== this.firstAt(i - 1)) this.starts.push(i);
    }
    this.starts.push(this.order.length);
  }

  private firstAt(i: number): number {
    return this.pairs.first[this.order[i] ?? 0] ?? 0;
  }

  /**
   * Breaks of the order in the parts [from, to) against the others, or in the window where that is empty.
   * Only followers count that `known` says the baseline has: a new template is new, not out of order.
   */
  broken(
    [from, to]: readonly [number, number],
    known: (template: number) => boolean,
    ignored: (first: number, next: number) => boolean,
  ): BrokenOrder[] {
    const out: BrokenOrder[] = [];
    for (let i = 0; i + 1 < this.starts.length; i++) {
      const [start = 0, end = 0] = [this.starts[i], this.starts[i + 1]];
      const first = this.firstAt(start);
      if (!known(first)) continue;
      const found = this.after(first, [start, end], [from, to], known, ignored);
      if (found) out.push(found);
    }
    return out;
  }

  private after(
    first: number,
    [start, end]: readonly [number, number],
    window: readonly [number, number],
    known: (template: number) => boolean,
    ignored: (first: number, next: number) => boolean,
  ): BrokenOrder | undefined {
    let [n0, n1, fresh] = [0, 0, 0];
    let [next, observed] = [-1, 0];
    for (let i = start; i < end; i++) {
      const pair = this.order[i] ?? 0;
      const [base, now] = this.counts(pair, window);
      n0 += base;
      n1 += now;
      const follower = this.pairs.next[pair] ?? 0;
      if (base > 0 || now === 0 || !known(follower) || ignored(first, follower)) continue;
      fresh += now;
      if (now > observed) [next, observed] = [follower, now];
    }
    if (fresh === 0 || n0 === 0) return undefined;
    const n = Math.min(n1, MOST);
    const k = Math.round((fresh * n) / n1);
    const tail = betaBinomialTail(k, n, 0.5, Math.min(n0, MOST) + 0.5);
    const score = -Math.log10(Math.max(1e-300, tail));
    return { first, next, instead: this.lost([start, end], window, n0, n1), observed, score };
  }

  /** The follower whose share fell most. */
  private lost(
    [start, end]: readonly [number, number],
    window: readonly [number, number],
    n0: number,
    n1: number,
  ): number {
    let [lost, fell] = [-1, 0];
    for (let i = start; i < end; i++) {
      const pair = this.order[i] ?? 0;
      const [base, now] = this.counts(pair, window);
      const drop = base / n0 - now / n1;
      if (drop > fell) [lost, fell] = [this.pairs.next[pair] ?? 0, drop];
    }
    return lost;
  }

  private counts(pair: number, [from, to]: readonly [number, number]): readonly [number, number] {
    const at = pair * STRIDE;
    const { counts } = this.pairs;
    let [base, within] = [0, 0];
    for (let i = 0; i < PARTS; i++) {
      const count = counts[at + i] ?? 0;
      if (i >= from && i < to) within += count;
      else base += count;
    }
    return [base, to > from ? within : (counts[at + PARTS] ?? 0)];
  }

  /** What came between the two in the baseline. */
  between(first: number, next: number): readonly number[] {
    return this.baselineAfter(first).filter((one) => this.baselineAfter(one).includes(next));
  }

  private readonly after0 = new Map<number, readonly number[]>();

  private baselineAfter(first: number): readonly number[] {
    const known = this.after0.get(first);
    if (known) return known;
    const out: number[] = [];
    for (let i = 0; i + 1 < this.starts.length; i++) {
      const [start = 0, end = 0] = [this.starts[i], this.starts[i + 1]];
      if (this.firstAt(start) !== first) continue;
      for (let at = start; at < end; at++) {
        const pair = this.order[at] ?? 0;
        if (this.counts(pair, [0, 0])[0] > 0) out.push(this.pairs.next[pair] ?? 0);
      }
    }
    this.after0.set(first, out);
    return out;
  }
}
