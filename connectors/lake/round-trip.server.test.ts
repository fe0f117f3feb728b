import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bucketTarget,
  createUpstream,
  exportToBucket,
  exportToFolder,
  openNativeEngine,
  withEndpoint,
} from '../../app/node';
import { folderUpstream } from '../../app/node/folder-upstream';
import { formats } from '..';
import type { Upstream } from '../../core/connect';
import { bytesSource } from '../../core/connect/testing/import';
import { CountingUpstream, testEnv, throttling } from '../../core/connect/testing/upstreams';
import { importFiles, runPull, writeSample } from '../../core/session';
import { contents } from '../../core/session/testing/contents';
import { openCaseStore, type CaseStore } from '../../core/store';
import { available, s3proxy } from '../../scripts/servers/index.mjs';
import { lake } from './index';
import { makeBucket } from './testing/bucket';

const there = await available(s3proxy);
const folder = mkdtempSync(join(tmpdir(), 'lake-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();
const casePath = join(folder, 'case.faultline');

const TABLES = [
  'logs',
  'spans',
  'span_events',
  'span_links',
  'samples',
  'histogram_samples',
  'exemplars',
  'alerts',
  'changes',
  'stated_relations',
];
type Contents = Readonly<Record<string, readonly string[]>>;

const point = {
  timeUnixNano: '1714557600000000001',
  count: '3',
  sum: 12.5,
  explicitBounds: [1, 5],
  bucketCounts: ['1', '0', '2'],
  exemplars: [
    {
      timeUnixNano: '1714557600000000000',
      asDouble: 9,
      traceId: 'ab'.repeat(16),
      spanId: 'cd'.repeat(8),
    },
  ],
};
const metric = {
  name: 'rpc.duration',
  unit: 'ms',
  histogram: { aggregationTemporality: 2, dataPoints: [point] },
};
const service = { key: 'service.name', value: { stringValue: 'cart' } };
const HISTOGRAM = {
  resourceMetrics: [{ resource: { attributes: [service] }, scopeMetrics: [{ metrics: [metric] }] }],
};

async function withStore<T>(path: string | undefined, work: (store: CaseStore) => Promise<T>) {
  const engine = await openNativeEngine(path === undefined ? {} : { path });
  const store = await openCaseStore(engine, { now: 1n, create: { name: 't' } });
  try {
    return await work(store);
  } finally {
    await store.checkpoint();
    await store.close();
  }
}

async function tablesOf(store: CaseStore): Promise<Contents> {
  const all: Record<string, readonly string[]> = {};
  for (const table of TABLES) {
    all[table] = await contents(store, table);
  }
  return all;
}

/** All of a lake in a case of its own. */
const pulled = (upstream: Upstream): Promise<Contents> =>
  withStore(undefined, async (store) => {
    const target = {
      connector: 'lake',
      name: 'lake',
      endpoint: '',
      config: {},
      windows: [{ from: 0n, to: 1n << 62n }],
      budget: 1e9,
    };
    const summary = await runPull(store, lake.open({}, testEnv(upstream)), target, {
      now: 1n,
      signal,
    });
    expect(summary.notices.filter(({ severity }) => severity !== 'info')).toEqual([]);
    return tablesOf(store);
  });

let before: Contents = {};
beforeAll(async () => {
  before = await withStore(casePath, async (store) => {
    await writeSample(store, { size: 0.02, durationS: 300 }, 1n, signal, () => undefined);
    const otlp = bytesSource('h.jsonl', `${JSON.stringify(HISTOGRAM)}\n`);
    await importFiles(store, [otlp], 1n, { formats, signal });
    return tablesOf(store);
  });
}, 180_000);

it('a case that is exported to a folder and pulled from there has equal tables', async () => {
  for (const table of TABLES) expect([table, before[table]?.length]).not.toEqual([table, 0]);
  const place = join(folder, 'lake');
  await exportToFolder(casePath, place, { signal });
  expect(await pulled(folderUpstream(place))).toEqual(before);
}, 180_000);

describe.skipIf(!there)('on S3Proxy', () => {
  let upstream: Upstream;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const server = await s3proxy.start();
    stop = () => server.stop();
    makeBucket(server, 'telemetry');
    const { accessKeyId, secretAccessKey } = server;
    const url = withEndpoint('s3://telemetry/a lake/x+y', server.url);
    ({ upstream } = createUpstream({ url, credentials: { accessKeyId, secretAccessKey } }));
  }, 60_000);
  afterAll(() => stop());
  const list = async () => [...(await bucketTarget(testEnv(upstream)).list('', signal))];

  it('an export that fails or is cancelled leaves the bucket as it was', async () => {
    const control = new AbortController();
    let nth = 0;
    const target = bucketTarget(testEnv(upstream));
    const cut = exportToBucket(casePath, target, {
      signal: control.signal,
      onProgress: () => {
        if (++nth === 3) control.abort();
      },
    });
    await expect(cut).rejects.toMatchObject({ code: 'cancelled' });
    expect(await list()).toEqual([]);
  }, 180_000);

  it('a case that is exported, to a server that is busy, and pulled has equal tables', async () => {
    const env = testEnv(throttling(upstream, 1));
    const first = await exportToBucket(casePath, bucketTarget(env), { signal });
    expect(env.sleeps.length).toBeGreaterThan(5);
    expect(first.written).toBe((await list()).filter(([key]) => key.endsWith('.parquet')).length);
    expect(await pulled(upstream)).toEqual(before);
    const counting = new CountingUpstream(upstream);
    const again = await exportToBucket(casePath, bucketTarget(testEnv(counting)), { signal });
    expect(again).toMatchObject({ written: 0, unchanged: first.written });
    expect(counting.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  }, 180_000);

  it('takes a large file in parts, or not at all', async () => {
    const partBytes = 5 << 20;
    const file = join(folder, 'large');
    writeFileSync(file, Buffer.alloc(2 * partBytes + 123, 'abcdefg'));
    const target = bucketTarget(testEnv(upstream), { partBytes });
    await target.put('large/one', file, signal);
    expect((await target.list('large/', signal)).get('large/one')).toBe(statSync(file).size);
    const failing: Upstream = {
      send: (request, until) =>
        request.query?.some(([name, value]) => name === 'partNumber' && value === '3')
          ? Promise.reject(new Error('cut'))
          : upstream.send(request, until),
    };
    const cut = bucketTarget(testEnv(failing), { partBytes }).put('large/two', file, signal);
    await expect(cut).rejects.toThrow('cut');
    expect([...(await target.list('large/', signal)).keys()]).toEqual(['large/one']);
  }, 60_000);
});
