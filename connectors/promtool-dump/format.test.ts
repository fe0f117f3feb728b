import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { promtoolDump } from './format';

describeFormat(promtoolDump, {
  beside: import.meta.url,
  formats,
  records: (files) =>
    files.reduce((n, { bytes }) => n + bytes.filter((byte) => byte === 10).length, 0),
});

const read = async (...lines: readonly string[]) => {
  const { report, batches } = await readAll(bytesSource('x', `${lines.join('\n')}\n`), formats);
  return { report, tables: tablesOf(batches) };
};

it('reads times as milliseconds whatever their size, and values as Go prints them', async () => {
  const { report, tables } = await read(
    '{__name__="metric", baz="abc", foo="bar"} 5 240000',
    '{__name__="metric", baz="abc", foo="bar"} 1.5e+09 1700000000001',
    '{__name__="metric", baz="abc", foo="bar"} NaN 1700000000002',
  );
  expect(report.format).toBe('promtool-dump');
  expect(tables.samples?.map(({ ts, value }) => [ts, value])).toEqual([
    [240000000000n, 5],
    [1700000000001000000n, 1500000000],
    [1700000000002000000n, NaN],
  ]);
  expect(tables.metric_series).toMatchObject([
    { metric: 'metric', labels: { baz: 'abc', foo: 'bar' } },
  ]);
});

it('undoes Go quotes, and takes braces and blanks within them', async () => {
  const { tables } = await read(
    '{Zone="a", __name__="up", path="C:\\\\x\\t\\"y}\\" \\u200b\\xe9", "my.label"="1"} 1 1700000000000',
  );
  expect(tables.metric_series?.[0]).toMatchObject({
    metric: 'up',
    labels: { Zone: 'a', path: 'C:\\x\t"y}" \u200b\u00e9', 'my.label': '1' },
  });
});

it('reads native histograms as they are printed', async () => {
  const { tables } = await read(
    '{__name__="rpc_seconds", job="cart"} {count:9, sum:20.5, [-1,-0.5):1, [-0.001,0.001]:2, (1,2]:6} 1700000000000',
  );
  expect(tables.histogram_samples).toMatchObject([
    {
      ts: 1700000000000000000n,
      count: 9n,
      sum: 20.5,
      bounds: [-1, -0.5, -0.001, 0.001, 1, 2],
      counts: [0n, 1n, 0n, 2n, 0n, 6n, 0n],
    },
  ]);
  expect(tables.metric_series).toMatchObject([{ kind: 'histogram', temporality: 'cumulative' }]);
});

it('drops what it can not read, with the reason', async () => {
  const good = '{__name__="up"} 1 1700000000000';
  const { report } = await read(
    good,
    good,
    good,
    good,
    good,
    good,
    good,
    good,
    'up 1 1700000000000',
    '{__name__="up"} 1',
    '{__name__="up"} one 1700000000000',
    '{__name__="up"} 1 170000000000000000',
    '{__name__="up} 1 1700000000000',
    '{__name__=up} 1 1700000000000',
    '{__name__="up"} {count:1} 1700000000000',
  );
  expect(report.parts).toMatchObject([{ rows: 8, dropped: 7 }]);
});

it('leaves what dump-openmetrics prints to OpenMetrics', async () => {
  const { report, tables } = await read(
    'my_counter{baz="abc",foo="bar"} 1 0.000',
    'my_counter{baz="abc",foo="bar"} 5 240.000',
    '# EOF',
  );
  expect(report.format).toBe('openmetrics');
  expect(tables.samples?.map(({ ts }) => ts)).toEqual([0n, 240000000000n]);
});
