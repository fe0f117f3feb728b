import { beforeAll, expect, it } from 'vitest';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../../core/connect';
import { hashOf, type Pulled } from '../../../core/connect/testing/pulled';
import { answer, intercepting } from '../../../core/connect/testing/upstreams';
import { Cluster, DATE, cameOnce, iso, noticeOf } from './cluster';

const N = 6000;
const FAR_APART = 500;

/** Resources stand in every slice anew; a case keeps one of each. */
function hashed({ tables }: Pulled): string {
  const distinct = new Map((tables.resources ?? []).map((row) => [row['resource_id'], row]));
  return hashOf({ ...tables, resources: [...distinct.values()] });
}

const isPage = ({ path, body }: UpstreamRequest): boolean =>
  path === '/_search' && String(body).includes('"pit"');
const sizeOf = ({ body }: UpstreamRequest): number =>
  (JSON.parse(String(body)) as { size: number }).size;

/** What a server answers a page of more than 100 documents with, and what it takes after that. */
function atMost(
  upstream: Upstream,
  refusal: () => UpstreamResponse,
): { upstream: Upstream; asked: number[]; refused: () => number } {
  const asked: number[] = [];
  let refused = 0;
  const wrapped = intercepting(upstream, (request) => {
    if (!isPage(request)) return undefined;
    asked.push(sizeOf(request));
    if (sizeOf(request) <= 100) return undefined;
    refused++;
    return refusal();
  });
  return { upstream: wrapped, asked, refused: () => refused };
}

const BREAKER = {
  type: 'circuit_breaking_exception',
  reason: '[parent] Data too large, data for [<http_request>] would be larger than the limit',
};
const partial = JSON.stringify({
  took: 1,
  timed_out: false,
  _shards: { total: 3, successful: 2, skipped: 0, failed: 1, failures: [{ reason: BREAKER }] },
  hits: { hits: [] },
});

/** One index read in every way, on a real cluster: the rows are the same. */
export function anySlicing(start: () => Promise<Upstream>): void {
  let cluster: Cluster;
  let whole: string;
  beforeAll(async () => {
    cluster = new Cluster(await start());
    const documents = Array.from({ length: N }, (_, i) => ({
      '@timestamp': iso(i * FAR_APART),
      message: `m${i}`,
      service: { name: `s${i % 3}` },
    }));
    const properties = { '@timestamp': DATE, message: { type: 'text' } };
    await cluster.index('y-slices', properties, documents, 3);
    const pulled = await cluster.pull({ index: 'y-slices', parallel: '1' });
    expect(cameOnce(pulled, N)).toBe('each once');
    whole = hashed(pulled);
  }, 240_000);

  it.each<Readonly<Record<string, string>>>([
    { slice: '100', parallel: '1' },
    { slice: '100', parallel: '8', page: '7' },
    { slice: '1000', parallel: '4' },
    { slice: '1000', parallel: '3', page: '1000' },
    { slice: '999999', parallel: '8', page: '10000' },
  ])('has equal tables in slices of %o', async (more) => {
    const pulled = await cluster.pull({ index: 'y-slices', ...more });
    expect(hashed(pulled)).toBe(whole);
  });

  it.each([
    ['429', 'retried', () => answer(429, JSON.stringify({ error: BREAKER, status: 429 }))],
    ['413', undefined, () => answer(413, '<html>413 Request Entity Too Large</html>')],
    ['a circuit breaker of one shard', 'retried', () => answer(200, partial)],
  ])('asks for smaller pages after %s, and misses nothing', async (_, said, refusal) => {
    const limited = atMost(cluster.upstream, refusal);
    const config = { index: 'y-slices', slice: '2000', parallel: '2' };
    const pulled = await cluster.pull(config, {}, limited.upstream);
    expect(limited.refused()).toBeGreaterThan(0);
    expect(Math.max(...limited.asked)).toBeGreaterThan(100);
    expect(hashed(pulled)).toBe(whole);
    expect(noticeOf(pulled, 'retried') === undefined).toBe(said === undefined);
    expect(noticeOf(pulled, 'shards-failed')).toBeUndefined();
  });

  it('reads an index that allows only small pages, by points in time and by scrolling', async () => {
    const settings = { index: { max_result_window: 40 } };
    await cluster.send('PUT', '/y-slices/_settings', settings);
    const pulled = await cluster.pull({ index: 'y-slices', slice: '2000' });
    expect(hashed(pulled)).toBe(whole);
    const noPit = intercepting(cluster.upstream, ({ path, method }) =>
      /_pit$|point_in_time$/.test(path) && method === 'POST' ? answer(403, '{}') : undefined,
    );
    const scrolled = await cluster.pull({ index: 'y-slices', slice: '2000' }, {}, noPit);
    expect(hashed(scrolled)).toBe(whole);
    await cluster.send('PUT', '/y-slices/_settings', { index: { max_result_window: null } });
  });
}
