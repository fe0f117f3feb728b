import { asFaultlineError, isCancelled } from '../../../core/base';
import { useApp, type Problem } from './store';

let last = 0;

/** Tells the person of an error, in its own words. A cancellation is no problem. */
export function reportError(title: string, error: unknown): void {
  if (isCancelled(error)) return;
  const { code, message } = asFaultlineError(error);
  if (code === 'internal') console.error(error);
  const problem = { id: ++last, tone: 'error' as const, title, message, code };
  useApp.setState((state) => ({ problems: [...state.problems.slice(-4), problem] }));
}

/** Says something that went well; `action` can be taken while the word stands. */
export function tell(title: string, message: string, action?: Problem['action']): void {
  const problem = { id: ++last, tone: 'info' as const, title, message, code: '', action };
  useApp.setState((state) => ({ problems: [...state.problems.slice(-4), problem] }));
}

export function dismissProblem(id: number): void {
  useApp.setState((state) => ({ problems: state.problems.filter((p) => p.id !== id) }));
}

/** Runs what a click started; a failure becomes a problem with this title. */
export function attempt(title: string, work: () => Promise<unknown>): void {
  void work().catch((error: unknown) => reportError(title, error));
}
