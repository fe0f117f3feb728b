import type { Mapping, ReadChoices, TableInDatabase } from '../../../../../core/connect';
import { plural } from '../../../ui';
import { TARGET_WORD } from './draft';

/** What was decided of a database's tables, by name: a mapping, or null where one is left out. */
export type TableChoices = NonNullable<ReadChoices['tables']>;

/** Undefined takes a decision back. */
export function withChoice(
  choices: TableChoices,
  table: string,
  choice: Mapping | null | undefined,
): TableChoices {
  const { [table]: _, ...others } = choices;
  return choice === undefined ? others : { ...others, [table]: choice };
}

/** A table as it would be read by what was decided. */
export function fateOf(table: TableInDatabase, choices: TableChoices): TableInDatabase {
  const { name } = table;
  const choice = choices[name];
  if (choice) return { name, how: 'given', signal: choice.target };
  if (choice === null) return { name, how: 'left', signal: '' };
  return table;
}

const HOW = { known: 'by its columns’ names', given: 'by your mapping', guessed: 'guessed' };

const wordOf = (signal: TableInDatabase['signal']): string =>
  Object.entries(TARGET_WORD).find(([id]) => id === signal)?.[1] ?? signal;

/** "log records, guessed"; "left out". */
export function fateText({ how, signal }: TableInDatabase): string {
  return how === 'left' ? 'left out' : `${wordOf(signal)}, ${HOW[how]}`;
}

/** "2 of 3 tables are taken: app_log (log records), pool_samples (metric samples)." */
export function takenText(tables: readonly TableInDatabase[], choices: TableChoices): string {
  const fates = tables.map((table) => fateOf(table, choices));
  const taken = fates.filter(({ how }) => how !== 'left');
  const names = taken.map(({ name, signal }) => `${name} (${wordOf(signal)})`).join(', ');
  const count = `${taken.length} of ${plural(fates.length, 'table')}`;
  const verb = taken.length === 1 ? 'is' : 'are';
  return `${count} ${verb} taken${names === '' ? '' : `: ${names}`}.`;
}
