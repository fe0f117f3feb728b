import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { analyze } from '../analysis';
import {
  findQuery,
  renderSql,
  type AnalysisRequest,
  type Batch,
  type Frame,
  type QueryCall,
} from '../model';
import { byMinute, simulate } from '../simulate';
import { openCaseStore, type CaseStore, type Engine, type SourceWriter } from '../store';

const simulation = simulate({ scenario: 'slow-query', seed: 3, size: 'small', durationS: 600 });
const pieces = [...byMinute(simulation.batches(2000), 2)];

let engine: Engine;
/** Has analysed the case all along. */
let store: CaseStore;
beforeEach(async () => {
  stamps = new Set();
  engine = await openNativeEngine({});
  store = await openCaseStore(engine, { now: 1n, create: { name: 'live' } });
});
afterEach(() => store.close());

const begin = (name: string): Promise<SourceWriter> =>
  store.beginSource({ connector: 'test', name, endpoint: '', query: '', window: null }, 1n);

async function show(writer: SourceWriter, batches: readonly Batch[]): Promise<void> {
  for (const batch of batches) writer.add(batch);
  await writer.commit('');
  await writer.show();
}

const EQUAL = 1e-9;

const same = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) ||
  (typeof a === 'number' && typeof b === 'number'
    ? Math.abs(a - b) <= EQUAL * Math.abs(a)
    : typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));

function expectEqual(call: QueryCall, kept: Frame, anew: Frame): void {
  if (kept.rows !== anew.rows) expect([call, kept.rows]).toEqual([call, anew.rows]);
  for (const [name, column] of Object.entries(anew.col)) {
    for (let i = 0; i < anew.rows; i++) {
      const [now, then] = [column[i], kept.col[name]?.[i]];
      if (!same(now, then)) expect([call, name, i, then]).toEqual([call, name, i, now]);
    }
  }
}

/** Analyses; each answer is held against the one that the rows give now. Says how many were kept. */
async function analysed(request: AnalysisRequest = {}): Promise<{ kept: number; asked: number }> {
  let [kept, asked] = [0, 0];
  await analyze(
    async (call) => {
      const frame = await store.run(call);
      expectEqual(call, frame, await engine.query(renderSql(call), findQuery(call.query).columns));
      asked++;
      if (frame.stamp !== undefined) {
        if (stamps.has(frame.stamp)) kept++;
        stamps.add(frame.stamp);
      }
      return frame;
    },
    { request, entities: await store.entities() },
  );
  return { kept, asked };
}
/** Of all answers so far. */
let stamps: Set<number>;

const { from } = simulation.hints.window;
const minute = (n: number): bigint => from + BigInt(n) * 60_000_000_000n;
/** An incident that is over. */
const past = {
  incident: { from: minute(3), to: minute(4) },
  baselines: [{ from: minute(0), to: minute(3) }],
};
/** One that goes on. */
const ongoing = { ...past, incident: { from: minute(3), to: minute(60) } };

describe('a case that grows', () => {
  it('has what a case analysed from scratch has, and asks little anew of an incident that is over', async () => {
    const writer = await begin('a');
    for (const [i, piece] of pieces.entries()) {
      await show(writer, piece);
      const { kept, asked } = await analysed(past);
      if (i > 2) expect(kept / asked).toBeGreaterThan(0.5);
      if (i === 3) await analysed(ongoing);
    }
    await analysed();
    await analysed(past);
    await writer.finish();
    const finished = await analysed(past);
    expect(finished.kept / finished.asked).toBeGreaterThan(0.5);
  }, 240_000);

  it('takes in what comes late', async () => {
    const writer = await begin('a');
    const [late = [], ...others] = [pieces[1], pieces[0], ...pieces.slice(2)];
    for (const piece of others) await show(writer, piece ?? []);
    await analysed(past);
    await show(writer, late);
    const { kept, asked } = await analysed(past);
    expect(asked).toBeGreaterThan(kept);
  }, 240_000);

  it('has other answers after a merge, and without a source', async () => {
    const writer = await begin('a');
    const other = await begin('b');
    for (const [i, piece] of pieces.entries()) await show(i === 1 ? other : writer, piece);
    await analysed(past);
    const services = (await store.entities()).filter(({ kind }) => kind === 'service');
    const [one, two] = services.map(({ id }) => id);
    await store.addMerge(one ?? '', two ?? '', 'One thing.');
    expect((await analysed(past)).kept).toBe(0);
    await store.removeSource(other.sourceId);
    expect((await analysed(past)).kept).toBe(0);
  }, 240_000);
});
