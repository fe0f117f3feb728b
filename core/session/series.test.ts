import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { formats } from '../../connectors';
import { ask, askSeries, seriesAlike, seriesClusters, seriesEvents } from '../analysis';
import { evidenceRowsSql, metricCatalog, seriesBeyond } from '../model/queries';
import { openCaseStore, type CaseStore } from '../store';
import { importFiles } from './import';

const START = 1_700_000_000;
const MINUTES = 240;
const load = (i: number): number => 50 + 20 * Math.sin(i / 11) + 7 * Math.sin(i / 3.7);
/** One number a minute: two that move alike, one that comes three minutes later, one with a step and a spike. */
const FAMILIES: Readonly<Record<string, (i: number) => number>> = {
  queue_depth: load,
  workers_busy: (i) => 3 + 0.1 * load(i),
  replies_waiting: (i) => 900 + 4 * load(i - 3),
  pool_size: (i) => ((i * 7919) % 5) + (i >= 150 ? 80 : 0) + (i >= 60 && i < 64 ? 400 : 0),
};

function openMetrics(): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(FAMILIES)) {
    lines.push(`# TYPE ${name} gauge`);
    for (let i = 0; i < MINUTES; i++)
      lines.push(`${name}{service="shop"} ${value(i)} ${START + 60 * i}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

describe('asking about series of a case', () => {
  let store: CaseStore;
  const ids = new Map<string, bigint>();
  const nameOf = (id: bigint | undefined): string | undefined =>
    [...ids].find(([, one]) => one === id)?.[0];
  const fetch: Parameters<typeof ask>[0] = (call) => store.run(call);
  const minute = (ts: bigint): number => (Number(ts / 1_000_000_000n) - START) / 60;

  beforeAll(async () => {
    store = await openCaseStore(await openNativeEngine({}), {
      now: 1n,
      create: { name: 'series' },
    });
    const blob = new Blob([openMetrics()]);
    const file = { name: 'm.om.txt', size: blob.size, stream: () => blob.stream() };
    const signal = new AbortController().signal;
    await importFiles(store, [file], 1n, { formats, signal });
    const window = { baseFrom: 0n, baseTo: 1n, from: 0n, to: 1n };
    const { rows, col } = await store.run(metricCatalog({ ...window, entity: '' }));
    for (let i = 0; i < rows; i++) ids.set(col.metric[i] ?? '', col.series_id[i] ?? 0n);
  });
  afterAll(() => store.close());

  it('finds the spike and the step where they are', async () => {
    const series = [String(ids.get('pool_size'))];
    const { output, methods } = await ask(fetch, seriesEvents, { params: { series, least: 3 } });
    expect(output).toHaveLength(1);
    expect(output[0]?.samples).toBe(MINUTES);
    expect(output[0]?.changes.map(minute)).toContain(150);
    for (const { ts } of output[0]?.anomalies ?? []) {
      expect(minute(ts)).toBeGreaterThanOrEqual(58);
      expect(minute(ts)).toBeLessThan(66);
    }
    expect(output[0]?.anomalies.length).toBeGreaterThanOrEqual(2);
    expect(methods).toMatchObject([{ id: 'detect.series-events', params: { series, least: 3 } }]);
  });

  it('finds series of the same shape, and how much later one comes', async () => {
    const params = { series: String(ids.get('queue_depth')), buckets: MINUTES };
    const { output } = await ask(fetch, seriesAlike, { params });
    const names = new Set(output.likes.slice(0, 2).map(({ seriesId }) => nameOf(seriesId)));
    expect(names).toEqual(new Set(['replies_waiting', 'workers_busy']));
    const later = output.likes.find(({ seriesId }) => nameOf(seriesId) === 'replies_waiting');
    expect(Math.round(Number(later?.lag ?? 0n) / 60e9)).toBe(3);
  });

  it('clusters what moves alike', async () => {
    const { output, notices } = await ask(fetch, seriesClusters, { params: { buckets: MINUTES } });
    const [cluster] = output.clusters;
    expect(cluster?.members.map(nameOf)).toEqual(
      expect.arrayContaining(['queue_depth', 'workers_busy']),
    );
    expect(cluster?.members.map(nameOf)).not.toContain('pool_size');
    expect(notices).toEqual([]);
  });

  it('claims how many series left what they were, in figures that the rows bear out', async () => {
    const at = (minute: number): bigint => BigInt(START + 60 * minute) * 1_000_000_000n;
    const stretch = { from: at(150), to: at(170) };
    const call = seriesBeyond({ baseFrom: at(0), baseTo: at(50), ...stretch });
    const { col } = await store.run(call);
    // The step of the pool; the others go to and fro.
    expect([col.beyond[0], col.series[0]]).toEqual([1, 4]);
    const rows = await store.sql(evidenceRowsSql(call.query, call.params) ?? '', 1000);
    expect(rows.rows).toBe(col.snap_rows[0]);
    const { output } = await askSeries(fetch, {
      kind: 'together',
      window: { from: at(120), to: at(240) },
      baseline: { from: at(0), to: at(120) },
    });
    expect('series' in output ? output.series : undefined).toBe(4);
  });
});
