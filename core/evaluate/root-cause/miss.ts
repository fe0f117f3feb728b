import type { TimeWindow } from '../../base';
import type { AnalysisResult } from '../../model';
import type { Placing } from '../ranking-score';
import type { Candidate } from './fold';

/** Where the way to the answer went wrong first. */
export const MISSES = {
  window: 'the incident was looked for elsewhere',
  verdict: 'nothing was answered',
  candidates: 'the true one was not among the candidates',
  ranking: 'the true one was ranked lower',
} as const;

export type Miss = keyof typeof MISSES;

interface Answered {
  readonly ranking: readonly Candidate[];
  readonly placing: Placing;
  readonly result: Pick<AnalysisResult, 'incident' | 'verdict'>;
  /** When things were bad. */
  readonly real: TimeWindow;
}

/** Less of the real incident in common with the one that was found, as a share of both together, is elsewhere. */
const IN_COMMON = 0.5;

/** Undefined where the true one is first. */
export function missOf({ ranking, placing, result, real }: Answered): Miss | undefined {
  if (placing.rank !== null && placing.rank <= 1) return undefined;
  if (inCommon(result.incident, real) < IN_COMMON) return 'window';
  if (result.verdict !== 'ranked') return 'verdict';
  return ranking.some(({ correct }) => correct) ? 'ranking' : 'candidates';
}

/** Intersection over union of two stretches of time. */
export function inCommon(a: TimeWindow, b: TimeWindow): number {
  const [from, to] = [a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to];
  const [first, last] = [a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to];
  return to <= from ? 0 : Number(to - from) / Number(last - first);
}
