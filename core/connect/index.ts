export type {
  Catalog,
  CatalogItem,
  ConfigField,
  Connector,
  ConnectorEnv,
  ConnectorFactory,
  Coverage,
  Probe,
  PullItem,
  PullRequest,
  Upstream,
  UpstreamRequest,
  UpstreamResponse,
} from './seam';
export type {
  ByteSource,
  CaseHints,
  DroppedRecord,
  FileFormat,
  FileReport,
  FormatItem,
  Head,
  PartReport,
  Sniff,
} from './format';
export { readFile, sniffFormats } from './import-read';
export type { ReadOptions, Sniffed } from './import-read';
export { excerpt, lineBlocks } from './import-lines';
export type { LineBlock } from './import-lines';
export { NoticeCounts } from './import-tally';
export {
  bytesOf,
  isJsonObject,
  jsonAttributes,
  jsonDocument,
  jsonText,
  readJsonTable,
} from './import-json';
export type { JsonLine, JsonObject } from './import-json';
export { RetryCount, send, sendJson } from './request';
export type { SendOptions } from './request';
export { disjointWindows, inSample, planBudget } from './budget';
export type { BudgetPlan } from './budget';
export { familyOf, parseGoFloat, splitLabels, temporalityOf } from './prometheus-labels';
export type { MetricFamily } from './prometheus-labels';
export { alertBatches, alertsWithin, placeOf } from './alert-rows';
export type { AlertRecord } from './alert-rows';
