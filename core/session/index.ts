export type {
  CaseInfo,
  ConnectorInfo,
  InputFile,
  ImportChoices,
  InspectOptions,
  Job,
  PullOptions,
  RecoverableCase,
  SessionEvent,
  SimilarCase,
  TableOptions,
  Workbench,
} from './api';
export { analyzeCase } from './analyze';
export { checkCase, evidenceSql } from './check';
export { estimateClocks } from './clocks';
export type { ClockReport } from './clocks';
export type { ClaimCheck } from './check';
export { dataSourcesOf } from './data-sources';
export type { DataSource } from './data-sources';
export { exporters } from './export';
export type { CaseExporter, ExportFile, ExportReport, ExportTarget } from './export';
export { databasesAsCopies } from './databases';
export { importFiles, inspectFiles } from './import';
export type { CaseRow } from './links';
export { baselineWindows, runPull, targetOf } from './pull';
export type { PullSummary, PullTarget } from './pull';
export { reportHtml, reportMarkdown } from './report';
export { ReceiveSession, deliveryDecoder } from './receive';
export type { DecodedDelivery } from './receive';
export { writeSample } from './sample';
export { sleep } from './sleep';
export { TailSession, lookOn, tailTargetOf } from './tail';
export type { TailTarget } from './tail';
export { WorkbenchSession } from './workbench';
export type { WorkbenchEnv } from './desk';
export type { CopyEntry, CopyNote, WorkingCopies } from './working-copy';
