import { describe, expect, it } from 'vitest';
import { tablesOf } from '../testing/import';
import type { Mapping } from './mapping';
import { readPostedBy } from './posted';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const T = '2026-01-02T03:04:05Z';
const logs: Mapping = {
  target: 'logs',
  fields: { time: { column: 'ts' }, body: { column: 'msg' } },
};

describe('a posted body, by a mapping', () => {
  it('is one object, a list, or lines, also with a byte order mark and Windows line ends', () => {
    const one = { ts: T, msg: 'a' };
    const count = (text: string): number =>
      tablesOf(readPostedBy(logs, 'x', bytes(text)).batches).logs?.length ?? 0;
    expect(count(JSON.stringify(one, null, 2))).toBe(1);
    expect(count(`\uFEFF${JSON.stringify([one, one])}`)).toBe(2);
    expect(count(`${JSON.stringify(one)}\r\n\r\n${JSON.stringify(one)}\r\n`)).toBe(2);
    expect(count('[]')).toBe(0);
  });

  it('keeps times in nanoseconds exact', () => {
    const { batches } = readPostedBy(logs, 'x', bytes('{"ts":1767323045123456789,"msg":"a"}'));
    expect(tablesOf(batches).logs?.[0]?.['ts']).toBe(1767323045123456789n);
  });

  it('drops a line that is broken and takes the others', () => {
    const text = `{"ts":"${T}","msg":"a"}\n{"ts":"${T}","msg"\n{"ts":"${T}","msg":"b"}`;
    const { batches, dropped, reasons } = readPostedBy(logs, 'x', bytes(text));
    expect(tablesOf(batches).logs).toHaveLength(2);
    expect([dropped, [...reasons]]).toEqual([1, [['it is not a JSON object', 1]]]);
  });

  it.each(['', ' ', 'null', '7', '{"ts":', '[{"ts":1},\n{"ts":2}\n', 'hello'])(
    'is refused where it is none: %j',
    (text) => {
      expect(() => readPostedBy(logs, 'x', bytes(text))).toThrow(
        expect.objectContaining({ code: 'format/damaged' }) as Error,
      );
    },
  );

  it('has no secrets in its rows and notices', () => {
    const { batches, notices } = readPostedBy(
      logs,
      'x',
      bytes(
        JSON.stringify([
          { ts: T, msg: 'token=hunter2-swordfish', apiKey: 'hunter2' },
          { apiKey: 'hunter2' },
        ]),
      ),
    );
    const shown = JSON.stringify([tablesOf(batches), notices], (_, v: unknown) =>
      typeof v === 'bigint' ? String(v) : v,
    );
    expect(shown).not.toContain('hunter2');
    expect(notices.map(({ code }) => code)).toContain('records-not-mapped');
  });

  it('says how many places are no UTF-8', () => {
    const body = bytes(JSON.stringify({ ts: T, msg: 'a?b' })).map((b) => (b === 63 ? 0xff : b));
    const { batches, notices } = readPostedBy(logs, 'x', body);
    expect(tablesOf(batches).logs).toMatchObject([{ body: 'a\uFFFDb' }]);
    expect(notices).toMatchObject([{ code: 'malformed-text', count: 1 }, { count: 1 }]);
  });

  it('has its records in the list that the mapping names', () => {
    const mapping: Mapping = { ...logs, records: 'of.events' };
    const record = (msg: string): object => ({ ts: T, msg });
    const documents = [
      { sent: 1, of: { events: [record('a'), record('b'), { msg: 'c' }] } },
      { of: { events: [] } },
      record('d'),
      { of: {} },
    ];
    const text = documents.map((document) => JSON.stringify(document)).join('\n');
    const { batches, dropped } = readPostedBy(mapping, 'x', bytes(text));
    expect(tablesOf(batches).logs?.map(({ body }) => body)).toEqual(['a', 'b', 'd']);
    expect(dropped).toBe(2);
  });

  it('becomes samples with their series', () => {
    const mapping: Mapping = {
      target: 'samples',
      fields: { time: { column: 'ts' }, 'attribute.queue': { column: 'q' } },
      values: ['depth', 'age'],
    };
    const body = bytes(JSON.stringify({ ts: T, q: 'mail', depth: 3, age: 1.5 }));
    const tables = tablesOf(readPostedBy(mapping, 'x', body).batches);
    expect(tables.metric_series?.map(({ metric }) => metric)).toEqual(['depth', 'age']);
    expect(tables.samples?.map(({ value }) => value)).toEqual([3, 1.5]);
  });
});
