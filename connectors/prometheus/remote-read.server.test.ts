import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import type { Upstream, UpstreamRequest } from '../../core/connect';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import { hashOf, pullAll, type Pulled } from '../../core/connect/testing/pulled';
import {
  CountingUpstream,
  answer,
  intercepting,
  startAuthProxy,
  testEnv,
} from '../../core/connect/testing/upstreams';
import { available, prometheus as server, type Running } from '../../scripts/servers/index.mjs';
import { families, openMetricsText } from './testing/backfill';
import { WINDOWS, incidentSubject } from './testing/incident';
import { prometheus } from '.';

const PASSWORD = 'right-pa55word';
const WRONG = 'wrong-pa55word';
const REMOTE = { transport: 'remote read' } as const;
const there = await available(server);

let folder = '';
let running: Running | undefined;
let proxy: Awaited<ReturnType<typeof startAuthProxy>> | undefined;

beforeAll(async () => {
  if (!there) return;
  folder = mkdtempSync(join(tmpdir(), 'faultline-remote-read-'));
  writeFileSync(join(folder, 'incident.om'), openMetricsText(families()));
  running = await server.start({ openMetrics: [join(folder, 'incident.om')] });
  proxy = await startAuthProxy(running.url, { username: 'reader', password: PASSWORD });
}, 240_000);

afterAll(async () => {
  await proxy?.close();
  await running?.stop();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

function upstream(url: string, password = PASSWORD): Upstream {
  return createUpstream({ url, credentials: { username: 'reader', password } }).upstream;
}

/** What a request asks for, whether it is a query or a remote read, whose texts stand in it as they are. */
const about =
  (words: string) =>
  ({ body = '' }: UpstreamRequest): boolean =>
    typeof body === 'string'
      ? decodeURIComponent(body).includes(words)
      : Buffer.from(body).toString('latin1').includes(words);

describeConnector('prometheus, by remote read', () => {
  if (!proxy) return Promise.resolve({ skipped: 'no Prometheus is to be had' });
  const subject = incidentSubject();
  return Promise.resolve({
    ...subject,
    config: REMOTE,
    failing: { ...subject.failing, request: about('queue_depth') },
    upstream: upstream(proxy.url),
    product: /^Prometheus \d/,
    version: /^\d+\.\d+/,
    wrong: upstream(proxy.url, WRONG),
    dead: upstream('http://127.0.0.1:1'),
    secrets: [PASSWORD, WRONG],
  });
});

describe.skipIf(!there)('remote read of a real Prometheus', () => {
  const request = { windows: WINDOWS, budget: 1e9 };
  const pull = (over: Upstream, config: Readonly<Record<string, string>>): Promise<Pulled> =>
    pullAll(prometheus.open(prometheus.config.parse(config), testEnv(over)), request);
  const isRead = ({ path }: UpstreamRequest): boolean => path === '/api/v1/read';

  it('brings the tables of queries, by hash, in streamed chunks and as samples', async () => {
    const over = upstream(proxy?.url ?? '');
    const queried = hashOf((await pull(over, {})).tables);
    const counting = new CountingUpstream(over);
    expect(hashOf((await pull(counting, REMOTE)).tables)).toBe(queried);
    expect(counting.requests.filter(isRead).length).toBeGreaterThan(1);
    const types: (string | undefined)[] = [];
    // The last byte but one names the kind of answer that is wanted most.
    const sampled: Upstream = {
      send: async (one, signal) => {
        if (!isRead(one) || typeof one.body === 'string') return over.send(one, signal);
        const body = Uint8Array.from(one.body ?? []);
        body[body.length - 2] = 0;
        const got = await over.send({ ...one, body }, signal);
        types.push(got.headers['content-type']);
        return got;
      },
    };
    expect(hashOf((await pull(sampled, REMOTE)).tables)).toBe(queried);
    expect(new Set(types)).toEqual(new Set(['application/x-protobuf']));
  });

  it('gives way to queries where it is refused, and says so', async () => {
    const over = upstream(proxy?.url ?? '');
    const refusing = intercepting(over, (one) =>
      isRead(one) ? answer(404, 'not here') : undefined,
    );
    const { tables, notices } = await pull(refusing, REMOTE);
    expect(hashOf(tables)).toBe(hashOf((await pull(over, {})).tables));
    expect(notices.find(({ code }) => code === 'no-remote-read')).toMatchObject({
      severity: 'info',
      message: expect.stringContaining('404') as string,
    });
  });

  it('asks again for what comes cut or damaged, however often a proxy does it once', async () => {
    const over = upstream(proxy?.url ?? '');
    let nth = 0;
    const damaging: Upstream = {
      send: async (one, signal) => {
        const got = await over.send(one, signal);
        if (!isRead(one) || nth++ % 2 === 1) return got;
        const body = Uint8Array.from(got.body);
        if (nth % 4 === 1) return { ...got, body: body.subarray(0, Math.floor(body.length / 2)) };
        body[Math.floor(body.length / 3)] = (body[Math.floor(body.length / 3)] ?? 0) ^ 64;
        return { ...got, body };
      },
    };
    const { tables, notices } = await pull(damaging, REMOTE);
    expect(hashOf(tables)).toBe(hashOf((await pull(over, {})).tables));
    expect(notices.map(({ code }) => code)).toContain('retried');
    expect(notices.map(({ code }) => code)).not.toContain('no-remote-read');
  });
});
