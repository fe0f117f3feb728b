import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, startCli, type RunningCli } from '../../app/cli/testing/built-cli';
import { createUpstream } from '../../app/node';
import { replay, type ReplayStep } from '../../app/node/replay';
import { formatRfc3339 } from '../../core/base';
import { tablesOf } from '../../core/connect/testing/import';
import {
  alertRequests,
  otlpRequests,
  remoteWriteRequests,
  searchRequests,
  simulate,
} from '../../core/simulate';
import {
  alertmanager,
  available,
  collector,
  elasticsearch,
  jaeger,
  prometheus,
  type Running,
} from '../../scripts/servers/index.mjs';
import { startProxy, type Proxy } from './testing/proxy';

/**
 * The main job on real backends: a simulated system whose fault is known feeds a Prometheus, an
 * Elasticsearch and a Collector that passes spans on to a Jaeger and to `faultline receive`; the command
 * line pulls and receives, is killed and resumed, and has to name the fault.
 */
const MINUTE = 60_000_000_000n;
const now = (BigInt(Date.now()) * 1_000_000n) / MINUTE;
const simulation = simulate({
  scenario: 'slow-query',
  seed: 5,
  size: 0.3,
  durationS: 900,
  start: (now - 17n) * MINUTE,
});
const { window } = simulation.hints;
const sent = tablesOf([...simulation.batches()]);
const WINDOW = `${formatRfc3339(window.from)}..${formatRfc3339(window.to)}`;

const there = (
  await Promise.all(
    [prometheus, elasticsearch, collector, jaeger, alertmanager].map((server) => available(server)),
  )
).every(Boolean);

const SOURCES = ['prometheus', 'elasticsearch', 'jaeger'] as const;
type Source = (typeof SOURCES)[number];

const SETTINGS: Readonly<Record<Source, readonly string[]>> = {
  prometheus: [],
  // One slice after the other: where it is killed is told in requests, and those side by side come all at once.
  elasticsearch: ['--set', 'index=shop-logs-*', '--set', 'parallel=1', '--set', 'slice=2000'],
  jaeger: [],
};

/** Shares of a pull's requests at which it is held up before it is killed. */
const PAUSES = [0.4, 0.55, 0.7];

interface Summary {
  readonly totalRows: number;
  readonly resumed: boolean;
  readonly ms: number;
  readonly notices: readonly { readonly code: string; readonly message: string }[];
}

interface Ranking {
  readonly verdict: string;
  readonly ranking: readonly {
    readonly entity: { readonly id: string; readonly name: string };
    readonly bucket: string;
    readonly score: number;
  }[];
}

describe.skipIf(!there)('a live run', { timeout: 300_000 }, () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  const proxies = new Map<Source, Proxy>();
  const requests = new Map<Source, number>();
  let folder: string;
  let receiver: RunningCli;

  const caseFile = (name: string): string => join(folder, `${name}.faultline`);
  const proxyOf = (source: Source): Proxy => {
    const proxy = proxies.get(source);
    if (!proxy) throw new Error(`${source} does not run`);
    return proxy;
  };

  async function started<S extends Running>(starting: Promise<S>): Promise<S> {
    const server = await starting;
    cleanups.push(() => server.stop());
    return server;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-live-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const ports = ['--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0'];
    receiver = await startCli(['receive', '--case', caseFile('received'), '--json', ...ports]);
    cleanups.push(async () => {
      receiver.child.kill('SIGKILL');
      await receiver.ended;
    });
    const [metrics, logs, traces] = await Promise.all([
      started(prometheus.start()),
      started(elasticsearch.start()),
      started(jaeger.start()),
    ]);
    const heard = await listening(receiver);
    const webhook = `${heard}/webhook/alertmanager`;
    const alerts = await started(alertmanager.start({ webhook }));
    const gate = await started(collector.start({ config: collectorConfig(heard, traces) }));
    await feed('prometheus', metrics.url, remoteWriteRequests(simulation.batches()));
    await feed('elasticsearch', logs.url, searchRequests(simulation.batches(), 'ecs'));
    await fetch(`${logs.url}/_refresh`, { method: 'POST' });
    await feed('collector', gate.url, otlpRequests(simulation.batches(), ['spans']));
    await feed('alertmanager', alerts.url, alertRequests(simulation.batches()));
    // What the Collector still holds is sent on before it ends.
    await gate.stop();
    const urls = { prometheus: metrics.url, elasticsearch: logs.url, jaeger: traces.url };
    for (const source of SOURCES) {
      const proxy = await startProxy(urls[source]);
      proxies.set(source, proxy);
      cleanups.push(() => proxy.close());
    }
  }, 300_000);

  afterAll(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  }, 60_000);

  function pullArgs(source: Source, name: string): readonly string[] {
    const from = ['--url', proxyOf(source).url, '--window', WINDOW];
    return ['pull', source, ...from, '--case', caseFile(name), ...SETTINGS[source]];
  }

  async function pull(source: Source, name: string, ...more: string[]): Promise<Summary> {
    proxyOf(source).watch();
    const summary = await jsonOf<Summary>([...pullArgs(source, name), ...more]);
    requests.set(source, proxyOf(source).count());
    const codes = summary.notices.map(({ code }) => code).join(', ');
    say(
      `pull ${source}: ${summary.totalRows} rows, ${proxyOf(source).count()} requests, ${summary.ms} ms (${codes})`,
    );
    return summary;
  }

  async function query(name: string, sql: string): Promise<readonly (readonly unknown[])[]> {
    const args = ['query', caseFile(name), sql];
    return (await jsonOf<{ data: (readonly unknown[])[] }>(args)).data;
  }

  const TABLES = [
    'resources',
    'metric_series',
    'samples',
    'histogram_samples',
    'exemplars',
    'logs',
    'spans',
    'span_events',
    'span_links',
    'alerts',
    'stated_relations',
  ];

  async function counts(name: string): Promise<Readonly<Record<string, number>>> {
    const each = [...TABLES, 'entities'].map(
      (table) => `SELECT '${table}', count(*) FROM ${table}`,
    );
    const rows = await query(name, each.join(' UNION ALL '));
    return Object.fromEntries(rows.map(([table, n]) => [String(table), Number(n)]));
  }

  async function expectTheFault(name: string): Promise<void> {
    const result = await jsonOf<Ranking>(['analyze', caseFile(name)]);
    const top = result.ranking
      .slice(0, 3)
      .map(({ entity, score }) => `${entity.id} ${score.toFixed(2)}`);
    say(`${name}: ${result.verdict}, ${top.join(', ')}`);
    expect([result.verdict, result.ranking[0]?.entity.name]).toEqual([
      'ranked',
      simulation.truth.root_cause?.service,
    ]);
  }

  it.each(SOURCES)('pulls everything from %s', async (source) => {
    await pull(source, 'calm');
    const found = await counts('calm');
    const expected = { prometheus: metricsSent, elasticsearch: logsSent, jaeger: spansSent }[
      source
    ]();
    expect(found).toMatchObject(expected);
  });

  it('names the fault from what was pulled', () => expectTheFault('calm'));

  it('knows one service by one name, whichever backend told of it', async () => {
    const told = await query(
      'calm',
      `SELECT re.entity_id, count(DISTINCT s.connector) FROM resource_entities re
       JOIN resources r ON r.resource_id = re.resource_id
       JOIN sources s ON s.source_id = r.source_id
       WHERE re.role = 'service' GROUP BY 1`,
    );
    const services = new Set(
      sent.resources?.flatMap((row) => {
        const attributes = row['attributes'] as Record<string, string>;
        return attributes['telemetry.sdk.language'] ? [attributes['service.name']] : [];
      }),
    );
    const known = new Map(told.map(([id, n]) => [String(id), Number(n)]));
    for (const service of services)
      expect([service, known.get(`service:${service}`)]).toEqual([service, 3]);
  });

  it.each(SOURCES)('goes on where a pull from %s was killed, to the same rows', async (source) => {
    const all = requests.get(source) ?? 0;
    const running = await startCli([...pullArgs(source, 'killed'), '--json']);
    proxyOf(source).watch(async (nth) => {
      // Rows are committed at the next mark after a second; the first requests only look around.
      if (PAUSES.some((share) => nth === Math.floor(all * share))) await sleep(1200);
      if (nth < Math.ceil(all * 0.8)) return;
      await sleep(300);
      running.child.kill('SIGKILL');
      await running.ended;
    });
    expect((await running.ended).signal).toBe('SIGKILL');
    const [last] = await query(
      'killed',
      'SELECT connector, state, rows FROM sources ORDER BY source_id DESC',
    );
    expect(last?.slice(0, 2)).toEqual([source, 'partial']);
    expect(Number(last?.[2])).toBeGreaterThan(0);
    const summary = await pull(source, 'killed', '--resume');
    expect(summary.resumed).toBe(true);
  });

  /** Every table's content as one number, whatever source and place its rows have. */
  async function contents(name: string): Promise<readonly (readonly unknown[])[]> {
    const each = TABLES.map(
      (table) =>
        `SELECT '${table}', bit_xor(hash(t))::VARCHAR FROM (SELECT * EXCLUDE (source_id, row_no) FROM ${table}) t`,
    );
    return query(name, `SELECT * FROM (${each.join(' UNION ALL ')}) ORDER BY 1`);
  }

  it('has the same rows in every table, and the same fault', async () => {
    expect(await counts('killed')).toEqual(await counts('calm'));
    expect(await contents('killed')).toEqual(await contents('calm'));
    await expectTheFault('killed');
  });

  it('names the fault from what was received', async () => {
    receiver.child.kill('SIGINT');
    const { code, stdout } = await receiver.ended;
    expect(code).toBe(0);
    say(`receive: ${stdout.trim().slice(0, 200)}`);
    await pull('prometheus', 'received');
    await pull('elasticsearch', 'received');
    // The same spans once more, from where they are stored: they are in the case already.
    const repeated = await pull('jaeger', 'received');
    expect(repeated.notices.map(({ code }) => code)).toContain('rows-repeated');
    expect(await counts('received')).toMatchObject(spansSent());
    // Alertmanager tells of what still fires.
    const firing = sent.alerts?.filter((row) => row['ends_at'] === null) ?? [];
    const told = await query('received', 'SELECT DISTINCT name FROM alerts ORDER BY 1');
    const names = [...new Set(firing.map((row) => row['name'] as string))].sort();
    expect([names.length > 0, told.flat()]).toEqual([true, names]);
    await expectTheFault('received');
  });
});

const logsSent = () => ({ logs: sent.logs?.length });
const spansSent = () => ({
  spans: sent.spans?.length,
  span_events: sent.span_events?.length,
  span_links: sent.span_links?.length,
});

/** Samples as a Prometheus has them; the buckets of a histogram are one row a time stamp in a case. */
function metricsSent(): Readonly<Record<string, number>> {
  const names = new Map(
    sent.metric_series?.map((row) => [row['series_id'], row['metric'] as string]),
  );
  const bases = new Set(
    [...names.values()].flatMap((name) => /^(.*)_bucket$/.exec(name)?.[1] ?? []),
  );
  let samples = 0;
  let histograms = 0;
  for (const row of sent.samples ?? []) {
    const name = names.get(row['series_id']) ?? '';
    if (!name.endsWith('_bucket')) samples++;
    if (name.endsWith('_count') && bases.has(name.slice(0, -'_count'.length))) histograms++;
  }
  return { samples, histogram_samples: histograms };
}

async function feed(name: string, url: string, steps: Iterable<ReplayStep>): Promise<void> {
  const begun = performance.now();
  const { rows, requests } = await replay(steps, createUpstream({ url }).upstream);
  say(
    `fed ${name}: ${rows} rows, ${requests} requests, ${Math.round(performance.now() - begun)} ms`,
  );
}

async function listening(cli: RunningCli): Promise<string> {
  for (let tries = 0; tries < 400; tries++) {
    const http = /OTLP\/HTTP on (http:\S+),/.exec(cli.stderr())?.[1];
    if (http) return http;
    await sleep(25);
  }
  throw new Error(`It does not listen: ${cli.stderr()}`);
}

function collectorConfig(receiver: string, { otlpHttp }: { otlpHttp: string }): string {
  return [
    'receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${env:OTLP_HTTP_PORT}" } } } }',
    'processors: { batch: { timeout: 100ms, send_batch_size: 2000 } }',
    'exporters:',
    `  otlp_http/receive: { endpoint: "${receiver}" }`,
    `  otlp_http/jaeger: { endpoint: "${otlpHttp}" }`,
    'service:',
    '  telemetry: { metrics: { level: none } }',
    '  pipelines:',
    '    traces:',
    '      receivers: [otlp]',
    '      processors: [batch]',
    '      exporters: [otlp_http/receive, otlp_http/jaeger]',
  ].join('\n');
}

function say(line: string): void {
  console.log(`live: ${line}`);
}
