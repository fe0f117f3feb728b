import { describe, expect, it } from 'vitest';
import type { Frame } from '../../model';
import type { OrderShift } from '../shifts';
import { frameOf } from '../testing/frames';
import { runOf } from '../testing/incident';
import { traceSurprise, trouble } from './trouble';

const order = (traces: OrderShift['traces']): OrderShift => ({
  service: 'service:a',
  a: 'A#1',
  lost: 'A#2',
  won: 'A#3',
  n0: 100,
  n1: 100,
  fresh: 60,
  surprise: 12,
  traces,
});

describe('surprise of a new order, in traces', () => {
  it('is large where many traces of the incident have it and none of the baseline', () => {
    expect(traceSurprise(order({ n0: 20, n1: 20, fresh: 15, singles: 0 }))).toBeGreaterThan(6);
  });

  it('is small where one or two traces say it many times over', () => {
    expect(traceSurprise(order({ n0: 20, n1: 20, fresh: 1, singles: 0 }))).toBe(0);
    expect(traceSurprise(order({ n0: 4, n1: 4, fresh: 2, singles: 0 }))).toBeLessThan(2);
  });

  it('is smaller where the baseline has steps that only one of its traces takes', () => {
    const all = { n0: 10, n1: 10, fresh: 6 };
    expect(traceSurprise(order({ ...all, singles: 4 }))).toBeLessThan(
      0.5 * traceSurprise(order({ ...all, singles: 0 })),
    );
  });
});

describe('signs', () => {
  it('count messages that were always taken and are left, not those of one quiet minute', async () => {
    const counted = (now: number, taken: number) =>
      frameOf(
        'analysis.message-shift',
        `win producer queue name consumer n lag_ms lag_log lag_log_sq
         0 service:cart queue:q send -             40   - - -
         1 service:cart queue:q send -             ${now} - - -
         0 service:cart queue:q send service:stock 40 400 92 212
         1 service:cart queue:q send service:stock ${taken} 10 2 4`,
      );
    const signsOf = async (frame: Frame) => {
      const { signs } = await runOf(trouble, { 'analysis.message-shift': frame });
      return signs.map(({ kind, entityId }) => [kind, entityId]);
    };
    expect(await signsOf(counted(20, 1))).toEqual([['messages', 'service:stock']]);
    expect(await signsOf(counted(20, 19))).toEqual([]);
  });
});
