export { analyze } from './analyze';
export { analyses } from './registry';
export type {
  Analysis,
  AnalysisInfo,
  AnalysisKind,
  AnalysisProgress,
  Analyze,
  AnalyzeOptions,
  FetchFrames,
} from './seam';
