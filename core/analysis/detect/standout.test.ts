import { describe, expect, it } from 'vitest';
import { amongMany, held, latencyZ, metricZ } from './standout';

const BASE = [0, 60] as const;
const course = (baseline: (i: number) => number, ...then: number[]): Float64Array =>
  Float64Array.from({ length: 60 + then.length }, (_, i) =>
    i < 60 ? baseline(i) : (then[i - 60] ?? 0),
  );

describe('metrics over time', () => {
  it('see nothing in now and then one event of a count that is mostly 0', () => {
    for (const unit of [1, 1 / 15]) {
      const z = metricZ(
        course((i) => (i % 9 === 0 ? unit : 0), unit, 0, 0, unit),
        BASE,
      );
      expect(Math.max(...z)).toBeLessThan(2);
    }
    // Even where the baseline saw none at all.
    expect(
      Math.max(
        ...metricZ(
          course(() => 0, 1, 0, 0),
          BASE,
        ),
      ),
    ).toBeLessThan(2);
  });

  it('see many events, and few that go on and on', () => {
    const burst = metricZ(
      course((i) => (i % 9 === 0 ? 1 : 0), 40, 0),
      BASE,
    );
    expect(burst[60]).toBeGreaterThan(10);
    const flag = metricZ(
      course(() => 0, ...Array.from({ length: 30 }, () => 1)),
      BASE,
    );
    expect(flag[75]).toBeGreaterThan(8);
    expect(flag[30]).toBeLessThan(2);
  });

  it('see a state that changes, and a level that moves', () => {
    const up = metricZ(
      course(() => 1, 0, 1),
      BASE,
    );
    expect(up[60]).toBeGreaterThan(10);
    const level = metricZ(
      course((i) => 50.5 + Math.sin(i), 50, 90.3),
      BASE,
    );
    expect(level[60]).toBeLessThan(2);
    expect(level[61]).toBeGreaterThan(10);
  });

  it('know a percentile that moves in steps now and then', () => {
    const p99 = metricZ(
      course((i) => (i % 6 === 0 ? 0.042 : 0.025), 0.042, 0.6),
      BASE,
    );
    expect(p99[60]).toBeLessThan(3);
    expect(p99[61]).toBeGreaterThan(10);
  });

  it('last until the next scrape is due, and no longer', () => {
    const z = Float64Array.of(5, NaN, 6, 7, NaN, 8, NaN, NaN, NaN, 1);
    expect([...held(z)]).toEqual([5, 5, 6, 7, 7, 8, 8, 0, 0, 1]);
  });
});

describe('latency over time', () => {
  const n = (count: number): Float64Array => new Float64Array(62).fill(30).fill(count, 60);
  const slow = course((i) => 2 + 0.05 * Math.sin(i * 7), 7, 7);

  it('is red where many requests are slow', () => {
    expect(latencyZ(slow, n(30), BASE)[60]).toBeGreaterThan(10);
  });

  it('is never red for a single request', () => {
    expect(latencyZ(slow, n(1), BASE)[60]).toBeLessThanOrEqual(3);
  });

  it('scatters more where buckets hold few requests', () => {
    const few = new Float64Array(62).fill(4).fill(100, 60);
    const wide = course((i) => 2 + 0.8 * Math.sin(i * 7), 2.8, 2.8);
    const [hundred] = latencyZ(wide, few, BASE).subarray(60);
    const [four] = latencyZ(wide, new Float64Array(62).fill(4), BASE).subarray(60);
    expect(hundred).toBeGreaterThan((four ?? 0) * 3);
    expect(four).toBeLessThan(2);
  });

  it('asks more of the worst of many', () => {
    expect(amongMany(3, 1)).toBe(3);
    expect(amongMany(3, 100)).toBe(0);
    expect(amongMany(30, 100)).toBeGreaterThan(29);
  });
});
