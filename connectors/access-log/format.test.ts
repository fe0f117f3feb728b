import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { formats } from '..';
import { accessLog } from './format';
import { parseAccess } from './line';
import { queryWithoutSecrets } from './secrets';

const lines = (files: readonly { readonly bytes: Uint8Array }[]): number =>
  files.reduce((n, { bytes }) => n + new TextDecoder().decode(bytes).split('\n').length - 1, 0);

describeFormat(accessLog, { beside: import.meta.url, formats, records: lines });

const read = async (text: string) => {
  const { report, batches } = await readAll(bytesSource('x', text, 9), formats);
  return { report, logs: tablesOf(batches).logs ?? [] };
};

it('gives a request by the semantic conventions, and no secret', async () => {
  const { report, logs } = await read(
    [
      'api.shop.example:443 2001:db8::1 - ann [29/Nov/2026:10:00:04 +0100] "POST /pay/7?id=7&key=abcd1234 HTTP/1.1" 502 157 "https://x/?password=abcd1234" "A \\"b\\""',
      '10.0.0.1 - - [29/Nov/2026:09:00:05 +0000] "-" 408 - "-" "-" 0.003 "10.0.0.9"',
      '10.0.0.1 - - [29/Nov/2026:09:00:06 +0000] "GET /a HTTP/2.0" - 0',
      '',
    ].join('\n'),
  );
  expect(report.format).toBe('access-log');
  expect(logs).toMatchObject([
    {
      ts: 1795942804000000000n,
      severity: 17,
      body: 'POST /pay/7?id=7&key=[redacted] HTTP/1.1',
      attributes: {
        'http.request.method': 'POST',
        'url.path': '/pay/7',
        'url.query': 'id=7&key=[redacted]',
        'network.protocol.version': '1.1',
        'http.response.status_code': '502',
        'http.response.body.size': '157',
        'client.address': '2001:db8::1',
        'user.name': 'ann',
        'http.request.header.referer': 'https://x/?password=[redacted]',
        'user_agent.original': 'A "b"',
        'server.address': 'api.shop.example',
        'server.port': '443',
      },
    },
    {
      severity: 9,
      body: '-',
      attributes: {
        'http.response.status_code': '408',
        'client.address': '10.0.0.1',
        'access_log.rest': '0.003 "10.0.0.9"',
      },
    },
    { severity: 0, attributes: { 'url.path': '/a', 'network.protocol.version': '2.0' } },
  ]);
  expect(report.notices.map(({ code, count }) => [code, count])).toEqual([
    ['severity-from-status', 1],
    ['secrets-redacted', 2],
    ['fields-unnamed', 1],
  ]);
});

it('keeps what Apache and nginx escaped: text as it was, bytes as they stand', async () => {
  const folder = new URL('.', import.meta.url).pathname;
  for (const file of ['nginx.log', 'apache-vhost.log']) {
    const { batches } = await readSample(sampleFiles(folder, file), formats);
    const logs = tablesOf(batches).logs ?? [];
    const agents = logs.map(
      (row) => (row['attributes'] as Record<string, string>)['user_agent.original'],
    );
    expect(agents).toContain('Quote " and \\ back');
    expect(agents).toContain('Müller/1.0');
    expect(logs.map(({ body }) => body)).toContainEqual(expect.stringMatching(/^\\x16\\x03\\x01/));
    expect(logs.map(({ body }) => body)).toContainEqual(
      expect.stringMatching(/^GET \/\\x(FF|ff)\\x(FE|fe) HTTP\/1.0$/),
    );
  }
});

describe('a line', () => {
  it.each([
    ['h - a b [t] "r" 200 1', { host: '', client: 'h', user: 'a b', referer: undefined }],
    [
      'v:80 h - a [t] "r" 200 1 "-" "u"',
      { host: 'v:80', client: 'h', referer: '', userAgent: 'u' },
    ],
    ['h - - [t] "a \\" [b] \\"c" 200 - "x" "y" z', { request: 'a " [b] "c', bytes: '', rest: 'z' }],
  ])('%s', (line, parts) => {
    expect(parseAccess(line)).toMatchObject(parts);
  });

  it.each(['', '[t] "r" 200 1', 'h - - [t] "r 200 1', 'h - - [t] "r" 2000 1', 'h - - [t] r 200 1'])(
    'is none: %s',
    (line) => {
      expect(parseAccess(line)).toBeUndefined();
    },
  );
});

it.each([
  ['/a?b=1&To%6ben=x&sig=y&code=DE', '/a?b=1&To%6ben=[redacted]&sig=[redacted]&code=DE', 2],
  ['/cb?code=0123456789abcdef&state', '/cb?code=[redacted]&state', 1],
  ['/a?key=&%zz=1', '/a?key=&%zz=1', 0],
  ['/a', '/a', 0],
])('the query of %s', (address, text, count) => {
  expect(queryWithoutSecrets(address)).toEqual({ text, count });
});
