import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import {
  bucketTarget,
  createUpstream,
  exportToBucket,
  exportToFolder,
  folderOf,
  openNativeEngine,
  replay,
  withEndpoint,
} from '../app/node';
import { connectors } from '../connectors';
import { FaultlineError, type TimeWindow } from '../core/base';
import type { ConnectorEnv, Upstream } from '../core/connect';
import { otlpRequests, remoteWriteRequests, searchRequests, simulate } from '../core/simulate';
import { openCaseStore } from '../core/store';
import type * as AllServers from '../scripts/servers/index.mjs';

type Row = Readonly<Record<string, string | number | null>>;
type Simulated = ReturnType<typeof simulate>;

/** A backend that was filled, and how it is asked. */
interface Filled {
  readonly connector: string;
  readonly way: string;
  readonly upstream: Upstream;
  readonly config?: Readonly<Record<string, string>>;
}

/** Asks for servers of a name; undefined, and said, where they can't be had. */
type Start = <N extends keyof typeof AllServers>(
  name: N,
) => Promise<
  Awaited<ReturnType<Extract<(typeof AllServers)[N], { start: unknown }>['start']>> | undefined
>;

/**
 * The same incident in each real backend of this machine, pulled through its connector: rows a second from the
 * first request to the last batch, beside the time that the server took and `JSON.parse` of the same answers.
 */
export async function connectorsBench(full: boolean): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const ends: (() => Promise<unknown>)[] = [];
  // Ended a minute ago: a Prometheus takes only what is new.
  const durationS = 600;
  const start = (BigInt(Math.floor(Date.now() / 1000)) - BigInt(durationS + 60)) * 1_000_000_000n;
  const simulated = simulate({
    scenario: 'slow-query',
    seed: 3,
    size: full ? 'sample' : 'small',
    start,
    durationS,
  });
  const window = { from: start, to: start + BigInt(durationS) * 1_000_000_000n };
  const rows: Row[] = [];
  try {
    for (const fill of [metrics, search, traces, topics, lakes]) {
      for (const filled of await fill(simulated, await starter(ends), folder)) {
        rows.push(await measured(filled, window));
      }
      for (const end of ends.splice(0)) await end();
    }
  } finally {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

async function starter(ends: (() => Promise<unknown>)[]): Promise<Start> {
  const path = pathToFileURL(resolve('scripts/servers/index.mjs')).href;
  const servers = (await import(path)) as typeof AllServers;
  const start = async (name: keyof typeof AllServers): Promise<AllServers.Running | undefined> => {
    const server = servers[name] as AllServers.Server<never>;
    if (!(await servers.available(server))) return undefined;
    const running = await server.start();
    ends.push(() => running.stop());
    return running;
  };
  return start as Start;
}

async function metrics(simulated: Simulated, start: Start): Promise<readonly Filled[]> {
  const filled: Filled[] = [];
  const prometheus = await start('prometheus');
  if (prometheus) {
    const { upstream } = createUpstream({ url: prometheus.url });
    await replay(remoteWriteRequests(simulated.batches()), upstream);
    filled.push({ connector: 'prometheus', way: 'queries', upstream });
    const config = { transport: 'remote read' };
    filled.push({ connector: 'prometheus', way: 'remote read', upstream, config });
  }
  const victoria = await start('victoriaMetrics');
  if (victoria) {
    const { upstream } = createUpstream({ url: victoria.url });
    await replay(remoteWriteRequests(simulated.batches()), upstream);
    await fetch(`${victoria.url}/internal/force_flush`);
    filled.push({ connector: 'prometheus', way: 'VictoriaMetrics', upstream });
  }
  return filled;
}

async function search(simulated: Simulated, start: Start): Promise<readonly Filled[]> {
  const filled: Filled[] = [];
  for (const name of ['elasticsearch', 'opensearch'] as const) {
    const running = await start(name);
    if (!running) continue;
    const { upstream } = createUpstream({ url: running.url });
    await replay(searchRequests(simulated.batches(), 'ecs'), upstream);
    await upstream.send({ method: 'POST', path: '/_refresh' });
    filled.push({ connector: 'elasticsearch', way: name, upstream });
  }
  return filled;
}

async function traces(simulated: Simulated, start: Start): Promise<readonly Filled[]> {
  const jaeger = await start('jaeger');
  if (!jaeger) return [];
  await replay(
    otlpRequests(simulated.batches(), ['spans']),
    createUpstream({ url: jaeger.otlpHttp }).upstream,
  );
  // It answers before it has stored.
  await new Promise((done) => setTimeout(done, 3_000));
  const { upstream } = createUpstream({ url: jaeger.url });
  return ['v1', 'v3'].map((api) => ({
    connector: 'jaeger',
    way: `/api/${api}`.replace('/v1', ''),
    upstream,
    config: { api },
  }));
}

async function topics(simulated: Simulated, start: Start): Promise<readonly Filled[]> {
  const running = await start('kafka');
  if (!running) return [];
  const client = new Kafka({ brokers: [running.address], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'otlp', numPartitions: 3 }] });
  await admin.disconnect();
  // A topic is read by the times of its records: these are within the incident.
  const timestamp = String(Date.now() - 300_000);
  const producer = client.producer();
  await producer.connect();
  for (const { body } of otlpRequests(simulated.batches(), ['spans', 'logs'])) {
    await producer.send({ topic: 'otlp', messages: [{ value: Buffer.from(body), timestamp }] });
  }
  await producer.disconnect();
  return [
    { connector: 'kafka', way: 'OTLP', upstream: createUpstream({ url: running.url }).upstream },
  ];
}

async function lakes(
  simulated: Simulated,
  start: Start,
  folder: string,
): Promise<readonly Filled[]> {
  const path = join(folder, 'case.faultline');
  const store = await openCaseStore(await openNativeEngine({ path }), {
    now: 1n,
    create: { name: 'bench' },
  });
  const identity = { connector: 'simulator', name: 's', endpoint: '', query: '{}', window: null };
  const writer = await store.beginSource(identity, 1n);
  for (const batch of simulated.batches()) writer.add(batch);
  await writer.finish();
  await store.checkpoint();
  await store.close();
  const { signal } = new AbortController();
  const place = join(folder, 'lake');
  await exportToFolder(path, place, { signal });
  const local = folderOf(place);
  const filled: Filled[] = local
    ? [{ connector: 'lake', way: 'folder', upstream: local.upstream }]
    : [];
  const s3 = await start('s3proxy');
  if (!s3) return filled;
  mkdirSync(join(s3.data, 'bench'));
  const { accessKeyId, secretAccessKey } = s3;
  const url = withEndpoint('s3://bench/lake', s3.url);
  const { upstream } = createUpstream({ url, credentials: { accessKeyId, secretAccessKey } });
  await exportToBucket(path, bucketTarget(envOf(upstream)), { signal });
  return [...filled, { connector: 'lake', way: 'S3', upstream }];
}

const envOf = (upstream: Upstream): ConnectorEnv => ({
  upstream,
  now: () => BigInt(Date.now()) * 1_000_000n,
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
});

/** One pull to warm up both sides, and one that counts. */
async function measured(filled: Filled, window: TimeWindow): Promise<Row> {
  await pulled(filled, window);
  global.gc?.();
  const { rows, seconds, waited, answers, peakMb } = await pulled(filled, window);
  const bytes = answers.reduce((sum, { length }) => sum + length, 0);
  return {
    connector: filled.connector,
    way: filled.way,
    rows,
    seconds,
    'rows a second': rows / seconds,
    requests: answers.length,
    MB: bytes / 1e6,
    'server s': waited,
    'JSON.parse s': parseSeconds(answers),
    'peak MB of the process': peakMb,
  };
}

async function pulled({ connector, upstream, config = {} }: Filled, window: TimeWindow) {
  const factory = connectors.find(({ id }) => id === connector);
  if (!factory) throw new FaultlineError('internal', `There is no connector ${connector}.`);
  const answers: Uint8Array[] = [];
  let waited = 0;
  const timed: Upstream = {
    send: async (request, signal) => {
      const before = performance.now();
      const answer = await upstream.send(request, signal);
      waited += (performance.now() - before) / 1000;
      answers.push(answer.body);
      return answer;
    },
  };
  let peak = process.memoryUsage.rss();
  let rows = 0;
  const started = performance.now();
  const { signal } = new AbortController();
  const opened = factory.open(factory.config.parse(config), envOf(timed));
  for await (const item of opened.pull({ windows: [window], budget: 1e9 }, signal)) {
    if (item.kind !== 'batch') continue;
    rows += item.batch.rows;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  if (rows === 0) throw new FaultlineError('internal', `${connector} brought nothing.`);
  const seconds = (performance.now() - started) / 1000;
  return { rows, seconds, waited, answers, peakMb: peak / 1e6 };
}

/** Of the same answers, where they are JSON; null where they are something else. */
function parseSeconds(answers: readonly Uint8Array[]): number | null {
  const started = performance.now();
  try {
    for (const body of answers) if (body.length > 0) JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
  return (performance.now() - started) / 1000;
}
