import { expect, it } from 'vitest';
import { parseCsv } from './csv';
import { templateScore } from './template-score';

it('counts lines and templates that were found whole', () => {
  // By hand: x is split, y and z are put together, w is right: 2 of 8 lines; 1 right of 4 found, 4 true.
  const truth = ['x', 'x', 'x', 'y', 'z', 'z', 'w', 'w'];
  const found = ['1', '1', '2', '3', '3', '3', '4', '4'];
  expect(templateScore(found, truth)).toEqual({ ga: 0.25, fga: 0.25 });
  expect(templateScore(truth, truth)).toEqual({ ga: 1, fga: 1 });
  expect(templateScore(['a', 'a'], ['1', '2'])).toEqual({ ga: 0, fga: 0 });
  expect(() => templateScore(['a'], [])).toThrow(/As many/);
});

it('reads quoted fields of CSV', () => {
  expect(parseCsv('a,b\r\n1,"x, ""y""\nz"\n,\n')).toEqual([
    { a: '1', b: 'x, "y"\nz' },
    { a: '', b: '' },
  ]);
});
