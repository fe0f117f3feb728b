import { describe, expect, it } from 'vitest';
import { groupByTrouble, type AlertPoint } from './group-alerts';

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
  groupByTrouble(alerts, edges, params).map(({ length }) => length);

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

  it('groups tens of thousands in one pass', () => {
    const many = Array.from({ length: 2000 }, (_, i) => trouble(i * 500)).flat();
    expect(sizes(many)).toEqual(Array.from({ length: 2000 }, () => 9));
    expect(sizes([])).toEqual([]);
  });
});
