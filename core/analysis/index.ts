export { analyze } from './analyze';
export { ask } from './ask';
export { clockOffsets } from './clocks/offsets';
export { alerts as alertGrouping } from './correlate/alerts';
export type { AlertPoint } from './correlate/alert-parts';
export { groupByTrouble } from './correlate/group-alerts';
export { AlertHistory, type FiredAlert } from './correlate/alert-history';
export { alertTopology } from './correlate/alert-topology';
export { rankByAlerts } from './correlate/rank-by-alerts';
export { findLogAnomalies } from './logs/anomalies';
export { anomalyDefaults, type AnomalyParams } from './logs/find-anomalies';
export { TemplateMiner } from './logs/templates';
export { analyses } from './registry';
export { seriesAlike, seriesClusters, seriesEvents } from './series/analyses';
export { askSeries } from './series/ask-series';
export type { AskSeries } from './series/ask-series';
export { together } from './series/together';
export { alike } from './series/alike';
export { anomalies } from './series/batch';
export { clusters } from './series/clusters';
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
export { explain } from './explain/explain';
export type { ExplainLimits, ExplainOptions } from './explain/explain';
export { FEATURES, confidenceOf } from './rca/calibration';
export { snapshotOf } from './rca/desk';
export { fingerprintOf } from './similar/fingerprint';
export { nearest } from './similar/nearest';
