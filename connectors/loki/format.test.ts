import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { logcliJsonl, lokiJson } from './format';

for (const format of [lokiJson, logcliJsonl]) {
  describeFormat(format, { beside: import.meta.url, formats });
}

const read = async (value: unknown, step?: number) => {
  const source = bytesSource('x', JSON.stringify(value), step);
  const { report, batches } = await readAll(source, formats);
  const { logs = [], resources = [] } = tablesOf(batches);
  return { report, logs, resources };
};
const answer = (result: readonly object[], resultType = 'streams') => ({
  status: 'success',
  data: { resultType, result, stats: {} },
});
const NS = '1790000000123456789';

it.each([1, 7, 65536])(
  'gives every line the labels of its stream, in pieces of %i bytes',
  async (step) => {
    const result = ['cart', 'payment'].map((app) => ({
      stream: { app, namespace: 'shop', pod: `${app}-0`, level: 'warn' },
      values: [
        [NS, 'one'],
        [NS, 'level=error msg=two', { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', k: 'v' }],
        [NS, '{"level":"error","msg":"three","user":"ana"}'],
      ],
    }));
    const { report, logs, resources } = await read(answer(result), step);
    expect(report.format).toBe('loki-json');
    expect(resources.map(({ attributes }) => attributes)).toEqual(
      ['cart', 'payment'].map((app) => ({
        'service.name': app,
        'k8s.namespace.name': 'shop',
        'k8s.pod.name': `${app}-0`,
      })),
    );
    expect(logs.slice(0, 3)).toMatchObject([
      { ts: BigInt(NS), body: 'one', severity: 13 },
      {
        body: 'level=error msg=two',
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        attributes: { k: 'v' },
      },
      { body: 'three', severity: 17, attributes: { user: 'ana' } },
    ]);
    expect(logs[3]?.['resource_id']).toBe(resources[1]?.['resource_id']);
  },
);

it('says where labels stand behind the lines', async () => {
  const { report, logs } = await read(answer([{ values: [[NS, 'm']], stream: { app: 'cart' } }]));
  expect(logs).toHaveLength(1);
  expect(report.notices.map(({ code }) => code)).toContain('labels-unknown');
});

it('is not for matrices', async () => {
  const matrix = answer([{ metric: { app: 'cart' }, values: [[1_790_000_000, '1']] }], 'matrix');
  const text = JSON.stringify(matrix);
  const head = { name: 'x', text, bytes: new TextEncoder().encode(text) };
  expect(lokiJson.sniff(head).confidence).toBe(0);
});

it('reads the entries of old releases', async () => {
  const { report, logs, resources } = await read({
    streams: [
      {
        labels: '{app="cart", pod="cart-0"}',
        entries: [{ ts: '2026-09-21T14:13:20.5Z', line: 'm' }],
      },
    ],
  });
  expect(report.format).toBe('loki-json');
  expect(logs).toMatchObject([{ ts: 1_790_000_000_500_000_000n, body: 'm' }]);
  expect(resources[0]?.['attributes']).toEqual({
    'service.name': 'cart',
    'k8s.pod.name': 'cart-0',
  });
});

it('holds one line of a huge stream, not the stream', async () => {
  const line = 'x'.repeat(1 << 20);
  const head = `{"data":{"resultType":"streams","result":[{"stream":{"app":"cart"},"values":[`;
  const entry = new TextEncoder().encode(`["${NS}","${line}"],`);
  let sent = -1;
  const stream = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        if (sent === 0) controller.enqueue(new TextEncoder().encode(head));
        else if (sent <= 80) controller.enqueue(entry.slice());
        else {
          controller.enqueue(new TextEncoder().encode(`["${NS}","end"]]}]}}`));
          controller.close();
        }
      },
    });
  const { report } = await readAll({ name: 'x', stream }, formats);
  expect(report.parts).toMatchObject([{ rows: 81, dropped: 0 }]);
});
