import { describe, expect, it } from 'vitest';
import { NS_PER_S } from '../base';
import { clockGrid } from './clock-grid';

const s = (seconds: number): bigint => BigInt(Math.round(seconds * 1000)) * (NS_PER_S / 1000n);

describe('a grid on the clock', () => {
  it('covers the range with round steps', () => {
    for (const length of [1, 59, 119.5, 121, 3600, 5000, 86_400, 9e6, 4e9]) {
      const [from, to] = [s(1_790_000_012.5), s(1_790_000_012.5 + length)];
      const grid = clockGrid({ from, to }, 120);
      expect(grid.from % grid.step).toBe(0n);
      expect(grid.from <= from && from < grid.from + grid.step).toBe(true);
      const end = grid.from + grid.step * BigInt(grid.buckets);
      expect(end >= to && end - grid.step < to).toBe(true);
      expect(grid.buckets).toBeLessThanOrEqual(120);
      if (length > 120) expect(grid.buckets).toBeGreaterThanOrEqual(58);
    }
    expect(clockGrid({ from: s(-1.5), to: s(3) }, 120).from).toBe(s(-2));
  });

  it('stays while the range grows', () => {
    const from = s(1_790_000_012);
    const grids = [61, 65, 90, 119].map((n) => clockGrid({ from, to: from + s(60 * n) }, 120));
    expect(new Set(grids.map(({ step }) => step))).toEqual(new Set([s(60)]));
    expect(new Set(grids.map(({ from: begin }) => begin)).size).toBe(1);
  });
});
