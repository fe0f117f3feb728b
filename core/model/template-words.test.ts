import { expect, it } from 'vitest';
import { fixedWords, longestWords, searchFor } from './template-words';

it('finds lines of a template again by the words that stay', () => {
  expect(fixedWords('took <*>ms  of <*>,<*> <*>')).toEqual(['took', 'ms', 'of', ',']);
  expect(longestWords('waited <*> ms for lock on lock <*>')).toEqual(['waited', 'lock', 'for']);
  expect(longestWords('one three five seven eleven thirteen')).toHaveLength(4);
  expect(longestWords('<*> is <*>')).toEqual([]);
});

it('searches for them in quotes, never for a quote', () => {
  expect(searchFor('retrying call to <*>, attempt <*> err="late one" <*>')).toBe(
    '"retrying" "attempt" "call" "err="',
  );
  expect(searchFor('<*> <*>')).toBe('');
});
