import { ask, clockOffsets } from '../analysis';
import {
  clockNotices,
  type AnalysisResult,
  type ClockEstimate,
  type ClockOffsets,
  type ClockSetting,
  type Notice,
} from '../model';
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

/** What takes an estimated offset back: the source's times are shown earlier by as much as its clock is ahead. */
export function settingOf(
  estimate: ClockEstimate,
  nameOf: (sourceId: number) => string,
  now: bigint,
): ClockSetting {
  const { sourceId, reference, offset, lower, upper, anchors, confidence, why } = estimate;
  const ns = (value: number): bigint => BigInt(Math.round(value));
  return {
    sourceId,
    anchors,
    confidence,
    applied: true,
    setAt: now,
    shift: -ns(offset),
    lower: -ns(upper),
    upper: -ns(lower),
    how: `estimated against ${nameOf(reference)}: ${why}`,
  };
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
