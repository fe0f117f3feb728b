import { afterEach, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { analyze } from '../analysis';
import { settingOf, type ClockEstimate } from '../model';
import { clockAnchorRows } from '../model/queries';
import { simulate, skewClocks, type SkewedSource, type SkewOptions } from '../simulate';
import { openCaseStore, type CaseStore } from '../store';
import { analyzeCase } from './analyze';
import { checkCase } from './check';
import { estimateClocks } from './clocks';
import { exporters } from './export';
import { reportMarkdown } from './report';

const HOUR = 3600e9;
const S = 1e9;
const MS = 1e6;

let store: CaseStore;
afterEach(() => store.close());

/** A simulated case whose telemetry came from several sources, each with a clock of its own. */
async function skewedCase(
  sources: readonly SkewedSource[],
  assign: SkewOptions['assign'],
): Promise<void> {
  const simulation = simulate({ scenario: 'slow-query', seed: 5, size: 'small' });
  const { from } = simulation.hints.window;
  const engine = await openNativeEngine({ path: ':memory:' });
  store = await openCaseStore(engine, { now: 1n, create: { name: 'skewed' } });
  const parts = skewClocks(simulation.batches(), { sources, seed: 5, from, assign });
  for (const [at, batches] of parts.entries()) {
    const name = sources[at]?.name ?? '';
    const writer = await store.beginSource(
      { connector: 't', name, endpoint: '', query: '', window: null },
      1n,
    );
    for (const batch of batches) writer.add(batch);
    await writer.finish();
  }
}

async function estimates(): Promise<ReadonlyMap<string, ClockEstimate>> {
  const { sources } = await store.facts();
  const names = new Map(sources.map(({ sourceId, name }) => [sourceId, name]));
  const report = await estimateClocks(store);
  return new Map(report.sources.map((one) => [names.get(one.sourceId) ?? '', one]));
}

const half = (text: string | undefined): number => ((text ?? '').length % 2 === 0 ? 0 : 1);

describe('offsets between the sources of a simulated case', () => {
  it.each([
    [0, 0],
    [0, -2 * HOUR],
    [-2.31 * S, 0.3 * MS],
  ])('are found between halves of the services that go %s and %s ns ahead', async (a, b) => {
    await skewedCase(
      [
        { name: 'a', offset: a },
        { name: 'b', offset: b },
      ],
      (_, resource) => [half(resource['service.name'])],
    );
    const found = await estimates();
    const [one, other] = [found.get('a'), found.get('b')];
    const between = (other?.offset ?? 0) - (one?.offset ?? 0);
    expect(Math.abs(between - (b - a))).toBeLessThan(MS);
    const states = new Set([one?.state, other?.state]);
    expect(states).toEqual(new Set(['reference', a === b ? 'in-step' : 'offset']));
    expect(one?.confidence).toBe('high');
    const zone = (other?.zoneHours ?? 0) - (one?.zoneHours ?? 0);
    expect(zone).toBe(b === -2 * HOUR ? -2 : 0);
  });

  it('are found between signals, through spans, log lines and alerts, with those that are right left alone', async () => {
    const sources = [
      { name: 'traces', offset: 0 },
      { name: 'logs', offset: 4.2 * S, jitter: MS },
      { name: 'metrics', offset: 0 },
      { name: 'copy of logs', offset: 4.2 * S - HOUR, jitter: 3 * MS },
    ];
    await skewedCase(sources, (table) => {
      if (table === 'spans') return [0];
      if (table === 'logs') return [1, 3];
      return [2];
    });
    const found = await estimates();
    const [traces, logs, copy] = ['traces', 'logs', 'copy of logs'].map((n) => found.get(n));
    expect(traces?.state).toBe('reference');
    for (const [estimate, offset] of [
      [logs, 4.2 * S],
      [copy, 4.2 * S - HOUR],
    ] as const) {
      expect(estimate?.state).toBe('offset');
      expect(Math.abs((estimate?.offset ?? 0) - offset)).toBeLessThan(30 * MS);
      expect(estimate?.lower).toBeLessThanOrEqual(offset);
      expect(estimate?.upper).toBeGreaterThanOrEqual(offset);
    }
    expect(logs?.kinds.map(({ kind }) => kind)).toContain('span-log');
    expect(found.get('metrics')).toMatchObject({ state: 'unknown', confidence: 'none' });
  });
});

it('a shift is a view: analyses, checks and the report follow it, and all is as before without it', async () => {
  await skewedCase(
    [
      { name: 'a', offset: 0 },
      { name: 'b', offset: 90 * S },
    ],
    (_, resource) => [half(resource['service.name'])],
  );
  const run = () => analyzeCase(store, analyze, {}, { now: 5n });
  const rows = async (): Promise<readonly unknown[]> => {
    const { data } = await store.sql(
      `SELECT source_id, min(start), max(start), count(*) FROM spans GROUP BY source_id ORDER BY source_id`,
      9,
    );
    return data;
  };
  const raw = await rows();
  const before = await run();
  const found = await estimates();
  const wrong = [...found.values()].find(({ state }) => state === 'offset');
  expect(wrong).toBeDefined();
  if (!wrong) return;
  const setting = settingOf(wrong, (id) => `source ${id}`, 7n);
  await store.setClocks({ settings: [setting], raw: false });
  expect(await rows()).not.toEqual(raw);
  // What is estimated does not depend on what is applied.
  expect(await estimates()).toEqual(found);
  expect(await store.loadAnalysis()).toBeUndefined();
  const after = await run();
  expect(after.notices.map(({ code }) => code)).toContain('clock-shifted');
  expect(before.notices.map(({ code }) => code)).toContain('clocks-differ');
  expect(before.notices.map(({ code }) => code)).not.toContain('clock-shifted');
  expect(after.notices.map(({ code }) => code)).not.toContain('clocks-differ');
  const report = reportMarkdown('t', await store.facts(), after);
  expect(report).toMatch(/clock of source \d|clock of [ab] is shifted by (\+|−)1 min|by [+−]90 s/);
  const written = await exporters
    .find(({ id }) => id === 'timesketch')
    ?.write(
      store,
      {
        open: () =>
          Promise.resolve({ write: () => Promise.resolve(), close: () => Promise.resolve() }),
      },
      { signal: new AbortController().signal },
    );
  expect(written?.notices.map(({ code }) => code)).toContain('clock-shifted');
  const holds = async (): Promise<readonly string[]> =>
    (await checkCase(store)).filter(({ state }) => state !== 'holds').map(({ why }) => why);
  expect(await holds()).toEqual([]);
  await store.setClocks({ settings: [setting], raw: true });
  expect(await rows()).toEqual(raw);
  expect((await store.loadAnalysis())?.headline).toBe(before.headline);
  expect(await holds()).toEqual([]);
  const call = clockAnchorRows({ kind: 'call', a: 1, b: 2, limit: 50 });
  const { col } = await store.run(call);
  expect(col.ahead_least_s.every((least) => Math.abs(Math.abs(least) - 90) < 5)).toBe(true);
});
