import type { AnalysisRequest, CaseClocks } from '../../../core/model';
import { attempt, reportError, tell } from './problems';
import { workbench } from './services';
import { useApp, type Step } from './store';

const DEPTH = 100;

export function currentRequest(): AnalysisRequest {
  return useApp.getState().info?.facts.request ?? {};
}

/** A failure is told by its job's event. */
export function analyze(request: AnalysisRequest): void {
  void workbench()
    .analyze(request)
    .catch(() => undefined);
}

export function showClocks(clocks: CaseClocks): void {
  attempt('The clocks could not be changed', () => workbench().setClocks(clocks));
}

export function didStep(step: Step): void {
  useApp.setState(({ past }) => ({ past: [...past.slice(1 - DEPTH), step], future: [] }));
}

/** After a save what was removed is gone for good, and does not come back by undo or redo. */
export function forgetRemoved(): void {
  const stays = (change: 'added' | 'removed') => (step: Step) =>
    step.kind !== 'sources' || step.change === change;
  useApp.setState(({ past, future }) => ({
    past: past.filter(stays('added')),
    future: future.filter(stays('removed')),
  }));
}

async function bring(step: Step, way: 'back' | 'again'): Promise<void> {
  if (step.kind === 'request') return analyze(way === 'back' ? step.before : step.after);
  if (step.kind === 'clocks') return showClocks(way === 'back' ? step.before : step.after);
  const there = (step.change === 'added') === (way === 'again');
  for (const id of step.sourceIds) {
    if (there) await workbench().restoreSource(id);
    else await workbench().removeSource(id);
  }
  tell(there ? 'Brought back' : 'Removed', step.name);
}

export function undo(): void {
  const { past, future } = useApp.getState();
  const step = past.at(-1);
  if (!step) return;
  useApp.setState({ past: past.slice(0, -1), future: [...future, step] });
  void bring(step, 'back').catch((error: unknown) => reportError('It could not be undone', error));
}

export function redo(): void {
  const { past, future } = useApp.getState();
  const step = future.at(-1);
  if (!step) return;
  useApp.setState({ past: [...past, step], future: future.slice(0, -1) });
  void bring(step, 'again').catch((error: unknown) =>
    reportError('It could not be done again', error),
  );
}

/** Takes a source out; a word at the edge offers to undo it. */
export async function removeSource(sourceId: number, name: string): Promise<void> {
  const before = useApp.getState().info?.id;
  const notices = await workbench().removeSource(sourceId);
  // A case of which nothing was left has gone, and its sources with it.
  if (useApp.getState().info?.id !== before) return;
  didStep({ kind: 'sources', change: 'removed', sourceIds: [sourceId], name });
  const lost = notices.map(({ message }) => ` ${message}`).join('');
  tell('Removed', `${name}.${lost}`, { title: 'Undo', run: undo });
}

const completeSources = (): ReadonlyMap<number, string> =>
  new Map(
    (useApp.getState().info?.facts.sources ?? [])
      .filter(({ state }) => state === 'complete')
      .map(({ sourceId, name }) => [sourceId, name]),
  );

/** Does what brings sources into the open case; undo takes out those that came. */
export async function addingSources<T>(work: () => Promise<T>): Promise<T> {
  const before = { id: useApp.getState().info?.id, sources: completeSources() };
  const result = await work();
  if (before.id === undefined || useApp.getState().info?.id !== before.id) return result;
  const came = [...completeSources()].filter(([id]) => !before.sources.has(id));
  const [first] = came;
  if (!first) return result;
  didStep({
    kind: 'sources',
    change: 'added',
    sourceIds: came.map(([id]) => id),
    name: came.length === 1 ? first[1] : `${first[1]} and ${came.length - 1} more`,
  });
  return result;
}
