import { ask, clockOffsets } from '../analysis';
import { clockNotices, type AnalysisResult, type ClockOffsets, type Notice } from '../model';
import type { CaseStore } from '../store';

export interface ClockReport extends ClockOffsets {
  readonly notices: readonly Notice[];
}

/** Estimates how far the clocks of the sources are apart, from the times as they came. Nothing is changed. */
export async function estimateClocks(store: CaseStore, signal?: AbortSignal): Promise<ClockReport> {
  const { output, notices } = await ask((call) => store.run(call, { signal }), clockOffsets, {
    signal,
  });
  return { ...output, notices };
}

/** What was found stands beside which clocks it was found on. */
export async function onWhichClocks(
  store: CaseStore,
  result: AnalysisResult,
): Promise<AnalysisResult> {
  const { clocks, sources } = await store.facts();
  const names = new Map(sources.map(({ sourceId, name }) => [sourceId, name]));
  const shifted = clockNotices(clocks, (id) => names.get(id) ?? `source ${id}`);
  return shifted.length === 0 ? result : { ...result, notices: [...shifted, ...result.notices] };
}
