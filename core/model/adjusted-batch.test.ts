import { expect, it } from 'vitest';
import { scaledAdjustedCounts, withAdjustedCounts } from './adjusted-batch';
import { BatchBuilder, type Batch } from './batch';

/** One span a trace, with these attributes. */
function spans(...each: readonly Readonly<Record<string, string>>[]): Batch {
  const rows = new BatchBuilder('spans');
  for (const [i, attributes] of each.entries()) {
    const { col } = rows;
    for (const name of ['trace_id', 'span_id'] as const) col[name].push(String(i));
    for (const name of ['parent_span_id', 'name', 'status_message'] as const) col[name].push('');
    for (const name of ['resource_id', 'start', 'duration'] as const) col[name].push(1n);
    for (const name of ['kind', 'status'] as const) col[name].push(0);
    col.attributes.push(attributes);
    rows.endRow();
  }
  return rows.take();
}

function counts({ columns }: Batch): readonly (number | null)[] {
  const column = columns[columns.length - 1];
  if (column?.type !== 'f64') throw new Error('The last column is another one.');
  return Array.from(column.data, (count, i) => (column.valid?.[i] === 0 ? null : count));
}

it('has the counts that attributes say, and is the same batch where they say none', () => {
  const some = spans({}, { SampleRate: '5' }, { 'otel.trace_state': 'ot=th:8' });
  expect(counts(withAdjustedCounts(some))).toEqual([null, 5, 2]);
  const silent = spans({}, { a: 'b' });
  expect(withAdjustedCounts(silent)).toBe(silent);
});

it('stands for so many times as much where a share was kept', () => {
  const some = spans({}, { SampleRate: '5' }, {});
  expect(counts(scaledAdjustedCounts(some, (row) => (row === 2 ? 1 : 4)))).toEqual([4, 20, 1]);
});
