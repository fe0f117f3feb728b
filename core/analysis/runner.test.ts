import { describe, expect, it } from 'vitest';
import { caseRangeQuery } from '../model/queries';
import { analyze } from './analyze';
import { Runner, watched } from './runner';
import { coverage } from './detect/coverage';
import type { AnalysisProgress, FetchFrames } from './seam';
import { fetchFrom } from './testing/frames';
import { ALL, scope } from './testing/incident';

const never: FetchFrames = () => new Promise(() => undefined);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('waiting for an answer', () => {
  it('tells how it goes on, never backwards, and ends where it is cancelled', async () => {
    const controller = new AbortController();
    const parts: number[] = [];
    const waiting = watched(never, caseRangeQuery({}), controller.signal, (p) => parts.push(p));
    await pause(500);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const told = parts.length;
    expect(told).toBeGreaterThanOrEqual(3);
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect(parts.at(-1)).toBeLessThan(1);
    await pause(200);
    expect(parts).toHaveLength(told);
  });

  it('asks nothing where it was cancelled before', async () => {
    const asked = fetchFrom(ALL);
    const none = watched(asked, caseRangeQuery({}), AbortSignal.abort(), () => undefined);
    await expect(none).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked.asked).toEqual([]);
  });

  it('gives what was answered and what went wrong as they are', async () => {
    const wrong: FetchFrames = () => Promise.reject(new Error('no such table'));
    const asked = watched(wrong, caseRangeQuery({}), undefined, () => undefined);
    await expect(asked).rejects.toThrow('no such table');
    const told: AnalysisProgress[] = [];
    const runner = new Runner(fetchFrom(ALL), scope, { onProgress: (p) => told.push(p) });
    expect((await runner.output(coverage)).logs).toEqual({ base: 600, incident: 300 });
    expect(told.at(-1)).toMatchObject({ id: 'detect.coverage' });
  });
});

it('an analysis that is cancelled while any of its queries runs ends there', async () => {
  const entities = scope.entities;
  const request = { incident: scope.incident, baselines: [scope.baseline] };
  const whole = fetchFrom(ALL);
  await analyze(whole, { request, entities });
  const all = whole.asked.length;
  expect(all).toBeGreaterThan(15);
  for (let stuck = 0; stuck < all; stuck++) {
    const controller = new AbortController();
    const frames = fetchFrom(ALL);
    const fetch: FetchFrames = (call) => {
      if (frames.asked.length < stuck) return frames(call);
      setTimeout(() => controller.abort(), 0);
      return new Promise(() => undefined);
    };
    const run = analyze(fetch, { request, entities, signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  }
});
