import { expect, it } from 'vitest';
import type { Mapping, TableInDatabase } from '../../../../../core/connect';
import { fateOf, fateText, takenText, withChoice } from './tables';

const tables: readonly TableInDatabase[] = [
  { name: 'app_log', how: 'guessed', signal: 'logs' },
  { name: 'spans', how: 'known', signal: 'spans' },
  { name: 'users', how: 'left', signal: '' },
];
const mapping: Mapping = { target: 'changes', table: 'users', fields: {} };

it('says which tables are taken, as what was decided has it', () => {
  expect(takenText(tables, {})).toBe(
    '2 of 3 tables are taken: app_log (log records), spans (spans of traces).',
  );
  const chosen = withChoice(withChoice({}, 'users', mapping), 'app_log', null);
  expect(tables.map((table) => fateText(fateOf(table, chosen)))).toEqual([
    'left out',
    'spans of traces, by its columns’ names',
    'changes, by your mapping',
  ]);
  const none = withChoice(withChoice(chosen, 'users', undefined), 'spans', null);
  expect(none).toEqual({ app_log: null, spans: null });
  expect(takenText(tables, none)).toBe('0 of 3 tables are taken.');
});
