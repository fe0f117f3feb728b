import { expect, it } from 'vitest';
import { amountText } from './job-text';

const thin = (text: string): string => text.replaceAll('_', '\u202f');

it('says how far a job is, in what it counts', () => {
  const pull = { done: 12, total: 40, unit: 'queries', rows: 18_340 };
  expect(amountText(pull)).toBe(thin('12 of 40 queries · 18_340 rows'));
  expect(amountText({ ...pull, total: 1, done: 0, rows: 0 })).toBe('0 of 1 query');
  expect(amountText({ done: 1200, total: null, unit: 'spans' })).toBe(thin('1_200 spans'));
  expect(amountText({ done: 1, total: null, unit: 'rows', rows: 1 })).toBe('1 row');
  expect(amountText({ done: 34e6, total: 210e6, unit: 'bytes' })).toBe('34 MB of 210 MB');
  expect(amountText({ done: 45, total: 100, unit: '%' })).toBe('45 %');
  expect(amountText({ done: 0, total: null, unit: '' })).toBe('');
  expect(amountText({ done: 2, total: 3, unit: '' })).toBe('2 of 3 steps');
});
