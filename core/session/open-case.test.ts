import { describe, expect, it } from 'vitest';
import { shapeOf } from './open-case';

const row = (heat: readonly number[]) => ({
  entityId: 'service:a',
  from: 0n,
  step: 1n,
  heat: Float32Array.from(heat),
});

describe('the shape of a case', () => {
  it('rises where many are abnormal, not where one is', () => {
    const noisy = row([1, 1, 1, 1]);
    const quiet = [0, 0, 1, 1];
    expect(shapeOf({ heat: [noisy, row(quiet), row(quiet), row(quiet)] })).toEqual([
      0.25, 0.25, 1, 1,
    ]);
  });

  it('stays low for a quiet case, and is empty for none', () => {
    expect(shapeOf({ heat: [row([0.05, 0])] })).toEqual([0.2, 0]);
    expect(shapeOf({ heat: [] })).toEqual([]);
    expect(shapeOf(undefined)).toEqual([]);
  });

  it('has forty steps at most', () => {
    const long = Array.from({ length: 400 }, (_, at) => (at < 200 ? 0 : 1));
    const shape = shapeOf({ heat: [row(long)] });
    expect(shape).toHaveLength(40);
    expect([shape[19], shape[20]]).toEqual([0, 1]);
  });
});
