import { describe, expect, it } from 'vitest';
import { changePointF1, covering } from './change-point-score';

describe('the measures of TCPDBench', () => {
  it('covers fully what it repeats', () => {
    expect(covering([[3, 7]], [3, 7], 10)).toBe(1);
    expect(covering([[]], [], 10)).toBe(1);
  });

  it('weighs the best overlap of each marked segment by its length', () => {
    // Marked [0,5) and [5,10), nothing found: each is half of the whole.
    expect(covering([[5]], [], 10)).toBe(0.5);
    // Nothing marked, cut at 4: the larger piece covers 6 of 10.
    expect(covering([[]], [4], 10)).toBe(0.6);
    // [0,5) by [0,4): 4/5; [5,10) by [4,10): 5/6; weighed by 5 each.
    expect(covering([[5]], [4], 10)).toBeCloseTo((0.8 + 5 / 6) / 2, 12);
    expect(covering([[5], []], [], 10)).toBe(0.75);
  });

  it('matches within five rows, each found point once, with row 0 always there', () => {
    expect(changePointF1([[20]], [25])).toBe(1);
    // Precision 1/2, recall 1/2: row 0 alone is right.
    expect(changePointF1([[20]], [26])).toBe(0.5);
    // Two marks, one found between them: precision 2/2, recall 2/3.
    expect(changePointF1([[20, 24]], [22])).toBeCloseTo(0.8, 12);
  });

  it('asks precision of all annotators together and recall of each', () => {
    // Found 30: in the union, so precision 1; recalls 1 and 1/2 and 1.
    expect(changePointF1([[30], [60], []], [30])).toBeCloseTo((2 * (2.5 / 3)) / (1 + 2.5 / 3), 12);
  });
});
