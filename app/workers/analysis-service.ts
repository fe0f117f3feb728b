import type { AnalysisProgress, AnalyzeOptions } from '../../core/analysis';
import type { AnalysisResult, Frame, QueryCall } from '../../core/model';

/** What the analysis worker does for the data worker. */
export interface AnalysisService {
  analyze(
    fetch: (call: QueryCall) => Promise<Frame>,
    options: Pick<AnalyzeOptions, 'request' | 'entities'>,
    onProgress: (progress: AnalysisProgress) => void,
  ): Promise<AnalysisResult>;
  abort(): void | Promise<void>;
}
