import type { FileFormat } from '../core/connect';
import { alertsJsonl } from './alerts-jsonl';
import { caseJson } from './case-json';
import { changesJsonl } from './changes-jsonl';
import { openMetrics } from './openmetrics';
import { otlpJson } from './otlp';
import { topologyJson } from './topology-json';

/** Every file format, in the order in which equals win. */
export const formats: readonly FileFormat[] = [
  otlpJson,
  openMetrics,
  caseJson,
  topologyJson,
  changesJsonl,
  alertsJsonl,
];
