// Real servers for the tests. How to use one: index.d.mts.
import { alertmanager } from './alertmanager.mjs';
import { collector } from './collector.mjs';
import { elasticsearch } from './elasticsearch.mjs';
import { elasticsearch7 } from './elasticsearch7.mjs';
import { jaeger } from './jaeger.mjs';
import { kafka } from './kafka.mjs';
import { opensearch } from './opensearch.mjs';
import { opensearch3 } from './opensearch3.mjs';
import { prometheus } from './prometheus.mjs';
import { victoriaMetrics } from './victoria-metrics.mjs';
import { zipkin } from './zipkin.mjs';
import { s3proxy } from './s3proxy.mjs';
import { trino } from './trino.mjs';

export { chromium } from './chromium.mjs';
export { available, describeResult } from './lib/server.mjs';
export {
  alertmanager,
  collector,
  elasticsearch,
  elasticsearch7,
  jaeger,
  kafka,
  opensearch,
  opensearch3,
  prometheus,
  s3proxy,
  trino,
  zipkin,
};

export const SERVERS = [
  prometheus,
  alertmanager,
  victoriaMetrics,
  elasticsearch,
  opensearch,
  collector,
  jaeger,
  zipkin,
  kafka,
  s3proxy,
];

/** Large ones and further versions, for `npm run test:backends` alone. */
export const LONGER = [trino, elasticsearch7, opensearch3];

export { victoriaMetrics };
