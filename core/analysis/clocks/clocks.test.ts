import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../base';
import type { ClockPair } from '../../model';
import type { Anchors } from './drift';
import { placeClocks } from './graph';
import { estimateOf } from './judge';
import { pairOffset } from './pair';
import { vote } from './vote';

const HOUR = 3600e9;
const MS = 1e6;
const PARAMS = { fewest: 5, logSlack: 10 * MS };

interface Truth {
  readonly offset: number;
  readonly driftPpm?: number;
  readonly anchors: number;
  /** Share of anchors that say nothing true. */
  readonly wrong?: number;
  /** Mean way there and back, ms: exponential, and not equally long. */
  readonly there?: number;
  readonly back?: number;
}

/** Calls from a to b over an hour: the server's part lies somewhere within the client's. */
function calls(rng: Rng, truth: Truth): Anchors {
  const { offset, driftPpm = 0, anchors, wrong = 0, there = 2, back = 1 } = truth;
  const at = Float64Array.from({ length: anchors }, () => rng.next() * HOUR).sort();
  const bounds = [...at].map((t): [number, number] => {
    const now = offset + (driftPpm / 1e6) * (t - HOUR / 2);
    if (rng.next() < wrong) {
      const other = (rng.next() - 0.5) * 60e9;
      return [other, other + 5 * MS];
    }
    return [
      now - (0.2 + rng.exponential() * back) * MS,
      now + (0.2 + rng.exponential() * there) * MS,
    ];
  });
  return {
    at,
    lo: Float64Array.from(bounds, ([lo]) => lo),
    hi: Float64Array.from(bounds, ([, hi]) => hi),
  };
}

/** Events that both stamp, each a little late. */
function points(rng: Rng, { offset, driftPpm = 0, anchors, wrong = 0 }: Truth): Anchors {
  const at = Float64Array.from({ length: anchors }, () => rng.next() * HOUR).sort();
  const lo = at.map((t) => {
    if (rng.next() < wrong) return (rng.next() - 0.5) * 600e9;
    return offset + (driftPpm / 1e6) * (t - HOUR / 2) + rng.normal() * 3 * MS;
  });
  return { at, lo, hi: lo.slice() };
}

const OFFSETS = [0, 0.4 * MS, 40 * MS, -2.31e9, 45e9, -2 * HOUR, 5.5 * HOUR];

interface Measured {
  readonly known: number;
  readonly covered: number;
  readonly falseOffsets: number;
  readonly found: number;
  readonly worst: number;
}

function measure(
  kind: 'call' | 'log-line',
  truth: Omit<Truth, 'offset'>,
  offsets: readonly number[] = OFFSETS,
): Measured {
  let [known, covered, falseOffsets, found, worst] = [0, 0, 0, 0, 0];
  for (const offset of offsets)
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(`${kind} ${offset} ${seed}`);
      const make = kind === 'call' ? calls : points;
      const pair = pairOffset(1, 2, { [kind]: make(rng, { ...truth, offset }) }, PARAMS);
      if (!pair) continue;
      known++;
      if (pair.lower <= offset && offset <= pair.upper) covered++;
      const graph = placeClocks([1, 2], [pair], (id) => -id);
      const { state } = estimateOf(2, graph, { fewest: 5, least: MS, few: 9 });
      if (state === 'offset' && offset === 0) falseOffsets++;
      if (state === 'offset' && Math.abs(offset) > 10 * MS) found++;
      worst = Math.max(worst, Math.abs(pair.offset - offset));
    }
  return { known, covered, falseOffsets, found, worst };
}

const TRIALS = OFFSETS.length * 40;
const LARGE = OFFSETS.filter((offset) => Math.abs(offset) > 10 * MS).length * 40;

describe('the offset of two clocks, by calls', () => {
  it.each([
    ['7 anchors', { anchors: 7 }, MS],
    ['60 anchors', { anchors: 60 }, 0.2 * MS],
    ['2000 anchors', { anchors: 2000 }, 0.02 * MS],
    ['60 anchors, an eighth of them wrong', { anchors: 60, wrong: 0.12 }, 0.5 * MS],
    ['a slow way there (40 ms), a fast one back', { anchors: 200, there: 40, back: 0.5 }, MS],
  ])('is bounded: %s', (_, truth, bound) => {
    const { known, covered, falseOffsets, found, worst } = measure('call', truth);
    expect(known).toBe(TRIALS);
    expect(covered / TRIALS).toBeGreaterThanOrEqual(0.995);
    expect(falseOffsets).toBe(0);
    expect(found).toBe(LARGE);
    expect(worst).toBeLessThan(bound);
  });

  it('is not told by fewer than five', () => {
    expect(measure('call', { anchors: 4 }).known).toBe(0);
  });

  it('says that it drifts, and holds all of the way', () => {
    for (const driftPpm of [20, -50, 200]) {
      const rng = createRng(`drift ${driftPpm}`);
      const pair = pairOffset(
        1,
        2,
        { call: calls(rng, { offset: 3e9, driftPpm, anchors: 600 }) },
        PARAMS,
      );
      expect(Math.abs((pair?.driftPpm ?? 0) - driftPpm)).toBeLessThan(1);
      const reach = (Math.abs(driftPpm) / 1e6) * (HOUR / 2);
      expect(pair?.lower).toBeLessThanOrEqual(3e9 - 0.99 * reach);
      expect(pair?.upper).toBeGreaterThanOrEqual(3e9 + 0.99 * reach);
      expect(Math.abs((pair?.offset ?? 0) - 3e9)).toBeLessThan(3 * MS);
    }
  });

  it('does not drift where it does not', () => {
    for (let seed = 0; seed < 100; seed++) {
      const truth = { offset: 1e9, anchors: 300, wrong: seed % 2 === 0 ? 0.1 : 0 };
      const pair = pairOffset(1, 2, { call: calls(createRng(seed), truth) }, PARAMS);
      expect(pair?.driftPpm).toBe(0);
    }
  });
});

describe('the offset of two clocks, by events that both stamp', () => {
  it.each([
    ['8 anchors', { anchors: 8 }, 5 * MS, 0.96],
    ['60 anchors', { anchors: 60 }, 2 * MS, 0.98],
    ['60 anchors, a quarter of them other events', { anchors: 60, wrong: 0.25 }, 2 * MS, 0.98],
  ])('is the median of the differences: %s', (_, truth, bound, share) => {
    const { known, covered, falseOffsets, found, worst } = measure('log-line', truth);
    expect(known).toBe(TRIALS);
    expect(covered / TRIALS).toBeGreaterThanOrEqual(share);
    expect(falseOffsets).toBeLessThanOrEqual(1);
    expect(found).toBe(LARGE);
    expect(worst).toBeLessThan(bound);
  });

  it('says that it drifts', () => {
    const lines = points(createRng('drift'), { offset: 0, driftPpm: 100, anchors: 400 });
    const pair = pairOffset(1, 2, { 'log-line': lines }, PARAMS);
    expect(Math.abs((pair?.driftPpm ?? 0) - 100)).toBeLessThan(3);
  });

  it('tells nothing where nothing goes together', () => {
    for (let seed = 0; seed < 60; seed++) {
      const lines = points(createRng(seed), { offset: 0, anchors: 40, wrong: 1 });
      const pair = pairOffset(1, 2, { 'log-text': lines }, PARAMS);
      if (!pair) continue;
      const graph = placeClocks([1, 2], [pair], (id) => -id);
      const { state, confidence } = estimateOf(2, graph, { fewest: 5, least: MS, few: 9 });
      expect(`${state} ${confidence}`).not.toBe('offset high');
    }
  });
});

it('the vote is where most intervals are', () => {
  const bounds = { lo: Float64Array.of(0, 1, 2, 50), hi: Float64Array.of(10, 9, 8, 60) };
  expect(vote(bounds)).toEqual({ lower: 1, upper: 9, agreeing: 3 });
  expect(vote({ lo: Float64Array.of(), hi: Float64Array.of() })).toEqual({
    lower: 0,
    upper: 0,
    agreeing: 0,
  });
});

const pairOf = (a: number, b: number, offset: number, half: number): ClockPair => ({
  a,
  b,
  offset,
  lower: offset - half,
  upper: offset + half,
  anchors: 20,
  agreeing: 20,
  kinds: [{ kind: 'call', anchors: 20 }],
  driftPpm: 0,
  residual: 0,
  contradicted: false,
});

describe('clocks of many sources', () => {
  const none = (): number => 0;

  it('are placed by way of others, as sharply as all ways together allow', () => {
    const pairs = [pairOf(1, 2, 0, 1e6), pairOf(2, 3, 5e9, 1e6), pairOf(1, 3, 5.0005e9, 2e6)];
    const { clocks } = placeClocks([1, 2, 3], pairs, none);
    const third = clocks.get(3);
    expect(third?.reference).toBe(1);
    expect(third?.lower).toBe(4.9985e9);
    expect(third?.upper).toBe(5.002e9);
    expect(Math.abs((third?.offset ?? 0) - 5e9)).toBeLessThan(1e6);
  });

  it('are compared with one that most others agree with, not with the one that goes wrong', () => {
    const pairs = [pairOf(1, 2, -9e9, 1e6), pairOf(1, 3, -9e9, 1e6), pairOf(2, 3, 0, 1e6)];
    const { clocks } = placeClocks([1, 2, 3], pairs, (id) => (id === 1 ? 5 : 0));
    expect(clocks.get(1)).toMatchObject({ reference: 2, offset: 9e9 });
    expect(clocks.get(3)).toMatchObject({ reference: 2, offset: 0 });
  });

  it('of two, the one that is preferred is right', () => {
    const { clocks } = placeClocks([1, 2], [pairOf(1, 2, 3e9, 1e6)], (id) => id);
    expect(clocks.get(1)).toMatchObject({ reference: 2, offset: -3e9 });
  });

  it('do not go round in rings that contradict themselves: the pair that fits worst is left out, and said', () => {
    const pairs = [
      pairOf(1, 2, 0, 1e6),
      pairOf(2, 3, 0, 1e6),
      pairOf(3, 4, 0, 1e6),
      pairOf(1, 3, 0, 1e6),
      pairOf(1, 4, 7e9, 1e6),
      pairOf(2, 4, 0, 1e6),
    ];
    const graph = placeClocks([1, 2, 3, 4], pairs, none);
    expect(graph.clocks.get(4)).toMatchObject({ reference: 1, lower: -2e6, upper: 2e6 });
    const wrong = graph.pairs.filter(({ contradicted }) => contradicted);
    expect(wrong.map(({ a, b }) => [a, b])).toEqual([[1, 4]]);
    const judged = estimateOf(4, graph, { fewest: 5, least: MS, few: 9 });
    expect(judged).toMatchObject({ state: 'in-step', confidence: 'low' });
    expect(judged.why).toContain('contradict');
  });

  it('are apart where nothing leads from one to the other', () => {
    const graph = placeClocks([1, 2, 3, 7], [pairOf(1, 2, 0, 1e6)], none);
    expect(estimateOf(7, graph, { fewest: 5, least: MS, few: 3 })).toMatchObject({
      state: 'unknown',
      confidence: 'none',
      why: '3 anchors with another source; 5 are needed.',
    });
  });

  it('say so where the offset is that of a time zone', () => {
    const zone = (hours: number, off: number): number =>
      estimateOf(
        2,
        placeClocks([1, 2], [pairOf(1, 2, hours * HOUR + off, 1e6)], (id) => -id),
        {
          fewest: 5,
          least: MS,
          few: 9,
        },
      ).zoneHours;
    expect(zone(2, 0.3e9)).toBe(2);
    expect(zone(-5.5, 0)).toBe(-5.5);
    expect(zone(0, 3e9)).toBe(0);
    expect(zone(1.7, 0)).toBe(0);
  });
});
