import type { ConnectorFactory, PostedRecords } from '../core/connect';
import { decodeAlertWebhook } from './alert-webhook';
import { alertmanager } from './alertmanager';
import { elasticsearch } from './elasticsearch';
import { jaeger } from './jaeger';
import { kafkaWith } from './kafka';
import { lake } from './lake';
import { loki } from './loki';
import { OtlpMessages, decodeOtlp, otlpMessageOf } from './otlp';
import { decodePagerdutyWebhook } from './pagerduty';
import { prometheus } from './prometheus';
import { tempo } from './tempo';
import { zipkin } from './zipkin';

/** What reads a delivery to the receiver: OTLP, and by its name what is posted to /webhook/NAME. */
export const decoders = {
  otlp: decodeOtlp,
  webhooks: new Map<string, (body: Uint8Array) => PostedRecords>([
    ['alertmanager', decodeAlertWebhook],
    ['grafana', decodeAlertWebhook],
    ['pagerduty', decodePagerdutyWebhook],
  ]),
};
export { formats } from './formats';

/** Connectors don't see each other: what one reads of another's format is handed to it here. */
const kafka = kafkaWith({ messageOf: otlpMessageOf, open: () => new OtlpMessages() });

/** Every backend, in the order in which they are offered. */
export const connectors: readonly ConnectorFactory[] = [
  prometheus,
  alertmanager,
  elasticsearch,
  loki,
  jaeger(decodeOtlp),
  tempo(decodeOtlp),
  zipkin,
  kafka,
  lake,
];
