import { expect, it } from 'vitest';
import type { SetFolder } from '../task';
import { loghub } from './loghub';

const ROWS = [
  ['session opened for anna', 'E1'],
  ['session opened for bert', 'E1'],
  ['disk 4 full', 'E2'],
  ['disk 17 full', 'E2'],
  ['disk gone', 'E3'],
] as const;

const csv = (rows: readonly (readonly [string, string])[]): string =>
  ['Content,EventId', ...rows.map(([text, id]) => `"${text}",${id}`)].join('\n');

const files: Readonly<Record<string, string>> = {
  'A/A_2k.log_structured.csv': csv(ROWS),
  'A/A_2k.log_structured_corrected.csv': csv(ROWS.map(([text]) => [text, text])),
};

const folder: SetFolder = {
  name: 'logs',
  list: async (path) => (path === 'A' ? Object.keys(files).map((file) => file.slice(2)) : ['A']),
  text: async (path) => files[path] ?? '',
  has: async (path) => path in files,
};

it('scores a system against both ground truths, in any order of lines', async () => {
  let ms = 0;
  const now = (): number => ms++;
  expect(await loghub.recognise(folder)).toBe(true);
  const score = await loghub.run(folder, { now });
  // By hand: anna and bert stay apart (two words in a column): E2 and E3 are right, 3 of 5 lines.
  expect(score.metrics).toMatchObject({ ga: 0.6, linesPerSecond: 5000 });
  expect(score.metrics['fga']).toBeCloseTo((2 * 2) / (4 + 3));
  expect(score.metrics['gaCorrected']).toBeCloseTo(0.6);
  expect(score.nulls).toEqual({ everyLine: 0.2, oneTemplate: 0 });
  const scrambled = await loghub.run(folder, { now, scramble: 7 });
  expect(scrambled.metrics).toEqual(score.metrics);
  await expect(loghub.run(folder, { now, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
