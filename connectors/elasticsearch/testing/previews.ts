import { beforeAll, expect, it } from 'vitest';
import { totalOf, type Preview, type PreviewRequest, type Upstream } from '../../../core/connect';
import {
  CountingUpstream,
  answer,
  intercepting,
  testEnv,
} from '../../../core/connect/testing/upstreams';
import { elasticsearch } from '../connector';
import { Cluster, DATE, MS, START, START_MS, WINDOW, bodies, iso, type Document } from './cluster';

const KEYWORD = { type: 'keyword' } as const;
const LOGS = {
  '@timestamp': DATE,
  message: { type: 'text' },
  level: KEYWORD,
  service: KEYWORD,
} as const;

const sums = ({ groups }: Preview): Readonly<Record<string, number>> =>
  Object.fromEntries(groups.map(({ name, kind, counts }) => [name || kind, totalOf(counts)]));
const said = ({ notices }: Preview): readonly string[] => notices.map(({ code }) => code);

/** Previews of what clusters hold beside well-formed telemetry, on a real one. */
export function previews(start: () => Promise<Upstream>): void {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = new Cluster(await start());
  }, 240_000);

  const preview = (
    config: Readonly<Record<string, string>>,
    request: Partial<PreviewRequest> = {},
    upstream: Upstream = cluster.upstream,
  ): Promise<Preview> => {
    const connector = elasticsearch.open(config, testEnv(upstream));
    const { signal } = new AbortController();
    const asked = connector.preview?.({ windows: [WINDOW], by: 'level', ...request }, signal);
    return asked ?? Promise.reject(new Error('It has no previews.'));
  };

  it('previews levels in any words, services beyond the largest, and what has several or none', async () => {
    const words = ['ERROR', 'err', 'Warning', 'notice', 'DEBUG', 'gibberish'];
    const documents = Array.from({ length: 600 }, (_, i): Document => {
      const service = i < 120 ? `svc-${i % 60}` : 'svc-0';
      return {
        '@timestamp': iso(i * 6000),
        message: `m${i}`,
        ...(i % 7 === 6 ? {} : { level: words[i % 7] }),
        service: i === 0 ? ['svc-0', 'svc-1'] : service,
      };
    });
    await cluster.index('x-preview-words', LOGS, documents, 2);
    const levels = await preview({ index: 'x-preview-words' });
    expect(sums(levels)).toEqual({ error: 172, warn: 86, info: 86, debug: 86, none: 170 });
    expect(levels.groups.map(({ name }) => name)).toEqual(['error', 'warn', 'info', 'debug', '']);
    expect(levels.how).toContain('@timestamp, by level');
    const services = await preview({ index: 'x-preview-words' }, { by: 'service' });
    expect(services.groups).toHaveLength(13);
    expect(sums(services)).toMatchObject({ 'svc-0': 482 });
    expect(services.groups.at(-1)?.kind).toBe('other');
    const total = Object.values(sums(services)).reduce((a, b) => a + b, 0);
    // One document stands in two services, unless one of them is counted with the others.
    expect([600, 601]).toContain(total);
    expect(said(services)).toContain('preview-groups-cut');
  });

  it('previews times that are numbers of seconds, in buckets that are shorter', async () => {
    const properties = { ts: { type: 'long' }, msg: { type: 'text' }, lvl: KEYWORD };
    const from = START_MS / 1000;
    const documents = Array.from({ length: 60 }, (_, i) => ({
      ts: from + i,
      msg: `m${i}`,
      lvl: i < 20 ? 'error' : 'info',
    }));
    await cluster.index('x-preview-seconds', properties, documents);
    const windows = [
      { from: START, to: START + 30_000n * MS },
      { from: START + 40_000n * MS, to: START + 50_000n * MS },
    ];
    const got = await preview({ index: 'x-preview-seconds' }, { windows });
    expect(got.step).toBe(500n * MS);
    expect(sums(got)).toEqual({ error: 20, info: 20 });
    const error = got.groups.find(({ name }) => name === 'error');
    expect([...(error?.counts.slice(0, 4) ?? [])]).toEqual([1, 0, 1, 0]);
  });

  it('previews errors and the rest where levels are texts, and says where nothing tells documents apart', async () => {
    const properties = { '@timestamp': DATE, message: { type: 'text' }, level: { type: 'text' } };
    const documents = Array.from({ length: 10 }, (_, i) => ({
      '@timestamp': iso(i),
      message: `m${i}`,
      level: i < 3 ? 'error' : 'info',
    }));
    await cluster.index('x-preview-texts', properties, documents);
    const config = { index: 'x-preview-texts' };
    expect(sums(await preview(config))).toEqual({ error: 3, 'no error': 7 });
    const services = await preview(config, { by: 'service' });
    expect(sums(services)).toEqual({ none: 10 });
    expect(said(services)).toContain('preview-undivided');
  });

  it('says when the newest record was where the window has none, and asks for no more than that', async () => {
    const windows = [{ from: START - 7_200_000n * MS, to: START - 3_600_000n * MS }];
    const counting = new CountingUpstream(cluster.upstream);
    const got = await preview({ index: 'x-preview-words' }, { windows }, counting);
    expect(got.groups).toEqual([]);
    expect(got.newest).toBe(START + BigInt(599 * 6000) * MS);
    expect(counting.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
    const nothing = await preview({ index: 'x-preview-none-*' }, { windows });
    expect([nothing.groups, nothing.newest]).toEqual([[], undefined]);
  });

  it('leaves out what refuses to be counted, with a notice, and repeats what is busy', async () => {
    const config = { index: 'x-preview-words,x-preview-texts' };
    const refusing = intercepting(cluster.upstream, ({ path, body }) =>
      path.startsWith('/x-preview-words') && String(body).includes('"aggs"')
        ? answer(400, '{"error":{"type":"too_many_buckets_exception"}}')
        : undefined,
    );
    const got = await preview(config, {}, refusing);
    expect(sums(got)).toEqual({ error: 3, 'no error': 7 });
    const notice = got.notices.find(({ code }) => code === 'preview-lacks');
    expect(notice?.message).toMatch(/x-preview-words .* not in the preview.*too_many_buckets/);
    let busy = 0;
    const once = intercepting(cluster.upstream, ({ body }) =>
      String(body).includes('"aggs"') && busy++ === 0 ? answer(429, '{}') : undefined,
    );
    const patient = await preview({ index: 'x-preview-texts' }, {}, once);
    expect([sums(patient), said(patient)]).toEqual([
      { error: 3, 'no error': 7 },
      expect.arrayContaining(['retried']),
    ]);
  });

  it('tells frozen indices of version 7 from others, and asks for them as it must', async () => {
    // No distribution of the tests can freeze an index: that it is frozen is said in the server's place.
    const counting = new CountingUpstream(cluster.upstream);
    const claiming = intercepting(counting, ({ path }) =>
      path.endsWith('/_settings')
        ? answer(200, '{"x-preview-texts":{"settings":{"index":{"frozen":"true"}}}}')
        : undefined,
    );
    const config = { index: 'x-preview-texts,x-preview-seconds', slice: '5', page: '2' };
    const pulled = await cluster.pull(config, {}, claiming);
    expect(bodies(pulled)).toHaveLength(70);
    expect(pulled.notices.map(({ code }) => code)).toContain('index-frozen');
    const got = await preview(config, {}, claiming);
    expect(sums(got)).toEqual({ error: 23, info: 40, 'no error': 7 });
    const { product } = await elasticsearch
      .open({}, testEnv(cluster.upstream))
      .probe(new AbortController().signal);
    const reads = counting.requests.filter(({ path }) =>
      /_search|_count|_pit|_field_caps/.test(path),
    );
    const told = reads.filter(({ query = [] }) =>
      query.some(([name]) => name === 'ignore_throttled'),
    );
    const frozen = reads.filter(({ path }) => path.startsWith('/x-preview-texts/'));
    expect(frozen.length).toBeGreaterThan(4);
    // Version 8 has no such indices any more and warns of the parameter; OpenSearch never had them.
    expect(told).toEqual(product.startsWith('Elasticsearch 7') ? frozen : []);
  });
}
