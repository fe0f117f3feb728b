import { z } from 'zod';
import type { TimeWindow } from '../../base';
import type { Frame } from '../../model';
import { metricStretches, requestStretches } from '../../model/queries';
import { defineAnalysis } from '../seam';
import type { MetricShift } from '../shifts';
import { known } from '../stats';
import { badness, metrics } from './metrics';
import { operations } from './spans';

/** Requests of one service in one stretch of either window; negative ones are the baseline's. */
export interface RequestStretch {
  readonly stretch: number;
  readonly n: number;
  readonly errors: number;
  /** Requests whose operation the baseline has often enough to say what is usual. */
  readonly timed: number;
  /** Those of them that were slower than 19 of 20 usual ones. */
  readonly slow: number;
  /** Sum of log latency beyond the usual, and sum of its squares. */
  readonly off: number;
  readonly offSq: number;
}

/** One series, the mean of each stretch. */
export interface SeriesStretches {
  readonly shift: MetricShift;
  readonly base: ReadonlyMap<number, number>;
  readonly incident: readonly number[];
}

export interface Stretches {
  readonly requests: ReadonlyMap<string, readonly RequestStretch[]>;
  readonly series: readonly SeriesStretches[];
  /** True where there are no requests: trouble can be seen in metrics alone. */
  readonly alone: boolean;
}

/**
 * Both windows cut into stretches of one length: how much the baseline differs from itself is what a
 * difference between the two has to exceed.
 */
export const stretches = defineAnalysis({
  id: 'detect.stretches',
  kind: 'detect',
  version: 2,
  title: 'Cutting the baseline into stretches',
  cite: 'blocks for dependent data: Künsch (Annals of Statistics 1989)',
  params: z.object({
    /** Stretches of requests in the incident. */
    inIncident: z.number().int().min(1).default(3),
    /** Stretches of metrics in the baseline, where the incident is longer than that. */
    inBaseline: z.number().int().min(2).default(8),
    /** Stretches of the baseline that are looked at, spread over it. */
    most: z.number().int().min(4).default(60),
    /** Series that are looked at, most shifted first. */
    series: z.number().int().min(0).default(1000),
  }),
  uses: { metrics, operations },
  inputs: ({ incident, baseline }, given, { inIncident, inBaseline, most, series }) => {
    const third = (incident.to - incident.from) / BigInt(inIncident);
    const length = isAlone(given) ? third : incident.to - incident.from;
    const part = (baseline.to - baseline.from) / BigInt(inBaseline);
    return {
      requests: requestStretches(gridOf(incident, baseline, third, most)),
      series: metricStretches({
        ...gridOf(incident, baseline, length < part ? length : part, most),
        series: lookedAt(given, series).map(({ seriesId }) => seriesId),
      }),
    };
  },
  run: ({ frames, given, params }): Stretches => ({
    requests: requestsOf(frames.requests),
    series: seriesOf(frames.series, lookedAt(given, params.series)),
    alone: isAlone(given),
  }),
});

interface Given {
  readonly metrics: readonly MetricShift[];
  readonly operations: readonly unknown[];
}

const isAlone = ({ operations: { length } }: Given): boolean => length === 0;

function gridOf(incident: TimeWindow, baseline: TimeWindow, length: bigint, most: number) {
  const step = length > 0n ? length : 1n;
  const count = Number((baseline.to - baseline.from) / step) + 1;
  return {
    from: incident.from,
    to: incident.to,
    baseFrom: baseline.from,
    baseTo: baseline.to,
    step,
    stride: Math.max(1, Math.ceil(count / most)),
  };
}

/**
 * What somebody waits for or misses: time, failures, health, work that piles up. How full a machine is, or how
 * much it was asked, hurts nobody by itself.
 */
export function isFelt({ role, metric }: MetricShift): boolean {
  // Counts and sums beside a histogram grow with the requests.
  if (role === 'latency') return !/_(count|sum)(_total)?$/.test(metric);
  return (
    role === 'errors' || role === 'health' || /(^|[^a-z])(lag|backlog)([^a-z]|$)/i.test(metric)
  );
}

/** What is felt; where nobody's requests are known, how full and how busy things are as well. */
function lookedAt(given: Given, most: number): readonly MetricShift[] {
  return given.metrics
    .filter((shift) => isFelt(shift) || (isAlone(given) && isBusy(shift)))
    .sort((a, b) => badness(b) - badness(a) || (a.seriesId < b.seriesId ? -1 : 1))
    .slice(0, most);
}

const isBusy = ({ role }: MetricShift): boolean => role === 'saturation' || role === 'other';

type RequestFrame = Frame<(typeof requestStretches)['def']['columns']>;
type SeriesFrame = Frame<(typeof metricStretches)['def']['columns']>;

function requestsOf({ rows, col }: RequestFrame): Stretches['requests'] {
  const out = new Map<string, RequestStretch[]>();
  for (let i = 0; i < rows; i++) {
    const service = col.service[i] ?? '';
    const list = out.get(service) ?? [];
    list.push({
      stretch: col.stretch[i] ?? 0,
      n: known(col.n[i]),
      errors: known(col.errors[i]),
      timed: known(col.timed[i]),
      slow: known(col.slow[i]),
      off: known(col.off[i]),
      offSq: known(col.off_sq[i]),
    });
    out.set(service, list);
  }
  return out;
}

function seriesOf(
  { rows, col }: SeriesFrame,
  shifts: readonly MetricShift[],
): readonly SeriesStretches[] {
  const found = new Map<bigint, { base: Map<number, number>; incident: number[] }>();
  for (let i = 0; i < rows; i++) {
    const id = col.series_id[i] ?? 0n;
    const one = found.get(id) ?? { base: new Map<number, number>(), incident: [] };
    const stretch = col.stretch[i] ?? 0;
    if (stretch < 0) one.base.set(stretch, known(col.v[i]));
    else one.incident.push(known(col.v[i]));
    found.set(id, one);
  }
  return shifts.flatMap((shift) => {
    const one = found.get(shift.seriesId);
    return one === undefined ? [] : [{ shift, ...one }];
  });
}
