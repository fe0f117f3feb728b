import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { grafanaCsv } from './format';
import { measured } from './values';

describeFormat(grafanaCsv, { beside: import.meta.url, formats, cutRows: 4 });

const read = async (text: string, as?: string) => {
  const { report, batches } = await readAll(bytesSource('x', text), formats, as);
  return { report, tables: tablesOf(batches) };
};
const codes = (report: { notices: readonly { code: string }[] }) =>
  report.notices.map(({ code }) => code).sort();

it('takes units off values, and scales what Grafana had scaled', () => {
  const of = (cell: string) => {
    const found = measured(cell);
    return found && [Number(found.value.toPrecision(12)), found.unit];
  };
  expect(of('12.3 ms')).toEqual([0.0123, 'seconds']);
  expect(of('2 mins')).toEqual([120, 'seconds']);
  expect(of('1.5 K')).toEqual([1500, '']);
  expect(of('1.5 Mil')).toEqual([1_500_000, '']);
  expect(of('45%')).toEqual([45, 'percent']);
  expect(of('1.5 GiB')).toEqual([1.5 * 2 ** 30, 'bytes']);
  expect(of('3 kB')).toEqual([3000, 'bytes']);
  expect(of('3 MB/s')).toEqual([3_000_000, 'bytes/s']);
  expect(of('7 req/s')).toEqual([7, 'req/s']);
  expect(of('2.5 K req/s')).toEqual([2500, 'req/s']);
  expect(of('-3e2')).toEqual([-300, '']);
  expect(of('3 of 4 nodes')).toBeUndefined();
  expect(of('checkout')).toBeUndefined();
});

it('reads a column for each series, whose header may be name and labels', async () => {
  const { report, tables } = await read(
    [
      '"Time","up{job=""cart"", host=""shop-1""}",{code=503},free memory',
      '1700000000000,1,,2 GiB',
      '1700000015000,0,5,null',
      '',
    ].join('\n'),
  );
  expect(report.format).toBe('grafana-csv');
  expect(report.parts).toMatchObject([{ rows: 4, dropped: 0 }]);
  expect(tables.metric_series?.map(({ metric, unit, labels }) => [metric, unit, labels])).toEqual([
    ['up', '', {}],
    ['free memory', 'bytes', {}],
    ['value', '', { code: '503' }],
  ]);
  expect(tables.resources?.[0]?.['attributes']).toEqual({ 'host.name': 'shop-1', job: 'cart' });
  expect(tables.samples?.[0]?.['ts']).toBe(1700000000000000000n);
  expect(codes(report)).toEqual(['time-unit-ms-guessed', 'units-in-values']);
});

it('reads a row for each value, behind sep= and with semicolons', async () => {
  const { report, tables } = await read(
    'sep=;\r\n"Series";"Time";"Value"\r\ncheckout;2023-11-14 22:13:20;1.5 K\r\ncart;2023-11-14 22:13:20;7\r\n',
  );
  expect(report).toMatchObject({ format: 'grafana-csv', parts: [{ rows: 2, dropped: 0 }] });
  expect(tables.metric_series?.map((row) => row['metric'])).toEqual(['checkout', 'cart']);
  expect(tables.samples?.map(({ ts, value }) => [ts, value])).toEqual([
    [1700000000000000000n, 1500],
    [1700000000000000000n, 7],
  ]);
  expect(codes(report)).toEqual(['units-in-values', 'zone-unknown']);
});

it('takes columns of texts for labels', async () => {
  const { tables } = await read(
    'Time,service,route,Value\n2023-11-14T22:13:20Z,cart,/items,3\n2023-11-14T22:13:20Z,checkout,/pay,4\n',
    'grafana-csv',
  );
  expect(tables.metric_series).toMatchObject([
    { metric: 'Value', labels: { route: '/items' } },
    { metric: 'Value', labels: { route: '/pay' } },
  ]);
  expect(tables.resources?.map((row) => row['attributes'])).toEqual([
    { 'service.name': 'cart' },
    { 'service.name': 'checkout' },
  ]);
});

it('drops values that can not be read or change their unit', async () => {
  const { report } = await read(
    'Time,"latency{job=""cart""}"\n2023-11-14T22:13:20Z,3 ms\n2023-11-14T22:13:21Z,3 GiB\n2023-11-14T22:13:22Z,slow\nsoon,3 ms\n2023-11-14T22:13:24Z\n',
    'grafana-csv',
  );
  expect(report.parts).toMatchObject([{ rows: 1, dropped: 4 }]);
});
