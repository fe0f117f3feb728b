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
