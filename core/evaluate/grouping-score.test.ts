import { expect, it } from 'vitest';
import { adjustedRandIndex } from './grouping-score';

it('is one for equal partitions under any names, and what is worked by hand for others', () => {
  expect(adjustedRandIndex([0, 0, 1, 1], ['b', 'b', 'a', 'a'])).toBe(1);
  // The example of scikit-learn's documentation: 0.24…
  expect(adjustedRandIndex([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2])).toBeCloseTo(0.2424, 4);
  expect(adjustedRandIndex([0, 0, 1, 1], [0, 0, 1, 2])).toBeCloseTo(0.5714, 4);
  // Pairs put together nowhere else: below chance.
  expect(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 9);
  expect(adjustedRandIndex([0, 1, 2], [0, 1, 2])).toBe(1);
  expect(() => adjustedRandIndex([1], [])).toThrow(/same items/);
});
