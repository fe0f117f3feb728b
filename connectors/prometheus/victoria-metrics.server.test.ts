import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import type { Upstream } from '../../core/connect';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import { pullAll } from '../../core/connect/testing/pulled';
import { startAuthProxy, testEnv } from '../../core/connect/testing/upstreams';
import {
  available,
  victoriaMetrics as server,
  type Running,
} from '../../scripts/servers/index.mjs';
import { prometheusText } from './testing/backfill';
import { WINDOWS, all, incidentSubject, key, keysOf, window } from './testing/incident';
import { prometheus } from '.';

const PASSWORD = 'right-pa55word';
const WRONG = 'wrong-pa55word';
const there = await available(server);
/** It takes no NaN that does not mark the end of a series, and keeps about 13 digits. */
const HELD = all
  .filter(({ value }) => !Number.isNaN(value))
  .map((sample) => ({ ...sample, value: Number(sample.value.toPrecision(8)) }));
/** Few enough for the limits to be met by the incident's 44 series. */
const LIMITS = ['-search.maxUniqueTimeseries=12'];

let running: Running | undefined;
let tight: Running | undefined;
let proxy: Awaited<ReturnType<typeof startAuthProxy>> | undefined;

async function fill({ url }: Running): Promise<void> {
  const body = prometheusText(HELD);
  const sent = await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body });
  if (!sent.ok) throw new Error(`The samples were refused: ${await sent.text()}`);
  await fetch(`${url}/internal/force_flush`);
}

beforeAll(async () => {
  if (!there) return;
  running = await server.start();
  tight = await server.start({ flags: LIMITS });
  await Promise.all([fill(running), fill(tight)]);
  proxy = await startAuthProxy(running.url, { username: 'reader', password: PASSWORD });
}, 240_000);

afterAll(async () => {
  await proxy?.close();
  await Promise.all([running?.stop(), tight?.stop()]);
});

function upstream(url: string, password = PASSWORD): Upstream {
  return createUpstream({ url, credentials: { username: 'reader', password } }).upstream;
}

describeConnector('prometheus, on VictoriaMetrics', () => {
  if (!proxy) return Promise.resolve({ skipped: 'no VictoriaMetrics is to be had' });
  return Promise.resolve({
    ...incidentSubject(HELD),
    upstream: upstream(proxy.url),
    product: /^VictoriaMetrics/,
    // Debian's build has no version.
    version: /^(\d+\.\d+.*)?$/,
    wrong: upstream(proxy.url, WRONG),
    dead: upstream('http://127.0.0.1:1'),
    secrets: [PASSWORD, WRONG],
  });
});

describe.skipIf(!there)('a real VictoriaMetrics', () => {
  const open = (url: string) =>
    prometheus.open(prometheus.config.parse({}), testEnv(createUpstream({ url }).upstream));

  it('brings what its own export has, to the digit', async () => {
    const form = new URLSearchParams({ 'match[]': '{__name__="queue_depth"}' });
    const answer = await fetch(`${running?.url}/api/v1/export?${form}`);
    const lines = (await answer.text()).trim().split('\n');
    const exported = lines.flatMap((line) => {
      const { metric, values, timestamps } = JSON.parse(line.replace(/[+]Inf/g, '"Infinity"')) as {
        metric: Record<string, string>;
        values: readonly (number | string | null)[];
        timestamps: readonly number[];
      };
      const { __name__: name, ...labels } = metric;
      return timestamps.map((ms, i) => key(name, labels, ms, values[i]));
    });
    const { tables } = await pullAll(open(running?.url ?? ''), {
      windows: [window(0, 61)],
      select: ['queue_depth'],
      budget: 1e9,
    });
    expect([...keysOf('samples', tables)].sort()).toEqual(exported.sort());
  });

  it('tells its limits', async () => {
    const { facts } = await open(tight?.url ?? '').probe(new AbortController().signal);
    expect(facts).toEqual(
      expect.arrayContaining([
        'at most 12 series a query',
        '30000 points a series',
        '30s a query',
        'keeps no exemplars',
      ]),
    );
  });

  it('brings the same rows where a query may see twelve series only, and says what it took', async () => {
    const request = { windows: WINDOWS, budget: 1e9 };
    const whole = await pullAll(open(running?.url ?? ''), request);
    const { tables, notices } = await pullAll(open(tight?.url ?? ''), request);
    for (const table of ['samples', 'histogram_samples'] as const) {
      expect([...keysOf(table, tables)].sort()).toEqual([...keysOf(table, whole.tables)].sort());
    }
    expect(notices.find(({ code }) => code === 'limit-met')?.message).toContain(
      'series of a query',
    );
    expect(notices.filter(({ code }) => code === 'query-failed')).toEqual([]);
  });
});
