import { expect, it } from 'vitest';
import { bytesSource, readAll, tablesOf } from '../core/connect/testing/import';
import { decodeOtlp } from './otlp';
import { formats } from '.';

const SECRET = 'hunter2-Zx81-q';
const string = (key: string, value: string) => ({ key, value: { stringValue: value } });
const attributes = [
  string('db.password', SECRET),
  string('http.url', `https://ana:${SECRET}@shop/pay?access_token=${SECRET}`),
  string('http.request.header.authorization', `Bearer ${SECRET}`),
  string('http.route', '/pay'),
];
const ids = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' };
const times = {
  startTimeUnixNano: '1714557600000000000',
  endTimeUnixNano: '1714557601000000000',
};
const resource = { attributes: [string('service.name', 'shop'), string('api_key', SECRET)] };

const OTLP_SPANS = {
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          spans: [
            {
              ...ids,
              ...times,
              name: 'pay',
              attributes,
              status: { code: 2, message: `password=${SECRET} is wrong` },
              events: [{ timeUnixNano: '1714557600500000000', name: 'try', attributes }],
            },
          ],
        },
      ],
    },
  ],
};
const OTLP_LOGS = {
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '1714557600000000000',
              body: { stringValue: `login with password=${SECRET} failed` },
              attributes,
            },
          ],
        },
      ],
    },
  ],
};
const JAEGER = {
  data: [
    {
      traceID: ids.traceId,
      processes: {
        p1: { serviceName: 'shop', tags: [{ key: 'api_key', type: 'string', value: SECRET }] },
      },
      spans: [
        {
          traceID: ids.traceId,
          spanID: ids.spanId,
          operationName: 'pay',
          references: [],
          startTime: 1714557600000000,
          duration: 1000,
          processID: 'p1',
          tags: [
            { key: 'db.password', type: 'string', value: SECRET },
            { key: 'http.route', type: 'string', value: '/pay' },
          ],
          logs: [
            {
              timestamp: 1714557600000001,
              fields: [{ key: 'message', type: 'string', value: `token=${SECRET}` }],
            },
          ],
        },
      ],
    },
  ],
};
const ZIPKIN = [
  {
    traceId: ids.traceId,
    id: ids.spanId,
    name: 'pay',
    timestamp: 1714557600000000,
    duration: 1000,
    localEndpoint: { serviceName: 'shop' },
    tags: { 'db.password': SECRET, 'http.route': '/pay' },
    annotations: [{ timestamp: 1714557600000001, value: `client_secret=${SECRET}` }],
  },
];

it.each([
  ['otlp-json', OTLP_SPANS, 8],
  ['otlp-json', OTLP_LOGS, 5],
  ['jaeger-json', JAEGER, 3],
  ['zipkin-json', ZIPKIN, 2],
] as const)('%s: secrets of attributes and texts become no rows', async (id, document, count) => {
  const source = bytesSource('x', JSON.stringify(document));
  const { report, batches } = await readAll(source, formats);
  expect(report).toMatchObject({ format: id, state: 'ok' });
  const tables = JSON.stringify(tablesOf(batches), (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(tables).not.toContain(SECRET);
  expect(tables).toContain('/pay');
  expect(report.notices.find(({ code }) => code === 'secrets-redacted')?.count).toBe(count);
});

it('what a receiver is sent becomes rows without secrets, too', () => {
  const body = new TextEncoder().encode(JSON.stringify(OTLP_LOGS));
  const { batches, notices } = decodeOtlp('logs', 'json', body);
  expect(tablesOf(batches).logs?.[0]?.['body']).toBe('login with password=[redacted] failed');
  expect(notices).toMatchObject([{ code: 'secrets-redacted', count: 5 }]);
});
