import { beforeAll, expect, it } from 'vitest';
import type { Upstream } from '../../../core/connect';
import { testEnv } from '../../../core/connect/testing/upstreams';
import { elasticsearch } from '../connector';
import { Cluster, DATE, START, WINDOW, bodies, iso, noticeOf } from './cluster';

const TEXT = { type: 'text', fields: { keyword: { type: 'keyword' } } } as const;
const LEVEL = { properties: { level: { type: 'keyword' } } } as const;

/** Documents, indices and clusters that are kept in other ways than the plain one, on a real cluster. */
export function keptOtherwise(start: () => Promise<Upstream>, name: string): void {
  const elastic = name.startsWith('Elasticsearch');
  const newest = name === 'Elasticsearch';
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = new Cluster(await start());
  }, 240_000);

  it('reads documents without source from columns and stored fields, and says what is lost', async () => {
    const properties = {
      '@timestamp': DATE,
      message: TEXT,
      note: { type: 'text', store: true },
      secret: { type: 'text' },
      log: LEVEL,
      big: { type: 'long' },
      tags: { type: 'keyword' },
      point: { type: 'geo_point' },
    };
    const document = {
      '@timestamp': iso(0).replace('.000Z', '.123Z'),
      message: 'm0',
      note: 'stored words',
      secret: 'nobody sees it',
      log: { level: 'error' },
      big: 9_007_199_254_740_993n,
      tags: ['b', 'a'],
    };
    await cluster.index('z-bare', { properties, _source: { enabled: false } }, [document]);
    const pulled = await cluster.pull({ index: 'z-bare' });
    expect(pulled.tables.logs).toMatchObject([
      {
        ts: START + 123_000_000n,
        body: 'm0',
        severity: 17,
        attributes: { note: 'stored words', big: '9007199254740993', tags: '["a","b"]' },
      },
    ]);
    const notice = noticeOf(pulled, 'source-incomplete');
    expect(notice?.severity).toBe('warning');
    expect(notice?.message).toMatch(/can't be had.*secret/);
    expect(notice?.message).not.toMatch(/had.*message/);
  });

  it('fills what a source leaves out, beside what it has', async () => {
    const properties = { '@timestamp': DATE, message: TEXT, log: LEVEL, user: { type: 'keyword' } };
    const mapping = { properties, _source: { excludes: ['user', 'log.*'] } };
    const document = { '@timestamp': iso(0), message: 'm0', log: { level: 'warn' }, user: 'ada' };
    await cluster.index('z-part', mapping, [document]);
    const pulled = await cluster.pull({ index: 'z-part' });
    expect(pulled.tables.logs).toMatchObject([
      { body: 'm0', severity: 13, attributes: { user: 'ada' } },
    ]);
    expect(noticeOf(pulled, 'source-incomplete')).toMatchObject({ severity: 'info', count: 0 });
  });

  it('brings fields that are computed when they are asked for, or says that they can not be', async () => {
    const properties = { '@timestamp': DATE, message: { type: 'text' }, a: { type: 'keyword' } };
    // Most of these servers lack Painless: without a script a runtime field reads the source, a derived one can't.
    const own = elastic
      ? { runtime: { shard: { type: 'keyword' } }, dynamic: false }
      : { derived: { shard: { type: 'keyword', script: { source: 'emit("s-x")' } } } };
    const document = { '@timestamp': iso(0), message: 'm0', a: 'x', shard: 's-x' };
    const { shard: _, ...without } = document;
    await cluster.index('z-computed', { properties, ...own }, [elastic ? document : without]);
    const pulled = await cluster.pull({ index: 'z-computed' });
    expect(pulled.tables.logs).toMatchObject([{ body: 'm0', attributes: { a: 'x' } }]);
    const attributes = pulled.tables.logs?.[0]?.['attributes'] as
      Record<string, string> | undefined;
    const shard = attributes?.['shard'];
    const notice = noticeOf(pulled, 'computed-left-out');
    const computed = elastic || name === 'OpenSearch 3';
    if (computed) expect([shard, notice]).toEqual(['s-x', undefined]);
    else expect([shard, notice?.severity]).toEqual([undefined, 'warning']);
  });

  it('finds roles in flattened objects, and times to the nanosecond', async () => {
    const properties = {
      '@timestamp': { type: 'date_nanos' },
      message: { type: 'text' },
      log: { type: elastic ? 'flattened' : 'flat_object' },
    };
    const documents = Array.from({ length: 40 }, (_, i) => ({
      '@timestamp': iso(i * 1000).replace('Z', '123457Z'),
      message: `m${i}`,
      log: { level: i % 10 === 0 ? 'error' : 'info' },
    }));
    await cluster.index('z-flat', { properties }, documents);
    const pulled = await cluster.pull({ index: 'z-flat' }, { budget: 10 });
    const errors = (pulled.tables.logs ?? []).filter((row) => row['severity'] === 17);
    expect(errors.map((row) => row['body'])).toEqual(['m0', 'm10', 'm20', 'm30']);
    expect(errors[0]?.['ts']).toBe(START + 123_457n);
  });

  it('reads an alias with its filter, and none twice', async () => {
    const properties = { '@timestamp': DATE, message: { type: 'text' }, log: LEVEL };
    const documents = ['error', 'info'].map((level, i) => {
      return { '@timestamp': iso(i), message: `m${i}`, log: { level } };
    });
    await cluster.index('z-real-1', { properties }, documents);
    await cluster.index('z-real-2', { properties }, [
      { '@timestamp': iso(2), message: 'm2', log: { level: 'error' } },
    ]);
    const filter = { term: { 'log.level': 'error' } };
    const add = (index: string, alias: string) => ({ add: { index, alias, filter } });
    await cluster.send('POST', '/_aliases', {
      actions: [
        add('z-real-1', 'z-errors'),
        add('z-real-1', 'z-al-two'),
        add('z-real-2', 'z-al-two'),
      ],
    });
    expect(bodies(await cluster.pull({ index: 'z-errors' }))).toEqual(['m0']);
    expect(bodies(await cluster.pull({ index: 'z-al-*' }))).toEqual(['m0', 'm2']);
    expect(bodies(await cluster.pull({ index: 'z-real-*,z-errors' }))).toEqual(['m0', 'm1', 'm2']);
    const overlapping = await cluster.pull({ index: 'z-real-1,z-al-two' });
    expect(bodies(overlapping)).toEqual(['m0', 'm1']);
    expect(noticeOf(overlapping, 'alias-overlaps')?.message).toContain('z-al-two');
  });

  it('reads across clusters, and says which did not answer', async () => {
    const properties = { '@timestamp': DATE, message: { type: 'text' } };
    await cluster.index('z-far', { properties }, [{ '@timestamp': iso(0), message: 'm0' }]);
    // The cluster is its own remote, under another name.
    const address = await cluster.transportAddress();
    const remote = {
      far: { seeds: [address] },
      gone: { seeds: ['127.0.0.1:1'], skip_unavailable: true },
    };
    await cluster.send('PUT', '/_cluster/settings', { persistent: { cluster: { remote } } });
    const pulled = await cluster.pull({ index: 'far:z-far,gone:z-far' });
    expect(bodies(pulled)).toEqual(['m0']);
    const notice = noticeOf(pulled, 'clusters-skipped');
    expect(notice).toMatchObject({ severity: 'warning', count: 1 });
    // Only newer servers name them.
    if (newest) expect(notice?.message).toContain('gone');
    const { items } = await elasticsearch
      .open({ index: 'far:z-*' }, testEnv(cluster.upstream))
      .discover([WINDOW], new AbortController().signal);
    expect(items.find(({ id }) => id === 'far:z-far')).toMatchObject({ count: 1 });
  });

  it.runIf(newest)('says that a source is rebuilt', async () => {
    const properties = { '@timestamp': DATE, message: { type: 'keyword' } };
    const documents = [{ '@timestamp': iso(0), message: 'm0', tags: ['b', 'a', 'a'] }];
    const settings = { 'index.mapping.source.mode': 'synthetic' };
    await cluster.index('z-synthetic', { properties }, documents, 1, settings);
    const pulled = await cluster.pull({ index: 'z-synthetic' });
    expect(bodies(pulled)).toEqual(['m0']);
    expect(noticeOf(pulled, 'source-rebuilt')?.message).toContain('z-synthetic');
  });
}
