import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { changePointDefaults, changePoints } from './change-points';

const rng = createRng(3);
const noise = (n: number, level: (i: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => level(i) + rng.normal());
const found = (...dims: readonly ArrayLike<number>[]): readonly number[] => changePoints(dims).at;

describe('change points', () => {
  it('finds jumps where they are, whatever the unit', () => {
    const jumps = noise(400, (i) => (i < 120 ? 0 : i < 260 ? 8 : 3));
    const at = found(jumps);
    expect(at).toHaveLength(2);
    expect(Math.abs((at[0] ?? 0) - 120)).toBeLessThanOrEqual(1);
    expect(Math.abs((at[1] ?? 0) - 260)).toBeLessThanOrEqual(1);
    expect(found(jumps.map((v) => 1e9 + 1e6 * v))).toEqual(at);
  });

  it('finds a bend, and takes neither a trend nor noise nor a constant for a change', () => {
    const [bend] = found(noise(300, (i) => (i < 150 ? 0 : 0.4 * (i - 150))));
    expect(Math.abs((bend ?? 0) - 150)).toBeLessThan(12);
    expect(found(noise(300, (i) => 0.2 * i))).toEqual([]);
    expect(found(noise(300, () => 5))).toEqual([]);
    expect(found(new Float64Array(300).fill(0.1))).toEqual([]);
  });

  it('passes over spikes', () => {
    const spiky = noise(300, () => 0);
    for (const i of [40, 111, 200]) spiky[i] = 60;
    expect(found(spiky)).toEqual([]);
  });

  it('reads several dimensions together, and missing values as the last known one', () => {
    const one = noise(200, (i) => (i < 90 ? 0 : 6));
    const other = noise(200, () => 0);
    one[30] = Number.NaN;
    one[31] = Number.NaN;
    const [at, ...more] = found(one, other);
    expect(more).toEqual([]);
    expect(Math.abs((at ?? 0) - 90)).toBeLessThanOrEqual(1);
    expect(found(new Float64Array(50).fill(Number.NaN))).toEqual([]);
  });

  it('says nothing of what is too short', () => {
    expect(found([])).toEqual([]);
    expect(found([0, 0, 0, 9, 9, 9])).toEqual([]);
  });

  it('gives what an exhaustive search gives', () => {
    const series = noise(160, (i) => (i < 40 ? 0 : i < 90 ? 3 : i < 110 ? 0 : 5));
    const pruned = found(series);
    const options = { ...changePointDefaults, mostRows: 4000 };
    expect(changePoints([series], options).at).toEqual(pruned);
    expect(costOf(series, pruned)).toBeCloseTo(costOf(series, exhaustive(series)), 9);
  });

  it('reads long series in blocks, and says so', () => {
    const { at, block } = changePoints([noise(20_000, (i) => (i < 12_000 ? 0 : 4))]);
    expect(block).toBe(10);
    expect(at).toEqual([12_000]);
  });
});

/** The same cost, written out plainly. */
function segmentCost(values: Float64Array, from: number, to: number, variance: number): number {
  const n = to - from;
  const mid = (n - 1) / 2;
  let mean = 0;
  for (let i = from; i < to; i++) mean += (values[i] ?? 0) / n;
  let xy = 0;
  let xx = 0;
  for (let i = 0; i < n; i++) {
    xy += (i - mid) * ((values[from + i] ?? 0) - mean);
    xx += (i - mid) ** 2;
  }
  let rest = 0;
  for (let i = 0; i < n; i++) rest += ((values[from + i] ?? 0) - mean - (xy / xx) * (i - mid)) ** 2;
  return n * Math.log(rest / variance / n + changePointDefaults.floor);
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  return values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length;
}

function costOf(values: Float64Array, cuts: readonly number[]): number {
  const variance = varianceOf(values);
  const edges = [0, ...cuts, values.length];
  const penalty = changePointDefaults.penalty * Math.log(values.length) * cuts.length;
  return edges
    .slice(1)
    .reduce((sum, to, i) => sum + segmentCost(values, edges[i] ?? 0, to, variance), penalty);
}

function exhaustive(values: Float64Array): readonly number[] {
  const n = values.length;
  const variance = varianceOf(values);
  const best: { cost: number; cuts: readonly number[] }[] = [{ cost: 0, cuts: [] }];
  for (let to = 1; to <= n; to++) {
    let chosen = { cost: Infinity, cuts: [] as readonly number[] };
    for (let from = 0; from <= to - changePointDefaults.leastRows; from++) {
      const held = best[from];
      if (!held) continue;
      const penalty = from > 0 ? changePointDefaults.penalty * Math.log(n) : 0;
      const cost = held.cost + penalty + segmentCost(values, from, to, variance);
      if (cost < chosen.cost) chosen = { cost, cuts: from > 0 ? [...held.cuts, from] : [] };
    }
    best.push(chosen);
  }
  return best[n]?.cuts ?? [];
}
