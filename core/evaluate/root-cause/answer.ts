import { analyze, type FusionView } from '../../analysis';
import type { AnalysisRequest, AnalysisResult } from '../../model';
import { analyzeCase } from '../../session';
import type { CaseStore } from '../../store';
import type { TaskOptions } from '../task';

export interface Answer {
  readonly result: AnalysisResult;
  readonly fused: FusionView;
  /** Of the analysis alone. */
  readonly seconds: number;
}

/** Asks the product about a filled case. */
export async function answer(
  store: CaseStore,
  request: AnalysisRequest,
  { signal, now }: TaskOptions,
): Promise<Answer> {
  let fused: FusionView = {
    ranking: [],
    strength: 0,
    trouble: { signs: [], total: 0 },
    enough: false,
  };
  let seconds = 0;
  const timed: typeof analyze = async (fetch, options) => {
    const started = now();
    const found = await analyze(fetch, { ...options, onFused: (view) => (fused = view) });
    seconds = (now() - started) / 1000;
    return found;
  };
  const result = await analyzeCase(store, timed, request, { now: 2n, signal });
  return { result, fused, seconds };
}
