import { describe, expect, it } from 'vitest';
import { createRng } from '../base';
import { bootstrap, quantile, wilson } from './intervals';
import { placingOf, rankingScore } from './ranking-score';

const list = (...scores: [string, number][]) => scores.map(([id, score]) => ({ id, score }));

describe('the place of the truth in a ranking', () => {
  it('is its position where no score is shared', () => {
    const ranking = list(['a', 3], ['b', 2], ['c', 1]);
    expect(placingOf(ranking, (id) => id === 'b')).toEqual({ rank: 2, lenient: 2 });
    expect(placingOf(ranking, (id) => id === 'x')).toEqual({ rank: null, lenient: null });
    expect(placingOf([], () => true)).toEqual({ rank: null, lenient: null });
  });

  it('is the expected one among ties, and the literature takes them for one rank', () => {
    const ranking = list(['a', 5], ['b', 5], ['c', 4], ['d', 4], ['e', 4]);
    expect(placingOf(ranking, (id) => id === 'a')).toEqual({ rank: 1.5, lenient: 1 });
    expect(placingOf(ranking, (id) => id === 'd')).toEqual({ rank: 4, lenient: 2 });
  });

  it('is of the first of several true ones: the mean over all orders of the ties', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const truths = new Set(['b', 'd']);
    const orders = permutations(ids);
    const mean =
      orders.reduce((sum, order) => sum + 1 + order.findIndex((id) => truths.has(id)), 0) /
      orders.length;
    const ranking = ids.map((id) => ({ id, score: 1 }));
    expect(placingOf(ranking, (id) => truths.has(id)).rank).toBeCloseTo(mean, 12);
  });
});

function permutations(ids: readonly string[]): string[][] {
  if (ids.length === 0) return [[]];
  return ids.flatMap((id) =>
    permutations(ids.filter((other) => other !== id)).map((rest) => [id, ...rest]),
  );
}

describe('the score of a set', () => {
  const placed = (rank: number | null, lenient = rank) => ({ rank, lenient, abstained: false });
  const lost = { rank: null, lenient: null, abstained: true };

  it('counts a tie for first as no hit, leniently as one, an abstention as a miss', () => {
    const { metrics } = rankingScore([placed(1), placed(1.5, 1), placed(4), lost]);
    expect(metrics).toEqual({
      top1: 0.25,
      top3: 0.5,
      top5: 0.75,
      // Within 1, 2, 3, 4, 5: 1, 2, 2, 3, 3 of 4.
      avg5: 11 / 20,
      top1Lenient: 0.5,
      lost: 0.25,
    });
  });

  it('says how often both of two causes are within the first three, of the cases that have two', () => {
    const both = (...ranks: (number | null)[]) => ({
      ...placed(1),
      each: ranks.map((rank) => ({ rank, lenient: rank })),
    });
    const { metrics } = rankingScore([placed(1), both(1), both(1, 3), both(1, 4), both(1, null)]);
    expect(metrics['bothTop3']).toBeCloseTo(1 / 3, 12);
    expect(rankingScore([placed(1), both(2)]).metrics).not.toHaveProperty('bothTop3');
  });

  it('has no figure without a case', () => {
    expect(rankingScore([])).toEqual({ metrics: {}, intervals: {} });
  });
});

describe('intervals', () => {
  it('are those that Newcombe (1998) prints for Wilson', () => {
    // Table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    const printed: [number, number, number, number][] = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ];
    for (const [hits, cases, low, high] of printed) {
      const [a, b] = wilson(hits, cases);
      expect(a).toBeCloseTo(low, 4);
      expect(b).toBeCloseTo(high, 4);
    }
    expect(wilson(0, 0)).toEqual([0, 1]);
  });

  it('of a bootstrap hold the mean at about their level, and are the same for the same seed', () => {
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, v) => sum + v, 0) / values.length;
    let held = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed);
      const values = Array.from({ length: 40 }, () => rng.normal() + 3);
      const [low, high] = bootstrap(values, mean, rng, 200);
      if (low <= 3 && high >= 3) held++;
    }
    expect(held).toBeGreaterThan(175);
    expect(held).toBeLessThan(200);
    const again = () => bootstrap([1, 2, 5, 9], mean, createRng(4));
    expect(again()).toEqual(again());
  });

  it('reads quantiles between values', () => {
    expect(quantile([1, 2, 4], 0.5)).toBe(2);
    expect(quantile([1, 2, 4], 0.75)).toBe(3);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
