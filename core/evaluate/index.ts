export { FILE_TASKS } from './tasks';
export type { CaseResult, GroupScore, SetFolder, SetScore, Task, TaskOptions } from './task';
export {
  caseFolders,
  crossValidated,
  featureLines,
  readFeatureLines,
  fitCalibration,
  fitModule,
  hitRatesModule,
  overallScores,
  runFolder,
  runPlantedMetrics,
  runSimulator,
  seedsOf,
} from './root-cause';
export type { CaseBed, FitCase, Outcome, RunConfig, SetRun } from './root-cause';
export { benchMarkdown } from './markdown';
export { benchDocument } from './document';
export { quietLogs, runPlantedLogs } from './planted-logs';
export type { QuietLog } from './planted-logs';
export { keptScores, keptText, mergedRuns, readKept } from './kept';
export type { KeptSet } from './kept';
