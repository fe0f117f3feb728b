import { quantile } from './intervals';
import type { SetScore } from './task';

/** The set as `bench --json` prints it (DESIGN §11), with the figures by group and the notes beside. */
function setDocument(score: SetScore): Record<string, unknown> {
  const { set, task, cases, metrics, intervals, nulls, results, groups = [], notes = [] } = score;
  const seconds = results.map((one) => one.seconds).sort((a, b) => a - b);
  const total = seconds.reduce((sum, s) => sum + s, 0);
  return {
    set,
    task,
    cases,
    metrics,
    intervals,
    nulls,
    seconds: { median: quantile(seconds, 0.5), p95: quantile(seconds, 0.95), total },
    results: results.map(({ id, truth, rank, top, seconds: own, verdict }) => ({
      id,
      truth,
      rank,
      top,
      seconds: own,
      verdict,
    })),
    groups,
    notes,
  };
}

export function benchDocument(scores: readonly SetScore[]): Record<string, unknown> {
  return { schema: 1, sets: scores.map(setDocument) };
}
