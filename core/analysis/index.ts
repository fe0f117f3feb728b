export { analyze } from './analyze';
export { alerts as alertGrouping } from './correlate/alerts';
export { groupByTrouble, type AlertPoint } from './correlate/group-alerts';
export { rankByAlerts } from './correlate/rank-by-alerts';
export { TemplateMiner } from './logs/templates';
export { analyses } from './registry';
export { anomalies } from './series/batch';
export { changePoints } from './series/change-points';
export { streamAlerts } from './series/streaming';
export type {
  Analysis,
  AnalysisInfo,
  AnalysisKind,
  AnalysisProgress,
  Analyze,
  AnalyzeOptions,
  FetchFrames,
  FusionView,
} from './seam';
