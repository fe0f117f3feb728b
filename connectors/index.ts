import type { ConnectorFactory } from '../core/connect';
import { alertmanager } from './alertmanager';
import { elasticsearch } from './elasticsearch';
import { jaeger } from './jaeger';
import { kafkaWith } from './kafka';
import { OtlpMessages, otlpMessageOf } from './otlp';
import { prometheus } from './prometheus';

export { decodeAlertWebhook } from './alert-webhook';
export { decodeOtlp } from './otlp';
export { formats } from './formats';

/** Connectors don't see each other: what one reads of another's format is handed to it here. */
const kafka = kafkaWith({ messageOf: otlpMessageOf, open: () => new OtlpMessages() });

/** Every backend, in the order in which they are offered. */
export const connectors: readonly ConnectorFactory[] = [
  prometheus,
  alertmanager,
  elasticsearch,
  jaeger,
  kafka,
];
