import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { metrics } from '../detect/metrics';
import { facts as factsOf } from '../facts';
import { frameOf } from '../testing/frames';
import { ops, runOf } from '../testing/incident';
import { scored, topOf } from '../testing/methods';
import type { OperationShift } from '../shifts';
import { errorOrigin } from './error-origin';
import { selfTime } from './self-time';
import { undelivered } from './undelivered';
import { waitingOf } from './waiting';

const factsFrom = (text: string) => runOf(factsOf, { 'analysis.operation-shift': ops(text) });

/** The operation with some of its figures in both windows replaced. */
const replaced = (
  op: OperationShift,
  base: Partial<OperationShift['base']>,
  incident: Partial<OperationShift['incident']>,
): OperationShift => ({
  ...op,
  base: { ...op.base, ...base },
  incident: { ...op.incident, ...incident },
});

describe('traps', () => {
  it('an intentional wait is no latency: a pop from a queue, a request held open', async () => {
    const facts = await factsFrom(`
      0 worker BLPOP  3 cache:jobs 0 100 0 0 500
      1 worker BLPOP  3 cache:jobs 0  20 0 0 2500
      0 web    events 2 -          0 100 0 0 5000
      1 web    events 2 -          0  60 0 0 25000
      0 stock  GET    2 -          0 100 0 0 5
      1 stock  GET    2 -          0 100 0 0 9`);
    const operations = facts.operations.map((op) => {
      if (op.name === 'BLPOP') return replaced(op, { waits: 100 }, { waits: 20 });
      if (op.name !== 'events') return op;
      return replaced(op, { roots: 100, p99Ms: 30_000 }, { roots: 60, p99Ms: 30_000 });
    });
    const found = scored(selfTime, { ...facts, operations });
    expect([...found.scores.keys()]).toEqual(['service:stock']);
    expect(waitingOf({ ...facts, operations }).has('service:worker')).toBe(false);
    // The same figures where a request exceeds what it ever took: that is latency.
    const slower = operations.map((op) =>
      op.name === 'events' ? replaced(op, {}, { p99Ms: 40_000 }) : op,
    );
    expect(topOf(scored(selfTime, { ...facts, operations: slower }))).toBe('service:web');
  });

  it('who waits for a message is not late, who leaves it is', async () => {
    const facts = await factsFrom('0 order send 4 queue:orders 0 50 0 0 1');
    const shift = {
      producer: 'service:order',
      queue: 'queue:orders',
      consumer: 'service:mail',
      sent0: 50,
      sent1: 5,
      taken0: 50,
      taken1: 5,
      surprise: 0,
      lagZ: -4,
    };
    expect(scored(undelivered, { ...facts, messages: [shift] }).scores.size).toBe(0);
  });

  it('sampling changes counts, not shares: ten times the errors of ten times the spans are no more', async () => {
    const facts = await factsFrom(`
      0 web   GET 2 - 0  1000  20  20 8
      1 web   GET 2 - 0 10000 200 200 8
      0 stock GET 2 - 0  1000   0   0 8
      1 stock GET 2 - 0 10000  60  60 8`);
    expect([...scored(errorOrigin, facts).scores.keys()]).toEqual(['service:stock']);
  });

  it('a gateway that fails all day is no news', async () => {
    const facts = await factsFrom(`
      0 gateway GET 2 - 0 1000 150 150 8
      1 gateway GET 2 - 0 1000 160 160 8
      0 pay     GET 2 - 0 1000   0   0 8
      1 pay     GET 2 - 0 1000  12  12 8`);
    const found = scored(errorOrigin, facts);
    expect([...found.scores.keys()]).toEqual(['service:pay']);
  });

  it('a series that is missing in the incident is not one that fell to zero', async () => {
    const level = (n1: string) =>
      runOf(metrics, {
        'analysis.metric-shift': frameOf(
          'analysis.metric-shift',
          `series_id metric unit kind entity_id source destination n0 med0 mad0 lo0 hi0 n1 med1 mean1 min_before max_before
           1 requests ratio gauge service:stock - - 40 50 1 48 52 ${n1} 49 51`,
        ),
      });
    expect(await level('0 - -')).toEqual([]);
    expect((await level('20 0 0'))[0]?.z).toBeLessThan(-5);
  });

  it('time of day: what all services do at once is no cause, what one does beyond them is', async () => {
    const random = createRng('evening');
    const evening = (slow: string) =>
      ['web', 'cart', 'stock', 'pay', 'mail', 'ship']
        .flatMap((name) => {
          const busier = name === slow ? 12 : 1.3 + 0.2 * random.next();
          return [
            `0 ${name} GET 2 - 0 9000 0 0 10`,
            `1 ${name} GET 2 - 0 20000 0 0 ${10 * busier}`,
          ];
        })
        .join('\n');
    const quiet = scored(selfTime, await factsFrom(evening('')));
    expect(quiet.scores.size).toBe(0);
    const found = scored(selfTime, await factsFrom(evening('stock')));
    expect([...found.scores.keys()]).toEqual(['service:stock']);
  });
});
