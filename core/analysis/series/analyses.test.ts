import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { findQuery, type Frame } from '../../model';
// Before the frames: it defines the queries that they are named after.
import { seriesAlike, seriesClusters, seriesEvents, seriesTogether } from './analyses';
import { gridOf } from './grid';
import { frameFrom, shuffled } from '../testing/frames';
import { at, runOf } from '../testing/incident';

type GridFrame = Parameters<typeof gridOf>[0];
const rng = createRng(5);
const spike = Array.from(
  { length: 400 },
  (_, i) => 10 + rng.normal() + (i >= 200 && i < 206 ? 40 : 0),
);
const step = Array.from({ length: 400 }, (_, i) => rng.normal() + (i >= 250 ? 20 : 0));

const values = frameFrom(
  findQuery('analysis.series-values').columns,
  [spike, step].flatMap((one, s) => one.map((v, i) => ({ series_id: s + 1, ts: at(2 * i), v }))),
);
const wave = (i: number): number => Math.sin(i / 9) + Math.sin(i / 23);
const grid: Frame = frameFrom(
  findQuery('analysis.series-grid').columns,
  Array.from({ length: 100 }, (_, bucket) => [
    { series_id: 1, bucket, v: wave(bucket) },
    { series_id: 2, bucket, v: 50 + 9 * wave(bucket) },
    { series_id: 3, bucket, v: 7 + wave(bucket - 3) },
    { series_id: 4, bucket, v: bucket % 2 },
    ...(bucket < 10 ? [{ series_id: 5, bucket, v: wave(bucket) }] : []),
  ]).flat(),
);
const mixed = (frame: Frame): Frame => shuffled(frame, () => rng.next());

describe('analyses of series', () => {
  it('say when a series stood out and when it changed, whatever the order of the rows', async () => {
    const request = { parameters: { 'detect.series-events': { series: ['1', '2'], least: 3.5 } } };
    const frames = { 'analysis.series-values': values };
    const [first, second, ...more] = await runOf(seriesEvents, frames, request);
    expect(more).toEqual([]);
    expect(first?.anomalies.length).toBeGreaterThan(3);
    for (const { ts, score } of first?.anomalies ?? []) {
      expect(ts >= at(2 * 198) && ts < at(2 * 208)).toBe(true);
      expect(score).toBeGreaterThanOrEqual(3.5);
    }
    expect(second?.changes).toEqual([at(500)]);
    const again = await runOf(seriesEvents, { 'analysis.series-values': mixed(values) }, request);
    expect(again).toEqual([first, second]);
  });

  it('find series of the same shape, with the lag in time', async () => {
    const request = {
      parameters: { 'detect.series-alike': { series: '1', buckets: 100, lag: 5 } },
    };
    const found = await runOf(seriesAlike, { 'analysis.series-grid': mixed(grid) }, request);
    expect(found.likes.map(({ seriesId }) => seriesId)).toEqual([2n, 3n, 4n]);
    expect(found).toMatchObject({ compared: 3, step: 9_000_000_001n });
    expect(found.likes[0]).toMatchObject({ lag: 0n });
    // Three buckets of nine seconds.
    expect(found.likes[1]?.lag).toBe(3n * 9_000_000_001n);
    const unasked = await runOf(seriesAlike, { 'analysis.series-grid': grid });
    expect(unasked.likes).toEqual([]);
  });

  it('cluster what moves alike, and leave out what has few samples', async () => {
    const request = { parameters: { 'detect.series-clusters': { buckets: 100 } } };
    const { clusters, alone, still } = await runOf(
      seriesClusters,
      { 'analysis.series-grid': mixed(grid) },
      request,
    );
    const [cluster, ...more] = clusters;
    expect(more).toEqual([]);
    expect({ alone, still }).toEqual({ alone: 1, still: 0 });
    expect(cluster?.members).toEqual([1n, 2n, 3n]);
    // The one that comes three buckets late.
    expect(cluster?.odd?.seriesId).toBe(3n);
  });

  it('take buckets together where most series are sampled less often', async () => {
    const every = Array.from({ length: 25 }, (_, i) => 4 * i);
    const few = frameFrom(
      findQuery('analysis.series-grid').columns,
      every.flatMap((bucket) => [
        { series_id: 1, bucket, v: wave(bucket) },
        { series_id: 2, bucket: bucket + 1, v: 9 - 2 * wave(bucket) },
        { series_id: 3, bucket: bucket + 2, v: 5 * wave(bucket) },
      ]),
    );
    const dense = Array.from({ length: 100 }, (_, b) => ({ series_id: 4, bucket: b, v: b % 3 }));
    const both = frameFrom(findQuery('analysis.series-grid').columns, dense);
    expect(gridOf(few as GridFrame, 100)).toMatchObject({ per: 4, rows: 25, sparse: 0 });
    expect(gridOf(both as GridFrame, 100)).toMatchObject({ per: 1, rows: 100, sparse: 0 });
    const request = { parameters: { 'detect.series-alike': { series: '1', buckets: 100 } } };
    const found = await runOf(seriesAlike, { 'analysis.series-grid': few }, request);
    expect(found.likes.map(({ correlation }) => correlation)).toEqual([-1, 1]);
    expect(found.step).toBe(4n * 9_000_000_001n);
  });

  it('find the stretch in which many series together left what they were', async () => {
    const noise = createRng(8);
    const many = frameFrom(
      findQuery('analysis.series-grid').columns,
      Array.from({ length: 12 }, (_, s) =>
        Array.from({ length: 300 }, (_, bucket) => ({
          series_id: s + 1,
          bucket,
          v: 10 + wave(bucket) + noise.normal() + (bucket >= 240 && bucket < 260 && s < 6 ? 9 : 0),
        })),
      ).flat(),
    );
    const { stretches, series } = await runOf(seriesTogether, {
      'analysis.series-grid': mixed(many),
    });
    expect(series).toBe(12);
    expect(stretches).toHaveLength(1);
    const [found] = stretches;
    // Buckets of three seconds.
    const rowOf = (ts: bigint | undefined): number => Number((ts ?? 0n) - at(0)) / 3e9;
    expect(Math.abs(rowOf(found?.from) - 240)).toBeLessThanOrEqual(3);
    expect(Math.abs(rowOf(found?.to) - 260)).toBeLessThanOrEqual(3);
    const named = found?.series.slice(0, 6).map(({ seriesId }) => seriesId);
    expect(new Set(named)).toEqual(new Set([1n, 2n, 3n, 4n, 5n, 6n]));
  });
});
