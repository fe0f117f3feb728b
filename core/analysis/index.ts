export type { AnalyzeOptions, AnalysisProgress, FetchFrames } from './seam';
