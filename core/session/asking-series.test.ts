import { describe, expect, it } from 'vitest';
import type { AskSeries } from '../analysis';
import { cancelled, isCancelled } from '../base';
import type { SeriesAnswer } from '../model';
import type { Job } from './api';
import { AskingSeries } from './asking-series';
import type { Desk } from './desk';
import { JobBoard } from './jobs';

const window = { from: 0n, to: 10n };
const empty: SeriesAnswer<'clusters'> = {
  output: { clusters: [], alone: 0, still: 0 },
  notices: [],
  methods: [],
};

/** A desk whose questions are answered when the test says so. */
function desk(): {
  readonly asking: AskingSeries;
  readonly jobs: Job[];
  readonly answers: (() => void)[];
} {
  const jobs: Job[] = [];
  const answers: (() => void)[] = [];
  let now = 0;
  const board = new JobBoard(
    (job) => jobs.push(job),
    () => (now += 1000),
  );
  const askSeries: AskSeries = (_, __, { signal, onProgress } = {}) =>
    new Promise((resolve, reject) => {
      onProgress?.({ id: 'x', label: 'Looking', fraction: 0.5 });
      signal?.addEventListener('abort', () => reject(cancelled()));
      answers.push(() => resolve(empty));
    });
  const open = { store: {} };
  const parts = { env: { askSeries }, jobs: board, open, case: () => open };
  return { asking: new AskingSeries(parts as unknown as Desk), jobs, answers };
}

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => (isCancelled(error) ? 'cancelled' : 'failed'),
  );

describe('asking about series', () => {
  it('is a job with progress, and ends where it is cancelled', async () => {
    const { asking, jobs } = desk();
    const asked = outcome(asking.ask({ kind: 'clusters', window }));
    expect(jobs.at(-1)).toMatchObject({ kind: 'series', done: 50, total: 100, state: 'running' });
    const parts = asking as unknown as { readonly desk: Desk };
    parts.desk.jobs.cancel(jobs[0]?.id ?? '');
    expect(await asked).toBe('cancelled');
    expect(jobs.at(-1)?.state).toBe('cancelled');
  });

  it('ends an older question of the same kind only', async () => {
    const { asking, answers, jobs } = desk();
    const first = outcome(asking.ask({ kind: 'clusters', window }));
    const marks = outcome(asking.ask({ kind: 'events', window, series: [1n] }));
    const second = outcome(asking.ask({ kind: 'clusters', window }));
    for (const answer of answers) answer();
    expect(await Promise.all([first, marks, second])).toEqual([
      'cancelled',
      'answered',
      'answered',
    ]);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(2);
  });
});
