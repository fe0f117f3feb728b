import { afterAll, beforeAll, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { analyze } from '../analysis';
import { isCancelled } from '../base';
import { simulate } from '../simulate';
import { openCaseStore, type CaseStore } from '../store';
import { analyzeCase } from './analyze';

/** Moments of a run at which it is cancelled. */
const POINTS = 12;

let store: CaseStore;
beforeAll(async () => {
  store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 'cancel' } });
  const simulation = simulate({ scenario: 'slow-query', seed: 3, size: 'small' });
  const identity = { connector: 'simulator', name: 'cancel', endpoint: '', query: '' };
  const writer = await store.beginSource({ ...identity, window: null }, 1n);
  for (const batch of simulation.batches()) writer.add(batch);
  await writer.finish();
  await store.setRequest({ incident: simulation.hints.incident });
});
afterAll(() => store.close());

it('is cancelled at any moment, stores nothing then, and runs whole afterwards', async () => {
  const { request } = await store.facts();
  const started = performance.now();
  const whole = await analyzeCase(store, analyze, request, { now: 2n });
  const took = performance.now() - started;
  const late: number[] = [];
  let cut = 0;
  for (let point = 1; point <= POINTS; point++) {
    const controller = new AbortController();
    let wished = Number.NaN;
    const timer = setTimeout(
      () => {
        wished = performance.now();
        controller.abort();
      },
      (took * point) / (POINTS + 1),
    );
    const options = { now: 100n + BigInt(point), signal: controller.signal };
    try {
      await analyzeCase(store, analyze, request, options);
    } catch (error) {
      if (!isCancelled(error)) throw error;
      cut++;
      late.push(performance.now() - wished);
    } finally {
      clearTimeout(timer);
    }
  }
  // A run that was faster than the first may be through before the last moments.
  expect(cut).toBeGreaterThan(POINTS / 2);
  // The limit is 100 ms (npm run bench scale); a machine that is busy with other tests gets more.
  expect([...late].sort((a, b) => a - b)[Math.floor(cut / 2)]).toBeLessThan(100);
  expect(Math.max(...late)).toBeLessThan(1000);
  const again = await analyzeCase(store, analyze, request, { now: 1000n });
  expect(again.headline).toBe(whole.headline);
  expect(again.ranking).toEqual(whole.ranking);
});
