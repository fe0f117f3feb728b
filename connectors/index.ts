import type { ConnectorFactory, FileFormat } from '../core/connect';
import { alertWebhook } from './alert-webhook';
import { alertmanager } from './alertmanager';
import { alertsJsonl } from './alerts-jsonl';
import { caseJson } from './case-json';
import { changesJsonl } from './changes-jsonl';
import { elasticsearch } from './elasticsearch';
import { jaeger } from './jaeger';
import { openMetrics } from './openmetrics';
import { otlpJson } from './otlp';
import { prometheus } from './prometheus';
import { topologyJson } from './topology-json';

export { decodeAlertWebhook } from './alert-webhook';
export { decodeOtlp } from './otlp';

/** Every file format, in the order in which equals win. */
export const formats: readonly FileFormat[] = [
  otlpJson,
  openMetrics,
  caseJson,
  topologyJson,
  changesJsonl,
  alertsJsonl,
  alertWebhook,
];

/** Every backend, in the order in which they are offered. */
export const connectors: readonly ConnectorFactory[] = [
  prometheus,
  alertmanager,
  elasticsearch,
  jaeger,
];
