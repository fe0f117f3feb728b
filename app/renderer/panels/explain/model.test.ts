import { describe, expect, it } from 'vitest';
import { renderSql, type Difference } from '../../../../core/model';
import { asText, before, callOf, effectText, linesOf, requestOf, significance } from './model';

const line = (rank: number, more: Partial<Difference> = {}): Difference => ({
  rank,
  signal: 'metric',
  measure: 'level',
  novelty: 'changed',
  entityId: 'service:cart',
  name: 'cpu',
  reference: 1,
  selected: 2,
  unit: '',
  effect: 3,
  support: { reference: 10, selected: 5 },
  p: 1e-9,
  q: 1e-8,
  score: 1,
  sentence: 'cart: cpu rose from 1 to 2',
  ...more,
});

const LIST = [
  line(1, { effect: -2 }),
  line(2, {
    signal: 'log-template',
    effect: 8,
    q: 0.004,
    sentence: 'cart: timeout … : new, 9 times',
  }),
  line(3, { signal: 'change', effect: 1, q: 1, sentence: 'stock: Deploy stock 2' }),
];

describe('the question', () => {
  const selected = { from: 600n, to: 900n };

  it('compares a stretch with the baseline, narrowed to an entity on both sides', () => {
    const narrowing = { entity: 'service:cart', against: undefined };
    expect(requestOf(selected, { from: 0n, to: 600n }, narrowing)).toEqual({
      selected: { from: 600n, to: 900n, filter: { entity: 'service:cart' } },
      reference: { from: 0n, to: 600n, filter: { entity: 'service:cart' } },
    });
    expect(requestOf(selected, undefined, narrowing)).toBeUndefined();
    expect(requestOf(undefined, selected, narrowing)).toBeUndefined();
  });

  it('compares spans with an attribute with the rest of the same stretch', () => {
    const against = { key: 'shard', value: 'b' };
    expect(requestOf(selected, undefined, { entity: undefined, against })).toEqual({
      selected: { from: 600n, to: 900n, filter: against },
      reference: { from: 600n, to: 900n },
    });
  });

  it('takes what is right before where there is no baseline', () => {
    expect(before(selected, { from: 0n, to: 900n })).toEqual({ from: 300n, to: 600n });
    expect(before(selected, { from: 500n, to: 900n })).toEqual({ from: 500n, to: 600n });
    expect(before(selected, { from: 600n, to: 900n })).toBeUndefined();
  });

  it('leads to SQL that names the sides', () => {
    const request = requestOf(
      selected,
      { from: 0n, to: 600n },
      { entity: "it's", against: undefined },
    );
    for (const signal of ['operation', 'attribute', 'log-template', 'metric', 'alert'] as const)
      expect(request && renderSql(callOf(request, signal))).toContain("'it''s'");
  });
});

describe('the lines', () => {
  const all = new Set<Difference['signal']>();
  const ranks = (lines: readonly Difference[]) => lines.map(({ rank }) => rank);

  it('are sorted by what is asked for, ties by rank', () => {
    expect(ranks(linesOf(LIST, all, '', 'rank'))).toEqual([1, 2, 3]);
    expect(ranks(linesOf(LIST, all, '', 'effect'))).toEqual([2, 1, 3]);
    expect(ranks(linesOf(LIST, all, '', 'q'))).toEqual([1, 2, 3]);
    expect(ranks(linesOf(LIST, all, '', 'rows'))).toEqual([1, 2, 3]);
  });

  it('are filtered by signal and by words', () => {
    expect(ranks(linesOf(LIST, new Set(['change', 'metric'] as const), '', 'rank'))).toEqual([
      1, 3,
    ]);
    expect(ranks(linesOf(LIST, all, 'CART timeout', 'rank'))).toEqual([2]);
  });

  it('read as people write figures', () => {
    expect(LIST.map(effectText)).toEqual(['\u22122.0', '+8.0', '']);
    expect(LIST.map(significance)).toEqual(['<1e\u22126', '0.004', '']);
    expect(asText(LIST).split('\n')).toHaveLength(4);
  });
});
