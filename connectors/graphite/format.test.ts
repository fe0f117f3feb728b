import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { graphite } from './format';

describeFormat(graphite, {
  beside: import.meta.url,
  formats,
  records: (files) =>
    files.reduce((n, { bytes }) => n + bytes.filter((byte) => byte === 10).length, 0),
});

const read = async (...lines: readonly string[]) => {
  const { report, batches } = await readAll(
    bytesSource('x', `${lines.join('\n')}\n`),
    formats,
    'graphite',
  );
  return { report, tables: tablesOf(batches) };
};

it('reads paths, tags and times in seconds', async () => {
  const { report, tables } = await read(
    'shop.checkout.requests 12.5 1700000000',
    'disk.used_bytes;host=shop-1;rack=a1;service=cart 4 1700000000.25',
    'shop.cart.depth nan 1700000001',
  );
  expect(report.parts).toMatchObject([{ rows: 3, dropped: 0 }]);
  expect(tables.samples?.map(({ ts, value }) => [ts, value])).toEqual([
    [1700000000000000000n, 12.5],
    [1700000000250000000n, 4],
    [1700000001000000000n, Number.NaN],
  ]);
  expect(tables.metric_series?.[1]).toMatchObject({
    metric: 'disk.used_bytes',
    unit: 'bytes',
    labels: { rack: 'a1' },
  });
  expect(tables.resources?.[1]?.['attributes']).toEqual({
    'host.name': 'shop-1',
    'service.name': 'cart',
  });
});

it('drops lines without a time of their own, and reads milliseconds with a notice', async () => {
  const { report, tables } = await read(
    'a.b 1 -1',
    'a.b 1 N',
    'a.b 1',
    'a.b one 1700000000',
    'a.b 1 soon',
    'a.b;tag 1 1700000000',
    'a.b 1 1700000000 more',
    'a.b 1 1700000000123',
  );
  expect(report.parts).toMatchObject([{ rows: 1, dropped: 7 }]);
  expect(tables.samples?.[0]?.['ts']).toBe(1700000000123000000n);
  expect(report.notices.map(({ code }) => code)).toEqual(['time-unit-ms-guessed']);
});
