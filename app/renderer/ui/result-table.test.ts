import { describe, expect, it } from 'vitest';
import type { SqlResult } from '../../../core/store';
import { cellText, columnWidths, sortedRows } from './result-table';

const result: SqlResult = {
  columns: [
    { name: 'n', type: 'BIGINT' },
    { name: 'attributes', type: 'MAP(VARCHAR, VARCHAR)' },
  ],
  data: [
    [3n, null, 20n, 1n],
    [{ a: '1' }, { b: '2' }, null, { c: 'x'.repeat(200) }],
  ],
  rows: 4,
  truncated: false,
};

describe('a result', () => {
  it('sorts numbers by value and NULL last, either way', () => {
    expect([...sortedRows(result, 0, false)]).toEqual([3, 0, 2, 1]);
    expect([...sortedRows(result, 0, true)]).toEqual([2, 0, 3, 1]);
  });

  it('shows maps as text and NULL as NULL', () => {
    expect(cellText({ a: '1', b: 2n })).toBe('{"a":"1","b":"2"}');
    expect(cellText(null)).toBe('NULL');
  });

  it('gives a column the room of its longest value, up to a limit', () => {
    expect(columnWidths(result)).toEqual([6, 48]);
  });
});
