import { describe, expect, it } from 'vitest';
import { facts as factsOf } from '../facts';
import { selfTime } from '../rca/self-time';
import { frameOf } from '../testing/frames';
import { ops, runOf } from '../testing/incident';
import { scored, topOf } from '../testing/methods';
import { messages } from './messages';
import { operations } from './spans';

/** Five services, their one operation so many times slower. */
const drifting = (factors: readonly number[]) =>
  ops(
    factors
      .flatMap((factor, i) => [
        `0 s${i} GET 2 - 0 5000 0 0 10`,
        `1 s${i} GET 2 - 0 5000 0 0 ${10 * factor}`,
      ])
      .join('\n'),
  );

describe('comparing spans', () => {
  it('takes a shift that all services share for drift, however many spans there are', async () => {
    const z = (factors: readonly number[]) =>
      runOf(operations, { 'analysis.operation-shift': drifting(factors) }).then((found) =>
        found.map((op) => op.z),
      );
    const all = await z([1.5, 0.7, 1.4, 0.6, 1.6, 1.5]);
    expect(Math.max(...all)).toBeLessThan(2);
    const one = await z([1.5, 0.7, 1.4, 0.6, 1.6, 40]);
    expect(one.at(-1)).toBeGreaterThan(5);
    const calm = await z([1, 1, 1, 1, 1, 1.5]);
    expect(calm.at(-1)).toBeGreaterThan(50);
  });

  it("counts a call's time outside of its callee's span once, by its edge", async () => {
    const spans = ops(`
      0 web GET  2 -            0 100 0 0 10
      1 web GET  2 -            0 100 0 0 10
      0 web cart 3 service:cart 1 100 0 0 1
      1 web cart 3 service:cart 1 100 0 0 100`);
    const edge = frameOf(
      'analysis.edge-shift',
      `win source target n errors p50_ms p99_ms gap_ms gap_log gap_log_sq log_n
       0 service:web service:cart 100 0 10 20   1 0   0.01 100
       1 service:web service:cart 100 0 10 20 100 4.6 21.17 100
       0 service:web service:pay  100 0 10 20   1 0   0.01 100
       1 service:web service:pay  100 0 10 20   1 0   0.01 100`,
    );
    const frames = { 'analysis.operation-shift': spans, 'analysis.edge-shift': edge };
    const found = scored(selfTime, await runOf(factsOf, frames));
    // One of web's two ways is slow, all of cart's: it is at cart's end. Counted twice it would be web's.
    expect(topOf(found)).toBe('service:cart');
    expect(found.scores.get('service:web')).toBeCloseTo(0.6);
  });

  it('says how surely messages that were always taken are left', async () => {
    const found = await runOf(messages, {
      'analysis.message-shift': frameOf(
        'analysis.message-shift',
        `win producer queue name consumer n lag_ms lag_log lag_log_sq
         0 service:order queue:orders send -            40   -   -   -
         1 service:order queue:orders send -            30   -   -   -
         0 service:order queue:orders send service:mail 40 400  92 212
         1 service:order queue:orders send service:mail 30 300  69 159
         0 service:order queue:orders send service:ship 40 400  92 212
         1 service:order queue:orders send service:ship  6  60  14  33`,
      ),
    });
    const by = new Map(found.map((shift) => [shift.consumer, shift]));
    expect(by.get('service:mail')?.surprise).toBe(0);
    expect(by.get('service:mail')?.lagZ).toBeCloseTo(0);
    expect(by.get('service:ship')?.surprise).toBeGreaterThan(6);
    expect(by.get('service:ship')?.taken1).toBe(6);
  });
});
