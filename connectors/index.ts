import type { FileFormat } from '../core/connect';
import { alertsJsonl } from './alerts-jsonl';
import { caseJson } from './case-json';
import { changesJsonl } from './changes-jsonl';
import { openMetrics } from './openmetrics';
import { topologyJson } from './topology-json';

/** Every file format, in the order in which equals win. */
export const formats: readonly FileFormat[] = [
  openMetrics,
  caseJson,
  topologyJson,
  changesJsonl,
  alertsJsonl,
];
