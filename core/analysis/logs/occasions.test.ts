import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { independentLines, occasionsOf } from './occasions';
import { PARTS, SLOTS, SLOT_STRIDE, STRIDE } from './tally';

const BASELINE = PARTS * SLOTS;

function occasions(slots: readonly number[]): {
  readonly baseline: number;
  readonly window: number;
} {
  const bits = new Uint32Array(2 * SLOT_STRIDE);
  for (const slot of slots) {
    const at = SLOT_STRIDE + (slot >> 5);
    bits[at] = (bits[at] ?? 0) | (1 << (slot & 31));
  }
  const counts = occasionsOf(bits);
  expect(counts.subarray(0, STRIDE).every((n) => n === 0)).toBe(true);
  const own = counts.subarray(STRIDE);
  return {
    baseline: own.subarray(0, PARTS).reduce((sum, n) => sum + n, 0),
    window: own[PARTS] ?? 0,
  };
}

describe('occasions', () => {
  it('take what comes together as one, and what is apart as many', () => {
    expect(occasions([10, 11, 12, 13])).toEqual({ baseline: 1, window: 0 });
    expect(occasions([10, 14, 31, 32, 100])).toEqual({ baseline: 4, window: 0 });
  });

  it('begin anew with the window', () => {
    expect(occasions([BASELINE - 1, BASELINE, BASELINE + 1])).toEqual({ baseline: 1, window: 1 });
    expect(occasions([3 * BASELINE - 1])).toEqual({ baseline: 0, window: 1 });
  });

  it.each([10, 40, 120])('make up for %i lines at random that came close by chance', (lines) => {
    const rng = createRng(lines);
    const found = Array.from({ length: 200 }, () => {
      const slots = Array.from({ length: lines }, () => rng.int(BASELINE));
      return independentLines(occasions(slots).baseline, BASELINE, lines);
    });
    const mean = found.reduce((sum, n) => sum + n, 0) / found.length;
    expect(mean).toBeGreaterThan(0.85 * lines);
    expect(mean).toBeLessThanOrEqual(lines);
  });

  it('count bursts as bursts, however many lines they have', () => {
    const bursts = [20, 90, 160].flatMap((from) => [from, from + 1, from + 2]);
    expect(independentLines(occasions(bursts).baseline, BASELINE, 60)).toBeCloseTo(3, 0);
    expect(independentLines(0, BASELINE, 0)).toBe(0);
    expect(independentLines(64, BASELINE, 500)).toBe(500);
  });
});
