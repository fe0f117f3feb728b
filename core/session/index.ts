export type {
  CaseInfo,
  ConnectorInfo,
  InputFile,
  Job,
  PullOptions,
  RecoverableCase,
  SessionEvent,
  Workbench,
} from './api';
