import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { statsd } from './format';

describeFormat(statsd, { beside: import.meta.url, formats });

const read = async (...lines: readonly string[]) => {
  const { report, batches } = await readAll(
    bytesSource('x', `${lines.join('\n')}\n`),
    formats,
    'statsd',
  );
  return { report, tables: tablesOf(batches) };
};

it('reads counters, gauges and timers with the times of the capture', async () => {
  const { report, tables } = await read(
    '2023-11-14T22:13:20.5Z checkout.requests:3|c|@0.1|#service:checkout,code:503,canary',
    '1700000001.25 cart.depth:7|g',
    'payment.charge:320.5:12|ms|T1700000002',
  );
  expect(tables.samples?.map(({ ts, value }) => [ts, value])).toEqual([
    [1700000000500000000n, 30],
    [1700000001250000000n, 7],
    [1700000002000000000n, 320.5],
    [1700000002000000000n, 12],
  ]);
  expect(tables.metric_series).toMatchObject([
    { metric: 'checkout.requests', kind: 'counter', temporality: 'delta' },
    { metric: 'cart.depth', kind: 'gauge' },
    { metric: 'payment.charge', kind: 'gauge', unit: 'milliseconds' },
  ]);
  expect(tables.metric_series?.[0]?.['labels']).toEqual({ code: '503', canary: 'true' });
  expect(tables.resources?.[0]?.['attributes']).toEqual({ 'service.name': 'checkout' });
  expect(report.notices.map(({ code }) => code).sort()).toEqual([
    'sampled-counts-scaled',
    'time-unit-s-guessed',
  ]);
});

it('drops what has no time or no number, and says so', async () => {
  const at = '2023-11-14T22:13:20Z';
  const { report } = await read(
    'checkout.requests:3|c',
    `${at} users:ann|s`,
    `${at} depth:+4|g`,
    `${at} depth:four|g`,
    `${at} depth:4|x`,
    `${at} depth:4|g|@7`,
    `${at} _e{5,4}:title|text`,
    `${at} _sc|db|1`,
    `${at} depth:4|g`,
  );
  expect(report.parts).toMatchObject([{ rows: 1, dropped: 8 }]);
  expect(report.notices).toMatchObject([{ code: 'messages-without-time', count: 1 }]);
});
