import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { jsonLog } from './format';

describeFormat(jsonLog, { beside: import.meta.url, formats });

const read = async (...docs: readonly object[]) => {
  const text = docs.map((doc) => `${JSON.stringify(doc)}\n`).join('');
  const { report, batches } = await readAll(bytesSource('app.log', text), formats);
  const { logs = [], resources = [] } = tablesOf(batches);
  return { report, logs, resources };
};

const TS = 1_790_000_000_123_000_000n;
const ISO = '2026-09-21T14:13:20.123Z';

it.each([
  ['pino', { level: 50, time: 1_790_000_000_123, msg: 'm' }, 17],
  ['bunyan', { v: 0, level: 40, time: ISO, msg: 'm' }, 13],
  ['zap', { level: 'dpanic', ts: 1_790_000_000.123, msg: 'm' }, 21],
  ['slog', { time: ISO, level: 'ERROR+2', msg: 'm' }, 17],
  [
    'Log4j JsonLayout',
    {
      instant: { epochSecond: 1_790_000_000, nanoOfSecond: 123_000_000 },
      level: 'WARN',
      message: 'm',
    },
    13,
  ],
  ['Log4j timeMillis', { timeMillis: 1_790_000_000_123, level: 'FATAL', message: 'm' }, 21],
  ['ECS', { '@timestamp': ISO, log: { level: 'debug' }, message: 'm' }, 5],
  ['Logback', { '@timestamp': ISO, level_value: 40_000, message: 'm' }, 17],
  [
    'Google Cloud',
    {
      timestamp: { seconds: 1_790_000_000, nanos: 123_000_000 },
      severity: 'EMERGENCY',
      message: 'm',
    },
    21,
  ],
  ['.NET', { Timestamp: ISO, LogLevel: 'Critical', Category: 'Shop', Message: 'm' }, 21],
  ['syslog numbers', { timestamp: ISO, level: 3, short_message: 'm' }, 17],
  [
    'loguru',
    {
      text: 'x',
      record: { level: { name: 'WARNING', no: 30 }, message: 'm', time: { repr: ISO } },
    },
    13,
  ],
  [
    'tracing-subscriber',
    { timestamp: ISO, level: 'INFO', fields: { message: 'm' }, target: 'shop::cart' },
    9,
  ],
])('%s', async (_, doc, severity) => {
  const { report, logs } = await read(doc, doc);
  expect(report.format).toBe('json-log');
  expect(logs[0]).toMatchObject({ ts: TS, body: 'm', severity });
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
it.each([
  [{ trace_id: TRACE, span_id: '00f067aa0ba902b7' }, TRACE],
  [{ traceId: TRACE.toUpperCase() }, TRACE],
  [{ trace: { id: TRACE } }, TRACE],
  [{ mdc: { traceId: TRACE } }, TRACE],
  [{ contextMap: { trace_id: TRACE } }, TRACE],
  [{ 'X-B3-TraceId': 'a3ce929d0e0e4736' }, '0000000000000000a3ce929d0e0e4736'],
  [{ dd: { trace_id: '6118434501497175065' } }, '000000000000000054e90bc3233bbc19'],
  [{ 'logging.googleapis.com/trace': `projects/shop/traces/${TRACE}` }, TRACE],
  [{ traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }, TRACE],
  [{ xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793' }, '5759e988bd862e3fe1be46a994272793'],
  [{ trace: 'Error: x\n    at y' }, ''],
  [{ trace_id: '0'.repeat(32) }, ''],
  [{ trace_id: 'req-17' }, ''],
])('trace id %j', async (fields, id) => {
  const { logs } = await read({ time: ISO, level: 'info', msg: 'm', ...fields });
  expect(logs[0]).toMatchObject({ trace_id: id });
});

it('keeps whole numbers beyond 2^53 as they are', async () => {
  const line = `{"ts":1790000000123456789,"level":"info","msg":"m","dd.trace_id":6118434501497175065}\n`;
  const { batches } = await readAll(bytesSource('x', line), formats);
  expect(tablesOf(batches).logs).toMatchObject([
    { ts: 1_790_000_000_123_456_789n, trace_id: '000000000000000054e90bc3233bbc19' },
  ]);
});

it('says which fields it took, and keeps secrets out', async () => {
  const secret = 'hunter2-Zx81-q';
  const { report, logs, resources } = await read(
    { ts: ISO, lvl: 'warn', msg: `login with password=${secret}`, app: 'web', password: secret },
    {
      time: ISO,
      lvl: 'warn',
      msg: 'm',
      headers: { authorization: secret, list: [{ token: secret }] },
    },
    { msg: `no time, token=${secret}` },
  );
  expect(report.notices.map(({ code, message }) => [code, message])).toEqual([
    ['secrets-redacted', expect.stringContaining('4 values')],
    [
      'fields-chosen',
      'Fields were taken by their names: time from ts (1), time (1); level from lvl; message from msg; service from app.',
    ],
  ]);
  expect(report.parts[0]?.droppedExamples).toEqual([
    {
      where: 'line 3',
      text: '{"msg":"no time, token=[redacted]"}',
      reason: 'the record has no time',
    },
  ]);
  expect(
    JSON.stringify([
      report.parts[0]?.droppedExamples,
      logs.map(({ body, attributes }) => [body, attributes]),
    ]),
  ).not.toContain(secret);
  expect(resources[0]?.['attributes']).toEqual({ 'service.name': 'web' });
});

it('is never surer than a format with marks of its own', () => {
  const text = '{"time":"2026-09-21T14:13:20Z","level":"info","msg":"m"}\n';
  const head = { name: 'x', text, bytes: new TextEncoder().encode(text) };
  expect(jsonLog.sniff(head).confidence).toBe(0.6);
  const table = { ...head, text: '{"a":1,"b":2}\n' };
  expect(jsonLog.sniff(table).confidence).toBe(0);
});

it('keeps a record that is nested beyond reason', async () => {
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const line = `{"time":"${ISO}","level":"info","msg":"m","deep":${deep}}\n`;
  const { report, batches } = await readAll(bytesSource('x', line), formats, 'json-log');
  expect(tablesOf(batches).logs).toMatchObject([{ ts: TS, body: 'm' }]);
  expect(report.notices.map(({ code }) => code)).toContain('nested-too-deeply');
});
