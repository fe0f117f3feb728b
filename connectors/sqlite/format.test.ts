import { describe, expect, it } from 'vitest';
import type { ByteSource, Mapping, ReadChoices } from '../../core/connect';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { fileURLToPath } from 'node:url';
import { formats } from '..';
import { sqlite } from './format';
import { tableOfSql } from './sql';

describeFormat(sqlite, { beside: import.meta.url, formats });

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = (file: string, choices?: ReadChoices) =>
  readSample(sampleFiles(folder, file), formats, { choices });

/** The sample as a file of which pieces can be read. */
function shop(): ByteSource {
  const [file] = sampleFiles(folder, 'shop.db');
  if (!file) throw new Error('no sample');
  return {
    name: 'shop.db',
    size: file.bytes.length,
    stream: () => new Blob([file.bytes.slice()]).stream(),
    read: async (offset: number, length: number) => file.bytes.slice(offset, offset + length),
  };
}

describe('a database of several tables', () => {
  it('gives each table that a mapping is guessed for, and the names of the others', async () => {
    const { reports, batches } = await read('shop.db');
    const { logs, samples } = tablesOf(batches);
    expect(logs).toHaveLength(109);
    expect(samples).toHaveLength(120);
    expect(logs?.[40]?.['body']).toBe(
      `payment gateway timed out after 3040 ms: ${'retry; '.repeat(300)}`,
    );
    // The column was added after the rows: they have its default.
    expect(logs?.[0]).toMatchObject({ attributes: { id: '1', region: 'eu-1' }, severity: 9 });
    const [report] = reports;
    expect(report?.mappedTables?.map(({ mapping }) => [mapping.table, mapping.target])).toEqual([
      ['app_log', 'logs'],
      ['pool_samples', 'samples'],
    ]);
    const left = report?.notices.find(({ code }) => code === 'tables-not-read');
    expect(left?.message).toContain('customers (30 rows)');
    expect(left?.message).not.toContain('empty table');
    expect(report?.notices.find(({ code }) => code === 'tables-unreadable')?.message).toContain(
      'notes (a virtual table)',
    );
  });

  it('gives the table of a mapping alone, and shows it before', async () => {
    const mapping: Mapping = {
      target: 'logs',
      table: 'customers',
      fields: { time: { constant: '2024-05-01T10:00:00Z' }, body: { column: 'name' } },
    };
    const { batches } = await read('shop.db', { mapping });
    expect(tablesOf(batches).logs).toHaveLength(30);
    expect(tablesOf(batches).samples).toBeUndefined();
    const source = shop();
    const never = new AbortController().signal;
    const preview = await sqlite.preview?.(source, never, { mapping });
    expect(preview).toMatchObject({
      mapping: { table: 'customers' },
      columns: [{ name: 'id' }, {}, {}],
    });
    expect(await sqlite.preview?.(source, never)).toMatchObject({
      mapping: { table: 'app_log', target: 'logs' },
      guessed: true,
    });
  });
});

describe('single tables of a database', () => {
  const customers: Mapping = {
    target: 'changes',
    table: 'customers',
    fields: { time: { constant: '2024-05-01T10:00:00Z' }, title: { column: 'name' } },
  };
  const never = new AbortController().signal;

  it('are read by their own mappings, or left out, beside those that are guessed', async () => {
    const { reports, batches } = await read('shop.db', {
      tables: { customers, pool_samples: null },
    });
    const { logs, samples, changes } = tablesOf(batches);
    expect([logs?.length, samples, changes?.length]).toEqual([109, undefined, 30]);
    const [report] = reports;
    expect(
      report?.mappedTables?.map(({ mapping, guessed }) => [mapping.table, guessed]).sort(),
    ).toEqual([
      ['app_log', true],
      ['customers', false],
    ]);
    const left = report?.notices.find(({ code }) => code === 'tables-left-out');
    expect(left).toMatchObject({ severity: 'info', count: 1 });
    expect(left?.message).toContain('pool_samples (120 rows)');
  });

  it('are shown one by one, with what would be made of each', async () => {
    const first = await sqlite.preview?.(shop(), never, { tables: { customers } });
    expect(first?.table).toBe('app_log');
    const fates = new Map(first?.tables?.map(({ name, how, signal }) => [name, [how, signal]]));
    expect(fates.get('app_log')).toEqual(['guessed', 'logs']);
    expect(fates.get('pool_samples')).toEqual(['guessed', 'samples']);
    expect(fates.get('customers')).toEqual(['left', '']);
    const other = await sqlite.preview?.(shop(), never, {
      table: 'customers',
      tables: { customers },
    });
    expect(other).toMatchObject({ table: 'customers', mapping: customers, faults: [] });
    expect(other?.rows).toHaveLength(20);
    expect(other?.tables).toBeUndefined();
    const unknown = await sqlite.preview?.(shop(), never, { table: 'customers' });
    expect(unknown).toMatchObject({ table: 'customers', mapping: null, rows: [] });
    const none = await sqlite.preview?.(shop(), never, { table: 'nowhere' });
    expect(none?.faults).not.toEqual([]);
  });
});

it('reads what the write-ahead log has committed, and what the database has without it', async () => {
  const whole = await read('live');
  expect(tablesOf(whole.batches).logs).toHaveLength(60);
  const files = sampleFiles(folder, 'live').filter(({ name }) => name.endsWith('.db'));
  const alone = await readSample(files, formats);
  expect(tablesOf(alone.batches).logs).toHaveLength(20);
  expect(alone.reports[0]?.notices.map(({ code }) => code)).toContain('log-not-given');
});

it('reads texts of UTF-16', async () => {
  const { batches } = await read('releases-utf16.db');
  expect(tablesOf(batches).changes?.[3]).toMatchObject({
    title: 'Zahlung · Größe 3',
    ts: 1714557780000000000n,
    version: 'v1.3',
  });
});

describe('CREATE TABLE', () => {
  it.each([
    ['CREATE TABLE t (a INTEGER PRIMARY KEY, b)', ['a', 'b'], 0],
    ['CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b)', ['a', 'b'], -1],
    ['CREATE TABLE t (a INT PRIMARY KEY, b)', ['a', 'b'], -1],
    ['CREATE TABLE t (b, "a,(x" integer, PRIMARY KEY("a,(x"))', ['b', 'a,(x'], 1],
    [
      'CREATE TABLE [t] (a decimal(10, 2), `b c` text /* ) */, c AS (a + 1), d AS (a) STORED)',
      ['a', 'b c', 'd'],
      -1,
    ],
    ['CREATE TABLE t (a, b, c, PRIMARY KEY (c, a)) WITHOUT ROWID, STRICT', ['c', 'a', 'b'], -1],
    [
      "CREATE TABLE t (primary_key TEXT DEFAULT 'a, b', CONSTRAINT x CHECK (primary_key <> ','))",
      ['primary_key'],
      -1,
    ],
  ])('%s', (sql, names, rowid) => {
    const table = tableOfSql(sql);
    expect(table?.columns.map(({ name }) => name)).toEqual(names);
    expect(table?.rowid).toBe(rowid);
  });
});
