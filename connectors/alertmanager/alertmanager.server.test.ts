import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import type { Upstream } from '../../core/connect';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import { pullAll } from '../../core/connect/testing/pulled';
import { startAuthProxy, testEnv } from '../../core/connect/testing/upstreams';
import { alertmanager as server, available, type Running } from '../../scripts/servers/index.mjs';
import { alertmanager } from '.';

const PASSWORD = 'right-pa55word';
const WRONG = 'wrong-pa55word';
const MINUTE = 60_000;
const now = Date.now();
const at = (minutesAgo: number): string => new Date(now - minutesAgo * MINUTE).toISOString();
const ns = (minutesAgo: number): bigint => BigInt(now - minutesAgo * MINUTE) * 1_000_000n;
const CONFIG = `route: {receiver: team, group_by: [alertname]}
receivers: [{name: team}]
inhibit_rules:
- source_matchers: ['severity="page"']
  target_matchers: ['severity="info"']
  equal: [service]
`;

/** Thirty alerts of five services; every fifth began after both windows. */
const posted = Array.from({ length: 30 }, (_, i) => ({
  labels: {
    alertname: i % 2 ? 'HighLatency' : 'Errors',
    service: `svc-${i % 5}`,
    pod: `svc-${i % 5}-${i}`,
    severity: ['page', 'warning', 'info'][i % 3] ?? '',
  },
  annotations: { summary: `Alert ${i}` },
  startsAt: at(i % 5 === 4 ? 1 : 30 + i),
}));
const firing = posted.filter((_, i) => i % 5 !== 4);
const keyOf = (labels: object, startsAt: string, summary: unknown): string =>
  JSON.stringify([Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), startsAt, summary]);
const expected = firing.map((a) => keyOf(a.labels, a.startsAt, a.annotations.summary));

let running: Running | undefined;
let proxy: Awaited<ReturnType<typeof startAuthProxy>> | undefined;
const there = await available(server);

beforeAll(async () => {
  if (!there) return;
  running = await server.start({ config: CONFIG });
  const response = await fetch(`${running.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(posted),
  });
  if (!response.ok) throw new Error(`The alerts were refused: ${await response.text()}`);
  const held = async (): Promise<number> => {
    const answer = await fetch(`${running?.url}/api/v2/alerts/groups`);
    const groups = (await answer.json()) as { alerts: unknown[] }[];
    return groups.reduce((n, { alerts }) => n + alerts.length, 0);
  };
  for (let i = 0; i < 100 && (await held()) < posted.length; i++) {
    await new Promise((done) => setTimeout(done, 50));
  }
  proxy = await startAuthProxy(running.url, { username: 'reader', password: PASSWORD });
}, 120_000);

afterAll(async () => {
  await proxy?.close();
  await running?.stop();
});

function upstream(url: string, password = PASSWORD): Upstream {
  return createUpstream({ url, credentials: { username: 'reader', password } }).upstream;
}

const WINDOWS = [
  { from: ns(20), to: ns(5) },
  { from: ns(50), to: ns(45) },
];

describeConnector('alertmanager', () => {
  if (!proxy) return Promise.resolve({ skipped: 'no Alertmanager is to be had' });
  return Promise.resolve({
    factory: alertmanager,
    upstream: upstream(proxy.url),
    product: /^Alertmanager \d/,
    version: /^\d+\.\d+/,
    windows: WINDOWS,
    counts: { alerts: firing.length },
    expected: { alerts: expected },
    keysOf: (table, tables) =>
      (tables[table] ?? []).map((row) => {
        const started = new Date(Number((row['starts_at'] as bigint) / 1_000_000n)).toISOString();
        const annotations = row['annotations'] as Record<string, string>;
        return keyOf(row['labels'] as object, started, annotations['summary']);
      }),
    budget: {
      rows: 14,
      signal: 'alerts',
      total: firing.length,
      whole: (_, row) => row['severity'] === 'page',
      tolerance: 1.5,
    },
    failing: {
      request: ({ path }) => path.endsWith('/groups'),
      missing: /group/,
      kept: { alerts: expected },
    },
    wrong: upstream(proxy.url, WRONG),
    dead: upstream('http://127.0.0.1:1'),
    secrets: [PASSWORD, WRONG],
  });
});

describe.skipIf(!there)('a real Alertmanager', () => {
  it('says groups, receivers and inhibitions, and where alerts belong', async () => {
    const config = alertmanager.config.parse({ filter: 'service="svc-0"' });
    const connector = alertmanager.open(config, testEnv(upstream(proxy?.url ?? '')));
    const { tables } = await pullAll(connector, { windows: WINDOWS, budget: 1000 });
    const alerts = tables.alerts ?? [];
    expect(alerts.length).toBe(6);
    const inhibited = alerts.filter(
      (row) => (row['annotations'] as Record<string, string>)['alertmanager.inhibited'],
    );
    expect(inhibited.map((row) => row['severity'])).toEqual(['info', 'info']);
    expect(alerts[0]?.['annotations']).toMatchObject({
      'alertmanager.receivers': 'team',
      'alertmanager.group': expect.stringMatching(/^alertname=/) as string,
    });
    expect(alerts.every((row) => row['ends_at'] === null)).toBe(true);
    expect(tables.resources?.[0]?.['attributes']).toMatchObject({ service: 'svc-0' });
  });
});
