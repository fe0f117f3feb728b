import type { AnalysisProgress, Analyze } from '../analysis';
import type { AnalysisRequest, AnalysisResult } from '../model';
import type { CaseStore } from '../store';
import { onWhichClocks } from './clocks';

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
  const asked = await askedOf(store);
  const entities = await store.entities();
  const found = await analyze((call) => store.run(call, { signal: options.signal }), {
    request,
    entities,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const result = await onWhichClocks(store, found, options.signal);
  await store.saveAnalysis(result, options.now);
  await store.setMeta('answered_request', asked);
  return result;
}

const askedOf = async (store: CaseStore): Promise<string> => (await store.meta('request')) ?? '{}';

/** The stored analysis; undefined where none answers what the case asks now (saved while one ran, for one). */
export async function storedAnalysis(store: CaseStore): Promise<AnalysisResult | undefined> {
  const answered = await store.meta('answered_request');
  if (answered !== undefined && answered !== (await askedOf(store))) return undefined;
  return store.loadAnalysis();
}
