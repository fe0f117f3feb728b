import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
import type { TimeWindow } from '../../core/base';
import type { Upstream } from '../../core/connect';
import type { ConnectorSubject } from '../../core/connect/testing/connector-subject';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import { tablesOf, type Row } from '../../core/connect/testing/import';
import { pullAll, text } from '../../core/connect/testing/pulled';
import { CountingUpstream, answer, testEnv } from '../../core/connect/testing/upstreams';
import type { TelemetryTable } from '../../core/model';
import { simulate } from '../../core/simulate';
import { openCaseStore } from '../../core/store';
import { available, s3proxy } from '../../scripts/servers/index.mjs';
import { lake } from './index';
import { makeBucket } from './testing/bucket';

const SECOND = 1_000_000_000n;
/** Five minutes before 15:00 UTC. */
const START = 1_790_002_500n * SECOND;

/** Telemetry of a service that fails, in two hours. */
const simulation = simulate({
  scenario: 'bad-flag',
  seed: 28,
  size: 0.02,
  start: START,
  durationS: 600,
});
const earlier = { from: START + 60n * SECOND, to: START + 260n * SECOND };
const windows: readonly TimeWindow[] = [
  { from: START + 400n * SECOND, to: START + 600n * SECOND },
  earlier,
];
const oracle = tablesOf([...simulation.batches()]);
const { signal } = new AbortController();

const TIME: Readonly<Partial<Record<TelemetryTable, string>>> = {
  logs: 'ts',
  spans: 'start',
  samples: 'ts',
  changes: 'ts',
};

function rowsIn(table: TelemetryTable, of: readonly TimeWindow[] = windows): readonly Row[] {
  const column = TIME[table] ?? '';
  return (oracle[table] ?? []).filter((row) => {
    const ts = row[column] as bigint;
    return of.some(({ from, to }) => ts >= from && ts < to);
  });
}

const logs = rowsIn('logs');
const texts = (rows: readonly Row[] | undefined): readonly string[] => (rows ?? []).map(text);

const folder = mkdtempSync(join(tmpdir(), 'lake-'));
const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(folder, { recursive: true, force: true });
});
const casePath = join(folder, 'case.faultline');
const place = join(folder, 'lake');

beforeAll(async () => {
  const store = await openCaseStore(await openNativeEngine({ path: casePath }), {
    now: 1n,
    create: { name: 't' },
  });
  const writer = await store.beginSource(
    { connector: 'simulator', name: 's', endpoint: '', query: '{}', window: null },
    1n,
  );
  for (const batch of simulation.batches()) writer.add(batch);
  await writer.finish();
  await store.checkpoint();
  await store.close();
  await exportToFolder(casePath, place, { signal, rowGroupRows: 2048 });
}, 120_000);

/** The same contract for a folder and a bucket that hold this lake. */
function subjectOf(
  upstream: Upstream,
  { wrong, dead, secrets }: Pick<ConnectorSubject, 'wrong' | 'dead' | 'secrets'>,
): ConnectorSubject {
  return {
    factory: lake,
    upstream,
    product: /^Parquet lake$/,
    version: /^DuckDB/,
    windows,
    // Metrics are many: they are compared in the round trip.
    select: ['logs', 'spans', 'changes', 'topology'],
    counts: { topology: oracle.stated_relations?.length ?? 0 },
    expected: {
      logs: texts(logs),
      spans: texts(rowsIn('spans')),
      stated_relations: texts(oracle.stated_relations),
    },
    keysOf: (table, tables) => texts(tables[table]),
    budget: {
      rows: Math.floor(logs.length / 2),
      signal: 'logs',
      total: logs.length,
      whole: (table, row) => table === 'logs' && Number(row['severity']) >= 17,
    },
    failing: {
      request: ({ path }) => /signal%3Dlogs\/.*hour%3D15\/.*parquet$/.test(path),
      missing: /signal=logs.*hour=/,
      kept: { logs: texts(rowsIn('logs', [earlier])), spans: texts(rowsIn('spans')) },
    },
    wrong,
    dead,
    secrets,
  };
}

describeConnector('lake in a folder', () =>
  Promise.resolve(
    subjectOf(folderUpstream(place), {
      // What a folder that may not be read answers; the tests may run as root, who may read everything.
      wrong: {
        send: () => Promise.resolve(answer(403, '<Error><Code>AccessDenied</Code></Error>')),
      },
      dead: folderUpstream(join(folder, 'nowhere')),
      secrets: [],
    }),
  ),
);

describeConnector('lake on S3Proxy', async () => {
  if (!(await available(s3proxy))) return { skipped: 'S3Proxy can not be had here' };
  const server = await s3proxy.start();
  cleanups.push(() => server.stop());
  const { url, accessKeyId, secretAccessKey } = server;
  const at = (endpoint: string, secret: string): Upstream =>
    createUpstream({
      url: withEndpoint('s3://telemetry/team/lake', endpoint),
      credentials: { accessKeyId, secretAccessKey: secret },
    }).upstream;
  makeBucket(server, 'telemetry');
  const upstream = at(url, secretAccessKey);
  const target = bucketTarget(testEnv(upstream));
  await exportToBucket(casePath, target, { signal, rowGroupRows: 2048 });
  return subjectOf(upstream, {
    wrong: at(url, 'not-the-secret'),
    dead: at('http://127.0.0.1:1', secretAccessKey),
    secrets: [accessKeyId, secretAccessKey, 'not-the-secret'],
  });
});

describe('a lake in a folder', () => {
  const day = 86_400n * SECOND;
  const open = (upstream: Upstream) => lake.open({}, testEnv(upstream));

  it('says its layout and hours', async () => {
    const { facts } = await open(folderUpstream(place)).probe(signal);
    expect(facts.join('\n')).toMatch(/Hive layout signal=\/date=\/hour=/);
    expect(facts.join('\n')).toMatch(/2 hours or days present/);
  });

  it('opens nothing of other days, and of a file only row groups and columns that are wanted', async () => {
    const none = new CountingUpstream(folderUpstream(place));
    const later = [{ from: START + day, to: START + day + SECOND }];
    const empty = await pullAll(open(none), { windows: later, select: ['logs'], budget: 1e9 });
    expect(empty.tables.logs).toBeUndefined();
    expect(none.requests.filter(({ path }) => path.endsWith('.parquet'))).toEqual([]);

    const short = [{ from: START, to: START + 5n * SECOND }];
    const request = { windows: short, select: ['metrics'], budget: 1e9 };
    const few = await pullAll(open(folderUpstream(place)), request);
    expect(texts(few.tables.samples)).toEqual(
      expect.arrayContaining([...texts(rowsIn('samples', short))]),
    );
    const said = few.notices.find(({ code }) => code === 'lake-pruned')?.message ?? '';
    expect(said).toMatch(/by the statistics of their times: [1-9]\d* row groups/);
  });

  it('counts by footers alone, rows in the windows at least', async () => {
    const counting = new CountingUpstream(folderUpstream(place));
    const { items } = await open(counting).discover(windows, signal);
    const { count, unit } = items.find(({ id }) => id === 'logs') ?? {};
    expect(unit).toBe('rows at most');
    expect(count).toBeGreaterThanOrEqual(logs.length);
    expect(count).toBeLessThanOrEqual(oracle.logs?.length ?? 0);
    const files = readdirSync(place, { recursive: true, encoding: 'utf8' });
    const opened = counting.requests.filter(({ path }) => path.endsWith('.parquet'));
    expect(opened.length).toBe(files.filter((name) => name.endsWith('.parquet')).length);
  });
});
