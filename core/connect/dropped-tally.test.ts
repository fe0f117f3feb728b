import { expect, it } from 'vitest';
import { createRng } from '../base';
import { SIGNALS } from '../model';
import { DroppedTally, type DroppedAt } from './dropped-tally';

const START = 1_790_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

const sum = (tally: ReturnType<DroppedTally['take']>): number =>
  tally.reduce((all, { records }) => all + records, 0);

it('counts by signal, service and second; without a time apart', () => {
  const tally = new DroppedTally();
  tally.add({ signal: 'logs', at: START, service: 'cart' });
  tally.add({ signal: 'logs', at: START + SECOND / 2n, service: 'cart', records: 2 });
  tally.add({ signal: 'logs', at: START + SECOND, service: 'cart' });
  tally.add({ signal: 'logs', service: 'cart' });
  tally.add({ signal: 'logs', at: 5n });
  const of = { signal: 'logs', why: 'unreadable' };
  expect(tally.take()).toEqual([
    { ...of, entityId: 'service:cart', window: { from: START, to: START + SECOND }, records: 3 },
    {
      ...of,
      entityId: 'service:cart',
      window: { from: START + SECOND, to: START + 2n * SECOND },
      records: 1,
    },
    { ...of, entityId: 'service:cart', window: null, records: 1 },
    { ...of, entityId: '', window: null, records: 1 },
  ]);
  expect(tally.take()).toEqual([]);
});

it('stays bounded, loses none, and every record lies in its stretch', () => {
  for (const services of [1, 30, 50_000]) {
    const random = createRng(`dropped ${services}`);
    const tally = new DroppedTally();
    const added: DroppedAt[] = Array.from({ length: 20_000 }, () => ({
      signal: SIGNALS[Math.floor(random.next() * 2)] ?? 'logs',
      service: `s${Math.floor(random.next() * services)}`,
      ...(random.next() < 0.1
        ? {}
        : { at: START + BigInt(Math.floor(random.next() * 1e6)) * SECOND }),
    }));
    for (const record of added) tally.add(record);
    const counts = tally.take();
    expect(counts.length).toBeLessThanOrEqual(2000);
    expect(sum(counts)).toBe(added.length);
    const placed = counts.filter(({ window }) => window);
    expect(sum(placed)).toBe(added.filter(({ at }) => at !== undefined).length);
    for (const { at, signal } of added.slice(0, 500)) {
      if (at === undefined) continue;
      const holds = placed.some(
        (count) =>
          count.signal === signal &&
          count.window &&
          at >= count.window.from &&
          at < count.window.to,
      );
      expect(holds).toBe(true);
    }
  }
});
