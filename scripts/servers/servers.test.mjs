// Every server that can be had here starts, answers, and is gone without a trace after `stop`.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  alertmanager,
  available,
  collector,
  elasticsearch,
  jaeger,
  kafka,
  opensearch,
  prometheus,
  zipkin,
} from './index.mjs';

const json = async (url, init) => {
  const response = await fetch(url, init);
  expect(response.status).toBeLessThan(300);
  return response.json();
};

/** Asks until the answer is as wanted; the last answer otherwise. */
async function eventually(ask, wanted, timeoutMs = 20_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function expectGone(server) {
  await server.stop();
  expect(existsSync(server.folder)).toBe(false);
  await expect(fetch(server.url)).rejects.toThrow('fetch failed');
}

const there = {};
for (const server of [
  prometheus,
  alertmanager,
  elasticsearch,
  opensearch,
  collector,
  jaeger,
  zipkin,
  kafka,
]) {
  there[server.name] = await available(server);
}

describe.skipIf(!there.prometheus || !there.alertmanager)('Prometheus and Alertmanager', () => {
  it('answer with recorded samples and pass alerts on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-test-'));
    const file = join(folder, 'old.om');
    await writeFile(
      file,
      '# TYPE up gauge\nup{job="a"} 1 1700000000\nup{job="a"} 0 1700000060\n# EOF\n',
    );
    const alerts = await alertmanager.start();
    const server = await prometheus.start({
      openMetrics: [file],
      rules: 'groups: [{ name: g, rules: [{ alert: Always, expr: vector(1) }] }]',
      alertmanagers: [alerts.address],
    });
    const { data } = await json(`${server.url}/api/v1/query?query=up&time=1700000060`);
    expect(data.result).toEqual([
      { metric: { __name__: 'up', job: 'a' }, value: [1700000060, '0'] },
    ]);
    const ask = () => json(`${alerts.url}/api/v2/alerts`);
    const active = await eventually(ask, (list) => list.length > 0);
    expect(active[0].labels.alertname).toBe('Always');
    await expectGone(server);
    await expectGone(alerts);
    await rm(folder, { recursive: true });
  });
});

const searchServers = [
  [elasticsearch, { auth: 'tester:secret-1' }],
  [opensearch, {}],
];
describe.each(searchServers)('$name', (server, options) => {
  it.skipIf(!there[server.name])(
    'keeps a document',
    async () => {
      const node = await server.start(options);
      const headers = { 'content-type': 'application/json', ...node.headers };
      const { version } = await json(`${node.url}/`, { headers });
      expect(version.number).toBe(node.version);
      const document = { method: 'POST', headers, body: '{"message":"x"}' };
      await json(`${node.url}/logs/_doc?refresh=true`, document);
      const { count } = await json(`${node.url}/logs/_count`, { headers });
      expect(count).toBe(1);
      if (options.auth) expect((await fetch(`${node.url}/`)).status).toBe(401);
      await expectGone(node);
    },
    240_000,
  );
});

describe.skipIf(!there.collector || !there.jaeger)('Collector and Jaeger', () => {
  it('hand a span on', async () => {
    const store = await jaeger.start();
    const server = await collector.start({ exportTo: store.otlpHttp });
    const span = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      name: 'charge',
      kind: 2,
      startTimeUnixNano: '1700000000000000000',
      endTimeUnixNano: '1700000000005000000',
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'payment' } }] };
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
    const headers = { 'content-type': 'application/json' };
    await json(`${server.url}/v1/traces`, { method: 'POST', headers, body });
    const ask = () => json(`${store.url}/api/services`);
    expect((await eventually(ask, ({ total }) => total > 0)).data).toEqual(['payment']);
    const text = await eventually(
      () => readFile(server.file, 'utf8'),
      (lines) => lines.length > 0,
    );
    expect(text).toContain(span.traceId);
    await expectGone(server);
    await expectGone(store);
  });
});

describe.skipIf(!there.zipkin)('Zipkin', () => {
  it('hands out a span that it was sent', async () => {
    const server = await zipkin.start();
    const span = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      id: 'b7ad6b7169203331',
      name: 'charge',
      timestamp: 1700000000000000,
      duration: 5000,
      localEndpoint: { serviceName: 'payment' },
    };
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify([span]);
    const sent = await fetch(`${server.url}/api/v2/spans`, { method: 'POST', headers, body });
    expect(sent.status).toBe(202);
    const ask = () => json(`${server.url}/api/v2/services`);
    expect(await eventually(ask, (list) => list.length > 0)).toEqual(['payment']);
    await expectGone(server);
  });
});
it.skipIf(!there.kafka)('Kafka says that it is started, and is gone after it', async () => {
  const broker = await kafka.start();
  expect(broker.output()).toContain('Kafka Server started');
  expect(await listens(broker.address)).toBe(true);
  await broker.stop();
  expect(existsSync(broker.folder)).toBe(false);
  expect(await listens(broker.address)).toBe(false);
});

function listens(address) {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
