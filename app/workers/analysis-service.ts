import type { AnalysisProgress, AnalyzeOptions } from '../../core/analysis';
import type {
  AnalysisResult,
  Frame,
  QueryCall,
  SeriesAnswer,
  SeriesQuestion,
} from '../../core/model';

type Fetch = (call: QueryCall) => Promise<Frame>;

/** What the analysis worker does for the data worker. Each run has a number, by which it is ended. */
export interface AnalysisService {
  analyze(
    run: number,
    fetch: Fetch,
    options: Pick<AnalyzeOptions, 'request' | 'entities'>,
    onProgress: (progress: AnalysisProgress) => void,
  ): Promise<AnalysisResult>;
  askSeries(
    run: number,
    fetch: Fetch,
    question: SeriesQuestion,
    onProgress: (progress: AnalysisProgress) => void,
  ): Promise<SeriesAnswer>;
  abort(run: number): void | Promise<void>;
}
