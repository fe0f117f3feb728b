import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { together, type Together } from './together';

const ROWS = 240;
const BASE = { from: 0, to: 160 };

/** Thirty series: three patterns that ten each follow in units of their own, and noise. */
function usual(seed: number, rows = ROWS): Float64Array[] {
  const rng = createRng(seed);
  const patterns = Array.from({ length: 3 }, () => {
    let v = 0;
    return Float64Array.from({ length: rows }, () => (v = 0.7 * v + rng.normal()));
  });
  return Array.from({ length: 30 }, (_, s) => {
    const [level, scale] = [100 * s, 0.1 + s];
    const pattern = patterns[s % 3] ?? new Float64Array(rows);
    return pattern.map((v) => level + scale * (v + 0.3 * rng.normal()));
  });
}

function found(series: readonly Float64Array[], base = BASE): Together {
  const run = together(series, base);
  for (;;) {
    const { done, value } = run.next();
    if (done) return value;
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
}

const changed = (
  series: readonly Float64Array[],
  which: (s: number) => boolean,
  change: (v: number, s: number, row: number) => number,
  from = 200,
  to = 220,
): Float64Array[] =>
  series.map((one, s) =>
    which(s) ? one.map((v, row) => (row >= from && row < to ? change(v, s, row) : v)) : one,
  );

describe('many series together', () => {
  it('find nothing where nothing is', () => {
    const quiet = Array.from({ length: 8 }, (_, seed) => found(usual(seed)).stretches.length);
    expect(quiet.filter((count) => count > 0)).toEqual([]);
  });

  it('find a stretch in which some left their level, and which', () => {
    const { stretches, judged } = found(
      changed(
        usual(1),
        (s) => s < 5,
        (v, s) => v + 8 * (0.1 + s),
      ),
    );
    expect(judged).toBe(30);
    expect(stretches).toHaveLength(1);
    const [one] = stretches;
    expect(Math.abs((one?.from ?? 0) - 200)).toBeLessThanOrEqual(1);
    expect(Math.abs((one?.to ?? 0) - 220)).toBeLessThanOrEqual(1);
    expect(one?.beyond).toBeGreaterThanOrEqual(4);
    expect(new Set(one?.series.slice(0, 5).map(({ index }) => index))).toEqual(
      new Set([0, 1, 2, 3, 4]),
    );
    for (const { deviation } of one?.series.slice(0, 5) ?? []) expect(deviation).toBeGreaterThan(3);
  });

  it('find a pattern that broke though no series went far', () => {
    const mirrored = changed(
      usual(2),
      (s) => s % 3 === 0 && s < 15,
      (v, s) => 2 * 100 * s - v + 3 * (0.1 + s),
    );
    const { stretches } = found(mirrored);
    expect(stretches.length).toBeGreaterThan(0);
    for (const { from, to } of stretches) {
      expect(from).toBeGreaterThanOrEqual(198);
      expect(to).toBeLessThanOrEqual(222);
    }
  });

  it('find the usual pattern gone further than ever', () => {
    const further = changed(
      usual(3),
      (s) => s % 3 === 1,
      (v, s) => v + 12 * (0.1 + s),
    );
    const { stretches } = found(further);
    expect(stretches).toHaveLength(1);
    expect(stretches[0]?.series.every(({ index }) => index % 3 === 1)).toBe(true);
  });

  it('leave one series that went alone to the detector of single ones', () => {
    const alone = changed(
      usual(4),
      (s) => s === 7,
      (v) => v + 500,
    );
    expect(found(alone).stretches).toEqual([]);
  });

  it('are not blinded by an outage in the baseline', () => {
    const before = changed(
      usual(5),
      (s) => s < 20,
      (v, s) => v + 30 * (0.1 + s),
      60,
      68,
    );
    const { stretches } = found(
      changed(
        before,
        (s) => s >= 10,
        (v, s) => v - 9 * (0.1 + s),
      ),
    );
    expect(stretches.some(({ from, to }) => from >= 195 && to <= 225)).toBe(true);
  });

  it('take a gap for no news, and what is silent or still for nothing', () => {
    const gaps = usual(6).map((one, s) =>
      one.map((v, row) => (row >= 180 && row < 230 && s < 20 ? Number.NaN : v)),
    );
    const still = [new Float64Array(ROWS).fill(3), new Float64Array(ROWS).fill(Number.NaN)];
    const result = found([...gaps, ...still]);
    expect(result).toEqual({ stretches: [], judged: 30, short: false });
  });

  it('see what stood still before it moved', () => {
    const errors = Array.from({ length: 6 }, (_, s) =>
      Float64Array.from({ length: ROWS }, (_, row) => (row >= 200 ? 1 + s : 0)),
    );
    const { stretches } = found([...usual(7), ...errors]);
    expect(stretches[0]?.from).toBeGreaterThanOrEqual(199);
    expect(stretches[0]?.series.every(({ index }) => index >= 30)).toBe(true);
  });

  it('say so where the baseline is too short, and nothing of nothing', () => {
    expect(found(usual(8), { from: 0, to: 10 })).toMatchObject({ stretches: [], short: true });
    expect(found([])).toMatchObject({ stretches: [], judged: 0 });
    const constant = Array.from({ length: 5 }, () => new Float64Array(ROWS).fill(1));
    expect(found(constant)).toMatchObject({ stretches: [], judged: 0, short: false });
  });

  it('judge every row by the others where no baseline is known', () => {
    const { stretches } = found(
      changed(
        usual(9),
        (s) => s < 15,
        (v, s) => v + 8 * (0.1 + s),
        100,
        110,
      ),
      { from: 0, to: ROWS },
    );
    expect(stretches).toHaveLength(1);
    expect(stretches[0]?.from).toBeGreaterThanOrEqual(98);
  });
});
