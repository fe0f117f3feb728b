import { describe, expect, it } from 'vitest';
import '../../model/queries';
import { frameOf } from '../testing/frames';
import { runOf } from '../testing/incident';
import { betaBinomialTail } from '../stats';
import { linesInOrder } from './order';

const orderOf = (text: string) =>
  runOf(linesInOrder, { 'analysis.log-order': frameOf('analysis.log-order', text) });

describe('order of events', () => {
  it('finds where a line is followed by what never followed it', async () => {
    const [found, ...more] = await orderOf(
      `service a b baseline incident
             service:cart Cart#31 Cart#34 12 0
             service:cart Cart#31 Cart#37 0 10
             service:cart Cart#37 Cart#40 12 10`,
    );
    expect(more).toEqual([]);
    expect(found).toMatchObject({ a: 'Cart#31', lost: 'Cart#34', won: 'Cart#37', fresh: 10 });
    expect(found?.surprise).toBeGreaterThan(5);
  });

  it('is silent where only the shares of known successors moved, or the volume did', async () => {
    const found = await orderOf(
      `service a b baseline incident
             service:seat Seat#1 Seat#2 100 30
             service:seat Seat#1 Seat#9 10 300
             service:web Web#1 Web#2 50 5000`,
    );
    expect(found).toEqual([]);
  });

  it('is hardly surprised by one new successor among many, or after a short baseline', async () => {
    const [rare, young] = await orderOf(
      `service a b baseline incident
             service:a A#1 A#2 50 99
             service:a A#1 A#3 0 1
             service:b B#1 B#2 1 0
             service:b B#1 B#3 0 2`,
    );
    expect(rare?.surprise).toBeLessThan(1);
    expect(young?.surprise).toBeLessThan(1);
  });

  it('works out the tail of the beta-binomial', () => {
    // Beta(1, 1): each of 0…n is as likely as any other.
    expect(betaBinomialTail(3, 4, 1, 1)).toBeCloseTo(2 / 5, 6);
    expect(betaBinomialTail(0, 7, 0.5, 3)).toBeCloseTo(1, 6);
    // One draw: the mean of the Beta.
    expect(betaBinomialTail(1, 1, 0.5, 6.5)).toBeCloseTo(0.5 / 7, 6);
  });
});
