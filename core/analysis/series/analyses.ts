import { z } from 'zod';
import type {
  Frame,
  Notice,
  SeriesClusters,
  SeriesEvents,
  SeriesLikes,
  SeriesTogether,
} from '../../model';
import { seriesGrid, seriesValues } from '../../model/queries';
import { defineAnalysis } from '../seam';
import { alike } from './alike';
import { anomalies, anomalyDefaults } from './batch';
import { changePointDefaults, changePoints } from './change-points';
import { clusterDefaults, clusters } from './clusters';
import { gridOf, stepOf } from './grid';
import { together, togetherDefaults } from './together';

/** Ids of series travel as decimal text: parameters are JSON. */
const seriesId = z.string().regex(/^-?\d+$/);
const buckets = z.number().int().min(20).max(5000).default(500);

export const seriesEvents = defineAnalysis({
  id: 'detect.series-events',
  kind: 'detect',
  version: 1,
  title: 'Looking for anomalies and change points of single series',
  cite: 'peaks over threshold: Pickands (Ann. Statist. 1975); PELT: Killick, Fearnhead & Eckley (JASA 2012)',
  params: z.object({
    series: z.array(seriesId).default([]),
    least: z.number().positive().default(anomalyDefaults.least),
    penalty: z.number().positive().default(changePointDefaults.penalty),
  }),
  uses: {},
  inputs: ({ range }, _, { series }) => ({
    values: seriesValues({ from: range.from, to: range.to, series: series.map(BigInt) }),
  }),
  *run({ frames, params, notice }): Generator<number, readonly SeriesEvents[], void> {
    const all = [...valuesOf(frames.values)].sort(([a], [b]) => (a < b ? -1 : 1));
    const out: SeriesEvents[] = [];
    let blocks = 0;
    for (const [id, { ts, v }] of all) {
      yield out.length / all.length;
      const found = anomalies(v, { ...anomalyDefaults, least: params.least });
      const { at, block } = changePoints([v], { ...changePointDefaults, penalty: params.penalty });
      if (block > 1) blocks++;
      out.push({
        seriesId: id,
        samples: v.length,
        anomalies: found.rows.map((row) => ({
          ts: ts[row] ?? 0n,
          value: v[row] ?? 0,
          score: found.scores[row] ?? 0,
        })),
        changes: at.map((row) => ts[row] ?? 0n),
      });
    }
    if (blocks > 0)
      notice({
        severity: 'info',
        code: 'series-in-blocks',
        count: blocks,
        message: `${blocks} series were too long to look for change points at every sample; blocks of samples were taken.`,
      });
    return out;
  },
});

/** Values in order of time, by series. */
function valuesOf({
  rows,
  col,
}: Frame<(typeof seriesValues)['def']['columns']>): ReadonlyMap<
  bigint,
  { readonly ts: readonly bigint[]; readonly v: Float64Array }
> {
  const rowsOf = new Map<bigint, number[]>();
  for (let i = 0; i < rows; i++) {
    const id = col.series_id[i] ?? 0n;
    const of = rowsOf.get(id);
    if (of) of.push(i);
    else rowsOf.set(id, [i]);
  }
  const at = (i: number): bigint => col.ts[i] ?? 0n;
  return new Map(
    [...rowsOf].map(([id, of]) => {
      of.sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
      return [id, { ts: of.map(at), v: Float64Array.from(of, (i) => col.v[i] ?? Number.NaN) }];
    }),
  );
}

export const seriesAlike = defineAnalysis({
  id: 'detect.series-alike',
  kind: 'detect',
  version: 2,
  title: 'Looking for series of the same shape',
  cite: 'z-normalised distance at a lag: Mueen, Nath & Liu (SIGMOD 2010)',
  params: z.object({
    series: seriesId.optional(),
    buckets,
    /** Buckets that another may come earlier or later. */
    lag: z.number().int().min(0).max(500).default(20),
    most: z.number().int().min(1).default(50),
  }),
  uses: {},
  inputs: ({ range }, _, params) => ({
    grid: seriesGrid({
      from: range.from,
      step: stepOf(range, params.buckets),
      buckets: params.buckets,
    }),
  }),
  *run({ scope, frames, params, notice }): Generator<number, SeriesLikes, void> {
    const grid = gridOf(frames.grid, params.buckets);
    const step = stepOf(scope.range, params.buckets) * BigInt(grid.per);
    const nothing = { likes: [], compared: 0, step };
    if (params.series === undefined) return nothing;
    noticeSparse(grid.sparse, notice);
    const asked = grid.ids.indexOf(BigInt(params.series));
    if (asked < 0) {
      notice({
        severity: 'warning',
        code: 'series-too-few-samples',
        count: 1,
        message:
          'The series has a sample in less than half of the time that most others have: it has no shape to compare.',
      });
      return nothing;
    }
    const found = yield* alike(grid.series, asked, params.lag);
    const likes = found.slice(0, params.most).map(({ index, correlation, lag }) => ({
      seriesId: grid.ids[index] ?? 0n,
      correlation,
      lag: BigInt(lag) * step,
    }));
    return { likes, compared: found.length, step };
  },
});

export const seriesClusters = defineAnalysis({
  id: 'detect.series-clusters',
  kind: 'detect',
  version: 2,
  title: 'Looking for series that move alike',
  cite: 'star cover: Aslam, Pelekhov & Rus (JGAA 2004); piecewise aggregates: Keogh et al. (KAIS 2001)',
  params: z.object({ buckets, least: z.number().min(0.5).max(1).default(clusterDefaults.least) }),
  uses: {},
  inputs: ({ range }, _, params) => ({
    grid: seriesGrid({
      from: range.from,
      step: stepOf(range, params.buckets),
      buckets: params.buckets,
    }),
  }),
  *run({ scope, frames, params, notice }): Generator<number, SeriesClusters, void> {
    const { range } = scope;
    const { ids, series, sparse, per } = gridOf(frames.grid, params.buckets);
    noticeSparse(sparse, notice);
    const step = stepOf(range, params.buckets) * BigInt(per);
    const { found, alone, still } = yield* clusters(series, {
      ...clusterDefaults,
      least: params.least,
    });
    const idOf = (index: number): bigint => ids[index] ?? 0n;
    const at = (row: number): bigint => range.from + BigInt(row) * step;
    return {
      alone,
      still,
      clusters: found.map(({ leader, members, odd }) => ({
        leader: idOf(leader),
        members: members.map(idOf),
        odd: odd && {
          seriesId: idOf(odd.index),
          from: at(odd.from),
          to: at(odd.to),
          times: odd.times,
        },
      })),
    };
  },
});

export const seriesTogether = defineAnalysis({
  id: 'detect.series-together',
  kind: 'detect',
  version: 1,
  title: 'Looking for stretches in which many series together are not as they were',
  cite: 'T² and Q: Jackson & Mudholkar (Technometrics 1979); spatial signs: Locantore et al. (Test 1999)',
  params: z.object({
    buckets: z.number().int().min(40).max(1000).default(300),
    least: z.number().positive().default(togetherDefaults.least),
    agree: z.number().int().min(2).default(togetherDefaults.agree),
  }),
  uses: {},
  inputs: ({ range }, _, params) => ({
    grid: seriesGrid({
      from: range.from,
      step: stepOf(range, params.buckets),
      buckets: params.buckets,
    }),
  }),
  *run({ scope, frames, params, notice }): Generator<number, SeriesTogether, void> {
    const { range, incident, baseline } = scope;
    const { ids, series, sparse, per } = gridOf(frames.grid, params.buckets);
    noticeSparse(sparse, notice);
    const step = stepOf(range, params.buckets) * BigInt(per);
    // Rows that lie in the baseline as a whole: one that reaches over its end has what came after in it.
    const usual = {
      from: Number((baseline.from - range.from + step - 1n) / step),
      to: baseline.to >= range.to ? Infinity : Number((baseline.to - range.from) / step),
    };
    const { least, agree } = params;
    const found = yield* together(series, usual, { ...togetherDefaults, least, agree });
    if (found.short && series.length > 0)
      notice({
        severity: 'warning',
        code: 'series-baseline-short',
        count: 1,
        message:
          'The baseline is too short to say how the series usually move together: it needs 20 samples of each.',
      });
    const at = (row: number): bigint => range.from + BigInt(row) * step;
    const stretches = found.stretches
      .map((one) => ({
        ...one,
        from: at(one.from),
        to: at(one.to) < range.to ? at(one.to) : range.to,
        series: one.series.map(({ index, ...rest }) => ({ seriesId: ids[index] ?? 0n, ...rest })),
      }))
      .filter(({ from, to }) => from < incident.to && to > incident.from);
    return { stretches, series: found.judged };
  },
});

function noticeSparse(count: number, notice: (notice: Notice) => void): void {
  if (count === 0) return;
  notice({
    severity: 'info',
    code: 'series-sparse',
    count,
    message: `${count} series have less than half of the samples that others have, and were left out.`,
  });
}
