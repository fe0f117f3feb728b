import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { anomalies, anomalyDefaults } from './batch';

const rng = createRng(11);
const quiet = (n: number): Float64Array =>
  Float64Array.from({ length: n }, () => 100 + 5 * rng.normal());
/** Everything planted at [from, to) is met, and hardly anything else. */
function expectMet(rows: readonly number[], from: number, to: number): void {
  const beside = rows.filter((row) => row < from - 2 || row >= to + 2);
  expect(rows.filter((row) => row >= from && row < to).length).toBeGreaterThan((to - from) / 2);
  expect(beside.length).toBeLessThan(10);
}

describe('anomalies of a series', () => {
  it('finds what stands out and lasts, up or down, whatever the unit', () => {
    const up = quiet(1000);
    up.fill(160, 500, 508);
    const found = anomalies(up).rows;
    expectMet(found, 500, 508);
    expect(anomalies(up.map((v) => v * 1e-6)).rows).toEqual(found);
    const down = quiet(1000);
    down.fill(0, 500, 508);
    expectMet(anomalies(down).rows, 500, 508);
  });

  it('says little of noise, less the longer it is, and nothing of a constant or of rare single counts', () => {
    expect(anomalies(quiet(1000)).rows.length).toBeLessThan(15);
    expect(anomalies(quiet(10_000)).rows).toEqual([]);
    expect(anomalies(quiet(1000), { ...anomalyDefaults, least: 3.5 }).rows).toEqual([]);
    expect(anomalies(new Float64Array(500).fill(0.1)).rows).toEqual([]);
    const rare = new Float64Array(1000);
    for (let i = 0; i < 1000; i += 90) rare[i] = 1;
    expect(anomalies(rare).rows).toEqual([]);
  });

  it('asks for more where there are more rows', () => {
    const at = (n: number): number => anomalies(new Float64Array(n)).threshold;
    expect(at(500)).toBe(at(1000));
    expect(at(10_000)).toBeCloseTo(at(1000) + 2, 12);
  });

  it('never flags a missing value, and takes a gap for nothing', () => {
    const gap = quiet(1000);
    gap.fill(160, 500, 510);
    gap.fill(Number.NaN, 504, 506);
    const { rows, scores } = anomalies(gap);
    expectMet(rows, 500, 510);
    expect(rows).not.toContain(504);
    expect(scores.every((score) => Number.isFinite(score))).toBe(true);
    expect(anomalies(new Float64Array(100).fill(Number.NaN)).rows).toEqual([]);
    expect(anomalies([]).rows).toEqual([]);
  });
});
