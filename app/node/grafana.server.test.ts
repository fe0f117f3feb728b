import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectors } from '../../connectors';
import type { TimeWindow } from '../../core/base';
import type { Connector } from '../../core/connect';
import { startGrafana, type GrafanaSource } from '../../core/connect/testing/grafana';
import { hashOf, pullAll } from '../../core/connect/testing/pulled';
import { CountingUpstream, testEnv } from '../../core/connect/testing/upstreams';
import { otlpRequests, simulate } from '../../core/simulate';
import {
  available,
  elasticsearch,
  jaeger,
  prometheus,
  type Running,
} from '../../scripts/servers/index.mjs';
import { createUpstream } from './http-undici';
import { replay } from './replay';

const SECOND = 1_000_000_000n;
const START = 1_790_000_000n;
const window: TimeWindow = { from: START * SECOND, to: (START + 600n) * SECOND };
const tokens = { admin: 'glsa_admin', viewer: 'glsa_viewer' };

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The connector straight at its backend, and through the proxy, with what goes over that. */
async function both(connector: string, source: Omit<GrafanaSource, 'id' | 'name'>) {
  const grafana = await startGrafana([{ id: 7, name: 'shop', ...source }], tokens);
  cleanups.push(() => grafana.close());
  const open = (upstream: ReturnType<typeof createUpstream>['upstream']): Connector => {
    const factory = connectors.find(({ id }) => id === connector);
    if (!factory) throw new Error(connector);
    return factory.open(factory.config.parse({}), testEnv(upstream));
  };
  const credentials = { token: tokens.viewer };
  const through = (dataSource: string) =>
    createUpstream({ connector, url: grafana.url, credentials, access: { grafana: dataSource } });
  const counted = new CountingUpstream(through(source.uid).upstream);
  const direct = createUpstream({ connector, url: source.url }).upstream;
  return { grafana, through, direct: open(direct), proxied: open(counted) };
}

const request = { windows: [window], budget: 100_000 };

/** The same catalogue and the same rows on both ways. */
async function agree(direct: Connector, proxied: Connector): Promise<number> {
  const { signal } = new AbortController();
  const catalog = await direct.discover([window], signal);
  expect(await proxied.discover([window], signal)).toEqual(catalog);
  const [one, two] = [await pullAll(direct, request), await pullAll(proxied, request)];
  expect(hashOf(two.tables)).toBe(hashOf(one.tables));
  return Object.values(two.tables).reduce((sum, rows) => sum + rows.length, 0);
}

async function started<T extends Running>(server: { start(): Promise<T> }): Promise<T> {
  const running = await server.start();
  cleanups.push(() => running.stop());
  return running;
}

const there = {
  prometheus: await available(prometheus),
  elasticsearch: await available(elasticsearch),
  jaeger: await available(jaeger),
};

describe("through a local proxy by Grafana's documented rules (no Grafana can be had)", () => {
  it.skipIf(!there.prometheus)(
    'the real Prometheus gives the same as asked directly',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'faultline-grafana-'));
      cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, 'shop.om');
      const points = ['cart', 'checkout'].flatMap((job) =>
        Array.from({ length: 60 }, (_, i) => {
          const at = Number(START) + i * 10;
          return `http_requests_total{job="${job}"} ${i * i} ${at}`;
        }),
      );
      writeFileSync(file, `# TYPE http_requests counter\n${points.join('\n')}\n# EOF\n`);
      const server = await prometheus.start({ openMetrics: [file] });
      cleanups.push(() => server.stop());
      const source = { uid: 'prom-1', type: 'prometheus', url: server.url };
      const { direct, proxied, through, grafana } = await both('prometheus', source);
      expect((await proxied.probe(new AbortController().signal)).product).toMatch(/^Prometheus/);
      expect(await agree(direct, proxied)).toBeGreaterThan(100);
      expect(
        grafana.asked.every((line) => line.includes('/api/datasources/proxy/uid/prom-1/')),
      ).toBe(true);
      const { upstream, endpoint } = through('7');
      expect(endpoint).toBe(`${grafana.url}/api/datasources/proxy/7`);
      const build = { method: 'GET', path: '/api/v1/status/buildinfo' } as const;
      expect((await upstream.send(build)).status).toBe(200);
    },
    180_000,
  );

  it.skipIf(!there.elasticsearch)(
    'the real Elasticsearch gives the same as asked directly, by scrolling with GET',
    async () => {
      const server = await started(elasticsearch);
      const lines = Array.from({ length: 1300 }, (_, i) => {
        const at = new Date(Number(START) * 1000 + i * 400).toISOString();
        const document = { '@timestamp': at, message: `order ${i}`, service: { name: 'cart' } };
        return `${JSON.stringify({ index: {} })}\n${JSON.stringify(document)}\n`;
      });
      const stored = await fetch(`${server.url}/logs-shop/_bulk?refresh=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: lines.join(''),
      });
      expect(await stored.json()).toMatchObject({ errors: false });
      const source = { uid: 'es-1', type: 'elasticsearch', url: server.url };
      const { direct, proxied, grafana } = await both('elasticsearch', source);
      expect((await proxied.probe(new AbortController().signal)).product).toMatch(/^Elastic/);
      expect(await agree(direct, proxied)).toBeGreaterThan(1300);
      const { notices } = await pullAll(proxied, request);
      expect(notices.map(({ code }) => code)).toContain('pit-not-allowed');
      // Nothing was tried that Grafana would have had to refuse.
      expect(grafana.asked.filter((line) => !line.startsWith('GET '))).toEqual([]);
      expect(grafana.asked.some((line) => line.endsWith('/_search/scroll'))).toBe(true);
    },
    300_000,
  );

  it.skipIf(!there.jaeger)(
    'the real Jaeger gives the same as asked directly',
    async () => {
      const server = await started(jaeger);
      const run = { scenario: 'bad-flag', seed: 3, size: 0.02, durationS: 300 } as const;
      const simulation = simulate({ ...run, start: window.from });
      const otlp = createUpstream({ url: server.otlpHttp }).upstream;
      await replay(otlpRequests(simulation.batches(), ['spans']), otlp);
      await new Promise((done) => setTimeout(done, 2000));
      const source = { uid: 'jaeger-1', type: 'jaeger', url: server.url };
      const { direct, proxied } = await both('jaeger', source);
      expect(await agree(direct, proxied)).toBeGreaterThan(10);
    },
    180_000,
  );
});
