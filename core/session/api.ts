import type { TimeWindow } from '../base';
import type {
  Catalog,
  ConfigField,
  FileReport,
  Preview,
  PreviewBy,
  PreviewRequest,
  Probe,
  Proposal,
  PullLink,
  ReadChoices,
  TablePreview,
} from '../connect';
import type {
  AnalysisRequest,
  AnalysisResult,
  CaseClocks,
  Entity,
  ExplainRequest,
  Explanation,
  Frame,
  FrameSpec,
  Likeness,
  Notice,
  QueryCall,
  SeriesAnswer,
  SeriesQuestion,
} from '../model';
import type { CaseFacts, EntityMerge, SqlResult } from '../store';
import type { ClockReport } from './clocks';
import type { DataSource } from './data-sources';
import type { CaseRow, RowLink } from './links';

/** A file to look at or import: bytes in the page (dropped, picked) or a path that the host can read. */
export type InputFile =
  | { readonly kind: 'blob'; readonly name: string; readonly blob: Blob }
  | {
      readonly kind: 'path';
      readonly name: string;
      readonly path: string;
      readonly size: number;
      /** When it was last changed, milliseconds since the epoch, where that is known. */
      readonly modifiedMs?: number;
    };

/** One open case as the workbench sees it. */
export interface CaseInfo {
  /** Random id of the working copy. */
  readonly id: string;
  readonly name: string;
  /** Host path it was opened from or saved to. */
  readonly path: string | null;
  readonly dirty: boolean;
  readonly facts: CaseFacts;
  readonly engine: {
    readonly kind: string;
    readonly version: string;
    readonly memoryBytes: number | null;
  };
}

/** A working copy that was not saved before the program ended. */
export interface RecoverableCase {
  readonly id: string;
  readonly name: string;
  readonly path: string | null;
  readonly changedAt: number;
  readonly size: number;
}

/** Long work, in the status bar: progress with a count, cancel, and how it ended. */
export interface Job {
  readonly id: string;
  readonly kind:
    | 'open'
    | 'save'
    | 'import'
    | 'pull'
    | 'preview'
    | 'follow'
    | 'receive'
    | 'analyze'
    | 'inspect'
    | 'series';
  readonly title: string;
  readonly label: string;
  readonly done: number;
  readonly total: number | null;
  /** What done and total count: "bytes", "rows", "queries"; '' for steps. */
  readonly unit: string;
  /** Rows that came in so far, where done and total count something else. */
  readonly rows?: number;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly error?: { readonly code: string; readonly message: string };
}

export type SessionEvent =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'case'; readonly info: CaseInfo | null }
  /** Telemetry changed: panels query again. */
  | { readonly kind: 'data'; readonly dataVersion: string }
  | { readonly kind: 'analysis'; readonly result: AnalysisResult | null; readonly stale: boolean }
  | { readonly kind: 'notice'; readonly notice: Notice };

/** What a person decided about files, by the `path` of their reports; '' stands for all of them. */
export interface ImportChoices {
  /** Format ids. */
  readonly as?: Readonly<Record<string, string>>;
  /** Time unit, zone and the like, where files leave them open. */
  readonly choices?: Readonly<Record<string, ReadChoices>>;
  /** What is not wanted of archives. */
  readonly leave?: readonly string[];
}

export interface InspectOptions extends ImportChoices {
  /** Files that the open case holds already are 'skipped', as they would be on import. */
  readonly intoOpenCase?: boolean;
}

export interface TableOptions {
  /** Format id; by content where it is not given. */
  readonly as?: string;
  readonly choices?: ReadChoices;
  /** Content of a mapping file, in place of `choices.mapping`; one that does not fit rejects with 'usage'. */
  readonly mappingText?: string;
}

export interface PullOptions {
  readonly connectionId: string;
  /** They have no say where a setting is `timeless`. */
  readonly windows: readonly TimeWindow[];
  readonly select?: readonly string[];
  readonly budget: number;
  /** Settings of the connector for this pull alone, beside those of the connection. */
  readonly config?: Readonly<Record<string, string>>;
  /** As of `importFiles`. */
  readonly newCase?: string;
}

export interface FollowOptions extends Omit<PullOptions, 'newCase' | 'config'> {
  /** Most rows that are kept; beyond them the oldest go. */
  readonly ring: number;
  /** Between the end of a look and the next one, ms. */
  readonly every?: number;
}

export interface ReceiveOptions {
  /** As of `importFiles`. */
  readonly newCase?: string;
  /** What comes in is shown and analysed as it comes, at a bounded pace; else when receiving stops. */
  readonly follow?: boolean;
}

/**
 * The workbench's engine room: what the data worker exposes through Comlink, and the renderer's only way
 * to data. Every method rejects with a FaultlineError.
 */
export interface Workbench {
  subscribe(listener: (event: SessionEvent) => void): void;
  current(): Promise<CaseInfo | null>;
  recoverable(): Promise<readonly RecoverableCase[]>;
  recover(id: string): Promise<CaseInfo>;
  forget(id: string): Promise<void>;

  newCase(name: string): Promise<CaseInfo>;
  /** Opens a case file; a failed open leaves the current case as it is. */
  openCase(file: InputFile): Promise<CaseInfo>;
  /** The bundled sample incident. */
  openSample(): Promise<CaseInfo>;
  save(path: string): Promise<CaseInfo>;
  /** The case as bytes, for a download where no path can be written. */
  exportBytes(): Promise<Uint8Array>;
  closeCase(): Promise<void>;
  rename(name: string): Promise<void>;

  /** Named query of core/model/queries. */
  run<S extends FrameSpec>(call: QueryCall<S>): Promise<Frame<S>>;
  sql(text: string, limit: number): Promise<SqlResult>;

  /** Dry run: what each file would be taken for. Nothing is written. */
  inspect(files: readonly InputFile[], options?: InspectOptions): Promise<readonly FileReport[]>;
  /**
   * Reads files into the open case, or into a new one of the name given. A new case takes the place of the
   * open one only once something is in it: until then a failure or a cancel leaves what is open as it is.
   */
  importFiles(
    files: readonly InputFile[],
    choices: ImportChoices,
    newCase?: string,
  ): Promise<readonly FileReport[]>;
  /** `table`: what is what in it can be said by a mapping. */
  formats(): Promise<
    readonly { readonly id: string; readonly title: string; readonly table: boolean }[]
  >;
  /** The first records of a table as a mapping makes them; null where no format for tables reads it. */
  previewTable(
    files: readonly InputFile[],
    path: string,
    options?: TableOptions,
  ): Promise<TablePreview | null>;

  connectors(): Promise<readonly ConnectorInfo[]>;
  /** What a pasted address of a backend's page asks for; null for a plain address. */
  readLink(text: string): Promise<PullLink | null>;
  /** Pages of the backends that a row of the open case came from; none for rows of files. */
  linksTo(row: CaseRow): Promise<readonly RowLink[]>;
  /** Data sources of Grafana's, where the connection's address is Grafana's. */
  dataSources(connectionId: string): Promise<readonly DataSource[]>;
  probe(connectionId: string): Promise<Probe>;
  discover(connectionId: string, windows: readonly TimeWindow[]): Promise<Catalog>;
  /**
   * What a pull would bring, counted over time by the backend; nothing is pulled. A new preview ends the one that
   * runs. Rejects with 'usage' where the kind of backend has none.
   */
  preview(connectionId: string, request: Omit<PreviewRequest, 'onProgress'>): Promise<Preview>;
  /** What matters of a catalog, within so many rows. */
  propose(catalog: Catalog, budget: number): Promise<Proposal>;
  /** A pull into a new case that broke off with rows in it leaves that case open, to be resumed. */
  pull(options: PullOptions): Promise<void>;
  resumePull(sourceId: number): Promise<void>;
  /**
   * Pulls into the open case, and then what is new, again and again, shown and analysed as it comes, until its job
   * is cancelled: that stops it, and what is there is complete.
   */
  follow(options: FollowOptions): Promise<void>;
  /**
   * Takes a source out with its rows; `restoreSource` undoes it. Says where
   * others may have lost rows by that. Where it is all that a broken pull left of a new case, the case that
   * was open before the pull is open again.
   */
  removeSource(sourceId: number): Promise<readonly Notice[]>;
  /** Brings a removed source back, until the case is saved or closed; then it rejects with 'not-found'. */
  restoreSource(sourceId: number): Promise<void>;
  receiveStart(
    http: string,
    grpc: string,
    options?: ReceiveOptions,
  ): Promise<{ readonly http: string; readonly grpc: string }>;
  receiveStop(): Promise<void>;

  analyze(request: AnalysisRequest): Promise<AnalysisResult>;
  /** What differs between two selections; a newer question ends the one before it. */
  explain(request: ExplainRequest): Promise<Explanation>;
  /**
   * What a person asks about metric series: anomalies and changes, those shaped like one, those that move
   * alike, stretches in which many are not as they were. A newer question of a kind ends the one before it.
   */
  series<K extends SeriesQuestion['kind']>(
    question: Extract<SeriesQuestion, { readonly kind: K }>,
  ): Promise<SeriesAnswer<K>>;
  /** Recent cases on this machine that look like the open one, the most alike first. */
  similar(): Promise<readonly SimilarCase[]>;
  /** How far the clocks of the sources are apart, from the times as they came. */
  clocks(): Promise<ClockReport>;
  /** Shows and analyses the case on these clocks; what was found on them before is there at once. */
  setClocks(clocks: CaseClocks): Promise<void>;
  entities(): Promise<readonly Entity[]>;
  merges(): Promise<readonly EntityMerge[]>;
  decideMerge(mergeId: string, state: EntityMerge['state']): Promise<void>;
  addMerge(from: string, into: string, reason: string): Promise<void>;

  cancelJob(id: string): Promise<void>;
}

/** A recent case beside the open one. */
export interface SimilarCase extends Omit<Likeness, 'index'> {
  readonly path: string;
  readonly name: string;
  /** Its window, ms. */
  readonly from: number | null;
  readonly to: number | null;
  readonly cause: string;
}

export interface ConnectorInfo {
  readonly id: string;
  readonly title: string;
  readonly signals: readonly string[];
  readonly exampleUrl: string;
  /** It can be asked through Grafana. */
  readonly throughGrafana: boolean;
  /** What a preview can tell records apart by; none where there are no previews. */
  readonly previewBy: readonly PreviewBy[];
  readonly fields: readonly ConfigField[];
}
