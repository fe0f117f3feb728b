import type { TimeWindow } from '../../../core/base';
import type { AnalysisRequest } from '../../../core/model';
import { analyze, currentRequest, didStep } from './undo';

/** Asks the analysis something else; undo goes back. */
export function ask(change: Partial<AnalysisRequest>): void {
  const before = currentRequest();
  const after = { ...before, ...change };
  didStep({ kind: 'request', before, after });
  analyze(after);
}

export function reanalyze(): void {
  analyze(currentRequest());
}

export function setIncident(incident: TimeWindow | undefined): void {
  ask({ incident });
}

export function setBaseline(baseline: TimeWindow | undefined): void {
  ask({ baselines: baseline && [baseline] });
}

/** Support, rule out or neither: the ranking follows at once. */
export function judge(entityId: string, verdict: 'support' | 'rule-out' | 'none'): void {
  const { supported = [], ruledOut = [] } = currentRequest();
  const without = (ids: readonly string[]): string[] => ids.filter((id) => id !== entityId);
  ask({
    supported: verdict === 'support' ? [...without(supported), entityId] : without(supported),
    ruledOut: verdict === 'rule-out' ? [...without(ruledOut), entityId] : without(ruledOut),
  });
}
