import { describe, expect, it } from 'vitest';
import { proposeWithin, type Catalog } from '../../core/connect';
import { planText } from './pull-text';

describe('the plan of a pull', () => {
  it('shows groups with estimates, what is taken, and what does not fit', () => {
    const about = { signal: 'samples', unit: 'series', selected: true, group: 'red' } as const;
    const catalog: Catalog = {
      items: [
        { ...about, id: 'http', title: 'http', count: 8, estimate: { rows: 400, bytes: 12_800 } },
        { ...about, id: 'huge', title: 'huge', count: 9, estimate: { rows: 9e6, bytes: 3e8 } },
      ],
      groups: [{ id: 'red', title: 'Requests', why: 'What callers met.', matters: true }],
      notices: [],
    };
    const text = planText(catalog, proposeWithin(catalog, 1000), 1000);
    expect(text).toContain('Requests: What callers met.');
    expect(text).toMatch(/\* +http +8 series +400 +13 kB/);
    expect(text).not.toMatch(/\* +huge/);
    expect(text).toContain('Proposed: 1 of 2, about 400 rows and 13 kB; at most 1000 rows.');
    expect(text).toContain('Left, because it does not fit: 1 (huge).');
  });

  it('says where a connector has no groups', () => {
    const catalog: Catalog = { items: [], notices: [] };
    expect(planText(catalog, proposeWithin(catalog, 1), 1)).toContain('nothing is proposed');
  });
});
