import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import { pullAll, type Pulled } from '../../core/connect/testing/pulled';
import { testEnv } from '../../core/connect/testing/upstreams';
import {
  alertmanager,
  available,
  prometheus as server,
  type Running,
} from '../../scripts/servers/index.mjs';
import { prometheus } from '.';

const there = (await available(server)) && (await available(alertmanager));
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const RULES = `groups:
- name: app
  interval: 1s
  rules:
  - alert: Up
    expr: up == 1
    labels: {severity: page}
    annotations: {summary: 'Up since {{ $value }} of {{ $labels.job }}.'}
`;

let scrapes = 0;
let target: Server | undefined;
let watched: Running | undefined;
let running: Running | undefined;
let manager: Awaited<ReturnType<typeof alertmanager.start>> | undefined;

/** A target with a histogram, exemplars and help; the counter starts anew at every fifth scrape. */
function startTarget(): Promise<string> {
  const made = createServer((_, res) => {
    const n = ++scrapes;
    res.setHeader('content-type', OPEN_METRICS);
    res.end(
      [
        '# TYPE lat_seconds histogram',
        '# UNIT lat_seconds seconds',
        '# HELP lat_seconds Latency.',
        `lat_seconds_bucket{le="0.1"} ${n} # {trace_id="a${n}",span_id="b${n}",user="x"} 0.05`,
        `lat_seconds_bucket{le="+Inf"} ${2 * n}`,
        `lat_seconds_count ${2 * n}`,
        `lat_seconds_sum ${3 * n}`,
        '# TYPE jobs counter',
        '# HELP jobs Jobs that were done.',
        `jobs_total ${n % 5}`,
        '# EOF',
        '',
      ].join('\n'),
    );
  });
  target = made;
  return new Promise((done) =>
    made.listen(0, '127.0.0.1', () => done(`127.0.0.1:${(made.address() as AddressInfo).port}`)),
  );
}

const scrapeOf = (job: string, address: string): string =>
  `- job_name: ${job}\n  static_configs: [{ targets: ["${address}"] }]\n`;

beforeAll(async () => {
  if (!there) return;
  const address = await startTarget();
  manager = await alertmanager.start({});
  watched = await server.start();
  running = await server.start({
    rules: RULES,
    alertmanagers: [manager.address],
    scrape: scrapeOf('app', address) + scrapeOf('watcher', new URL(watched.url).host),
  });
  for (let i = 0; i < 400; i++) {
    if (scrapes >= 8 && (await heldAlerts()).length === 2) break;
    await wait(100);
  }
}, 240_000);

afterAll(async () => {
  await Promise.all([running?.stop(), watched?.stop(), manager?.stop()]);
  target?.closeAllConnections();
  target?.close();
});

async function heldAlerts(): Promise<readonly { fingerprint: string; startsAt: string }[]> {
  const answer = await fetch(`${manager?.url}/api/v2/alerts`);
  return (await answer.json()) as { fingerprint: string; startsAt: string }[];
}

function pull(select?: readonly string[]): Promise<Pulled> {
  const { upstream } = createUpstream({ url: running?.url ?? '' });
  const connector = prometheus.open(prometheus.config.parse({}), testEnv(upstream));
  const now = BigInt(Date.now()) * 1_000_000n;
  const windows = [{ from: now - 600_000_000_000n, to: now }];
  return pullAll(connector, { windows, select, budget: 1e9 });
}

describe.skipIf(!there)('a Prometheus that scrapes', () => {
  it('says kinds, units and help as the targets state them', async () => {
    const { tables } = await pull();
    const about = Object.fromEntries(
      (tables.metric_series ?? []).map((row) => [
        row['metric'],
        [row['kind'], row['temporality'], row['description']],
      ]),
    );
    expect(about).toMatchObject({
      lat_seconds: ['histogram', 'cumulative', 'Latency.'],
      lat_seconds_sum: ['counter', 'cumulative', 'Latency.'],
      jobs_total: ['counter', 'cumulative', 'Jobs that were done.'],
      up: ['gauge', '', ''],
    });
    const points = tables.histogram_samples ?? [];
    expect(points.length).toBeGreaterThan(5);
    for (const { count, sum, bounds, counts } of points) {
      const n = (count as bigint) / 2n;
      expect([sum, bounds, counts]).toEqual([Number(n) * 3, [0.1], [n, n]]);
    }
  });

  it('brings exemplars with the series of their histogram', async () => {
    const { tables } = await pull(['lat_seconds_bucket']);
    const [series] = tables.metric_series ?? [];
    const exemplars = tables.exemplars ?? [];
    expect(exemplars.length).toBeGreaterThan(5);
    expect(new Set(exemplars.map((row) => row['series_id']))).toEqual(
      new Set([series?.['series_id']]),
    );
    for (const { trace_id: trace, span_id: span, value, attributes } of exemplars) {
      expect(trace).toMatch(/^a\d+$/);
      expect([span, value, attributes]).toEqual([
        (trace as string).replace('a', 'b'),
        0.05,
        { user: 'x' },
      ]);
    }
  });

  it('leaves out what the other Prometheus says about itself, unless it is chosen', async () => {
    const { tables, notices } = await pull();
    const names = new Set((tables.metric_series ?? []).map((row) => row['metric'] as string));
    expect([...names].filter((name) => /^(go|prometheus)_/.test(name))).toEqual([]);
    expect(notices.find(({ code }) => code === 'internal-metrics')?.count).toBeGreaterThan(50);
    const chosen = await pull(['go_goroutines']);
    expect(chosen.tables.resources?.[0]?.['attributes']).toMatchObject({ job: 'watcher' });
    expect(chosen.tables.samples?.length).toBeGreaterThan(3);
  });

  it('calls alerts by the fingerprint and start that Alertmanager has, filled in as they fire', async () => {
    const { tables } = await pull(['ALERTS']);
    const held = await heldAlerts();
    expect(held.length).toBe(2);
    const ours = (tables.alerts ?? []).map((row) => ({
      fingerprint: row['fingerprint'],
      startsAt: new Date(Number((row['starts_at'] as bigint) / 1_000_000n)).toISOString(),
    }));
    expect(ours).toHaveLength(2);
    for (const { fingerprint, startsAt } of held) {
      expect(ours).toContainEqual({ fingerprint, startsAt: new Date(startsAt).toISOString() });
    }
    const said = tables.alerts?.map(
      (row) => (row['annotations'] as Record<string, string>)['summary'],
    );
    expect(new Set(said)).toEqual(new Set(['Up since 1 of app.', 'Up since 1 of watcher.']));
  });
});
