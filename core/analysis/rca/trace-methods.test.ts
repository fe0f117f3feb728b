import { describe, expect, it } from 'vitest';
import { facts as factsOf, type Facts } from '../facts';
import type { LinkTail, MessageShift } from '../shifts';
import { ops, runOf } from '../testing/incident';
import { scored, topOf } from '../testing/methods';
import { explainAway } from './explain-away';
import { slowLinks } from './slow-links';
import { undelivered } from './undelivered';

const factsWith = async (more: Partial<Facts>): Promise<Facts> => ({
  ...(await runOf(factsOf, {})),
  ...more,
});

const link = (
  source: string,
  target: string,
  hosts: readonly [string, string],
  n: number,
  slow: number,
): LinkTail => ({
  source: `service:${source}`,
  target: target.includes(':') ? target : `service:${target}`,
  spoke: !target.includes(':'),
  hosts,
  n,
  slow,
});

describe('long ways', () => {
  const lossy = [
    link('web', 'cart', ['host:2', 'host:1'], 40, 9),
    link('web', 'stock', ['host:2', 'host:1'], 40, 8),
    link('stock', 'pay', ['host:1', 'host:3'], 40, 10),
    link('web', 'pay', ['host:2', 'host:3'], 200, 2),
    link('cart', 'mail', ['host:3', 'host:2'], 200, 2),
  ];

  it('names the host that all of them have in common', async () => {
    const found = scored(slowLinks, await factsWith({ links: lossy }));
    expect(topOf(found)).toBe('host:1');
    expect(found.strength).toBe(1);
  });

  it('takes one bad service for no bad host', async () => {
    const one = lossy.map((l) =>
      l.target === 'service:cart' ? { ...l, slow: 40 } : { ...l, slow: l.n / 100 },
    );
    expect(scored(slowLinks, await factsWith({ links: one })).strength).toBe(0);
  });

  it('names a store that all its callers feel, not one that one caller holds up', async () => {
    const store = (slow: readonly number[]) => [
      ...slow.map((s, i) => link(`s${i}`, 'database:orders', ['', ''], 40, s)),
      link('web', 'cart', ['', ''], 300, 3),
      link('mail', 'pay', ['', ''], 300, 3),
    ];
    const alike = scored(slowLinks, await factsWith({ links: store([9, 11, 8]) }));
    expect(topOf(alike)).toBe('database:orders');
    expect(alike.strength).toBe(1);
    const driven = scored(slowLinks, await factsWith({ links: store([40, 9, 8]) }));
    expect(driven.scores.size).toBe(0);
  });
});

const message = (queue: string, consumer: string, more: Partial<MessageShift>): MessageShift => ({
  producer: 'service:order',
  queue: `queue:${queue}`,
  consumer: `service:${consumer}`,
  sent0: 50,
  sent1: 40,
  taken0: 50,
  taken1: 40,
  surprise: 0,
  lagZ: 0,
  ...more,
});

describe('messages', () => {
  it('blames who takes no more, neither who sends nor who takes', async () => {
    const messages = [
      message('orders', 'mail', {}),
      message('orders', 'ship', { taken1: 0, surprise: 12 }),
    ];
    const found = scored(undelivered, await factsWith({ messages }));
    expect([...found.scores.keys()]).toEqual(['service:ship']);
    expect(found.strength).toBe(1);
  });

  it('blames the queue where all who take from it are late', async () => {
    const messages = [
      message('orders', 'mail', { lagZ: 9 }),
      message('orders', 'ship', { lagZ: 9 }),
    ];
    expect(topOf(scored(undelivered, await factsWith({ messages })))).toBe('queue:orders');
  });
});

describe('handing on', () => {
  it('hands what is slow for waiting down to whom it waits for, and keeps the rest', async () => {
    const facts = await runOf(factsOf, {
      'analysis.operation-shift': ops(`
        0 web  GET  2 -                  0 100 0 0 5
        1 web  GET  2 -                  0 100 0 0 5
        0 web  cart 3 service:cart       1 100 0 0 20
        1 web  cart 3 service:cart       1 100 0 0 520
        0 cart rate 3 external:rates     0 100 0 0 10
        1 cart rate 3 external:rates     0 100 0 0 510`),
    });
    const speaks = (id: string, score: number) => ({
      scores: new Map([[id, score]]),
      strength: 1,
      weight: 1,
    });
    const results = new Map([
      ['rca.metric-flow', speaks('service:web', 1)],
      ['rca.error-origin', speaks('service:cart', 1)],
    ]);
    const totals = new Map([
      ['service:web', 1],
      ['service:cart', 1],
    ]);
    explainAway(facts, results, totals);
    expect(totals.get('service:web')).toBeCloseTo(0.2);
    expect(totals.get('service:cart')).toBeCloseTo(1.16);
    expect(totals.get('external:rates')).toBeCloseTo(0.64);
  });
});
