import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readFileSync } from 'node:fs';
import { formats } from '..';
import { har } from './format';

interface Archive {
  readonly log: { readonly entries: readonly unknown[]; readonly pages: readonly unknown[] };
}

describeFormat(har, {
  beside: import.meta.url,
  formats,
  records: ([file]) => {
    const { log } = JSON.parse(new TextDecoder().decode(file?.bytes)) as Archive;
    return log.entries.length + log.pages.length;
  },
  // A page lasts as long as the entries that are left.
  cutRows: 2,
});

async function read(text: string) {
  const { report, batches, items } = await readAll(bytesSource('x', text), formats);
  expect(report).toMatchObject({ format: 'har', state: 'ok' });
  return { report, items, tables: tablesOf(batches) };
}

const archive = (...entries: readonly object[]): string =>
  JSON.stringify({ log: { version: '1.2', creator: { name: 'proxy', version: '2' }, entries } });

const entry = {
  startedDateTime: '2026-11-29T10:00:00.250+01:00',
  time: 12.5,
  request: {
    method: 'GET',
    url: 'https://shop.example/a',
    httpVersion: 'h2',
    headers: [],
    bodySize: -1,
  },
  response: { status: 200, httpVersion: 'h2', headers: [], bodySize: 7 },
  timings: { blocked: -1, dns: -1, connect: -1, send: 0.5, wait: 10, receive: 2 },
};

describe('entries of an archive', () => {
  it('are client spans of the browser, each page their parent', async () => {
    const { tables } = await read(
      readFileSync(new URL('samples/shop.har', import.meta.url), 'utf8'),
    );
    const spans = tables.spans ?? [];
    const page = spans.find((span) => span['name'] === 'Shop');
    expect(page).toMatchObject({ kind: 1, parent_span_id: '', duration: 474360000n });
    const entries = spans.filter((span) => span !== page);
    expect(entries).toHaveLength(7);
    for (const span of entries) {
      expect(span).toMatchObject({
        trace_id: page?.['trace_id'],
        parent_span_id: page?.['span_id'],
      });
    }
    expect(entries.map((span) => [span['name'], span['status'], span['status_message']])).toEqual([
      ['GET', 0, ''],
      ['GET', 0, ''],
      ['GET', 0, ''],
      ['GET', 0, ''],
      ['POST', 2, ''],
      ['GET', 2, ''],
      ['GET', 2, 'net::ERR_EMPTY_RESPONSE'],
    ]);
    expect(tables.resources).toMatchObject([
      { attributes: { 'service.name': 'chromium', 'browser.version': '156.0.8078.108' } },
    ]);
    expect(tables.span_links).toMatchObject([
      {
        linked_trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        linked_span_id: '00f067aa0ba902b7',
      },
    ]);
    expect(tables.span_events?.map((event) => event['name'])).toEqual(['onContentLoad', 'onLoad']);
  });

  it('have the attributes of the semantic conventions', async () => {
    const { tables } = await read(archive(entry));
    expect(tables.spans).toMatchObject([
      {
        parent_span_id: '',
        start: 1795942800250000000n,
        duration: 12500000n,
        attributes: {
          'url.full': 'https://shop.example/a',
          'server.address': 'shop.example',
          'server.port': '443',
          'http.request.method': 'GET',
          'http.response.status_code': '200',
          'network.protocol.name': 'http',
          'network.protocol.version': '2',
          'http.response.body.size': '7',
          'har.timings.wait': '10',
        },
      },
    ]);
    expect(tables.resources).toMatchObject([{ attributes: { 'service.name': 'proxy' } }]);
  });

  it('show no secrets, in rows, notices or dropped records', async () => {
    const secret = 's3cr3t-value';
    const withSecrets = {
      ...entry,
      request: {
        ...entry.request,
        url: `https://ann:${secret}@shop.example/cb;jsessionid=${secret}?code=${secret}&q=shoes&api_key=${secret}#access_token=${secret}`,
        headers: [
          { name: 'Cookie', value: `a=${secret}; b=${secret}` },
          { name: 'Authorization', value: `Custom ${secret}` },
          { name: 'X-Csrf-Token', value: secret },
          { name: 'X-Session-Id', value: secret },
          { name: 'Referer', value: `https://shop.example/?session=${secret}` },
        ],
        cookies: [{ name: 'a', value: secret }],
        postData: { mimeType: 'text/plain', text: `card=${secret}` },
      },
      response: {
        ...entry.response,
        headers: [
          { name: 'Set-Cookie', value: `a=${secret}` },
          { name: 'Location', value: `/next?ticket=${secret}` },
        ],
        content: { text: secret },
      },
    };
    const { report, items, tables } = await read(
      archive(withSecrets, { ...withSecrets, time: -1 }).replace(
        /\]\}\}$/,
        `,{"cookies":"${secret}"`,
      ),
    );
    const shown = JSON.stringify([report, items], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(shown).not.toContain(secret);
    expect(tables.spans?.[0]?.['attributes']).toMatchObject({
      'url.full':
        'https://[redacted]@shop.example/cb;jsessionid=[redacted]?code=[redacted]&q=shoes&api_key=[redacted]#access_token=[redacted]',
      'http.request.header.cookie': '[redacted]',
      'http.response.header.location': '/next?ticket=[redacted]',
    });
    expect(report.parts).toMatchObject([{ rows: 1, dropped: 2 }]);
    const notices = report.notices.map(({ code, count }) => [code, count]);
    expect(notices).toEqual([
      ['secrets-redacted', 12],
      ['bodies-left-out', 2],
      ['cookies-left-out', 1],
    ]);
  });
});
