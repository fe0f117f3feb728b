import { afterAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import { createRng, type TimeWindow } from '../../core/base';
import { totalOf, type Upstream } from '../../core/connect';
import type { ConnectorSubject } from '../../core/connect/testing/connector-subject';
import { describeConnector } from '../../core/connect/testing/describe-connector';
import type { Row } from '../../core/connect/testing/import';
import { pullAll, type Tables } from '../../core/connect/testing/pulled';
import {
  answer,
  intercepting,
  startAuthProxy,
  testEnv,
} from '../../core/connect/testing/upstreams';
import { loki } from './index';
import { groupLabel, selectorOf, withMatcher } from './logql';
import { groupBy, type StoredLine } from './testing/logql';
import { startLokiApi, type LokiOptions } from './testing/loki-api';

const SECOND = 1_000_000_000n;
const START = 1_790_000_000n * SECOND;
const windows: readonly TimeWindow[] = [
  { from: START + 400n * SECOND, to: START + 600n * SECOND },
  { from: START + 60n * SECOND, to: START + 260n * SECOND },
];
/** A moment with more lines than a page holds. */
const CROWD = START + 123_456_789_123n;
/** The line that no query ever brings where the server refuses. */
const POISON = START + 450_000_000_001n;

const LEVELS = ['info', 'info', 'info', 'info', 'warn', 'error'];

/** Lines of three services on twelve pods, with equal times and a crowd of 60 at one nanosecond. */
function generated(): readonly StoredLine[] {
  const random = createRng('loki');
  const lines: StoredLine[] = [];
  const add = (ts: bigint, service: string, pod: number, text: string): void => {
    const level = LEVELS[random.int(LEVELS.length)] ?? 'info';
    const traceId: Record<string, string> =
      random.int(3) === 0 ? { trace_id: String(lines.length + 1).padStart(32, '0') } : {};
    const pods = `${service}-${pod}`;
    lines.push({
      ts,
      labels: { namespace: 'shop', pod: pods, service_name: service },
      line: `${text} number ${lines.length}`,
      metadata: { detected_level: level, ...traceId },
    });
  };
  const services = ['cart', 'checkout', 'payment'];
  for (let i = 0; i < 1200; i++) {
    const ts = START + BigInt(random.int(600_000)) * 1_000_000n;
    add(ts, services[random.int(3)] ?? '', random.int(4), 'order taken');
  }
  for (let i = 0; i < 60; i++) add(CROWD, services[i % 3] ?? '', (i >> 2) % 4, 'all at once');
  add(POISON, 'cart', 0, 'never to be had');
  return lines;
}

const all = generated();
const inside = all.filter(({ ts }) => windows.some(({ from, to }) => ts >= from && ts < to));
const keyOf = ({ ts, labels, line, metadata }: StoredLine): string =>
  JSON.stringify([
    String(ts),
    line,
    labels['service_name'],
    labels['pod'],
    metadata['trace_id'] ?? '',
    metadata['detected_level'],
  ]);

function keysOf(table: keyof Tables, tables: Tables): readonly string[] {
  if (table !== 'logs') return [];
  const resources = new Map(
    (tables.resources ?? []).map((row) => [
      row['resource_id'],
      row['attributes'] as Record<string, string>,
    ]),
  );
  return (tables.logs ?? []).map((row) => {
    const of = resources.get(row['resource_id']) ?? {};
    return JSON.stringify([
      (row['ts'] as bigint).toString(),
      row['body'],
      of['service.name'],
      of['k8s.pod.name'],
      row['trace_id'],
      row['severity_text'],
    ]);
  });
}

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: LokiOptions = {}): Promise<string> {
  const server = await startLokiApi(all, options);
  cleanups.push(() => server.close());
  return server.url;
}

const isError = (row: Row): boolean => row['severity_text'] === 'error';

async function subject(): Promise<ConnectorSubject> {
  const proxy = await startAuthProxy(await start({ maxEntries: 50 }), {
    username: 'reader',
    password: 'pa55word-3',
  });
  cleanups.push(() => proxy.close());
  const upstream = (at: string, password: string) =>
    createUpstream({ url: at, credentials: { username: 'reader', password } }).upstream;
  const counts = groupBy(inside, ({ labels }) => labels['service_name'] ?? '');
  return {
    factory: loki,
    upstream: upstream(proxy.url, 'pa55word-3'),
    wrong: upstream(proxy.url, 'wrong-9'),
    dead: upstream('http://127.0.0.1:1', 'pa55word-3'),
    secrets: ['pa55word-3', 'wrong-9'],
    product: /^Loki 3\.5/,
    version: /^3\.5/,
    windows,
    counts: Object.fromEntries(
      [...counts].map(([name, of]) => [`service_name="${name}"`, of.length]),
    ),
    expected: { logs: inside.map(keyOf) },
    keysOf,
    budget: {
      rows: Math.round(inside.length * 0.6),
      signal: 'logs',
      total: inside.length,
      whole: (table, row) => table === 'logs' && isError(row),
      tolerance: 1.3,
    },
    failing: {
      request: ({ path, query = [] }) => {
        const of = (name: string): bigint =>
          BigInt(query.find(([key]) => key === name)?.[1] ?? '0');
        return (
          path.endsWith('/query_range') &&
          of('limit') > 0n &&
          of('start') <= POISON &&
          of('end') > POISON
        );
      },
      missing: /2026-09-21T14:20:50\.000000001Z/,
      kept: { logs: inside.filter(({ ts }) => ts !== POISON).map(keyOf) },
    },
  };
}

describeConnector('loki (documented API, no real server to be had here)', subject);

describe('loki (documented API, no real server to be had here)', () => {
  const pull = async (config: Record<string, string>, options: LokiOptions = {}, more = {}) => {
    const { upstream } = createUpstream({ url: await start(options) });
    const connector = loki.open(config, testEnv(upstream));
    return pullAll(connector, { windows, budget: 1_000_000, ...more });
  };

  it('has each line of a crowded nanosecond once, whatever a page holds', async () => {
    const crowd = inside
      .filter(({ ts }) => ts === CROWD)
      .map(keyOf)
      .sort();
    expect(crowd).toHaveLength(60);
    for (const limit of ['7', '20', '59', '60', '61']) {
      const { tables, notices } = await pull({ limit, query: '{namespace="shop"}' });
      expect([
        limit,
        keysOf('logs', tables)
          .filter((key) => key.includes(String(CROWD)))
          .sort(),
      ]).toEqual([limit, crowd]);
      expect(notices.filter(({ severity }) => severity !== 'info')).toEqual([]);
    }
  });

  it('says where a stream has more at one nanosecond than can be had', async () => {
    const { tables, notices } = await pull({ limit: '3' });
    expect(notices).toContainEqual(expect.objectContaining({ code: 'lines-truncated' }));
    expect(tables.logs?.length).toBeLessThan(inside.length);
  });

  it('keeps to a query and to the items that were chosen of it', async () => {
    const query = '{namespace="shop"} |= "order"';
    const select = ['service_name="cart"', 'service_name="payment"', 'service_name="gone"'];
    const { tables, notices } = await pull({ query }, {}, { select });
    const wanted = inside
      .filter(({ labels, line }) => labels['service_name'] !== 'checkout' && line.includes('order'))
      .map(keyOf);
    expect([...keysOf('logs', tables)].sort()).toEqual(wanted.sort());
    expect(notices).toContainEqual(expect.objectContaining({ code: 'not-found', count: 1 }));
  });

  it('asks for a tenant where Loki wants one', async () => {
    await expect(pull({}, { tenants: true })).rejects.toMatchObject({
      code: 'connector/auth',
      message: expect.stringContaining('tenant') as unknown,
    });
    const { tables } = await pull({ tenant: 'shop' }, { tenants: true });
    expect(tables.logs).toHaveLength(inside.length);
  });

  it('lists streams with bytes, and lines alone where volumes are off', async () => {
    const catalogOf = async (options: LokiOptions) => {
      const { upstream } = createUpstream({ url: await start(options) });
      const { signal } = new AbortController();
      return loki.open({}, testEnv(upstream)).discover(windows, signal);
    };
    const [cart] = (await catalogOf({})).items;
    expect(cart?.mapping).toMatch(/^4 streams, 0\.0\d+ MB$/);
    const [bare] = (await catalogOf({ volumes: false })).items;
    expect(bare).toMatchObject({ mapping: '4 streams', count: cart?.count });
  });

  it('previews what was chosen of a query, and does not let Loki read too much for it', async () => {
    const query = '{namespace="shop"} |= "order"';
    const select = ['service_name="cart"', 'service_name="gone"'];
    const { upstream } = createUpstream({ url: await start() });
    const ask = async (from: Upstream) =>
      loki
        .open({ query }, testEnv(from))
        .preview?.({ windows, by: 'service', select }, new AbortController().signal);
    const preview = await ask(upstream);
    const wanted = inside.filter(
      ({ labels, line }) => labels['service_name'] === 'cart' && line.includes('order'),
    );
    expect(preview?.groups.map(({ name, counts }) => [name, totalOf(counts)])).toEqual([
      ['cart', wanted.length],
    ]);
    expect(preview?.notices).toContainEqual(
      expect.objectContaining({ code: 'not-found', count: 1 }),
    );
    const large = intercepting(upstream, ({ path }) =>
      path.endsWith('/index/stats')
        ? answer(200, '{"streams":1,"chunks":9,"entries":9,"bytes":31000000000}')
        : undefined,
    );
    await expect(ask(large)).rejects.toMatchObject({
      code: 'connector/limit',
      message: expect.stringContaining('62.0 GB') as unknown,
    });
  });

  it('tells a wrong query from a wrong server', async () => {
    await expect(pull({ query: 'rate({a="b"}[5m])' })).rejects.toMatchObject({
      code: 'connector/config',
    });
    await expect(pull({ query: '{a=~".*"}' })).rejects.toMatchObject({
      message: expect.stringContaining('empty-compatible') as unknown,
    });
  });
});

describe('LogQL', () => {
  it('takes one matcher more, and knows where a selector ends', () => {
    const query = '{a="}", b=`{"x"}`} |= "{" | json';
    expect(selectorOf(query)).toBe('{a="}", b=`{"x"}`}');
    expect(withMatcher(query, 'c="d"')).toBe('{a="}", b=`{"x"}`, c="d"} |= "{" | json');
    expect(withMatcher('{ a="b", }', 'c="d"')).toBe('{ a="b",c="d"}');
    expect(groupLabel(['pod', 'job', 'app', '__x__'])).toBe('app');
    expect(groupLabel(['__x__'])).toBeUndefined();
  });
});
