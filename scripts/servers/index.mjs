// Real servers for the tests. How to use one: docs in index.d.mts.
import { alertmanager } from './alertmanager.mjs';
import { createBlocks, prometheus } from './prometheus.mjs';

export { available, describeResult } from './lib/server.mjs';
export { alertmanager, createBlocks, prometheus };

export const SERVERS = [prometheus, alertmanager];
