import type { TimeWindow } from '../base';
import type {
  AnalysisRequest,
  AnalysisResult,
  Batch,
  CaseClocks,
  DroppedCount,
  Entity,
  Frame,
  FrameSpec,
  Notice,
  QueryCall,
} from '../model';
import type { QueryOptions, SqlResult } from './engine';
import type { Trimmed } from './ring';

/** Who a source is. Equal identities are the same source: a repeat is recognised, a rest is resumed. */
export interface SourceIdentity {
  /** Connector or format id. */
  readonly connector: string;
  /** File name or connection name as a person knows it. */
  readonly name: string;
  /** Address without credentials; '' for files. */
  readonly endpoint: string;
  /** What was asked (JSON text): windows, selection, budget, or the file's SHA-256. */
  readonly query: string;
  readonly window: TimeWindow | null;
}

export type SourceState = 'partial' | 'complete';

export interface SourceInfo extends SourceIdentity {
  readonly sourceId: number;
  readonly state: SourceState;
  readonly rows: number;
  readonly pulledAt: bigint;
  readonly sha256: string;
}

/** Coverage of one signal and window by a source: what there was and what was kept. */
export interface CoverageRow {
  readonly signal: string;
  readonly window: TimeWindow;
  readonly rowsTotal: number | null;
  readonly rowsKept: number;
  readonly sampled: boolean;
  readonly how: string;
}

/** Of each table, how many rows of a source there were. */
export type RowPlace = Readonly<Record<string, string>>;

export interface ShowOptions {
  readonly latestAlerts?: boolean;
}

/** Writes one source: batches gather, `commit` puts them and the cursor into the case in one transaction. */
export interface SourceWriter {
  readonly sourceId: number;
  /** The last committed cursor of a partial source that is being resumed. */
  readonly cursor: string | undefined;
  readonly rows: number;
  add(batch: Batch): void;
  notice(notice: Notice): void;
  coverage(row: CoverageRow): void;
  /** Records of the source that are not in the case; they come with the next commit. */
  left(count: DroppedCount): void;
  /** Rows gathered but not committed. */
  readonly pending: number;
  commit(cursor: string): Promise<void>;
  /**
   * Shows what is committed, and goes on: the source grows. For rows that each are whole by themselves, as a
   * receiver's are; drops repeats of other sources, with a notice. With `latestAlerts` an alert that came more than
   * once is kept as it was last.
   */
  show(options?: ShowOptions): Promise<readonly Notice[]>;
  /** How many rows of each table were committed: a place to which `dropRepeats` goes back. */
  readonly place: RowPlace;
  /** Takes out committed rows from `since` on that came before it already. Not for what is shown. */
  dropRepeats(since: RowPlace): Promise<void>;
  /** Lets go of the oldest rows where there are more than `most`; undefined where there are not. */
  trim(most: number): Promise<Trimmed | undefined>;
  /** Commits the rest and makes the rows visible; derives entities; drops repeats of other sources, with a notice. */
  finish(sha256?: string): Promise<readonly Notice[]>;
  /** Leaves what is committed as partial: it can be resumed or discarded. */
  suspend(): Promise<void>;
}

export interface TableCount {
  readonly table: string;
  readonly rows: number;
}

export interface CaseFacts {
  readonly counts: readonly TableCount[];
  /** From the first to the last telemetry that can be seen; null for an empty case. */
  readonly range: TimeWindow | null;
  readonly sources: readonly SourceInfo[];
  readonly notices: readonly (Notice & { readonly sourceId: number | null })[];
  readonly clocks: CaseClocks;
  /** Windows and symptom that were given (case.json) or set by a person. */
  readonly request: AnalysisRequest;
}

/** A proposed, accepted or rejected "these two names are one thing". */
export interface EntityMerge {
  readonly mergeId: string;
  readonly from: Entity;
  readonly into: Entity;
  readonly reason: string;
  readonly state: 'proposed' | 'accepted' | 'rejected';
}

export interface RunOptions extends QueryOptions {
  /** From the rows as they are now, also where the answer was kept. */
  readonly anew?: boolean;
}

/** One open case: the schema, its sources, its findings. Built on an Engine by openCaseStore. */
export interface CaseStore {
  run<S extends FrameSpec>(call: QueryCall<S>, options?: RunOptions): Promise<Frame<S>>;
  /** Read-only SQL of a person, against what is visible. */
  sql(text: string, limit: number, options?: QueryOptions): Promise<SqlResult>;
  facts(): Promise<CaseFacts>;
  findSource(identity: SourceIdentity): Promise<SourceInfo | undefined>;
  beginSource(identity: SourceIdentity, now: bigint): Promise<SourceWriter>;
  /** Deletes a source with its rows, for good: what came of it is not wanted. */
  removeSource(sourceId: number): Promise<void>;
  /** Takes a source out, complete or partial, so that `restoreSource` can bring it back. */
  takeOutSource(sourceId: number): Promise<void>;
  /**
   * Brings a source back as it was taken out, but for rows that another source holds by now: these are kept once,
   * with a notice. Rejects with 'not-found' after `purgeTakenOut`.
   */
  restoreSource(sourceId: number): Promise<readonly Notice[]>;
  /** Deletes what was taken out, for good: before a case leaves this machine. */
  purgeTakenOut(): Promise<void>;
  setRequest(request: AnalysisRequest): Promise<void>;
  entities(): Promise<readonly Entity[]>;
  merges(): Promise<readonly EntityMerge[]>;
  decideMerge(mergeId: string, state: EntityMerge['state']): Promise<void>;
  /** A merge that a person states: `from` is another name of `into`. */
  addMerge(from: string, into: string, reason: string): Promise<EntityMerge>;
  saveAnalysis(result: AnalysisResult, now: bigint): Promise<string>;
  /** The newest stored analysis; undefined where none has run since the data changed. */
  loadAnalysis(): Promise<AnalysisResult | undefined>;
  meta(key: string): Promise<string | undefined>;
  setMeta(key: string, value: string): Promise<void>;
  clocks(): Promise<CaseClocks>;
  /**
   * Sets the clocks of all sources: what is visible is shown on them, the rows stay what they are. The same
   * clocks as before bring back what was stored under them.
   */
  setClocks(clocks: CaseClocks): Promise<void>;
  /** Changes with every committed change of data, and says which shifts of clocks are in force. */
  dataVersion(): Promise<string>;
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}
