import { afterEach, beforeEach, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { DROPPED_WHY, type DroppedCount } from '../model';
import { coverageRows, droppedOverTime, droppedUnplaced, sampledRows } from '../model/queries';
import { openCaseStore, type CaseStore, type SourceWriter } from '.';

const SECOND = 1_000_000_000n;
const START = 1_790_000_000n * SECOND;

let store: CaseStore;
let writer: SourceWriter;
beforeEach(async () => {
  store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 'x' } });
  const identity = { connector: 'json', name: 'a.json', endpoint: '', query: '{}', window: null };
  writer = await store.beginSource(identity, 1n);
});
afterEach(() => store.close());

const count = (second: number, records = 1, more: Partial<DroppedCount> = {}): DroppedCount => ({
  signal: 'logs',
  why: 'unreadable',
  entityId: 'service:cart',
  window: {
    from: START + BigInt(second) * SECOND,
    to: START + BigInt(second + 1) * SECOND,
  },
  records,
  ...more,
});
const grid = { from: START, step: SECOND * 60n, buckets: 200, limit: 10_000 };

async function total(): Promise<number> {
  const placed = await store.run(droppedOverTime({ ...grid, step: SECOND * 86_400n }));
  const rest = await store.run(droppedUnplaced({ limit: 100 }));
  return [...placed.col.n, ...rest.col.n].reduce((a, b) => a + b, 0);
}

it('stands in the coverage with time and service, apart from what was sampled', async () => {
  writer.left(count(5, 2));
  writer.left(count(130, 3, { entityId: '', why: 'refused' }));
  writer.left(count(0, 7, { window: null, entityId: '' }));
  const window = { from: START, to: START + SECOND * 300n };
  const how = 'dropped by hand, they say';
  writer.coverage({ signal: 'logs', window, rowsTotal: 10, rowsKept: 4, sampled: true, how });
  await writer.finish();
  const { rows, col } = await store.run(droppedOverTime(grid));
  expect(rows).toBe(2);
  expect([...col.entity_id]).toEqual(['service:cart', '']);
  expect([...col.why]).toEqual(['unreadable', 'refused']);
  expect([[...col.first_bucket], [...col.last_bucket], [...col.n]]).toEqual([
    [0, 2],
    [0, 2],
    [2, 3],
  ]);
  const unplaced = await store.run(droppedUnplaced({ limit: 10 }));
  expect([unplaced.col.source[0], unplaced.col.n[0], unplaced.rows]).toEqual(['a.json', 7, 1]);
  expect([...(await store.run(coverageRows({ limit: 10 }))).col.how]).toEqual([how]);
  const sampled = await store.run(sampledRows({ ...window, signal: 'logs' }));
  expect([sampled.col.kept[0], sampled.col.total[0]]).toEqual([4, 10]);
});

it('goes with a commit that fails, and follows a name that is merged into another', async () => {
  writer.left(count(1, 5));
  await writer.suspend();
  writer.left(count(2, 1));
  await writer.finish();
  expect(await total()).toBe(1);
  await store.addMerge('service:cart', 'service:basket', 'a test');
  const { col } = await store.run(droppedOverTime(grid));
  expect([...col.entity_id]).toEqual(['service:basket']);
});

it('is folded where there are too many stretches: bounded, and none is lost', async () => {
  let expected = 0;
  for (let second = 0; second < 9000; second++) {
    writer.left(count(second, 1 + (second % 3), { why: DROPPED_WHY[second % 2] ?? 'ring' }));
    expected += 1 + (second % 3);
  }
  writer.left(count(0, 4, { window: null }));
  await writer.finish();
  expect(await total()).toBe(expected + 4);
  const { data } = await store.sql("SELECT count(*) FROM coverage WHERE how LIKE 'dropped %'", 1);
  expect(Number(data[0]?.[0])).toBeLessThanOrEqual(2 * 241 + 1);
});

it('moves with the clock of its source, and goes with it', async () => {
  writer.left(count(5));
  await writer.finish();
  const shifted = { sourceId: writer.sourceId, shift: SECOND * 120n, lower: 0n, upper: 0n };
  const setting = {
    ...shifted,
    anchors: 1,
    confidence: 'high',
    how: '',
    applied: true,
    setAt: 1n,
  } as const;
  await store.setClocks({ settings: [setting], raw: false });
  expect([...(await store.run(droppedOverTime(grid))).col.first_bucket]).toEqual([2]);
  await store.takeOutSource(writer.sourceId);
  expect((await store.run(droppedOverTime(grid))).rows).toBe(0);
});
