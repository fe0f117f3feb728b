import { describe, expect, it } from 'vitest';
import type { CatalogItem } from '../../../../core/connect';
import { catalogRows, estimateText, isOver } from './catalog-rows';

const item = (id: string, group: string | undefined, rows?: number): CatalogItem => ({
  id,
  title: id,
  signal: 'samples',
  count: 1,
  unit: 'series',
  selected: true,
  group,
  estimate: rows === undefined ? undefined : { rows, bytes: rows * 32 },
});
const GROUPS = [
  { id: 'red', title: 'Requests', why: 'What callers met.', matters: true },
  { id: 'use', title: 'Utilisation', why: 'CPU.', matters: true },
];

describe('rows of the catalog', () => {
  it('stand under their groups, in the order of the groups; what has none comes last', () => {
    const items = [item('cpu', 'use', 5), item('odd', undefined), item('http', 'red', 7)];
    const rows = catalogRows(items, GROUPS);
    expect(rows.map((row) => (row.kind === 'group' ? row.group.id : row.item.id))).toEqual([
      'red',
      'http',
      'use',
      'cpu',
      'odd',
    ]);
    expect(catalogRows(items).map((row) => row.kind)).toEqual(['item', 'item', 'item']);
  });

  it('say what they would bring, and whether that is over the budget', () => {
    const items = [item('cpu', 'use', 4000), item('http', 'red', 8000)];
    expect(estimateText(items)).toMatch(/^about 12.000 rows, /);
    expect(estimateText([item('odd', undefined)])).toBeUndefined();
    expect([isOver(items, 12_000), isOver(items, 11_999), isOver(items, undefined)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});
