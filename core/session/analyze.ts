import type { AnalysisProgress, Analyze } from '../analysis';
import type { AnalysisRequest, AnalysisResult } from '../model';
import type { CaseStore } from '../store';

export interface AnalyzeRunOptions {
  readonly now: bigint;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
}

/** Detection, correlation and ranking over a case; what is found is stored with its run. */
export async function analyzeCase(
  store: CaseStore,
  analyze: Analyze,
  request: AnalysisRequest,
  options: AnalyzeRunOptions,
): Promise<AnalysisResult> {
  const entities = await store.entities();
  const result = await analyze((call) => store.run(call, { signal: options.signal }), {
    request,
    entities,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  await store.saveAnalysis(result, options.now);
  return result;
}
