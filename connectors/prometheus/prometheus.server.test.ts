import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import type { TimeWindow } from '../../core/base';
import { proposeWithin, type Upstream } from '../../core/connect';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import { pullAll } from '../../core/connect/testing/pulled';
import { startAuthProxy, testEnv } from '../../core/connect/testing/upstreams';
import { available, prometheus as server, type Running } from '../../scripts/servers/index.mjs';
import { START_MS, families, openMetricsText } from './testing/backfill';
import { MINUTE, WINDOWS, all, incidentSubject, key, keysOf, window } from './testing/incident';
import { prometheus } from '.';

const RULES = `groups:
- name: shop
  interval: 15s
  rules:
  - alert: HighLatency
    expr: vector(0) > 1
    for: 1m
    labels: {severity: page}
    annotations: {summary: 'Requests of {{ $labels.service }} are slow.'}
`;
const PASSWORD = 'right-pa55word';
const WRONG = 'wrong-pa55word';

let folder = '';
let running: Running | undefined;
let proxy: Awaited<ReturnType<typeof startAuthProxy>> | undefined;
const there = await available(server);

beforeAll(async () => {
  if (!there) return;
  folder = mkdtempSync(join(tmpdir(), 'faultline-prometheus-'));
  const file = join(folder, 'incident.om');
  writeFileSync(file, openMetricsText(families()));
  running = await server.start({ openMetrics: [file], rules: RULES });
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

describeConnector('prometheus', () => {
  if (!proxy) return Promise.resolve({ skipped: 'no Prometheus is to be had' });
  return Promise.resolve({
    ...incidentSubject(),
    upstream: upstream(proxy.url),
    product: /^Prometheus \d/,
    version: /^\d+\.\d+/,
    wrong: upstream(proxy.url, WRONG),
    dead: upstream('http://127.0.0.1:1'),
    secrets: [PASSWORD, WRONG],
  });
});

describe.skipIf(!there)('a real Prometheus', () => {
  const pull = async (
    settings: Readonly<Record<string, string>> = {},
    more: { select?: readonly string[]; budget?: number; windows?: readonly TimeWindow[] } = {},
  ) => {
    const config = prometheus.config.parse(settings);
    const connector = prometheus.open(config, testEnv(upstream(proxy?.url ?? '')));
    return pullAll(connector, { windows: WINDOWS, budget: 1e9, ...more });
  };

  it('takes stretches of firing for alerts, with starts, ends and annotations', async () => {
    const { tables, coverage } = await pull({}, { select: ['ALERTS'], windows: [window(10, 30)] });
    const minute = (n: number, ms = 0): bigint => BigInt(START_MS + n * MINUTE + ms) * 1_000_000n;
    expect(tables.alerts).toMatchObject([
      {
        name: 'HighLatency',
        severity: 'page',
        starts_at: minute(8),
        ends_at: minute(13, 123),
        labels: { alertname: 'HighLatency', service: 'cart', severity: 'page' },
        annotations: {
          summary: 'Requests of cart are slow.',
          pending_since: new Date(START_MS + 7 * MINUTE).toISOString().replace('.000', ''),
        },
      },
      { starts_at: minute(16, 123), ends_at: null },
    ]);
    expect(coverage).toMatchObject([{ signal: 'alerts', rowsTotal: 2, rowsKept: 2 }]);
    expect(tables.samples ?? []).toEqual([]);
  });

  it('gives kinds by name where nothing is stated, and what a series comes from', async () => {
    const { tables } = await pull();
    const kinds = new Map(tables.metric_series?.map((row) => [row['metric'], row['kind']]));
    expect(Object.fromEntries(kinds)).toEqual({
      go_goroutines: expect.stringMatching(/gauge|unknown/) as string,
      http_requests_total: 'counter',
      queue_depth: 'unknown',
      recorded_rate_bucket: 'histogram',
      request_duration_seconds: 'histogram',
      request_duration_seconds_count: 'counter',
      request_duration_seconds_sum: 'counter',
    });
    expect(tables.resources).toContainEqual({
      resource_id: expect.any(BigInt) as bigint,
      attributes: { job: 'cart', instance: 'cart-0:8080', namespace: 'shop' },
    });
  });

  it('keeps gaps under a step, and every point is a sample that was there', async () => {
    const { tables, notices } = await pull(
      { step: '60s' },
      { select: ['queue_depth'], windows: [window(15, 35)] },
    );
    const rows = tables.samples ?? [];
    const minutes = rows.map((row) => (Number(row['ts']) / 1e6 - START_MS) / MINUTE);
    expect(rows.length).toBe(4 * 10);
    expect(minutes.filter((m) => m > 20.1 && m < 30.9)).toEqual([]);
    const values = new Set(all.filter((s) => s.metric === 'queue_depth').map((s) => s.value));
    expect(rows.every((row) => values.has(row['value'] as number))).toBe(true);
    expect(notices.map(({ code }) => code)).toContain('step-asked');
  });

  it('joins windows and selectors that overlap', async () => {
    const match = '{job="cart"};http_requests_total{code="500"}';
    const windows = [window(10, 20), window(15, 25)];
    const { tables, coverage } = await pull(
      { match },
      { select: ['http_requests_total'], windows },
    );
    const expected = all.filter(
      (s) =>
        s.metric === 'http_requests_total' &&
        (s.labels['job'] === 'cart' || s.labels['code'] === '500') &&
        s.ms >= START_MS + 10 * MINUTE &&
        s.ms < START_MS + 25 * MINUTE,
    );
    expect([...keysOf('samples', tables)].sort()).toEqual(
      expected.map((s) => key(s.metric, s.labels, s.ms, s.value)).sort(),
    );
    expect(coverage).toMatchObject([
      { rowsTotal: expected.length, rowsKept: expected.length, sampled: false },
    ]);
  });

  it('leaves the largest metrics out where no useful step fits, and says which', async () => {
    const { tables, notices } = await pull({}, { budget: 600, windows: [window(0, 60)] });
    const rows = (tables.samples?.length ?? 0) + (tables.histogram_samples?.length ?? 0);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThanOrEqual(600);
    const left = notices.find(({ code }) => code === 'metrics-left-out');
    expect(left?.message).toContain('recorded_rate_bucket');
  });

  it('says that there is nothing, where there is nothing', async () => {
    const { items, notices } = await pull(
      { match: '{job="nobody"}' },
      { windows: [window(-60, -30)] },
    );
    expect(items.filter(({ kind }) => kind === 'batch')).toEqual([]);
    expect(notices.map(({ code }) => code)).toEqual(['nothing-found']);
    const { notices: others } = await pull({}, { select: ['no_such_metric'] });
    expect(others.map(({ code }) => code)).toEqual(['nothing-found', 'metrics-not-found']);
  });

  it('proposes what matters within a budget, by estimates that hold, for one service too', async () => {
    const open = (settings: Readonly<Record<string, string>>) =>
      prometheus.open(prometheus.config.parse(settings), testEnv(upstream(proxy?.url ?? '')));
    const { signal } = new AbortController();
    const catalog = await open({}).discover(WINDOWS, signal);
    const groups = Object.fromEntries(catalog.items.map(({ id, group }) => [id, group]));
    expect(groups).toMatchObject({
      http_requests_total: 'red',
      request_duration_seconds_bucket: 'red',
      queue_depth: 'saturation',
      prometheus_build_info: 'runtime',
      ALERTS: 'alerts',
    });
    const all = proposeWithin(catalog, 1e6);
    const { tables } = await pull({}, { select: all.ids });
    const rows = (tables.samples?.length ?? 0) + (tables.histogram_samples?.length ?? 0);
    expect(Math.abs(all.rows - rows) / rows).toBeLessThan(0.1);
    const some = proposeWithin(catalog, rows / 2);
    expect(some.rows).toBeLessThanOrEqual(rows / 2);
    expect(some.ids).toContain('http_requests_total');
    expect(some.left.length).toBeGreaterThan(0);
    const cart = await open({ service: 'cart' }).discover(WINDOWS, signal);
    expect(cart.items.find(({ id }) => id === 'http_requests_total')?.count).toBe(2);
    const pulled = await pull({ service: 'cart' });
    const jobs = new Set(
      pulled.tables.resources?.flatMap(
        (row) => (row['attributes'] as Record<string, string>)['job'] ?? [],
      ),
    );
    expect(jobs).toEqual(new Set(['cart']));
    // What was found out at the start holds after a resume.
    expect(pulled.cursors[0]).toContain('job=\\"cart\\"');
    await expect(open({ service: 'nobody' }).discover(WINDOWS, signal)).rejects.toMatchObject({
      code: 'connector/config',
      message: expect.stringContaining('cart') as string,
    });
  });

  it('says which setting is wrong', async () => {
    await expect(pull({ match: '{job=' })).rejects.toMatchObject({ code: 'connector/config' });
    expect(prometheus.config.safeParse({ step: 'often' }).success).toBe(false);
  });
});
