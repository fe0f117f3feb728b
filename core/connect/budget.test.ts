import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disjointWindows, inSample, planBudget, splitWindow } from './budget';

const window = fc
  .tuple(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 60n }))
  .map(([from, length]) => ({ from, to: from + length }));

describe('windows', () => {
  it('hold every moment once when they are made disjoint', () => {
    fc.assert(
      fc.property(fc.array(window, { maxLength: 8 }), (windows) => {
        const disjoint = disjointWindows(windows);
        for (let t = 0n; t <= 360n; t++) {
          const inside = (list: typeof windows): number =>
            list.filter(({ from, to }) => t >= from && t < to).length;
          expect(inside([...disjoint])).toBe(Math.min(1, inside(windows)));
        }
      }),
    );
  });

  it('keep a baseline apart that touches', () => {
    const touching = [
      { from: 10n, to: 20n },
      { from: 0n, to: 10n },
    ];
    expect(disjointWindows(touching)).toEqual([touching[1], touching[0]]);
  });

  it('are split without gap or overlap', () => {
    fc.assert(
      fc.property(window, fc.bigInt({ min: 1n, max: 50n }), (whole, length) => {
        const parts = splitWindow(whole, length);
        expect(parts.every(({ from, to }) => to > from && to - from <= length)).toBe(true);
        expect(parts.every(({ from }, i) => from === (parts[i - 1]?.to ?? whole.from))).toBe(true);
        expect(parts.at(-1)?.to ?? whole.from).toBe(whole.to);
      }),
    );
  });
});

describe('sampling', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `trace-${i.toString(16)}`);

  it('keeps its share, and a smaller share a subset', () => {
    const tenth = keys.filter((key) => inSample(key, 0.1));
    // Binomial: 2000 ± 42; five standard deviations.
    expect(Math.abs(tenth.length - 2000)).toBeLessThan(212);
    expect(tenth.every((key) => inSample(key, 0.3))).toBe(true);
    expect(keys.every((key) => inSample(key, 1))).toBe(true);
    expect(keys.some((key) => inSample(key, 0))).toBe(false);
  });

  it('leaves the errors whole', () => {
    expect(planBudget(100, 10, 100)).toEqual({ share: 1, sampled: false });
    expect(planBudget(1000, 100, 280)).toEqual({ share: 0.2, sampled: true });
    expect(planBudget(1000, 600, 280)).toEqual({ share: 0, sampled: true });
  });
});
