import { create } from 'zustand';
import type { TimeWindow } from '../../../core/base';
import type { HostInfo } from '../../../core/host';
import type { AnalysisRequest, AnalysisResult, CaseClocks, Entity } from '../../../core/model';
import type { CaseInfo, InputFile, Job } from '../../../core/session';

/** What is selected, everywhere at once. */
export interface Selection {
  /** A brushed stretch of time; undefined where the whole case counts. */
  readonly range: TimeWindow | undefined;
  readonly entityId: string | undefined;
  /** An edge of the topology, by entity ids. */
  readonly edge: { readonly source: string; readonly target: string } | undefined;
  /** Evidence id within the finding of `entityId`. */
  readonly evidenceId: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

export const NOTHING_SELECTED: Selection = {
  range: undefined,
  entityId: undefined,
  edge: undefined,
  evidenceId: undefined,
  traceId: undefined,
  spanId: undefined,
};

/** An error or a word to the person, until it is dismissed. */
export interface Problem {
  readonly id: number;
  readonly tone: 'error' | 'info';
  readonly title: string;
  readonly message: string;
  readonly code: string;
  /** What can be done about it, at a press. */
  readonly action?: { readonly title: string; readonly run: () => void };
}

/** What a person did and can take back, told as it was done. */
export type Step =
  | { readonly kind: 'request'; readonly before: AnalysisRequest; readonly after: AnalysisRequest }
  | { readonly kind: 'clocks'; readonly before: CaseClocks; readonly after: CaseClocks }
  | {
      readonly kind: 'sources';
      readonly change: 'added' | 'removed';
      readonly sourceIds: readonly number[];
      readonly name: string;
    };

export type Dialog =
  | { readonly kind: 'import'; readonly files: readonly InputFile[] }
  | {
      readonly kind: 'pull';
      readonly window?: TimeWindow;
      readonly connectionId?: string;
      /** Trace ids to ask for. */
      readonly trace?: string;
    }
  | { readonly kind: 'receive' }
  | { readonly kind: 'entities' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'palette'; readonly text: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'save-as' }
  | { readonly kind: 'unsaved'; readonly proceed: () => void };

export type Theme = 'dark' | 'light' | 'system';

export interface AppState {
  readonly hostInfo: HostInfo | undefined;
  /** The program behind the page is gone: nothing can be saved or pulled until it is started again. */
  readonly disconnected: boolean;
  readonly info: CaseInfo | undefined;
  readonly entities: readonly Entity[];
  /** Changes with every change of data: part of the key of every query. */
  readonly dataVersion: string;
  readonly analysis: AnalysisResult | undefined;
  /** True while data changed and the analysis has not run since. */
  readonly stale: boolean;
  readonly jobs: readonly Job[];
  readonly problems: readonly Problem[];

  readonly selection: Selection;
  /** The stretch that the timeline shows; undefined shows the whole case. */
  readonly view: TimeWindow | undefined;
  /** Free text and field:value terms of the search box; the logs panel filters by it. */
  readonly search: string;
  /** Series pinned to the timeline, by id. */
  readonly pinned: readonly bigint[];
  /** What the SQL panel was given: the SQL of a number that was followed. */
  readonly sql: { readonly text: string; readonly title: string } | undefined;
  /** What the Rows panel shows: the rows that a number rests on. */
  readonly rows: { readonly text: string; readonly title: string } | undefined;

  readonly dialog: Dialog | undefined;
  readonly theme: Theme;
  /** IANA zone or 'UTC': how times are shown. */
  readonly zone: string;
  /** Times are shown as offsets from the incident's start (T+00:40). */
  readonly relativeTime: boolean;
  /** A panel to bring to the front; the counter makes repeats count. */
  readonly front: { readonly panel: string; readonly count: number } | undefined;
  /** What was done and can be undone, the last at the end; and what was undone. */
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const useApp = create<AppState>()(() => ({
  hostInfo: undefined,
  disconnected: false,
  info: undefined,
  entities: [],
  dataVersion: '',
  analysis: undefined,
  stale: false,
  jobs: [],
  problems: [],
  selection: NOTHING_SELECTED,
  view: undefined,
  search: '',
  pinned: [],
  sql: undefined,
  rows: undefined,
  dialog: undefined,
  theme: 'dark',
  zone: 'UTC',
  relativeTime: false,
  front: undefined,
  past: [],
  future: [],
}));

/** What the pointer is over: apart from the rest, because it changes with every move. */
export interface PointerState {
  /** Time under the pointer, ns. */
  readonly cursor: bigint | undefined;
  readonly entityId: string | undefined;
}

export const usePointer = create<PointerState>()(() => ({
  cursor: undefined,
  entityId: undefined,
}));

export function pointAt(cursor: bigint | undefined): void {
  if (usePointer.getState().cursor !== cursor) usePointer.setState({ cursor });
}

export function hoverEntity(entityId: string | undefined): void {
  if (usePointer.getState().entityId !== entityId) usePointer.setState({ entityId });
}
