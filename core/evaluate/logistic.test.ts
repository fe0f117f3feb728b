import { describe, expect, it } from 'vitest';
import { createRng } from '../base';
import { fitLogistic, probabilityOf } from './logistic';

describe('a logistic regression', () => {
  it('finds the log odds of a two by two table', () => {
    // 30 of 40 without x, 10 of 40 with it: intercept ln 3, weight −2 ln 3.
    const rows = [
      ...Array.from({ length: 40 }, (_, i) => ({ x: [0], y: i < 30 })),
      ...Array.from({ length: 40 }, (_, i) => ({ x: [1], y: i < 10 })),
    ];
    const fit = fitLogistic(rows, 1e-9);
    expect(fit.intercept).toBeCloseTo(Math.log(3), 6);
    expect(fit.weights[0]).toBeCloseTo(-2 * Math.log(3), 6);
    expect(probabilityOf(fit, [1])).toBeCloseTo(0.25, 6);
  });

  it('finds what made the data, and gives no weight to what never varies', () => {
    const rng = createRng(2);
    const rows = Array.from({ length: 5000 }, () => {
      const x = [rng.normal(), rng.normal(), 7];
      const p = 1 / (1 + Math.exp(-(0.5 + 1.5 * (x[0] ?? 0) - 0.8 * (x[1] ?? 0))));
      return { x, y: rng.next() < p };
    });
    const { intercept, weights } = fitLogistic(rows, 1);
    expect(intercept).toBeCloseTo(0.5, 0.7);
    expect(weights[0]).toBeGreaterThan(1.35);
    expect(weights[0]).toBeLessThan(1.65);
    expect(weights[1]).toBeLessThan(-0.65);
    expect(weights[2]).toBe(0);
  });

  it('stays finite where the features tell all, and where every case came out alike', () => {
    const split = Array.from({ length: 20 }, (_, i) => ({ x: [i], y: i >= 10 }));
    const alike = split.map(({ x }) => ({ x, y: true }));
    for (const rows of [split, alike]) {
      const fit = fitLogistic(rows, 3);
      expect([fit.intercept, ...fit.weights].every(Number.isFinite)).toBe(true);
    }
    expect(probabilityOf(fitLogistic(split, 3), [19])).toBeGreaterThan(0.85);
  });
});
