import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { folderUpstream } from '../../app/node/folder-upstream';
import { pullAll } from '../../core/connect/testing/pulled';
import { testEnv } from '../../core/connect/testing/upstreams';
import { lake } from './index';
import { fileOf, mayHold, partitionsOf, spanOf } from './layout';

const HOUR = 3_600_000_000_000n;
const TEN = 1_714_557_600_000_000_000n;
const hourOf = (path: string) => spanOf(partitionsOf(`${path}/x.parquet`).values);

describe('the time in a path', () => {
  it.each([
    ['signal=logs/date=2024-05-01/hour=10', { from: TEN, to: TEN + HOUR }],
    ['dt=2024-05-01/hour=10', { from: TEN, to: TEN + HOUR }],
    ['date=20240501/hour=10', { from: TEN, to: TEN + HOUR }],
    ['year=2024/month=5/day=1/hour=10', { from: TEN, to: TEN + HOUR }],
    ['day=2024-05-01', { from: TEN - 10n * HOUR, to: TEN + 14n * HOUR }],
    ['date=2024-02-31', undefined],
    ['month=5/day=1/hour=10', undefined],
    ['logs', undefined],
  ])('%s', (path, span) => expect(hourOf(path)).toEqual(span));
});

it('folders of other signals, days and hours are not looked into', () => {
  const windows = [{ from: TEN, to: TEN + 1n }];
  const holds = (folder: string) => mayHold(folder, windows, ['logs']);
  expect(holds('signal=logs/')).toBe(true);
  expect(holds('signal=spans/')).toBe(false);
  expect(holds('signal=logs/date=2024-05-01/hour=10/')).toBe(true);
  expect(holds('signal=logs/date=2024-05-01/hour=09/')).toBe(false);
  expect(holds('signal=logs/date=2024-05-02/')).toBe(false);
  expect(holds('team/')).toBe(true);
});

it('files of a table without a signal are called after its folder; what is for writers is none', () => {
  const file = (key: string) => fileOf({ key, size: 1, etag: '' });
  expect(file('team/otel_logs/dt=2024-05-01/a.parquet')?.table).toBe('team/otel_logs');
  expect(file('a.parquet')?.table).toBe('.');
  expect(file('t/_temporary/a.parquet')).toBeUndefined();
  expect(file('t/_SUCCESS')).toBeUndefined();
});

describe('tables of other writers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-other-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (key: string, columns: Parameters<typeof parquetWriteBuffer>[0]['columnData']) => {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    const bytes = parquetWriteBuffer({ columnData: columns, rowGroupSize: 2 });
    writeFileSync(join(folder, key), new Uint8Array(bytes));
  };
  const logs = (at: number) => [
    {
      name: 'Timestamp',
      data: [0, 1, 2].map((s) => new Date((at + s) * 1000)),
      type: 'TIMESTAMP' as const,
    },
    { name: 'SeverityText', data: ['INFO', 'INFO', 'ERROR'], type: 'STRING' as const },
    { name: 'Body', data: ['up', 'up', 'down'], type: 'STRING' as const },
  ];
  const pull = (windows: readonly { from: bigint; to: bigint }[]) =>
    pullAll(lake.open({}, testEnv(folderUpstream(folder))), { windows, budget: 1e9 });

  it('are read by their columns; what has others, is damaged or of a cut export is named', async () => {
    const at = Number(TEN / 1_000_000_000n);
    write('otel_logs/dt=2024-05-01/hour=10/a.parquet', logs(at));
    write('otel_logs/dt=2024-05-01/hour=11/b.parquet', logs(at + 3600));
    write('orders/dt=2024-05-01/c.parquet', [{ name: 'n', data: [1], type: 'INT32' }]);
    writeFileSync(join(folder, 'otel_logs/dt=2024-05-01/hour=10/d.parquet'), 'PAR1 and no more');
    const cut =
      'signal=logs/date=2024-05-01/hour=10/case-0123456789abcdef-0123456789abcdef.parquet';
    write(cut, logs(at));
    const { tables, notices, coverage } = await pull([
      { from: TEN, to: TEN + 2n * 1_000_000_000n },
    ]);
    expect(tables.logs?.map((row) => row['body'])).toEqual(['up', 'up']);
    const said = new Map(notices.map(({ code, count, message }) => [code, { count, message }]));
    expect(said.get('columns-unknown')).toMatchObject({ count: 1 });
    expect(said.get('columns-unknown')?.message).toContain('orders/dt=2024-05-01/c.parquet');
    expect(said.get('files-damaged')).toMatchObject({ count: 1 });
    expect(said.get('exports-unfinished')?.message).toContain(cut);
    // The third row is in a row group of its own, after the window.
    expect(said.get('lake-pruned')?.message).toContain(
      'by the statistics of their times: 1 row groups',
    );
    expect(coverage).toMatchObject([{ signal: 'logs', rowsKept: 2, rowsTotal: null }]);
  });

  it('count once the export has ended', async () => {
    const name =
      'signal=logs/date=2024-05-01/hour=10/case-0123456789abcdef-0123456789abcdef.parquet';
    mkdirSync(join(folder, '.faultline'));
    const manifest = { format: 1, case: '0123456789abcdef', files: [{ key: name }], removing: [] };
    writeFileSync(join(folder, '.faultline/case-0123456789abcdef.json'), JSON.stringify(manifest));
    const { tables } = await pull([{ from: TEN, to: TEN + 2n * 1_000_000_000n }]);
    expect(tables.logs).toHaveLength(4);
  });
});
