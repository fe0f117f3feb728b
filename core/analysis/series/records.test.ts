import { describe, expect, it } from 'vitest';
import { Records } from './records';

const excesses = (values: readonly number[]): number[] => {
  const records = new Records();
  return values.map((value) => records.add(value));
};
const toAndFro = (n: number): number[] => Array.from({ length: n }, (_, i) => i % 10);

describe('records of a stream', () => {
  it('are measured in ranges of what was before, either way and in any unit', () => {
    expect(excesses([...toAndFro(200), 18]).at(-1)).toBeCloseTo(1, 12);
    expect(excesses([...toAndFro(200), -4.5]).at(-1)).toBeCloseTo(0.5, 12);
    const scaled = [...toAndFro(200), 18].map((v) => 1e12 + 1e9 * v);
    expect(excesses(scaled).at(-1)).toBeCloseTo(1, 6);
  });

  it('are seen in a mean of many rows where no row is one', () => {
    const all = excesses([...toAndFro(400), ...Array.from({ length: 150 }, () => 8)]);
    expect(Math.max(...all.slice(200, 400))).toBe(0);
    expect(Math.max(...all.slice(400))).toBeGreaterThan(0.3);
  });

  it('are none of what was there before, nor of a constant, and end at ten ranges', () => {
    expect(excesses([...toAndFro(300), ...toAndFro(50)]).slice(300)).toEqual(
      Array.from({ length: 50 }, () => 0),
    );
    expect(excesses([0, 0, 0, 5, 5])).toEqual([0, 0, 0, 10, 0]);
    expect(excesses(Array.from({ length: 500 }, () => 0.1)).every((e) => e === 0)).toBe(true);
  });
});
