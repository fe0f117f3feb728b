import { describe, expect, it } from 'vitest';
import { createRng } from '../base';
import {
  brier,
  brierSkill,
  calibrationScore,
  ece,
  reliability,
  riskCoverage,
  type Forecast,
} from './calibration-score';

const said = (confidence: number, correct: boolean): Forecast => ({ confidence, correct });

describe('calibration', () => {
  it('is the mean gap of equal bins, worked by hand', () => {
    // Two bins of two: (0.2, 0.4) with one hit, (0.6, 0.8) with two.
    const four = [said(0.8, true), said(0.2, false), said(0.6, true), said(0.4, true)];
    expect(reliability(four, 2)).toEqual([
      { cases: 2, confidence: expect.closeTo(0.3), hitRate: 0.5 },
      { cases: 2, confidence: expect.closeTo(0.7), hitRate: 1 },
    ]);
    expect(ece(four, 2)).toBeCloseTo(0.5 * 0.2 + 0.5 * 0.3, 12);
    expect(brier(four)).toBeCloseTo((0.04 + 0.04 + 0.16 + 0.36) / 4, 12);
    // Base rate 3/4: always saying so costs 3/16.
    expect(brierSkill(four)).toBeCloseTo(1 - 0.15 / 0.1875, 12);
  });

  it('is small for who says what happens, and large for who is too sure', () => {
    const rng = createRng(5);
    const honest = Array.from({ length: 4000 }, () => {
      const p = rng.next();
      return said(p, rng.next() < p);
    });
    const sure = honest.map(({ correct }) => said(0.95, correct));
    expect(ece(honest)).toBeLessThan(0.03);
    expect(ece(sure)).toBeGreaterThan(0.4);
    expect(brierSkill(honest)).toBeGreaterThan(0.2);
    expect(brierSkill(sure)).toBeLessThan(0);
    const score = calibrationScore(honest.slice(0, 500));
    const [low, high] = score.intervals['ece'] ?? [1, 0];
    expect(low).toBeLessThan(high);
  });

  it('answers fewer and fewer wrong ones as only the surest are answered', () => {
    const ten = Array.from({ length: 10 }, (_, i) => said(i / 10, i >= 5));
    const curve = riskCoverage(ten);
    expect(curve.map(({ risk }) => risk)).toEqual([0, 0, 0, 0, 0, 1 / 6, 2 / 7, 3 / 8, 4 / 9, 0.5]);
  });

  it('has no skill to state where every case came out alike, and no figure without a case', () => {
    expect(calibrationScore([said(0.9, true)]).metrics).not.toHaveProperty('brierSkill');
    expect(calibrationScore([])).toEqual({ cases: 0, metrics: {}, intervals: {} });
  });
});
