import { describe, expect, it } from 'vitest';
import type { HitRate } from '../../../../core/model';
import { hitRateText, kindRows, noFigureText } from './methods';

const rate = (kind: string, simulated: boolean, hits: number, of: number): HitRate => {
  return { method: 'rca.x', kind, simulated, hits, of, low: 0, high: 1 };
};
const RATES = [
  rate('', true, 48, 60),
  rate('', false, 2, 3),
  rate('delay', true, 8, 20),
  rate('delay', false, 2, 3),
  rate('leak', true, 40, 40),
];

describe('hit rates of a method', () => {
  it('say simulated and recorded incidents apart', () => {
    expect(hitRateText(RATES, 'rca.x')).toBe(
      'right first in 48 of 60 labelled incidents (simulated), 2 of 3 (recorded)',
    );
    const recorded = RATES.filter(({ simulated }) => !simulated);
    expect(hitRateText(recorded, 'rca.x')).toBe(
      'right first in 2 of 3 labelled incidents (recorded)',
    );
  });

  it('are no figure where the method named nothing', () => {
    expect(hitRateText(RATES, 'rca.y')).toBe('');
    expect(kindRows(RATES, 'rca.y')).toEqual([]);
    expect(noFigureText(RATES)).not.toBe(noFigureText([]));
  });

  it('stand by fault kind, the most frequent first, all last', () => {
    const rows = kindRows(RATES, 'rca.x');
    expect(rows.map(({ kind }) => kind)).toEqual(['leak', 'delay', '']);
    expect(rows[0]?.cells).toEqual([RATES[4], undefined]);
    expect(rows[2]?.cells).toEqual([RATES[0], RATES[1]]);
  });
});
