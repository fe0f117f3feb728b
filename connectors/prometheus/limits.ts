import { FaultlineError } from '../../core/base';

/** What a backend found too much of. */
export type Limit = 'length' | 'series' | 'samples' | 'points' | 'expression' | 'time' | 'other';

/**
 * How backends of this family say that a query is over one of their limits, the first that fits: ids of Mimir
 * (pkg/util/globalerror/user.go), texts of Prometheus, Cortex, Thanos and VictoriaMetrics. Shorter pieces of
 * time help against all of them but `series` and `expression`.
 */
const WORDS: readonly (readonly [Limit, RegExp])[] = [
  ['expression', /err-mimir-max-query-expression-size|maxQueryLen|too long query/i],
  ['length', /err-mimir-max-(total-|partial-)?query-length|query time range exceeds the limit/i],
  ['length', /query is too long|query length/i],
  [
    'series',
    /err-mimir-max-series-per-query|maxUniqueTimeseries|search\.maxSeries|number of matching timeseries/i,
  ],
  ['series', /exceeded (the maximum number of series|series limit)|max number of series/i],
  [
    'samples',
    /err-mimir-max-(estimated-)?(chunks|memory|chunks-bytes)|too many samples|maxSamplesPer|samples limit|chunks limit/i,
  ],
  ['points', /maximum resolution|maxPointsPerTimeseries|too many points/i],
  ['time', /timed? ?out|deadline|took too long|maxQueryDuration/i],
  ['other', /too many|limit|exceed/i],
];

/** Which limit a refusal speaks of. */
export function limitInWords(text: string): Limit | undefined {
  return WORDS.find(([, words]) => words.test(text))?.[0];
}

/** Which limit a refused query was over; undefined where it was refused for something else. */
export function limitOf(error: unknown): Limit | undefined {
  if (!(error instanceof FaultlineError)) return undefined;
  if (error.code === 'connector/limit') return 'samples';
  if (error.code !== 'connector/refused') return undefined;
  // The whole answer was looked through where it is known; a message may be shortened.
  const { detail } = error;
  if (typeof detail === 'object' && detail !== null && 'limit' in detail) {
    return detail.limit as Limit | undefined;
  }
  return limitInWords(error.message);
}
