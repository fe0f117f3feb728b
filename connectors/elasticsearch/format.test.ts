import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample } from '../../core/connect/testing/samples';
import { formats } from '..';
import { elasticsearchBulk } from './format-bulk';
import { elasticdump } from './format-dump';
import { kibanaCsv } from './format-kibana';
import { elasticsearchSearch } from './format-search';

for (const format of [elasticsearchBulk, elasticdump, elasticsearchSearch, kibanaCsv]) {
  describeFormat(format, { beside: import.meta.url, formats });
}

const read = async (text: string) => {
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  return {
    report,
    tables: tablesOf(batches),
    notices: report.notices.map(({ code, count }) => [code, count]),
  };
};
const ISO = '2026-09-21T14:13:20.123Z';
const TS = 1_790_000_000_123_000_000n;
const log = (message: string, more: object = {}) => ({
  '@timestamp': ISO,
  message,
  log: { level: 'error' },
  ...more,
});

describe('elasticsearch-bulk', () => {
  const bulk = (...lines: readonly (object | string)[]) =>
    read(
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\r\n`).join(''),
    );

  it('pairs actions with documents', async () => {
    const { report, tables, notices } = await bulk(
      { index: { _index: 'a', _id: '1' } },
      log('one'),
      { create: {} },
      log('two'),
      { delete: { _index: 'a', _id: '1' } },
      { update: { _id: '3' } },
      { doc: log('three'), doc_as_upsert: true },
      { update: { _id: '3' } },
      { script: 'ctx._source.n++', upsert: log('four') },
      { index: {} },
      { index: { _index: 'not a document alone' }, '@timestamp': ISO, message: 'five' },
    );
    expect(report.format).toBe('elasticsearch-bulk');
    expect(tables.logs?.map(({ body, ts, severity }) => [body, ts, severity])).toEqual([
      ...['one', 'two', 'three', 'four'].map((body) => [body, TS, 17]),
      ['five', TS, 0],
    ]);
    expect(notices).toContainEqual(['deletes-skipped', 1]);
  });

  it('loses one record for one broken line', async () => {
    const { report, tables } = await bulk(
      { index: {} },
      log('one'),
      '{"index":{"_ind',
      log('two'),
      { index: {} },
      '{"@timestamp":"2026',
      { index: {} },
      { index: {} },
      log('three'),
      'gap',
      { index: {} },
      log('four'),
      { create: {} },
    );
    expect(tables.logs?.map(({ body }) => body)).toEqual(['one', 'three', 'four']);
    expect(report.parts[0]?.dropped).toBe(5);
  });
});

describe('elasticsearch-search', () => {
  it('reads fields where there is no _source, and says what is not whole', async () => {
    const hit = {
      _index: 'a',
      _id: '1',
      fields: { '@timestamp': [ISO], message: ['m'], 'log.level': ['warn'] },
    };
    const answer = {
      took: 3,
      timed_out: true,
      _shards: { total: 3, successful: 1, failed: 2 },
      hits: { total: { value: 40, relation: 'eq' }, hits: [hit] },
    };
    const { report, tables, notices } = await read(
      JSON.stringify({ responses: [answer, answer] }, null, 1),
    );
    expect(report.format).toBe('elasticsearch-search');
    expect(tables.logs).toHaveLength(2);
    expect(tables.logs?.[0]).toMatchObject({ ts: TS, body: 'm', severity: 13 });
    expect(notices).toEqual([
      ['search-timed-out', 2],
      ['shards-failed', 4],
      ['fields-chosen', 2],
      ['hits-left-out', 78],
    ]);
    const list = await read(JSON.stringify([hit]));
    expect(list.report.format).toBe('elasticsearch-search');
    expect(list.tables.logs).toHaveLength(1);
  });
});

describe('elasticdump', () => {
  it('keeps secrets out and numbers whole', async () => {
    const secret = 'hunter2-Zx81-q';
    const source = { ...log(`login, password=${secret}`), password: secret };
    const line = JSON.stringify({ _index: 'a', _id: '1', _source: source });
    const big = `{"_index":"a","_id":"2","_source":{"time":1790000000123456789,"msg":"m"}}`;
    const { tables } = await read(`${line}\n${big}\n`);
    expect(
      JSON.stringify(tables.logs?.map(({ body, attributes }) => [body, attributes])),
    ).not.toContain(secret);
    expect(tables.logs?.[1]).toMatchObject({ ts: 1_790_000_000_123_456_789n });
  });

  it('drops what is nested beyond reason, and goes on', async () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const line = (source: string): string => `{"_index":"a","_id":"1","_source":${source}}\n`;
    const { report, tables } = await read(
      line(JSON.stringify(log('one'))) +
        line(`{"@timestamp":"${ISO}","message":"m","deep":${deep}}`) +
        line(JSON.stringify(log('two'))),
    );
    expect(tables.logs?.map(({ body }) => body)).toEqual(['one', 'two']);
    expect(report.parts[0]?.dropped).toBe(1);
  });

  it('passes templates over', async () => {
    const { report, notices } = await read(
      '{"logs":{"order":0,"index_patterns":["logs-*"],"settings":{},"mappings":{}}}\n',
    );
    expect(report).toMatchObject({ format: 'elasticdump', parts: [] });
    expect(notices).toEqual([['definitions-skipped', 1]]);
  });
});

describe('kibana-csv', () => {
  it('takes the zone that a person chose', async () => {
    const text = '"@timestamp",message\n"Sep 21, 2026 @ 16:13:20.123","a ""b"", c"\n';
    const bytes = new TextEncoder().encode(text);
    const { reports, batches } = await readSample([{ name: 'x.csv', bytes }], formats, {
      choices: { zone: 'Europe/Berlin' },
    });
    expect(reports[0]).toMatchObject({ format: 'kibana-csv' });
    expect(tablesOf(batches).logs?.[0]).toMatchObject({ ts: TS, body: 'a "b", c' });
  });
});
