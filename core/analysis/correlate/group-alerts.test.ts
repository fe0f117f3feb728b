import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import type { AlertPoint } from './alert-parts';
import { groupByTrouble } from './group-alerts';

const params = { groupCost: 3, mostS: 3600, leastRepeats: 5, explained: 0.5 };
const edges = [
  { source: 'web', target: 'cart' },
  { source: 'cart', target: 'db' },
  { source: 'mail', target: 'queue' },
];

const alert = (entity: string, name: string, s: number, lasts = 0): AlertPoint => ({
  fingerprint: `${entity}/${name}`,
  entity,
  fromMs: s * 1000,
  toMs: (s + lasts) * 1000,
});

/** Every entity of the shop fires every name once, one a second. */
function trouble(from: number): AlertPoint[] {
  return ['web', 'cart', 'db'].flatMap((entity, i) =>
    ['Slow', 'Errors', 'Restarts'].map((name, j) => alert(entity, name, from + 3 * i + j)),
  );
}

const sizes = (alerts: readonly AlertPoint[]): readonly number[] =>
  groupByTrouble(alerts, edges, params).map(({ members }) => members.length);

describe('groupByTrouble', () => {
  it('keeps a storm together and ends it with a long pause', () => {
    expect(sizes([...trouble(0), ...trouble(7200)])).toEqual([9, 9]);
  });

  it('tells a trouble from one on its heels by what repeats', () => {
    expect(sizes([...trouble(0), ...trouble(12)])).toEqual([9, 9]);
  });

  it('keeps what flaps together', () => {
    const flapping = Array.from({ length: 40 }, (_, i) =>
      alert('db', i % 2 ? 'Up' : 'Down', 5 * i),
    );
    expect(sizes(flapping)).toEqual([40]);
  });

  it('keeps parts of the topology that nothing connects apart, and what is not in it together', () => {
    const other = [alert('mail', 'Slow', 1), alert('x', 'Slow', 2), alert('y', 'Slow', 3)];
    const mixed = [...trouble(0), ...other].sort((a, b) => a.fromMs - b.fromMs);
    expect([...sizes(mixed)].sort((a, b) => a - b)).toEqual([1, 2, 9]);
  });

  it('lets an alert that lasts bridge a pause, no longer than one', () => {
    const late = alert('cart', 'Slow', 600);
    expect(sizes([alert('db', 'Down', 0), late])).toEqual([2]);
    const lasting = [...trouble(0), alert('db', 'Down', 10, 40_000)];
    expect(sizes([...lasting, alert('db', 'Up', 6000)])).toEqual([11]);
    expect(sizes([...lasting, alert('db', 'Up', 9000)])).toEqual([10, 1]);
  });

  it('says what set a group apart and what it went on after', () => {
    const slow = (from: number): AlertPoint[] =>
      trouble(0).map(({ fingerprint, entity, fromMs }) => {
        const ms = 1000 * from + 30 * fromMs;
        return { fingerprint, entity, fromMs: ms, toMs: ms };
      });
    const heels = [0, 7000, 15_000, 24_000, 24_270].flatMap(slow);
    const found = groupByTrouble(heels, edges, params);
    expect(found.map(({ begins }) => begins)).toEqual([...Array(4).fill('pause'), 'repeats']);
    expect(found[0]).toMatchObject({ placed: true, lullMs: 0, everyMs: 0 });
    const storms = Array.from({ length: 12 }, (_, i) => trouble(40_000 + 1000 * i)).flat();
    const usual = groupByTrouble(storms, edges, params)[0]?.gapMs ?? 0;
    const late = alert('web', 'Late', 8 + (2 * usual) / 1000);
    const groups = groupByTrouble([...trouble(0), late, ...storms], edges, params);
    expect(groups[0]?.members.length).toBe(10);
    expect(groups[0]?.lullMs).toBeCloseTo(2 * usual);
    const strangers = [alert('x', 'Slow', 0), alert('y', 'Slow', 1)];
    expect(groupByTrouble(strangers, edges, params)).toMatchObject([{ placed: false }]);
  });

  it('groups tens of thousands in one pass', () => {
    const many = Array.from({ length: 2000 }, (_, i) => trouble(i * 500)).flat();
    expect(sizes(many)).toEqual(Array.from({ length: 2000 }, () => 9));
    expect(sizes([])).toEqual([]);
  });
});

describe('what fires by a clock', () => {
  const rng = createRng('clock');
  const begins = [3000, 8130, 15_470, 19_010, 26_440];
  const troubles = begins.flatMap((from) => trouble(from));
  const byTime = (alerts: readonly AlertPoint[]): AlertPoint[] =>
    [...alerts].sort((a, b) => a.fromMs - b.fromMs);
  const heartbeat = (from: number, to: number, everyS: number): AlertPoint[] =>
    Array.from({ length: Math.floor((to - from) / everyS) }, (_, i) =>
      alert('db', `Beat${everyS}`, from + everyS * i + rng.next()),
    );

  it('bridges nothing and stands by itself, with what keeps its time', () => {
    const clocks = [...heartbeat(0, 30_000, 60), ...heartbeat(17, 30_000, 63)];
    const groups = groupByTrouble(byTime([...troubles, ...clocks]), edges, params);
    expect(
      groups.filter(({ everyMs }) => everyMs === 0).map(({ members }) => members.length),
    ).toEqual([9, 9, 9, 9, 9]);
    const [clock, ...others] = groups.filter(({ everyMs }) => everyMs > 0);
    expect(others).toEqual([]);
    expect(clock?.members.length).toBe(clocks.length);
    expect(clock?.everyMs).toBeGreaterThan(59_000);
    expect(clock?.everyMs).toBeLessThan(61_000);
  });

  it('is told from what flaps in one trouble, and from troubles that come at regular times', () => {
    const flapping = heartbeat(3000, 3200, 10);
    const groups = groupByTrouble(byTime([...troubles, ...flapping]), edges, params);
    expect(groups.map(({ members }) => members.length)).toEqual([9 + 20, 9, 9, 9, 9]);
    const hourly = Array.from({ length: 12 }, (_, i) => [
      ...trouble(7200 * i),
      alert('web', `Odd${i}`, 7200 * i + 10),
    ]).flat();
    expect(sizes(hourly)).toEqual(Array.from({ length: 12 }, () => 10));
  });

  it('joins the one trouble that it began in', () => {
    const only = groupByTrouble(byTime([...trouble(0), ...heartbeat(5, 400, 10)]), edges, params);
    expect(only.map(({ members }) => members.length)).toEqual([9 + 39]);
  });
});
