import { describe, expect, it } from 'vitest';
import type { DroppedCells } from './dropped';
import { droppedOf } from './gaps';
import { coverageOf, sampledBuckets, type MapRow } from './map';

type Cell = readonly [entity: string, signal: string, bucket: number, n: number, late?: number];

function mapOf(cells: readonly Cell[], buckets = 20, sampled = new Map<string, Set<number>>()) {
  const col = {
    entity_id: cells.map(([entity]) => entity),
    signal: cells.map(([, signal]) => signal),
    bucket: cells.map(([, , bucket]) => bucket),
    n: cells.map(([, , , n]) => n),
    late: cells.map(([, , , , late = 0]) => late),
  };
  return coverageOf({ rows: cells.length, col }, buckets, sampled);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);
const steady = (entity: string, at: readonly number[], n = 10): Cell[] =>
  at.map((bucket) => [entity, 'logs', bucket, n]);
const missing = (row: MapRow | undefined): number[][] =>
  (row?.lanes ?? [])
    .flatMap(({ runs }) => runs)
    .filter(({ state }) => state === 'missing')
    .map(({ from, to }) => [from, to]);

describe('coverageOf', () => {
  it('misses what others have and the entity had always, also before and after it', () => {
    const { all, entities } = mapOf(
      [...steady('a', range(0, 60)), ...steady('b', [...range(3, 28), ...range(30, 58)])],
      60,
    );
    expect(missing(all)).toEqual([]);
    expect(missing(entities[0])).toEqual([]);
    expect(missing(entities[1])).toEqual([
      [0, 3],
      [28, 30],
      [58, 60],
    ]);
    expect(entities[1]).toMatchObject({ gaps: 3, rows: 530 });
  });

  it('expects nothing where nobody has anything, but sees the hole in the whole', () => {
    const there = [...range(0, 20), ...range(24, 40)];
    const { all, entities } = mapOf([...steady('a', there), ...steady('b', there)], 40);
    expect(missing(all)).toEqual([[20, 24]]);
    expect(entities.map(missing)).toEqual([[], []]);
  });

  it('takes usual pauses for usual, and a pause far beyond them for missing', () => {
    const every4 = range(0, 40).filter((bucket) => bucket % 4 === 0);
    const broken = every4.filter((bucket) => bucket < 12 || bucket > 28);
    const all = steady('a', range(0, 40));
    expect(missing(mapOf([...all, ...steady('b', every4, 100)], 40).entities[1])).toEqual([]);
    expect(missing(mapOf([...all, ...steady('b', broken, 100)], 40).entities[1])).toEqual([
      [9, 32],
    ]);
  });

  it('does not miss what comes in clumps', () => {
    const all = steady('a', range(0, 60));
    const clumps = range(0, 60).map((bucket) => [4, 40, 8, 90, 0][(bucket * 7) % 5] ?? 0);
    const cells = clumps.flatMap((n, bucket): Cell[] => (n > 0 ? [['b', 'logs', bucket, n]] : []));
    expect(missing(mapOf([...all, ...cells], 60).entities[1])).toEqual([]);
  });

  it('does not miss what comes rarely, nor alerts and changes', () => {
    const all = steady('a', range(0, 20));
    expect(missing(mapOf([...all, ...steady('b', [3, 15], 1)]).entities[1])).toEqual([]);
    const alerts: Cell[] = range(0, 20).map((bucket) => ['a', 'alerts', bucket, 50]);
    expect(missing(mapOf([...alerts, ['b', 'alerts', 3, 900]]).entities[1])).toEqual([]);
  });

  it('tells stretches that were sampled or came late, with their rows', () => {
    const sampled = sampledBuckets([{ signal: 'logs', from: 105n, to: 120n }], {
      from: 100n,
      step: 10n,
      buckets: 4,
    });
    const { entities } = mapOf(
      [
        ['a', 'logs', 0, 10],
        ['a', 'logs', 1, 10],
        ['a', 'logs', 2, 10, 5],
        ['a', 'logs', 3, 10, 1],
      ],
      4,
      new Map([...sampled].map(([signal, own]) => [signal, new Set(own)])),
    );
    expect(entities[0]?.lanes[0]?.runs).toEqual([
      { from: 0, to: 2, state: 'sampled', rows: 20 },
      { from: 2, to: 3, state: 'late', rows: 10 },
      { from: 3, to: 4, state: 'present', rows: 10 },
    ]);
  });
});

describe('dropped records', () => {
  const lost = (
    rows: readonly (readonly [string, string, string, number, number, number])[],
  ): DroppedCells => ({
    rows: rows.length,
    col: {
      entity_id: rows.map(([entity]) => entity),
      signal: rows.map(([, signal]) => signal),
      why: rows.map(([, , why]) => why),
      first_bucket: rows.map(([, , , first]) => first),
      last_bucket: rows.map(([, , , , last]) => last),
      n: rows.map(([, , , , , n]) => n),
    },
  });
  const of = (cells: readonly Cell[], dropped: DroppedCells) => {
    const col = {
      entity_id: cells.map(([entity]) => entity),
      signal: cells.map(([, signal]) => signal),
      bucket: cells.map(([, , bucket]) => bucket),
      n: cells.map(([, , , n]) => n),
      late: cells.map(() => 0),
    };
    return coverageOf({ rows: cells.length, col }, 20, new Map(), dropped);
  };

  it('stand beside what is there, by whom they are about and in everything together', () => {
    const { all, entities } = of(
      steady('service:a', range(0, 20)),
      lost([
        ['service:a', 'logs', 'unreadable', 3, 3, 2],
        ['service:a', 'logs', 'ring', 4, 4, 5],
        ['service:a', 'logs', 'unreadable', 9, 9, 1],
        ['service:b', 'spans', 'refused', 5, 7, 4],
      ]),
    );
    expect(all).toMatchObject({ dropped: 12, rows: 200 });
    expect(all.lanes.map(({ signal }) => signal)).toEqual(['spans', 'logs']);
    const [a, b] = entities;
    expect(a?.lanes.find(({ signal }) => signal === 'logs')?.dropped).toEqual([
      { from: 3, to: 5, records: 7, why: ['unreadable', 'ring'] },
      { from: 9, to: 10, records: 1, why: ['unreadable'] },
    ]);
    expect(a?.lanes.flatMap(({ runs }) => runs)).toHaveLength(1);
    expect(b).toMatchObject({ entityId: 'service:b', rows: 0, dropped: 4, gaps: 0 });
    const told = droppedOf(entities).map(({ entityId, rows }) => [entityId, rows]);
    expect(told).toEqual([
      ['service:a', 7],
      ['service:b', 4],
      ['service:a', 1],
    ]);
  });

  it('that are about no entity are a row of their own, and count once in everything', () => {
    const { all, entities } = of(
      steady('service:a', range(0, 20)),
      lost([['', 'logs', 'unreadable', 0, 19, 40]]),
    );
    expect(all.dropped).toBe(40);
    expect(entities.map(({ entityId, dropped }) => [entityId, dropped])).toEqual([
      ['service:a', 0],
      ['', 40],
    ]);
  });
});
