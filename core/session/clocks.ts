import { ask, clockOffsets } from '../analysis';
import {
  anchorsText,
  clockNotices,
  clockText,
  shiftsInForce,
  type AnalysisResult,
  type ClockEstimate,
  type ClockOffsets,
  type Notice,
} from '../model';
import type { CaseStore, SourceInfo } from '../store';

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

const namesOf = (sources: readonly SourceInfo[]): ((id: number) => string) => {
  const names = new Map(sources.map(({ sourceId, name }) => [sourceId, name]));
  return (id) => names.get(id) ?? `source ${id}`;
};

/** Which clocks are shown shifted. */
export async function shiftsShown(store: CaseStore): Promise<readonly Notice[]> {
  const { clocks, sources } = await store.facts();
  return clockNotices(clocks, namesOf(sources));
}

/**
 * What was found stands beside which clocks it was found on, and beside those that surely go wrong and are not
 * shifted. While a source grows these are not looked for.
 */
export async function onWhichClocks(
  store: CaseStore,
  result: AnalysisResult,
  signal?: AbortSignal,
): Promise<AnalysisResult> {
  const { clocks, sources } = await store.facts();
  const nameOf = namesOf(sources);
  const shifted = clockNotices(clocks, nameOf);
  const settled = sources.length > 1 && sources.every(({ state }) => state === 'complete');
  const estimates = settled ? (await estimateClocks(store, signal)).sources : [];
  const inForce = new Set(shiftsInForce(clocks).map(({ sourceId }) => sourceId));
  const wrong = estimates.filter(
    ({ sourceId, state, confidence }) =>
      state === 'offset' && confidence === 'high' && !inForce.has(sourceId),
  );
  const notices = [...shifted, ...wrong.map((one) => wrongClock(one, nameOf))];
  return notices.length === 0 ? result : { ...result, notices: [...notices, ...result.notices] };
}

function wrongClock(estimate: ClockEstimate, nameOf: (sourceId: number) => string): Notice {
  const { sourceId, reference, anchors, why } = estimate;
  const name = nameOf(sourceId);
  return {
    code: 'clocks-differ',
    severity: 'warning',
    count: 1,
    message: `The clock of ${name} goes ${clockText(estimate)}, compared with ${nameOf(reference)} (${anchorsText(anchors)}). Sources, Clocks shifts it in the view, as faultline clocks does; nothing is shifted yet.`,
    detail: { source: name, why },
  };
}
