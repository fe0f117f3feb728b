export { SIGNALS, SIGNAL_OF, TELEMETRY, TELEMETRY_TABLES } from './tables';
export type { ColumnType, ColumnsOf, Signal, TelemetryTable } from './tables';
export { BatchBuilder } from './batch';
export {
  SAMPLING_KEYS,
  adjustedCount,
  adjustedCounts,
  adjustedCountsOf,
  adjustedState,
} from './adjusted-count';
export { scaledAdjustedCounts, withAdjustedCounts } from './adjusted-batch';
export type { Batch, BuildersOf, ColumnData, ListData, MapData } from './batch';
export {
  CLOCK_ANCHOR_KINDS,
  CLOCK_ANCHOR_WORDS,
  anchorsText,
  clockNotices,
  clockText,
  lengthText,
  settingOf,
  shiftText,
  shiftsInForce,
} from './clocks';
export type {
  CaseClocks,
  ClockAnchorKind,
  ClockConfidence,
  ClockEstimate,
  ClockOffsets,
  ClockPair,
  ClockSetting,
} from './clocks';
export { TIME_OF, matters } from './reads';
export type { Came, Reads } from './reads';
export { checkFrame, emptyFrame, transferables } from './frame';
export type { Frame, FrameArrays, FrameSpec, FrameType } from './frame';
export { checkQueryOf, defineQuery, findQuery, literal, renderSql } from './query';
export type { QueryCall, QueryDef, SqlParams, SqlValue } from './query';
export type { Notice } from './notice';
export { DROPPED_SQL, DROPPED_WHY, howDropped } from './dropped';
export type { DroppedCount, DroppedWhy } from './dropped';
export { ANY, fixedWords, longestWords, searchFor } from './template-words';
export {
  ENTITY_KINDS,
  ResourceInterner,
  entityId,
  entityKindOf,
  parseEntityId,
  seriesId,
} from './entities';
export type { Attributes, Entity, EntityKind } from './entities';
export type {
  AlertGroup,
  AnalysisRequest,
  AnalysisResult,
  Anomaly,
  Bucket,
  Culprit,
  EdgeStats,
  EntityHeat,
  Evidence,
  LogAnomaly,
  LogAnomalyKind,
  RowSnapshot,
  LogTemplate,
  MethodRank,
  MethodRun,
  RankedCause,
  Stance,
  Topology,
  TopologyEdge,
  TopologyNode,
  WindowClaim,
} from './findings';
export { delayText, propagationText, secondsText } from './propagation';
export type { Propagation, PropagationStep } from './propagation';
export type { Likeness, Mark, Trait } from './similar';
export type {
  SeriesAnswer,
  SeriesCluster,
  SeriesClusters,
  SeriesEvents,
  SeriesLike,
  SeriesLikes,
  SeriesOutputs,
  SeriesQuestion,
  SeriesTogether,
  TogetherStretch,
} from './series';
export { EXPLAIN_SIGNALS } from './explain';
export type {
  Difference,
  ExplainFilter,
  ExplainMeasure,
  ExplainRequest,
  ExplainSide,
  ExplainSignal,
  Explanation,
  Novelty,
} from './explain';
export type { ConfidenceBin, HitRate } from './hit-rates';
export { CONFIDENCE_BINS, HIT_RATES } from './generated/hit-rates';
export { traceIdIn, traceIdsIn } from './trace-id';
