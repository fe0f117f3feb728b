import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalog, CatalogItem } from '.';
import { proposeWithin } from '.';

const GROUPS = [
  { id: 'red', title: 'Requests', why: '', matters: true },
  { id: 'use', title: 'Use', why: '', matters: true },
  { id: 'rest', title: 'Rest', why: '', matters: false },
];
const item = (id: string, group: string, rows: number, family = id): CatalogItem => ({
  id,
  title: id,
  signal: 'samples',
  count: 1,
  unit: 'series',
  selected: true,
  group,
  family,
  estimate: { rows, bytes: rows * 40 },
});

describe('a proposal', () => {
  it('takes what matters most first, families whole, and smaller ones behind what is too large', () => {
    const items = [
      item('cpu', 'use', 40),
      item('go_info', 'rest', 1),
      item('http_bucket', 'red', 30, 'http'),
      item('http_count', 'red', 30, 'http'),
      item('huge', 'red', 500),
      item('memory', 'use', 1),
    ];
    expect(proposeWithin({ items, groups: GROUPS, notices: [] }, 70)).toEqual({
      ids: ['http_bucket', 'http_count', 'memory'],
      left: ['cpu', 'huge'],
      rows: 61,
      bytes: 61 * 40,
    });
    expect(proposeWithin({ items, notices: [] }, 70)).toMatchObject({ ids: [], rows: 0 });
  });

  it('never goes over its budget, and leaves nothing that matters unsaid', () => {
    const some = fc.record({
      group: fc.constantFrom('red', 'use', 'rest'),
      family: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      rows: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 30 }), fc.nat(4000), (list, budget) => {
        const items = list.map(({ group, family, rows }, i) =>
          item(`m${i}`, group, rows, `${group} ${family}`),
        );
        const catalog: Catalog = { items, groups: GROUPS, notices: [] };
        const { ids, left, rows } = proposeWithin(catalog, budget);
        const chosen = items.filter(({ id }) => ids.includes(id));
        expect(rows).toBe(chosen.reduce((n, { estimate }) => n + (estimate?.rows ?? 0), 0));
        expect(rows).toBeLessThanOrEqual(budget);
        const matter = items.filter(({ group }) => group !== 'rest').map(({ id }) => id);
        expect([...ids, ...left].sort()).toEqual(matter.sort());
        const familiesTaken = new Set(chosen.map(({ family }) => family));
        expect(items.some(({ id, family }) => left.includes(id) && familiesTaken.has(family))).toBe(
          false,
        );
      }),
    );
  });
});
