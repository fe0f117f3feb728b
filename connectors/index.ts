import type { ConnectorFactory } from '../core/connect';
import { alertmanager } from './alertmanager';
import { elasticsearch } from './elasticsearch';
import { jaeger } from './jaeger';
import { prometheus } from './prometheus';

export { decodeAlertWebhook } from './alert-webhook';
export { decodeOtlp } from './otlp';
export { formats } from './formats';

/** Every backend, in the order in which they are offered. */
export const connectors: readonly ConnectorFactory[] = [
  prometheus,
  alertmanager,
  elasticsearch,
  jaeger,
];
