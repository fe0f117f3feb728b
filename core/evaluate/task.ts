/** A labelled set on disk, wherever it lies; paths are relative to it. */
export interface SetFolder {
  /** The set's own name, for reports. */
  readonly name: string;
  /** Names of the files and folders at `path` (the set's root where it is not given), in order. */
  list(path?: string): Promise<readonly string[]>;
  /** The text of a file, decompressed where its name ends in .gz. */
  text(path: string): Promise<string>;
  has(path: string): Promise<boolean>;
}

/** One labelled case: what was true, where it was ranked. */
export interface CaseResult {
  readonly id: string;
  readonly truth: string | null;
  /** Expected rank under random order of ties, from 1; null where it is not listed. */
  readonly rank: number | null;
  /** What was ranked first, best first. */
  readonly top: readonly string[];
  /** Of the analysis alone. */
  readonly seconds: number;
  readonly verdict: string;
}

/** The same figures over a part of a set. */
export interface GroupScore {
  readonly by: 'kind' | 'system';
  readonly name: string;
  readonly cases: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface SetScore {
  readonly set: string;
  readonly task: string;
  readonly cases: number;
  /** Names are those of DESIGN §11. */
  readonly metrics: Readonly<Record<string, number>>;
  /** 95 % intervals of some of the metrics, by name. */
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  /** What something without insight scores in the task's first metric. */
  readonly nulls: Readonly<Record<string, number>>;
  readonly results: readonly CaseResult[];
  readonly groups?: readonly GroupScore[];
  /** What was left out or is worth knowing, in words. */
  readonly notes?: readonly string[];
}

export interface TaskOptions {
  /** Seed: names, order and times are changed before anything is read. */
  readonly scramble?: number;
  /** Windows are withheld. */
  readonly blind?: boolean;
  /** 'metrics': nothing else of a case is read, no graph either. */
  readonly signals?: 'metrics';
  /** Only the case, series or system of this name; of simulated cases those of a scenario, too. */
  readonly only?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** One kind of labelled set: knows its layout, runs the product's analyses on it, scores what came out. */
export interface Task {
  readonly id: string;
  /** By what is in the folder, never by its name. */
  recognise(folder: SetFolder): Promise<boolean>;
  run(folder: SetFolder, options: TaskOptions): Promise<SetScore>;
}
