import { describe, expect, it } from 'vitest';
import { sparkPath } from './sparkline';

describe('a sparkline', () => {
  it('joins neighbours and leaves gaps as gaps', () => {
    const points = [
      { bucket: 0, value: 0 },
      { bucket: 1, value: 10 },
      { bucket: 5, value: 5 },
    ];
    expect(sparkPath(points, 10, 100, 50, 10)).toBe('M5.0 50.0L15.0 0.0M55.0 25.0');
  });

  it('draws nothing for what is no number', () => {
    expect(sparkPath([{ bucket: 0, value: Number.NaN }], 10, 100, 50, 10)).toBe('');
  });
});
