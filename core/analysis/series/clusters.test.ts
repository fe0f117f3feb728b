import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { alike, type Alike } from './alike';
import { clusters, type Cluster } from './clusters';

const rng = createRng(21);
const walk = (n: number): Float64Array => {
  let v = 0;
  return Float64Array.from({ length: n }, () => (v = 0.95 * v + rng.normal()));
};
const noisy = (of: Float64Array, scale: number, level: number): Float64Array =>
  of.map((v) => level + scale * (v + 0.4 * rng.normal()));

function result<T>(run: Generator<number, T, void>): T {
  for (;;) {
    const { done, value } = run.next();
    if (done) return value;
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
}
const clustersOf = (series: readonly Float64Array[]): readonly Cluster[] =>
  result(clusters(series)).found;
const alikeTo = (series: readonly Float64Array[], asked: number, lag: number): readonly Alike[] =>
  result(alike(series, asked, lag));

describe('clusters of series', () => {
  const [a, b] = [walk(600), walk(600)];
  const some = [
    ...Array.from({ length: 5 }, (_, i) => noisy(a, 1 + i, 100 * i)),
    ...Array.from({ length: 4 }, (_, i) => noisy(b, 0.01, i)),
    walk(600),
    new Float64Array(600).fill(7),
  ];

  it('puts together what moves alike, in any unit and at any level, and leaves the rest alone', () => {
    expect(clustersOf(some).map(({ members }) => members)).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
  });

  it('does not join what moves the other way', () => {
    expect(clustersOf([noisy(a, 1, 0), noisy(a, -1, 0)])).toEqual([]);
  });

  it('names the odd one out and when it was', () => {
    const series = some.slice(0, 5).map((one) => one.slice());
    const odd = series[3];
    for (let i = 300; i < 350; i++) if (odd) odd[i] = (odd[i] ?? 0) + 20;
    const [cluster] = clustersOf(series);
    expect(cluster?.odd).toMatchObject({ index: 3, from: 300, to: 350 });
    expect(clustersOf(some)[0]?.odd).toBeUndefined();
  });

  it('passes over gaps and is empty on nothing', () => {
    const gaps = some.map((one) => one.map((v, i) => (i % 37 === 0 ? Number.NaN : v)));
    expect(clustersOf(gaps)[0]?.members).toEqual([0, 1, 2, 3, 4]);
    expect(clustersOf([])).toEqual([]);
    expect(clustersOf([new Float64Array(0), new Float64Array(0)])).toEqual([]);
  });
});

describe('a chance likeness', () => {
  it('of a handful of rows makes no cluster', () => {
    const few = Array.from({ length: 400 }, () =>
      Float64Array.from({ length: 14 }, () => rng.normal()),
    );
    expect(clustersOf(few)).toEqual([]);
    const { alone, still } = result(clusters([...few, new Float64Array(14)]));
    expect({ alone, still }).toEqual({ alone: 400, still: 1 });
  });
});

describe('series shaped like one', () => {
  const a = walk(400);
  const later = new Float64Array(400);
  later.set(a.subarray(0, 393), 7);
  const mirrored = a.map((v) => 5 - 3 * v);
  const series = [a, walk(400), later, mirrored, new Float64Array(400).fill(1)];

  it('are found at the lag by which they come later, mirrored ones too', () => {
    const found = alikeTo(series, 0, 20);
    expect(found.slice(0, 2)).toEqual([
      { index: 2, correlation: 1, lag: 7 },
      { index: 3, correlation: -1, lag: 0 },
    ]);
    expect(Math.abs(found[2]?.correlation ?? 1)).toBeLessThan(0.9);
    expect(alikeTo(series, 2, 20).find(({ index }) => index === 0)?.lag).toBe(-7);
  });

  it('are none of a series that stands still or is not there', () => {
    expect(alikeTo(series, 4, 20)).toEqual([]);
    expect(alikeTo(series, -1, 20)).toEqual([]);
    expect(alikeTo(series, 0, 0).map(({ index }) => index)).not.toContain(4);
  });
});
