import type { TimeWindow } from '../../../core/base';
import type { AnalysisRequest } from '../../../core/model';
import { undoClocks } from './clock-actions';
import { workbench } from './services';
import { useApp } from './store';

const DEPTH = 100;

export function currentRequest(): AnalysisRequest {
  return useApp.getState().info?.facts.request ?? {};
}

function analyze(request: AnalysisRequest): void {
  // A failure is told by its job's event.
  void workbench()
    .analyze(request)
    .catch(() => undefined);
}

/** Asks the analysis something else; undo goes back. */
export function ask(change: Partial<AnalysisRequest>): void {
  const before = currentRequest();
  useApp.setState(({ requestPast }) => ({
    requestPast: [...requestPast.slice(-DEPTH), before],
    requestFuture: [],
  }));
  analyze({ ...before, ...change });
}

export function reanalyze(): void {
  analyze(currentRequest());
}

/** Takes back what was changed last: clocks, or what the analysis was asked. */
export function undo(): void {
  const { requestPast, requestFuture, clocksPast } = useApp.getState();
  const clocks = clocksPast.at(-1);
  if (clocks && clocks.requests >= requestPast.length) return undoClocks();
  const before = requestPast.at(-1);
  if (!before) return;
  useApp.setState({
    requestPast: requestPast.slice(0, -1),
    requestFuture: [...requestFuture, currentRequest()],
  });
  analyze(before);
}

export function redoRequest(): void {
  const { requestPast, requestFuture } = useApp.getState();
  const next = requestFuture.at(-1);
  if (!next) return;
  useApp.setState({
    requestFuture: requestFuture.slice(0, -1),
    requestPast: [...requestPast, currentRequest()],
  });
  analyze(next);
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
