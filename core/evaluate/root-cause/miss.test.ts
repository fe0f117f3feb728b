import { describe, expect, it } from 'vitest';
import { inCommon, missOf } from './miss';

const window = { from: 100n, to: 200n };
const candidate = (id: string, correct: boolean) => ({
  id,
  score: 1,
  confidence: 0,
  correct,
  members: [],
});
const incident = { ...window, given: false };
const right = {
  ranking: [candidate('cart', true)],
  placing: { rank: 1, lenient: 1 },
  result: { incident, verdict: 'ranked' as const },
  real: window,
};
const lower = { ...right, placing: { rank: 2, lenient: 2 } };

describe('where an answer went wrong', () => {
  it('nowhere, where the true one is first', () => {
    expect(missOf(right)).toBeUndefined();
    expect(
      missOf({ ...right, result: { incident: { ...incident, from: 190n }, verdict: 'ranked' } }),
    ).toBeUndefined();
  });

  it('at the window first, then the verdict, the candidates, the ranking', () => {
    const elsewhere = { ...incident, from: 160n };
    const silent = { incident, verdict: 'insufficient-evidence' as const };
    expect(missOf({ ...lower, result: { ...silent, incident: elsewhere } })).toBe('window');
    expect(missOf({ ...lower, result: silent })).toBe('verdict');
    expect(missOf({ ...lower, ranking: [candidate('user', false)] })).toBe('candidates');
    expect(missOf(lower)).toBe('ranking');
  });

  it('stretches have in common what both hold, of what either holds', () => {
    expect(inCommon(window, { from: 150n, to: 250n })).toBeCloseTo(1 / 3);
    expect(inCommon(window, { from: 200n, to: 300n })).toBe(0);
  });
});
