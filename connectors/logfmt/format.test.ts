import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { logfmt } from './format';
import { parsePairs } from './pairs';

const lines = (files: readonly { readonly bytes: Uint8Array }[]): number =>
  files.reduce((n, { bytes }) => n + new TextDecoder().decode(bytes).split('\n').length - 1, 0);

describeFormat(logfmt, { beside: import.meta.url, formats, records: lines });

const read = async (text: string) => {
  const { report, batches } = await readAll(bytesSource('x', text, 9), formats, 'logfmt');
  const { logs = [], resources = [] } = tablesOf(batches);
  return { report, logs, resources: resources.map((row) => row['attributes']) };
};

it('gives time, level, message, service and trace, and the other pairs as attributes', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const { report, logs, resources } = await read(
    [
      `ts=2024-05-01T10:00:00.5Z caller=main.go:5 level=warn msg="a \\"b\\"\\nc" traceID=${trace} span_id=00f067aa0ba902b7 app=cart password=abcd`,
      'ts=1714557601.25 lvl=eror logger=shop.pay err="no stock" n=5',
      'time="2024-05-01 10:00:02" level=info msg=started in 5 ms port=80',
      '',
    ].join('\n'),
  );
  expect(report).toMatchObject({ format: 'logfmt', described: { zone: 'stated', guessed: false } });
  expect(logs).toMatchObject([
    {
      ts: 1714557600500000000n,
      severity: 13,
      severity_text: 'warn',
      body: 'a "b"\nc',
      trace_id: trace,
      span_id: '00f067aa0ba902b7',
      attributes: { caller: 'main.go:5', app: 'cart', password: '[redacted]' },
    },
    {
      ts: 1714557601250000000n,
      severity: 0,
      body: 'ts=1714557601.25 lvl=eror logger=shop.pay err="no stock" n=5',
      attributes: { logger: 'shop.pay', err: 'no stock', n: '5' },
    },
    { ts: 1714557602000000000n, body: 'started in 5 ms', attributes: { port: '80' } },
  ]);
  expect(resources).toEqual([{ 'service.name': 'cart' }, { 'service.name': 'shop.pay' }, {}]);
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([
    ['time-unit-s-guessed', 1],
    ['secrets-redacted', 1],
    ['zone-unknown', 1],
    ['words-loose', 1],
    ['service-from-logger', 1],
  ]);
});

it('joins a crash to the line before it, and drops other text', async () => {
  const { report, logs } = await read(
    [
      'time=2024-05-01T10:00:00Z level=info msg=a',
      'panic: runtime error: index out of range [5] with length 3',
      'goroutine 1 [running]:',
      'main.main()',
      '\t/srv/shop/main.go:8 +0x1d',
      'Restarting',
      'time=2024-05-01T10:00:01Z level=info msg=b',
    ].join('\n'),
  );
  expect(logs.map(({ body }) => body)).toEqual([
    'a\npanic: runtime error: index out of range [5] with length 3\ngoroutine 1 [running]:\nmain.main()\n\t/srv/shop/main.go:8 +0x1d',
    'b',
  ]);
  expect(report.parts[0]).toMatchObject({ rows: 2, dropped: 1 });
  expect(report.notices.find(({ code }) => code === 'lines-joined')?.count).toBe(4);
});

describe('pairs', () => {
  it.each([
    ['a=1 b="x y" c= d=', { a: '1', b: 'x y', c: '', d: '' }],
    ['a.b/c=1\ta-b=2', { 'a.b/c': '1', 'a-b': '2' }],
    ['a="\\u00e9\\t\\x1b\\\\"', { a: 'é\t\\x1b\\' }],
    ['url=http://h/?a=b&c=d', { url: 'http://h/?a=b&c=d' }],
    ['a=1 a=2', { a: '2' }],
  ])('%s', (line, pairs) => {
    expect(Object.fromEntries(parsePairs(line)?.pairs ?? [])).toEqual(pairs);
  });

  it.each(['', 'plain text', 'text a=1', 'a="open', '=1'])('none in: %s', (line) => {
    expect(parsePairs(line)).toBeUndefined();
  });
});

it.each([
  'a=1 b=2\na=2 b=3\n',
  'at=info method=GET path=/\n',
  'DATABASE_URL=x\nLEVEL=info\n',
  '2024-05-01 10:00:00 level=info msg=x\n',
])('leaves to others: %s', (text) => {
  const head = { name: 'x', bytes: new TextEncoder().encode(text), text };
  expect(logfmt.sniff(head).confidence).toBe(0);
});
