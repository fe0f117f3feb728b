export type { Cell, Engine, Placement, QueryOptions, SqlResult } from './engine';
export type {
  CaseFacts,
  CaseStore,
  CoverageRow,
  EntityMerge,
  SourceIdentity,
  SourceInfo,
  SourceState,
  RowPlace,
  SourceWriter,
  TableCount,
} from './case-store';
export { dbNamed } from './db';
export { migrate } from './migrations';
export { openCaseStore } from './open';
export { FORMAT_VERSION } from './schema';
export type { OpenOptions } from './open';
export { SerialQueue } from './serial';
export { wrapSelect } from './wrap';
