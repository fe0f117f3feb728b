export type { Cell, Engine, Placement, QueryOptions, SqlResult } from './engine';
export type {
  CaseFacts,
  CaseStore,
  CoverageRow,
  EntityMerge,
  SourceIdentity,
  SourceInfo,
  SourceState,
  SourceWriter,
  TableCount,
} from './case-store';
export { openCaseStore } from './open';
export type { OpenOptions } from './open';
export { FORMAT_VERSION, tableShapes } from './schema';
export type { TableShape } from './schema';
export { SerialQueue } from './serial';
export { wrapSelect } from './wrap';
