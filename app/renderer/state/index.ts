export { host, workbench } from './services';
export { hoverEntity, pointAt, useApp, usePointer } from './store';
export type { AppState, Dialog, Problem, Selection, Theme } from './store';
export {
  caseRange,
  estimateNotice,
  clearSelection,
  focusWindow,
  select,
  selectEntity,
  setSearch,
  setView,
  showPanel,
  showRows,
  showSql,
  shownWindow,
  togglePinned,
} from './selection';
export { attempt, dismissProblem, reportError, tell } from './problems';
export {
  runQuery,
  useAsync,
  useClockReport,
  useExplanation,
  useQuery,
  useSimilar,
} from './use-query';
export type { QueryState } from './use-query';
export { track } from './idle';
export {
  commandFor,
  keyLabel,
  registerCommands,
  runCommand,
  useCommandList,
  useCommands,
} from './commands';
export type { Command } from './commands';
export {
  afterUnsaved,
  canPick,
  closeCase,
  freshCaseName,
  inputOf,
  isCaseName,
  newCase,
  openDialog,
  openFiles,
  openPaths,
  openSample,
  pickAndOpen,
  recoverCase,
  save,
  saveAs,
  saveTo,
} from './case-actions';
export { judge, reanalyze, setBaseline, setIncident } from './analysis-actions';
export { addingSources, currentRequest, redo, removeSource, undo } from './undo';
export { applyClocks, toggleRawClocks } from './clock-actions';
export { begin, boot, onHostEvent, setTheme, setZone } from './boot';
