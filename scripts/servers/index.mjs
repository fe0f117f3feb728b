// Real servers for the tests. How to use one: index.d.mts.
import { alertmanager } from './alertmanager.mjs';
import { elasticsearch } from './elasticsearch.mjs';
import { opensearch } from './opensearch.mjs';
import { createBlocks, prometheus } from './prometheus.mjs';

export { available, describeResult } from './lib/server.mjs';
export { alertmanager, createBlocks, elasticsearch, opensearch, prometheus };

export const SERVERS = [prometheus, alertmanager, elasticsearch, opensearch];
