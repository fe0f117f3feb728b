import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { cri } from './format';

// A cut may end a message of each stream.
describeFormat(cri, { beside: import.meta.url, formats, cutRows: 2 });

const T = '2024-05-01T10:00:00.';
const read = async (name: string, lines: readonly string[]) => {
  const { report, batches } = await readAll(bytesSource(name, lines.join('\n')), formats);
  return { report, tables: tablesOf(batches) };
};

it('joins parts stream by stream, and keeps the time of the first', async () => {
  const { report, tables } = await read('0.log', [
    `${T}000000001Z stdout P the first half, `,
    `${T}000000002Z stderr F level=warn elsewhere`,
    `${T}000000003Z stdout F the second `,
    `${T}000000004Z stdout F `,
    `${T}000000005Z stdout F`,
    `${T}000000006+02:00 stdout F:x a further tag`,
    `${T}000000007Z stdout P without its end`,
  ]);
  expect(report).toMatchObject({ format: 'cri', state: 'ok' });
  expect(tables.logs?.map(({ ts, body, severity }) => [ts, body, severity])).toEqual([
    [1714557600000000002n, 'level=warn elsewhere', 13],
    [1714557600000000001n, 'the first half, the second ', 0],
    [1714557600000000004n, '', 0],
    [1714557600000000005n, '', 0],
    [1714550400000000006n, 'a further tag', 0],
    [1714557600000000007n, 'without its end', 0],
  ]);
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([
    ['severity-from-text', 1],
    ['lines-joined', 1],
    ['message-unfinished', 1],
  ]);
});

it('reads what an application wrote as JSON, and no secret', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const { tables } = await read('x', [
    `${T}1Z stdout F {"level":50,"trace_id":"${trace}","msg":"no stock","service":"cart","n":12345678901234567890}`,
    `${T}2Z stdout F GET /pay?access_token=abcd1234efgh`,
    `${T}3Z stdout F {"level":50,"msg":"cut`,
  ]);
  expect(tables.logs).toMatchObject([
    {
      severity: 17,
      trace_id: trace,
      body: 'no stock',
      ts: 1714557600100000000n,
      attributes: { n: '12345678901234567890', 'log.iostream': 'stdout' },
    },
    { body: 'GET /pay?access_token=[redacted]' },
    { body: '{"level":50,"msg":"cut', severity: 17 },
  ]);
  expect(tables.resources?.[0]?.['attributes']).toEqual({ 'service.name': 'cart' });
});

it.each([
  [
    '/var/log/pods/shop_cart-6d5f8c7b9-x2x7k_0d1f6a52-7a3c-4b7e-9d55-0a5c1f6f3b10/cart/2.log.20240501-100000',
    {
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'cart-6d5f8c7b9-x2x7k',
      'k8s.pod.uid': '0d1f6a52-7a3c-4b7e-9d55-0a5c1f6f3b10',
      'k8s.container.name': 'cart',
      'k8s.container.restart_count': '2',
    },
  ],
  [
    `logs.tar/var/log/containers/cart-6d5f8c7b9-x2x7k_shop_side-car-${'ab'.repeat(32)}.log`,
    {
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'cart-6d5f8c7b9-x2x7k',
      'k8s.container.name': 'side-car',
      'container.id': 'ab'.repeat(32),
    },
  ],
  ['cart.log', {}],
])('%s', async (name, attributes) => {
  const { tables } = await read(name, [`${T}1Z stdout F x`]);
  expect(tables.resources?.[0]?.['attributes']).toEqual(attributes);
});
