// The named queries of the program, one file an area. Importing this face registers them all.
export {
  changeRows,
  coveredSeconds,
  edgeShift,
  logLines,
  metricEdges,
  metricShift,
  operationShift,
  seriesCourses,
  signalDensity,
  statedRelations,
} from './analysis';
export { caseRangeQuery } from './case-range';
export { alertLabels, alertRows } from './alerts';
export { entityPulse, metricPulse } from './pulse';
export {
  alertCount,
  callsFailed,
  edgeGap,
  changeAt,
  logCount,
  metricLevel,
  operationLatency,
  seriesBeyond,
  serviceErrors,
  storedEvidence,
} from './evidence';
export { versionLevel, versionShift } from './changes';
export { linkTails, placeShift } from './links';
export {
  entitiesStopped,
  sampledRows,
  seriesStopped,
  serviceLevel,
  signalRows,
} from './evidence-coverage';
export { callOrder, logFollowed, logOrder } from './log-order';
export { messageShift } from './messages';
export { MAY_NAME, PEER_SQL, subjectOf } from './pieces';
export { evidenceRowsSql } from './rows';
export { errorsOverTime, operationOverTime, timeSpent } from './series';
export { clockAnchorRows, clockAnchors, clockSources } from './clocks';
export { coverageMap, droppedOverTime, droppedUnplaced } from './coverage-map';
export { coverageRows } from './sources';
export { metricStretches, requestStretches } from './stretches';
export {
  alertPlace,
  changePlace,
  linePlace,
  linkedChanges,
  seriesPlaces,
  tracePlaces,
} from './row-places';
export { logDetail, logHistogram, logPage } from './logs';
export type { LogFilter } from './logs';
export { spanDetail, spanEvents, traceList, traceLogs, traceSpans } from './traces';
export { metricCatalog, metricCurves, seriesGrid, seriesValues } from './metrics';
export {
  entryServices,
  logRates,
  pinnedSeries,
  rowVolume,
  seriesLevels,
  serviceLevels,
  serviceRequests,
} from './timeline';
export { edgeCalls, placement, traffic } from './topology';
export {
  explainAttributes,
  explainEvents,
  explainLogs,
  explainMetrics,
  explainOperations,
  explainSides,
  explainSizes,
} from './explain';
export type { ExplainSides } from './explain';
export { textKey } from './snapshot';
