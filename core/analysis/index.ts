export { analyze } from './analyze';
export { METHODS } from './rca/methods';
export type { Analyze, AnalyzeOptions, AnalysisProgress, FetchFrames } from './seam';
