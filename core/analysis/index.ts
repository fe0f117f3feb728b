export { analyze } from './analyze';
export { TemplateMiner } from './logs/templates';
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
