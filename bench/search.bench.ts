import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { createUpstream } from '../app/node';
import { connectors } from '../connectors';
import type { ConnectorEnv, Upstream } from '../core/connect';
import type { elasticsearch as SearchServer, opensearch } from '../scripts/servers/index.mjs';

type Row = Readonly<Record<string, string | number | null>>;

const START_MS = 1_790_000_000_000;
const BULK = 10_000;

interface Way {
  readonly slice: string;
  readonly parallel: string;
  readonly page: string;
}

/** Documents of a slice, slices at once, documents of a page at most. */
const WAYS: readonly Way[] = [
  { slice: '10000', parallel: '1', page: '500' },
  { slice: '10000', parallel: '1', page: '10000' },
  { slice: '2000', parallel: '4', page: '10000' },
  { slice: '10000', parallel: '4', page: '500' },
  { slice: '10000', parallel: '4', page: '10000' },
  { slice: '10000', parallel: '8', page: '10000' },
];

/**
 * Log documents of one index of three shards, pulled from the real servers: rows a second from the first request
 * to the last batch, by slices and pages, on one machine that server and client share.
 */
export async function searchBench(full: boolean): Promise<readonly Row[]> {
  const servers = (await import(pathToFileURL(resolve('scripts/servers/index.mjs')).href)) as {
    elasticsearch: typeof SearchServer;
    opensearch: typeof opensearch;
  };
  const rows: Row[] = [];
  const documents = full ? 500_000 : 30_000;
  for (const server of [servers.elasticsearch, servers.opensearch]) {
    const got = await server.ensure();
    if (got.state === 'missing') {
      console.error(`SKIPPED: ${server.name}: ${got.reason}`);
      continue;
    }
    const running = await server.start({});
    try {
      const { upstream } = createUpstream({ url: running.url });
      await fill(upstream, documents);
      // The first pull of all warms both sides up.
      await pulled(upstream, WAYS[0]);
      for (const way of WAYS) {
        const { seconds, count, requests } = await pulled(upstream, way);
        if (count !== documents) throw new Error(`${count} of ${documents} documents came.`);
        const { slice, parallel, page } = way;
        rows.push({
          server: `${server.name} ${running.version}`,
          'slice documents': Number(slice),
          'slices at once': Number(parallel),
          'page at most': Number(page),
          requests,
          seconds,
          'rows a second': count / seconds,
        });
      }
    } finally {
      await running.stop();
    }
  }
  return rows;
}

async function fill(upstream: Upstream, documents: number): Promise<void> {
  const properties = { '@timestamp': { type: 'date' }, message: { type: 'text' } };
  const settings = { number_of_shards: 3, number_of_replicas: 0 };
  await put(upstream, 'PUT', '/bench', JSON.stringify({ settings, mappings: { properties } }));
  for (let from = 0; from < documents; from += BULK) {
    const lines: string[] = [];
    for (let i = from; i < from + BULK; i++) {
      lines.push('{"index":{}}', JSON.stringify(documentOf(i, documents)));
    }
    await put(upstream, 'POST', '/bench/_bulk', `${lines.join('\n')}\n`);
  }
  const { status } = await upstream.send({ method: 'POST', path: '/bench/_refresh' });
  if (status >= 300) throw new Error(`/bench/_refresh: ${status}`);
}

/** About 300 bytes, evenly over an hour. */
function documentOf(i: number, documents: number): object {
  return {
    '@timestamp': new Date(START_MS + Math.floor((i * 3_600_000) / documents)).toISOString(),
    message: `GET /api/cart/${i} answered 200 after ${i % 97} ms for a customer of the shop`,
    ecs: { version: '8.11.0' },
    log: { level: i % 50 === 0 ? 'error' : 'info' },
    service: { name: `service-${i % 12}` },
    host: { name: `node-${i % 5}` },
    trace: { id: i.toString(16).padStart(32, '0') },
  };
}

async function put(
  upstream: Upstream,
  method: 'PUT' | 'POST',
  path: string,
  body: string,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const { status } = await upstream.send({ method, path, body, headers });
  if (status >= 300) throw new Error(`${path}: ${status}`);
}

async function pulled(
  upstream: Upstream,
  way: Way | undefined,
): Promise<{ seconds: number; count: number; requests: number }> {
  let requests = 0;
  const env: ConnectorEnv = {
    upstream: {
      send: (request, signal) => {
        requests++;
        return upstream.send(request, signal);
      },
    },
    now: () => BigInt(Date.now()) * 1_000_000n,
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
  };
  const factory = connectors.find(({ id }) => id === 'elasticsearch');
  if (!factory) throw new Error('There is no connector for Elasticsearch.');
  const connector = factory.open({ index: 'bench', ...way }, env);
  const from = BigInt(START_MS) * 1_000_000n;
  const windows = [{ from, to: from + 3_600_000_000_000n }];
  const started = performance.now();
  let count = 0;
  const { signal } = new AbortController();
  for await (const item of connector.pull({ windows, budget: 1e9 }, signal)) {
    if (item.kind === 'batch' && item.batch.table === 'logs') count += item.batch.rows;
  }
  return { seconds: (performance.now() - started) / 1000, count, requests };
}
