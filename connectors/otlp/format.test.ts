import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf, type Row } from '../../core/connect/testing/import';
import { readSample } from '../../core/connect/testing/samples';
import { formats } from '..';
import { otlpJson } from './format';

describeFormat(otlpJson, { beside: import.meta.url, formats });

const sample = (file: string): string =>
  readFileSync(new URL(`samples/${file}`, import.meta.url), 'utf8');

const textOf = (cell: Row[string] | undefined): string => (typeof cell === 'string' ? cell : '');

async function read(text: string) {
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  return { report, tables: tablesOf(batches) };
}

/** Spans by their ids, without what only some senders write. */
async function spansOf(text: string): Promise<readonly Row[]> {
  const { report, tables } = await read(text);
  expect(report).toMatchObject({ format: 'otlp-json', state: 'ok' });
  expect(report.parts.map(({ dropped }) => dropped)).toEqual(report.parts.map(() => 0));
  return [...(tables.spans ?? [])].sort((a, b) =>
    textOf(a['span_id']) < textOf(b['span_id']) ? -1 : 1,
  );
}

describe('dialects of OTLP in JSON', () => {
  const times = (spans: readonly Row[], ...of: readonly number[]): readonly Row[] => {
    const traces = [...new Set(spans.map((span) => textOf(span['trace_id'])))];
    const byStart = traces.sort((a, b) => Number(startOf(spans, a) - startOf(spans, b)));
    return spans.filter((span) => of.includes(byStart.indexOf(textOf(span['trace_id']))));
  };
  const startOf = (spans: readonly Row[], trace: string): bigint =>
    spans
      .filter((span) => span['trace_id'] === trace)
      .map((span) => span['start'] as bigint)
      .reduce((a, b) => (a < b ? a : b));

  it('come to the same rows', async () => {
    const all = await spansOf(sample('pretty.json'));
    expect(all).toHaveLength(15);
    expect(await spansOf(sample('list.json'))).toEqual(all);
    expect(await spansOf(sample('mixed.jsonl'))).toEqual(all);
    expect(await spansOf(sample('jaeger-v3.json'))).toEqual(times(all, 0, 2));
    expect(await spansOf(sample('tempo.json'))).toEqual(times(all, 2));
    expect(await spansOf(sample('tempo-v2.json'))).toEqual(times(all, 1));
    expect(await spansOf(sample('snake.json'))).toEqual(times(all, 1));
    const old = await spansOf(sample('old-library.json'));
    expect(old.filter(({ trace_id: id }) => !textOf(id).startsWith('f'))).toEqual(times(all, 0));
    expect(old).toHaveLength(10);
  });

  it('have metrics, too, with names as in the .proto files', async () => {
    const plain = (await read(sample('mixed.jsonl'))).tables;
    const snake = (await read(sample('snake.json'))).tables;
    for (const table of ['metric_series', 'samples', 'histogram_samples'] as const) {
      expect(snake[table]).toEqual(plain[table]);
    }
  });

  const span = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    name: 'x',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
  };
  const request = (...spans: readonly object[]): object => ({
    resourceSpans: [{ resource: null, scopeSpans: [{ spans }] }],
  });

  it('may say null, and times with an exponent, which are rounded', async () => {
    const { report, tables } = await read(
      JSON.stringify(
        request(
          { ...span, parentSpanId: null, status: null, name: null, traceState: null },
          { ...span, startTimeUnixNano: '1.7e18', endTimeUnixNano: '1.700000001E+18' },
        ),
      ).replace('"1.7e18"', '1.7e18'),
    );
    expect(tables.spans).toMatchObject([
      { parent_span_id: '', name: '', status: 0, start: 1700000000000000000n },
      { start: 1700000000000000000n, duration: 1000000000n },
    ]);
    expect(report.notices).toMatchObject([{ code: 'times-rounded', count: 2 }]);
  });

  it('may have kinds, codes and points that are not known, which is said', async () => {
    const metrics = {
      resourceMetrics: [
        {
          scopeMetrics: [{ metrics: [{ name: 'm', intGauge: { dataPoints: [{ value: '1' }] } }] }],
        },
      ],
    };
    const { report, tables } = await read(
      `${JSON.stringify(request({ ...span, kind: 'server', status: { code: 'BROKEN' } }))}\n${JSON.stringify(metrics)}`,
    );
    expect(tables.spans).toMatchObject([{ kind: 2, status: 0 }]);
    expect(report.notices).toMatchObject([{ code: 'enumeration-unknown', count: 1 }]);
    expect(report.parts).toMatchObject([
      { signal: 'spans', rows: 1 },
      { signal: 'samples', rows: 0, dropped: 1 },
    ]);
  });

  it('may stand one after the other, on a line or over many', async () => {
    const one = JSON.stringify(request(span));
    const many = JSON.stringify(request(span), null, 2);
    for (const text of [one + one, `${one}\n${many}\n${one}`, `${many}${many}\r\n${one}`]) {
      const { report } = await read(text);
      const count = text.split('"resourceSpans"').length - 1;
      expect(report.parts).toMatchObject([{ signal: 'spans', rows: count, dropped: 0 }]);
    }
  });

  it('goes on after a broken first line, and drops what is no OTLP', async () => {
    const one = JSON.stringify(request(span));
    const { report } = await read(`${one.slice(0, 90)}\n${one}\n{"other":1}\n`);
    expect(report.parts).toMatchObject([{ rows: 1, dropped: 2 }]);
    const document = JSON.stringify([request(span), { other: 1 }], null, 2);
    expect((await read(document)).report.parts).toMatchObject([
      { rows: 1, dropped: 1, droppedExamples: [{ where: 'document 1', text: '{"other":1}' }] },
    ]);
  });
});

it('reads rotated files as one, the oldest first and the open one last', async () => {
  const files = [
    't/data.json',
    't/data-2026-11-29T06-00-04.201.json.gz',
    't/other.json',
    't/data-2026-11-29T06-00-02.173.json',
  ];
  const line = (i: number): string =>
    JSON.stringify({
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: 'a'.repeat(32),
                  spanId: String(i).repeat(16),
                  startTimeUnixNano: '1700000000000000000',
                  endTimeUnixNano: '1700000000000000001',
                },
              ],
            },
          ],
        },
      ],
    });
  const { reports, batches } = await readSample(
    files.map((name, i) => ({ name, bytes: new TextEncoder().encode(line(i + 1)) })),
    formats,
  );
  const [other, set] = reports;
  expect(other).toMatchObject({ path: 't/other.json' });
  expect(set).toMatchObject({ path: 't/data.json', given: { length: 3 } });
  expect(set?.why).toContain('3 files of one exporter');
  expect(tablesOf(batches).spans?.map((row) => textOf(row['span_id'])[0])).toEqual([
    '3',
    '4',
    '2',
    '1',
  ]);
});
