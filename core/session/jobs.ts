import { asFaultlineError, isCancelled } from '../base';
import type { Job } from './api';

export interface JobHandle {
  readonly id: string;
  readonly signal: AbortSignal;
  /** Progress, in the job's unit; shown at most ten times a second. */
  readonly report: (
    done: number,
    total: number | null,
    label?: string,
    more?: Partial<Pick<Job, 'unit' | 'rows'>>,
  ) => void;
}

/** Long work with progress and cancel, one list for the status bar. */
export class JobBoard {
  private readonly running = new Map<string, AbortController>();
  private counter = 0;

  constructor(
    private readonly emit: (job: Job) => void,
    private readonly nowMs: () => number,
  ) {}

  async run<T>(
    what: Pick<Job, 'kind' | 'title' | 'unit'>,
    work: (job: JobHandle) => Promise<T>,
  ): Promise<T> {
    const id = `job-${++this.counter}`;
    const controller = new AbortController();
    this.running.set(id, controller);
    let job: Job = { ...what, id, label: '', done: 0, total: null, state: 'running' };
    let shownAt = 0;
    this.emit(job);
    const report: JobHandle['report'] = (done, total, label, more) => {
      // The queries of a pull are listed: none of them is passed over.
      const listed = what.kind === 'pull' && label !== undefined && label !== job.label;
      job = { ...job, ...more, done, total, label: label ?? job.label };
      const now = this.nowMs();
      if (!listed && now - shownAt < 100) return;
      shownAt = now;
      this.emit(job);
    };
    try {
      const result = await work({ id, signal: controller.signal, report });
      this.emit({ ...job, state: 'done' });
      return result;
    } catch (error) {
      const { code, message } = asFaultlineError(error);
      this.emit(
        isCancelled(error)
          ? { ...job, state: 'cancelled' }
          : { ...job, state: 'failed', error: { code, message } },
      );
      throw error;
    } finally {
      this.running.delete(id);
    }
  }

  cancel(id: string): void {
    this.running.get(id)?.abort();
  }

  /** Ends all but the job that asks for it. */
  cancelAll(except?: string): void {
    for (const [id, controller] of this.running) if (id !== except) controller.abort();
  }
}
