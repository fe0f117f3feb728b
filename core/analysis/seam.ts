import type {
  AnalysisRequest,
  AnalysisResult,
  Entity,
  Frame,
  FrameSpec,
  QueryCall,
} from '../model';

/** How an analysis gets its declared inputs: named queries, answered column by column. */
export type FetchFrames = <S extends FrameSpec>(call: QueryCall<S>) => Promise<Frame<S>>;

export interface AnalysisProgress {
  /** Which analysis, by id and in words. */
  readonly id: string;
  readonly label: string;
  /** 0–1 over the whole run. */
  readonly fraction: number;
}

export interface AnalyzeOptions {
  readonly request: AnalysisRequest;
  readonly entities: readonly Entity[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AnalysisProgress) => void;
}

/** The one door of this module: core/analysis exports `analyze: Analyze`. */
export type Analyze = (fetch: FetchFrames, options: AnalyzeOptions) => Promise<AnalysisResult>;
