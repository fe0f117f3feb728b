import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { prometheusExemplarsJson } from './exemplars';
import { prometheusQueryJson } from './format';

describeFormat(prometheusQueryJson, { beside: import.meta.url, formats });
describeFormat(prometheusExemplarsJson, { beside: import.meta.url, formats });

const read = async (value: unknown, as?: string) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { report, batches } = await readAll(bytesSource('x', text), formats, as);
  return { report, tables: tablesOf(batches) };
};
const answer = (resultType: string, result: unknown, more = {}) => ({
  status: 'success',
  data: { resultType, result },
  ...more,
});
const codes = (report: { notices: readonly { code: string }[] }) =>
  report.notices.map(({ code }) => code);

it('reads numbers as Go writes them, and times of three digits exactly', async () => {
  const values = [
    [1435781430.781, '1'],
    [1435781430.782, 'NaN'],
    [1435781430.783, '+Inf'],
    [1435781430.784, '-Inf'],
    [1435781431, '1e-3'],
    [1435781432, ''],
    ['soon', '1'],
  ];
  const metric = { __name__: 'http_request_duration_seconds_sum', job: 'cart', code: '200' };
  const { report, tables } = await read(answer('matrix', [{ metric, values }]));
  expect(report.format).toBe('prometheus-query-json');
  expect(tables.samples?.map(({ ts, value }) => [ts, value])).toEqual([
    [1435781430781000000n, 1],
    [1435781430782000000n, NaN],
    [1435781430783000000n, Infinity],
    [1435781430784000000n, -Infinity],
    [1435781431000000000n, 0.001],
  ]);
  expect(report.parts).toMatchObject([{ rows: 5, dropped: 2 }]);
  expect(tables.metric_series).toMatchObject([
    { kind: 'counter', unit: 'seconds', temporality: 'cumulative', labels: { code: '200' } },
  ]);
  expect(tables.resources?.[0]?.['attributes']).toEqual({ job: 'cart' });
});

it('takes vectors and scalars, and calls what has no name value', async () => {
  const vector = await read(
    answer('vector', [{ metric: { job: 'cart' }, value: [1700000000, '2'] }]),
  );
  expect(vector.tables.metric_series).toMatchObject([{ metric: 'value', kind: 'unknown' }]);
  expect(codes(vector.report)).toEqual(['metric-unnamed']);
  const scalar = await read(answer('scalar', [1700000000.5, '3']));
  expect(scalar.tables.samples).toMatchObject([{ ts: 1700000000500000000n, value: 3 }]);
  const text = await read(answer('string', [1700000000, 'a text']));
  expect(text.report.parts).toMatchObject([{ rows: 0, dropped: 1 }]);
  const printed = await read([{ metric: { __name__: 'up' }, values: [[1700000000, '1']] }]);
  expect(printed.report.format).toBe('prometheus-query-json');
  expect(printed.tables.metric_series).toMatchObject([{ metric: 'up', kind: 'gauge' }]);
});

it('reads native histograms, whose open ends have no bound', async () => {
  const histogram = [
    1700000000,
    {
      count: '7.5',
      sum: 'NaN',
      buckets: [
        [3, '-Inf', '0.1', '2'],
        [0, '0.5', '1', '4.5'],
        [0, '1', '+Inf', '1'],
      ],
    },
  ];
  const metric = { __name__: 'rpc_duration_seconds' };
  const { report, tables } = await read(answer('vector', [{ metric, histogram }]));
  expect(tables.histogram_samples).toMatchObject([
    { count: 8n, sum: null, bounds: [0.1, 0.5, 1], counts: [2n, 0n, 5n, 1n] },
  ]);
  expect(codes(report)).toEqual(['counts-rounded']);
  const bad = [1700000000, { count: '1', sum: '1', buckets: [[0, '2', '1', '1']] }];
  const broken = await read(answer('vector', [{ metric, histogram: bad }]));
  expect(broken.report.parts).toMatchObject([{ rows: 0, dropped: 1 }]);
});

it('says what the server warned of, and that an answer is an error or a list of series', async () => {
  const metric = { __name__: 'up' };
  const warned = await read(
    answer('vector', [{ metric, value: [1700000000, '1'] }], {
      warnings: ['store shop-2 timed out'],
      infos: ['metric might not be a counter'],
      isPartial: true,
    }),
  );
  expect(codes(warned.report)).toEqual(['answer-partial', 'backend-warning', 'backend-info']);
  const error = await read({ status: 'error', errorType: 'bad_data', error: 'parse error at 1:5' });
  expect(error.report.state).toBe('failed');
  expect(error.report.notices[0]?.message).toContain('bad_data: parse error at 1:5');
  const listed = await read({ status: 'success', data: [{ __name__: 'up', job: 'cart' }] });
  expect(listed.report.parts).toMatchObject([{ rows: 0, dropped: 1 }]);
  expect(codes(listed.report)).toEqual(['series-without-samples']);
});

it('reads exemplars with their traces, in seconds or milliseconds', async () => {
  const exemplars = [
    { labels: { traceID: 'AB12', user: 'u1' }, value: '0.5', timestamp: 1600096945.479 },
    { labels: { trace_id: 'cd', span_id: 'EF' }, value: 6, timestamp: 1600096955479 },
  ];
  const seriesLabels = { __name__: 'latency_seconds_bucket', le: '1', service: 'cart' };
  const { report, tables } = await read({ status: 'success', data: [{ seriesLabels, exemplars }] });
  expect(report.format).toBe('prometheus-exemplars-json');
  expect(tables.exemplars).toMatchObject([
    { ts: 1600096945479000000n, value: 0.5, trace_id: 'ab12', attributes: { user: 'u1' } },
    { ts: 1600096955479000000n, value: 6, trace_id: 'cd', span_id: 'ef', attributes: {} },
  ]);
  expect(tables.metric_series).toMatchObject([{ kind: 'histogram', labels: { le: '1' } }]);
  expect(codes(report)).toEqual(['times-in-milliseconds', 'exemplars-read']);
});
