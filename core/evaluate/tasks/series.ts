import { createRng } from '../../base';
import { bootstrap, type Interval } from '../intervals';
import type { CaseResult, SetFolder, SetScore, TaskOptions } from '../task';

/** A table of a series file: rows of cells without their quotes, the heading left out. */
export function csvRows(text: string): readonly (readonly string[])[] {
  return text
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split(',').map((cell) => cell.replace(/^"|"$/g, '').trim()));
}

/** The number in a cell; NaN where there is none. */
export function cellNumber(cell: string | undefined): number {
  return cell === undefined || cell === '' ? Number.NaN : Number(cell);
}

/** `folder/file` of every CSV file two levels down from `root`, in order. */
export async function seriesFiles(
  folder: SetFolder,
  root: string,
  only: string | undefined,
): Promise<readonly string[]> {
  const out: string[] = [];
  for (const group of await folder.list(root))
    for (const file of await folder.list(`${root}/${group}`))
      if (file.endsWith('.csv')) out.push(`${group}/${file}`);
  return out.filter((id) => wanted(id, only));
}

/** Whether a series is asked for: by its id, its file's name or its group's. */
export function wanted(id: string, only: string | undefined): boolean {
  if (only === undefined) return true;
  return id === only || id.split('/').some((part) => part === only || part === `${only}.csv`);
}

/** One series scored. */
export interface Scored<T> {
  readonly id: string;
  readonly part: T;
  readonly seconds: number;
  /** What was found, for the list of results. */
  readonly found: readonly number[];
  readonly truth: string;
}

/** Seconds that a piece of work takes, by the caller's clock. */
export function timed<T>(now: TaskOptions['now'], work: () => T): readonly [T, number] {
  const started = now();
  const value = work();
  return [value, (now() - started) / 1000];
}

type Metrics<T> = Readonly<Record<string, (parts: readonly T[]) => number>>;

/** Figures over all series, each with a bootstrap over the series, and each series as a result. */
export function seriesScore<T>(
  set: string,
  task: string,
  scored: readonly Scored<T>[],
  metrics: Metrics<T>,
  nulls: Readonly<Record<string, number>>,
  notes: readonly string[],
): SetScore {
  const parts = scored.map(({ part }) => part);
  const rng = createRng(`${task}/intervals`);
  const intervals: Record<string, Interval> = {};
  const values: Record<string, number> = {};
  for (const [name, metric] of Object.entries(metrics)) {
    values[name] = metric(parts);
    intervals[name] = bootstrap(parts, metric, rng.fork(name));
  }
  return {
    set,
    task,
    cases: scored.length,
    metrics: values,
    intervals,
    nulls,
    notes,
    results: scored.map(resultOf),
  };
}

function resultOf<T>({ id, seconds, found, truth }: Scored<T>): CaseResult {
  return {
    id,
    truth,
    rank: null,
    top: found.map(String),
    seconds,
    verdict: found.length > 0 ? 'found' : 'nothing-found',
  };
}
