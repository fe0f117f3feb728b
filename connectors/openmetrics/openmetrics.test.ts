import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { msToNs } from '../../core/base';
import type { ReadChoices } from '../../core/connect';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { openMetrics } from '.';

interface Given {
  readonly step?: number;
  readonly modifiedMs?: number;
  readonly choices?: ReadChoices;
}

async function read(text: string, { step, modifiedMs, choices }: Given = {}) {
  const source = { ...bytesSource('m.txt', text, step), modifiedMs };
  const { report, batches } = await readAll(source, [openMetrics], 'openmetrics', choices);
  const {
    resources = [],
    metric_series: series = [],
    samples = [],
    exemplars = [],
  } = tablesOf(batches);
  return { report, part: report.parts[0], resources, series, samples, exemplars };
}

const codes = (report: { notices: readonly { code: string }[] }) =>
  report.notices.map(({ code }) => code);

describe('OpenMetrics', () => {
  it('reads families, labels, values and times in seconds', async () => {
    const { report, part, resources, series, samples } = await read(
      [
        '# TYPE requests counter',
        '# UNIT requests requests',
        '# HELP requests All "requests".\\nSecond line.',
        'requests_total{service="cart",pod="cart-1",code="200",path="C:\\\\x\\n\\"y\\""} 12 1700000000',
        'requests_total{service="cart",pod="cart-1",code="200",path="C:\\\\x\\n\\"y\\""} 13.5e1 1700000060.25',
        'requests_created{service="cart",pod="cart-1"} 1 1700000000',
        '# TYPE load gauge',
        'load -Inf 1700000000',
        'load NaN 1700000001',
        'load +Inf 1700000002',
        '# EOF',
        '',
      ].join('\n'),
    );
    expect(report).toMatchObject({ state: 'ok', notices: [] });
    expect(part).toMatchObject({ rows: 6, dropped: 0 });
    expect(part?.to).toBe(1_700_000_060_250_000_000n);
    expect(resources.map((row) => row['attributes'])).toEqual([
      { service: 'cart', pod: 'cart-1' },
      {},
    ]);
    expect(series).toMatchObject([
      {
        metric: 'requests_total',
        kind: 'counter',
        unit: 'requests',
        temporality: 'cumulative',
        description: 'All "requests".\nSecond line.',
        labels: { code: '200', path: 'C:\\x\n"y"' },
      },
      { metric: 'requests_created', kind: 'gauge', unit: 'seconds' },
      { metric: 'load', kind: 'gauge', labels: {} },
    ]);
    expect(samples.map((row) => row['value'])).toEqual([
      12,
      135,
      1,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
    expect(samples[1]?.['ts']).toBe(1_700_000_060_250_000_000n);
  });

  it('keeps histograms and summaries as their series, with exemplars', async () => {
    const { part, series, exemplars } = await read(
      [
        '# TYPE d histogram',
        'd_bucket{le="0.1"} 8 1700000000 # {trace_id="ab",span_id="cd",user="x"} 0.07 1699999999.5',
        'd_bucket{le="+Inf"} 9 1700000000 # {} 7',
        'd_count 9 1700000000',
        'd_sum 3 1700000000',
        '# TYPE s summary',
        's{quantile="0.99"} 2 1700000000',
        's_count 5 1700000000',
        '# EOF',
      ].join('\n'),
    );
    expect(part).toMatchObject({ rows: 6, dropped: 0 });
    expect(series.map((row) => [row['metric'], row['kind'], row['temporality']])).toEqual([
      ['d_bucket', 'histogram', 'cumulative'],
      ['d_bucket', 'histogram', 'cumulative'],
      ['d_count', 'counter', 'cumulative'],
      ['d_sum', 'counter', 'cumulative'],
      ['s', 'summary', ''],
      ['s_count', 'counter', 'cumulative'],
    ]);
    expect(exemplars).toMatchObject([
      {
        ts: 1_699_999_999_500_000_000n,
        value: 0.07,
        trace_id: 'ab',
        span_id: 'cd',
        attributes: { user: 'x' },
      },
      { ts: 1_700_000_000_000_000_000n, value: 7, trace_id: '' },
    ]);
  });

  it("reads Prometheus' text with milliseconds, odd spaces and CRLF", async () => {
    const { report, part, series, samples } = await read(
      '# a comment\r\n# TYPE up untyped\r\n\tup { job = "api" , instance="a:1", } 1\t1700000000123\r\n' +
        '{__name__="dumped",job="api"} 5 240000\n{"odd.name", x="y"} 6 1700000000\n',
    );
    expect(part).toMatchObject({ rows: 3, dropped: 0 });
    expect(samples[0]?.['ts']).toBe(1_700_000_000_123_000_000n);
    expect(codes(report)).toEqual(['times-in-milliseconds']);
    expect(series.map((row) => [row['metric'], row['labels']])).toEqual([
      ['up', {}],
      ['dumped', {}],
      ['odd.name', { x: 'y' }],
    ]);
  });

  describe('one scrape, whose samples have no time', () => {
    const scrape = '# TYPE up gauge\nup{job="a"} 1\nup{job="b"} 0\nup{job="a"} 1\n';
    const changed = Date.UTC(2026, 10, 21, 14, 30);

    it('is of when its file was last changed, and says so', async () => {
      const { report, part } = await read(scrape, { modifiedMs: changed });
      expect(part).toMatchObject({ rows: 2, dropped: 1, from: msToNs(changed) });
      expect(part?.droppedExamples[0]).toMatchObject({ where: 'line 4' });
      expect(codes(report)).toEqual(['samples-without-time', 'scrapes-without-time']);
      expect(report.notices[0]?.message).toContain('2026-11-21T14:30:00Z');
    });

    it('is of when a person says', async () => {
      const scrapedAt = msToNs(changed - 60_000);
      const { part } = await read(scrape, { modifiedMs: changed, choices: { scrapedAt } });
      expect(part).toMatchObject({ rows: 2, from: scrapedAt });
    });

    it('is dropped where nothing says when it was', async () => {
      const { part, report } = await read(scrape);
      expect(part).toMatchObject({ rows: 0, dropped: 3 });
      expect(report.notices[0]?.message).toContain('--scraped-at');
    });
  });

  it('drops what is no sample, with its line and why', async () => {
    const lines = [
      '# UNIT a seconds',
      'a 1 1700000000',
      'a 1',
      'a one 1700000000',
      'a 1 yesterday',
      'a 1 1700000000 2',
      'a{x="1 1 1700000000',
      'a{x=1} 1 1700000000',
      '1a 1 1700000000',
      'a 1 99999999999999999',
      'a',
      'a 0x 1700000000',
      'a 2 1700000001 # nothing',
    ];
    const { report, part } = await read(lines.join('\n'));
    expect(part).toMatchObject({ rows: 1, dropped: 11 });
    expect(part?.droppedExamples).toEqual([
      { where: 'line 3', text: 'a 1', reason: 'the sample has no time stamp' },
      { where: 'line 4', text: 'a one 1700000000', reason: 'the value is not a number' },
      {
        where: 'line 5',
        text: 'a 1 yesterday',
        reason: 'the time stamp is not a number or out of range',
      },
    ]);
    expect(codes(report)).toEqual(['samples-without-time', 'no-eof']);
  });

  it('gives one series one id, and different ones different ids', async () => {
    const { series, samples } = await read(
      'a{x="1",y="2"} 1 1\nb 1 1\na{y="2",x="1"} 2 2\na{x="1"} 3 3\n# EOF\n',
    );
    const ids = samples.map((row) => row['series_id']);
    expect(ids[0]).toBe(ids[2]);
    expect(new Set(ids).size).toBe(3);
    expect(series.length).toBeGreaterThanOrEqual(3);
  });

  it('is recognised by its content alone', async () => {
    const formatOf = async (text: string) =>
      (await readAll(bytesSource('x', text), [openMetrics])).report.format;
    expect(await formatOf('# TYPE a gauge\na 1 1700000000\n# EOF\n')).toBe('openmetrics');
    expect(await formatOf('a{b="c"} 1 1700000000\na{b="d"} 1 1700000000\n')).toBe('openmetrics');
    expect(await formatOf('# A heading\nSome text about it.\n')).toBeNull();
    expect(await formatOf('{"resourceSpans":[]}\n')).toBeNull();
  });

  it('gives back any samples that are written, whatever the steps', async () => {
    const label = fc.tuple(
      fc.constantFrom('code', 'path', 'le'),
      fc.string({ unit: 'grapheme', maxLength: 10 }),
    );
    const sample = fc.record({
      name: fc.constantFrom('a', 'b_total', 'c:d'),
      labels: fc.uniqueArray(label, { maxLength: 3, selector: ([name]) => name }),
      value: fc.double().map((n) => (n === 0 ? 0 : n)),
      seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
    });
    const quote = (text: string) =>
      text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        async (list, step) => {
          const clean = list.map((s) => ({
            ...s,
            labels: s.labels.filter(([, value]) => !/[\r\n]/.test(value)),
          }));
          const text = clean
            .map(({ name, labels, value, seconds }) => {
              const inside = labels.map(([k, v]) => `${k}="${quote(v)}"`).join(',');
              const word = Number.isFinite(value)
                ? String(value)
                : Number.isNaN(value)
                  ? 'NaN'
                  : value > 0
                    ? '+Inf'
                    : '-Inf';
              return `${name}{${inside}} ${word} ${seconds}\n`;
            })
            .join('');
          const { samples, series } = await read(text, { step });
          const byId = new Map(series.map((row) => [row['series_id'], row]));
          expect(
            samples.map((row) => ({
              name: byId.get(row['series_id'] ?? '')?.['metric'],
              labels: byId.get(row['series_id'] ?? '')?.['labels'],
              value: row['value'],
              ts: row['ts'],
            })),
          ).toEqual(
            clean.map(({ name, labels, value, seconds }) => ({
              name,
              labels: Object.fromEntries(labels),
              value,
              ts: BigInt(seconds) * 1_000_000_000n,
            })),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('never breaks on damaged text, and counts every line', async () => {
    const good =
      '# TYPE a counter\na{x="1"} 1 1700000000 # {trace_id="t"} 1\na{x="1"} 2 1700000001\nb 1 1700000000\n';
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.string({ maxLength: 3 }), async (at, put) => {
        const where = at % good.length;
        const text = good.slice(0, where) + put + good.slice(where + put.length);
        const { report, part } = await read(text);
        expect(report.state).toBe('ok');
        const lines = text.split('\n').filter((line) => /^\s*[^#\s]/.test(line)).length;
        expect((part?.rows ?? 0) + (part?.dropped ?? 0)).toBe(lines);
      }),
      { numRuns: 300 },
    );
  });
});
