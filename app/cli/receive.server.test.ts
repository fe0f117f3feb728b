import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertmanager, available, collector } from '../../scripts/servers/index.mjs';
import { runCli, startCli, type RunningCli } from './testing/built-cli';

const cleanups: (() => Promise<unknown>)[] = [];
let file: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-receive-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  file = join(folder, 'live.faultline');
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Receiving extends RunningCli {
  readonly http: string;
}

function receive(...more: readonly string[]): Promise<Receiving> {
  return receiveAt('127.0.0.1:0', ...more);
}

async function receiveAt(address: string, ...more: readonly string[]): Promise<Receiving> {
  const ports = ['--http', address, '--grpc', '127.0.0.1:0'];
  const cli = await startCli(['receive', '--case', file, '--json', ...ports, ...more]);
  cleanups.push(async () => {
    cli.child.kill('SIGKILL');
    await cli.ended;
  });
  for (let tries = 0; tries < 400; tries++) {
    const http = /OTLP\/HTTP on (http:\S+),/.exec(cli.stderr())?.[1];
    if (http) return { ...cli, http };
    if (cli.child.exitCode !== null) break;
    await sleep(25);
  }
  throw new Error(`It does not listen: ${cli.stdout()}${cli.stderr()}`);
}

interface Summary {
  readonly rows: number;
  readonly deliveries: number;
  readonly repeats: number;
  readonly dropped: number;
}

async function interrupt({ child, ended }: RunningCli): Promise<Summary> {
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining('OTLP/HTTP')]);
  return JSON.parse(stdout) as Summary;
}

/** Spans `from` to `to`, each with its number as its id. */
function spans(from: number, to: number): string {
  const list = Array.from({ length: to - from }, (_, i) => ({
    traceId: String(from + i + 1).padStart(32, '0'),
    spanId: String(from + i + 1).padStart(16, '0'),
    name: 'work',
    startTimeUnixNano: '1790000000000000000',
    endTimeUnixNano: '1790000001000000000',
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: 'worker' } }];
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: list }] }],
  });
}

async function post(http: string, body: string | Uint8Array, gzip = false): Promise<Response> {
  return fetch(`${http}/v1/traces`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    },
    body: gzip ? gzipSync(body) : Buffer.from(body),
  });
}

async function rowsOf(sql: string): Promise<readonly Record<string, unknown>[]> {
  const { code, stdout, stderr } = await runCli(['query', file, sql, '--format', 'jsonl']);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function count(table: string): Promise<number> {
  return Number((await rowsOf(`SELECT count(*) AS n FROM ${table}`))[0]?.['n']);
}

describe('faultline receive', () => {
  it('takes deliveries once, says what it dropped, and ends well on an interrupt', async () => {
    const cli = await receive();
    expect((await post(cli.http, spans(0, 10))).status).toBe(200);
    expect((await post(cli.http, spans(10, 20), true)).status).toBe(200);
    const repeated = await post(cli.http, spans(0, 10));
    expect([repeated.status, await repeated.text()]).toEqual([200, '{}']);
    const damaged = spans(20, 22).replace('1790000001000000000', '1');
    const partial = (await (await post(cli.http, damaged)).json()) as object;
    expect(partial).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
    expect((await post(cli.http, '{"resourceSpans": [')).status).toBe(400);
    const summary = await interrupt(cli);
    expect(summary).toMatchObject({ deliveries: 3, repeats: 1, dropped: 1 });
    expect(await count('spans')).toBe(21);
  });

  it('loses nothing that it acknowledged when it is killed', async () => {
    const killed = await receive();
    const acknowledged = new Set<number>();
    const sending = Array.from({ length: 4 }, async (_, lane) => {
      for (let n = lane; n < 4000; n += 4) {
        const answer = await post(killed.http, spans(n, n + 1)).catch(() => undefined);
        if (answer?.status !== 200) return;
        acknowledged.add(n + 1);
        if (acknowledged.size === 120) killed.child.kill('SIGKILL');
      }
    });
    await Promise.all(sending);
    await killed.ended;
    expect(acknowledged.size).toBeGreaterThanOrEqual(120);
    // What is not finished is not shown yet.
    expect(await count('spans')).toBe(0);

    const cli = await receive();
    // A sender whose answer was lost sends again; whoever had one may do so as well.
    for (const n of [...acknowledged].slice(0, 5)) {
      expect((await post(cli.http, spans(n - 1, n))).status).toBe(200);
    }
    expect(await interrupt(cli)).toMatchObject({ repeats: 5, deliveries: 0 });
    const rows = await rowsOf('SELECT CAST(span_id AS INTEGER) AS n FROM spans');
    const stored = rows.map(({ n }) => Number(n));
    expect(new Set(stored).size).toBe(stored.length);
    expect([...acknowledged].filter((n) => !stored.includes(n))).toEqual([]);
  });

  it('ends when --for is over, and a long one does not end at once', async () => {
    const short = await receive('--for', '300ms');
    expect((await short.ended).code).toBe(0);
    const long = await receive('--for', '40d');
    await sleep(300);
    expect(long.child.exitCode).toBeNull();
    await interrupt(long);
  });

  it('leaves no source behind where it can not listen', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanups.push(() => new Promise((done) => server.close(done)));
    const { port } = server.address() as AddressInfo;
    const args = [
      'receive',
      '--case',
      file,
      '--http',
      `127.0.0.1:${port}`,
      '--grpc',
      '127.0.0.1:0',
    ];
    const { code, stderr } = await runCli(args);
    expect([code, stderr]).toEqual([1, expect.stringContaining('in use')]);
    expect(await count('sources')).toBe(0);
  });
});

const there = [await available(collector), await available(alertmanager)];

describe.skipIf(!there[0])('faultline receive behind a real Collector', () => {
  it('has everything although it was killed in the middle', async () => {
    const reserved = await receive();
    const http = reserved.http.slice('http://'.length);
    const proxy = await collector.start({
      config: [
        'receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${env:OTLP_HTTP_PORT}" } } } }',
        'exporters:',
        '  otlp_http:',
        `    endpoint: "http://${http}"`,
        '    retry_on_failure: { initial_interval: 200ms, max_interval: 400ms }',
        'service:',
        '  telemetry: { metrics: { level: none } }',
        '  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }',
      ].join('\n'),
    });
    cleanups.push(() => proxy.stop());
    for (let n = 0; n < 60; n++) {
      expect((await post(proxy.url, spans(n * 50, n * 50 + 50))).status).toBe(200);
      if (n === 30) reserved.child.kill('SIGKILL');
    }
    await reserved.ended;
    const again = await receiveAt(http);
    // The Collector's queue is worked off, also what waits for a retry, when it is told to stop.
    await sleep(2500);
    await proxy.stop();
    await interrupt(again);
    expect(await count('spans')).toBe(3000);
    expect(await count('(SELECT DISTINCT span_id FROM spans)')).toBe(3000);
  });
});

describe.skipIf(!there[1])('faultline receive behind a real Alertmanager', () => {
  it('has the alerts that it was told of', async () => {
    const cli = await receive();
    const server = await alertmanager.start({ webhook: `${cli.http}/webhook/alertmanager` });
    cleanups.push(() => server.stop());
    const labels = { alertname: 'HighLatency', service: 'worker', severity: 'page' };
    const sent = await fetch(`${server.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels, annotations: { summary: 'slow' } }]),
    });
    expect(sent.status).toBe(200);
    // It gathers a group for 100 ms before it tells of it.
    await sleep(2000);
    expect(await interrupt(cli)).toMatchObject({ deliveries: 1 });
    const found = await rowsOf('SELECT name, severity FROM alerts');
    expect(found).toEqual([{ name: 'HighLatency', severity: 'page' }]);
  });
});
