import { describe, expect, it } from 'vitest';
import { facts as factsOf } from '../facts';
import { ops, runOf } from '../testing/incident';
import { shareOfSilent, waitingOf } from './waiting';

const factsFrom = (text: string) => runOf(factsOf, { 'analysis.operation-shift': ops(text) });

describe('waiting', () => {
  it('parts added time between an entity and whom it waits for; a message is waited for by nobody', async () => {
    const facts = await factsFrom(`
      0 cart ADD    2 -              0 100 0 0 10
      1 cart ADD    2 -              0 100 0 0 10
      0 cart stock  3 service:stock  1 100 0 0 10
      1 cart stock  3 service:stock  1 100 0 0 90
      0 cart orders 4 queue:orders   0 100 0 0 1
      1 cart orders 4 queue:orders   0 100 0 0 900`);
    const cart = waitingOf(facts).get('service:cart');
    expect(cart?.slowed).toBe(1);
    expect(cart?.shares.get('service:stock')).toBe(1);
    expect(cart?.shares.has('queue:orders')).toBe(false);
  });

  it('keeps what an entity takes itself', async () => {
    const facts = await factsFrom(`
      0 cart ADD   2 -             0 100 0 0 10
      1 cart ADD   2 -             0 100 0 0 90
      0 cart stock 3 service:stock 1 100 0 0 10
      1 cart stock 3 service:stock 1 100 0 0 10`);
    expect(waitingOf(facts).get('service:cart')?.shares.get('service:stock')).toBe(0);
  });

  it("counts an outside party's time as its own, a store's as far as all its callers feel it", async () => {
    const facts = await factsFrom(`
      0 pay  POST   3 external:payco    0   3 0 0 40
      1 pay  POST   3 external:payco    0   3 0 0 500
      0 cart SELECT 3 database:cart-db  0 100 0 0 5
      1 cart SELECT 3 database:cart-db  0 100 0 0 50
      0 web  SELECT 3 database:cart-db  0 100 0 0 5
      1 web  SELECT 3 database:cart-db  0 100 0 0 50
      0 cart SELECT 3 database:own-db   0 100 0 0 5
      1 cart SELECT 3 database:own-db   0 100 0 0 500
      0 web  SELECT 3 database:own-db   0 100 0 0 5
      1 web  SELECT 3 database:own-db   0 100 0 0 6`);
    const share = shareOfSilent(facts);
    expect(share.get('external:payco')).toBe(1);
    expect(share.get('database:cart-db')).toBe(1);
    expect(share.get('database:own-db')).toBeLessThan(0.1);
    expect(waitingOf(facts).get('service:pay')?.shares.get('external:payco')).toBeCloseTo(1);
  });

  it('a full store: one statement takes the time, the others wait behind it, many times as long as before', async () => {
    const facts = await factsFrom(`
      0 order SELECT 3 database:db 0 300 0 0 5
      1 order SELECT 3 database:db 0 300 0 0 1380
      0 order INSERT 3 database:db 0 200 0 0 6
      1 order INSERT 3 database:db 0 200 0 0 440
      0 pay   INSERT 3 database:db 0 200 0 0 5
      1 pay   INSERT 3 database:db 0 200 0 0 430
      0 user  SELECT 3 database:db 0 100 0 0 4
      1 user  SELECT 3 database:db 0 100 0 0 450
      0 a SELECT 3 database:slow 0 100 0 0 2
      1 a SELECT 3 database:slow 0 100 0 0 20
      0 b SELECT 3 database:slow 0 100 0 0 200
      1 b SELECT 3 database:slow 0 100 0 0 2000`);
    const share = shareOfSilent(facts);
    expect(share.get('database:db')).toBeLessThan(0.1);
    expect(share.get('database:slow')).toBeGreaterThan(0.9);
  });
});
