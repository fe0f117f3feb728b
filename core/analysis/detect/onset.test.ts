import { describe, expect, it } from 'vitest';
import { onsetsOf, pulseGrid } from './pulse';

const SECOND = 1_000_000_000n;
/** 100 buckets of a second: baseline 0–59, incident 70–99. */
const grid = pulseGrid(
  { from: 0n, to: 100n * SECOND },
  { from: 0n, to: 60n * SECOND },
  { from: 70n * SECOND, to: 99n * SECOND },
  100,
);

/** |z| of an entity: `habit` now and then in the baseline, then what the stretches say. */
function course(habit: number, ...stretches: (readonly [number, number, number])[]): Float64Array {
  const z = new Float64Array(100);
  for (let i = 5; i < 60; i += 10) z[i] = z[i + 1] = habit;
  for (const [from, to, value] of stretches) z.fill(value, from, to);
  return z;
}

const onset = (z: Float64Array): number | undefined => onsetsOf(new Map([['a', z]]), grid).get('a');

describe('the onset', () => {
  it('is the first bucket from which it stays hot', () => {
    expect(onset(course(0, [66, 67, 9], [72, 100, 30]))).toBeCloseTo(72_000, -2);
  });

  it('of a restless entity is where it leaves its habit behind', () => {
    expect(onset(course(6, [64, 66, 6], [72, 100, 30]))).toBeCloseTo(72_000, -2);
  });

  it('is not hidden by a baseline that was bad itself', () => {
    expect(onset(course(40, [72, 100, 30]))).toBeCloseTo(72_000, -2);
  });

  it('is none where nothing stands out', () => {
    expect(onset(course(6))).toBeUndefined();
  });
});
