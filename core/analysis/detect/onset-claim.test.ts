import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { mainStretch, type Course } from './onset-claim';

const BUCKETS = 60;

function noise(seed: number, step = 0, from = BUCKETS, to = BUCKETS): Course {
  const rng = createRng(seed);
  const values = Float64Array.from(
    { length: BUCKETS },
    (_, i) => 10 + rng.next() + rng.next() + rng.next() + (i >= from && i < to ? step : 0),
  );
  return { values, weight: 1 };
}

describe('the stretch in which most courses are elsewhere', () => {
  it('is found where some of many series step at the same time', () => {
    const courses = Array.from({ length: 20 }, (_, i) => noise(i + 1, i < 6 ? 8 : 0, 37));
    const found = mainStretch(courses);
    expect(found).toMatchObject({ from: 37, to: BUCKETS, judged: 20 });
    expect(found?.moved).toBe(6);
  });

  it('ends where calm returns', () => {
    const courses = Array.from({ length: 5 }, (_, i) => noise(i + 1, 8, 30, 42));
    expect(mainStretch(courses)).toMatchObject({ from: 30, to: 42 });
  });

  it('is not there in noise, nor in series that are constant or hardly recorded', () => {
    expect(mainStretch(Array.from({ length: 40 }, (_, i) => noise(i + 100)))).toBeUndefined();
    const short = new Float64Array(BUCKETS).fill(Number.NaN);
    short.set([1, 2, 3], 50);
    const flat = new Float64Array(BUCKETS).fill(3);
    expect(
      mainStretch([
        { values: short, weight: 1 },
        { values: flat, weight: 1 },
      ]),
    ).toBeUndefined();
  });

  it('takes a series that stops for missing, not for zero', () => {
    const courses = Array.from({ length: 5 }, (_, i) => noise(i + 1));
    for (const { values } of courses) values.fill(Number.NaN, 40);
    expect(mainStretch(courses)).toBeUndefined();
  });

  it('is not the beginning of the recording', () => {
    const courses = Array.from({ length: 5 }, (_, i) => noise(i + 1, 8, 0, 5));
    expect(mainStretch(courses)?.from ?? BUCKETS).toBeGreaterThan(8);
  });
});
