import { describe, expect, it } from 'vitest';
import { nabRaw, nabScore, probation, scaledSigmoid } from './nab-score';

const standard = { tp: 1, fn: 1, fp: 0.11 };
const lowFn = { tp: 1, fn: 2, fp: 0.11 };
const series = (
  detections: readonly number[],
  windows: readonly (readonly [number, number])[] = [[200, 219]],
) => ({ length: 1000, detections, windows });
const raw = (detections: readonly number[]): number => nabRaw(series(detections), standard).score;

describe('the NAB score', () => {
  it('has the sigmoid of the paper', () => {
    expect(scaledSigmoid(-1)).toBeCloseTo(0.98661, 5);
    expect(scaledSigmoid(0)).toBe(0);
    expect(scaledSigmoid(1)).toBeCloseTo(-0.98661, 5);
    expect(scaledSigmoid(3.01)).toBe(-1);
  });

  it('is 0 for nothing found and 100 for the first row of every window, in every profile', () => {
    for (const profile of [standard, lowFn, { tp: 1, fn: 1, fp: 0.22 }]) {
      expect(nabScore([nabRaw(series([]), profile)], profile)).toBe(0);
      expect(nabScore([nabRaw(series([200]), profile)], profile)).toBeCloseTo(100, 10);
    }
  });

  it('pays a window once, by its earliest detection', () => {
    // Last row: position -1/20, 2/(1+e^-0.25)-1 = 0.124353 of at most 0.986614.
    expect(raw([219])).toBeCloseTo(0.126041, 5);
    expect(raw([200, 205, 219])).toBeCloseTo(1, 10);
    // Half way: position -10/20, 2/(1+e^-2.5)-1 = 0.848284.
    expect(raw([210])).toBeCloseTo(0.848284 / 0.986614, 5);
  });

  it('charges a false alert in full before a window and little just behind it', () => {
    expect(raw([180, 200])).toBeCloseTo(1 - 0.11, 10);
    // One row behind a window of 20: position 1/19, 2/(1+e^(5/19))-1 = -0.130822.
    expect(raw([200, 220])).toBeCloseTo(1 - 0.11 * 0.130822, 5);
    expect(raw([200, 900])).toBeCloseTo(1 - 0.11, 10);
  });

  it('does not count what lies in probation', () => {
    expect(probation(1000)).toBe(150);
    expect(probation(22_695)).toBe(750);
    expect(nabRaw(series([10, 149, 200]), standard)).toMatchObject({ falseAlerts: 0, found: 1 });
    expect(nabRaw(series([], [[100, 140]]), standard).windows).toBe(0);
  });

  it('weighs a missed window by the profile', () => {
    const two: readonly (readonly [number, number])[] = [
      [200, 219],
      [500, 519],
    ];
    // One of two found: (1 - 2 + 4) / (2 + 4).
    expect(nabScore([nabRaw(series([200], two), lowFn)], lowFn)).toBeCloseTo(50, 10);
  });
});
