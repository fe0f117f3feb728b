import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { readSample } from '../../core/connect/testing/samples';
import { formats } from '..';
import { remoteWrite } from './format';

describeFormat(remoteWrite, { beside: import.meta.url, formats });

const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const zigzag = (value: number): number[] => varint(value < 0 ? -2 * value - 1 : 2 * value);
const double = (value: number): number[] => [...new Uint8Array(new Float64Array([value]).buffer)];
const field = (number: number, wire: number, content: readonly number[]): number[] => [
  ...varint(number * 8 + wire),
  ...(wire === 2 ? varint(content.length) : []),
  ...content,
];
/** A snappy block of literals. */
const packed = (bytes: readonly number[]): number[] => {
  const out = varint(bytes.length);
  for (let at = 0; at < bytes.length; at += 60) {
    const part = bytes.slice(at, at + 60);
    out.push((part.length - 1) << 2, ...part);
  }
  return out;
};
const read = async (bytes: readonly number[]) => {
  const { report, batches } = await readAll(bytesSource('x', Uint8Array.from(bytes)), formats);
  return { report, tables: tablesOf(batches) };
};
const label = (name: string, value: string) =>
  field(1, 2, [...field(1, 2, text(name)), ...field(2, 2, text(value))]);
const sample = (value: number, ms: number) =>
  field(2, 2, [...field(1, 1, double(value)), ...field(2, 0, varint(ms))]);
const MS = 1_700_000_000_000;

it('reads a request of 1.0 with metadata behind its series, and leaves stale markers out', async () => {
  const stale = [2, 0, 0, 0, 0, 0, 0xf0, 0x7f];
  const series = [
    ...label('__name__', 'jobs'),
    ...label('job', 'cart'),
    ...sample(1.5, MS),
    ...field(2, 2, [...field(1, 1, stale), ...field(2, 0, varint(MS + 1))]),
    ...sample(Number.NaN, MS + 2),
  ];
  const about = [
    ...field(1, 0, [1]),
    ...field(2, 2, text('jobs')),
    ...field(4, 2, text('Jobs done.')),
  ];
  const { report, tables } = await read(packed([...field(1, 2, series), ...field(3, 2, about)]));
  expect(report.format).toBe('remote-write');
  expect(tables.samples?.map(({ ts, value }) => [ts, value])).toEqual([
    [1_700_000_000_000_000_000n, 1.5],
    [1_700_000_000_002_000_000n, Number.NaN],
  ]);
  expect(tables.metric_series).toMatchObject([
    { metric: 'jobs', kind: 'counter', temporality: 'cumulative', description: 'Jobs done.' },
  ]);
  expect(report.notices).toMatchObject([{ code: 'stale-markers', count: 1 }]);
});

it('reads a request of 2.0 by its symbols, with histograms and exemplars', async () => {
  const symbols = ['', '__name__', 'rpc_seconds', 'trace_id', 'AB12', 'Time of calls.', 'seconds'];
  const histogram = [
    ...field(1, 0, varint(9)),
    ...field(3, 1, double(20.5)),
    ...field(4, 0, zigzag(0)),
    ...field(5, 1, double(0.001)),
    ...field(6, 0, varint(2)),
    ...field(11, 2, [...field(1, 0, zigzag(0)), ...field(2, 0, varint(2))]),
    ...field(11, 2, [...field(1, 0, zigzag(1)), ...field(2, 0, varint(1))]),
    ...field(12, 2, [...zigzag(1), ...zigzag(3), ...zigzag(-2)]),
    ...field(15, 0, varint(MS)),
  ];
  const series = [
    ...field(1, 2, [1, 2]),
    ...field(3, 2, histogram),
    ...field(4, 2, [
      ...field(1, 2, [3, 4]),
      ...field(2, 1, double(0.7)),
      ...field(3, 0, varint(MS)),
    ]),
    ...field(5, 2, [...field(1, 0, [3]), ...field(3, 0, [5]), ...field(4, 0, [6])]),
  ];
  const request = [...symbols.flatMap((one) => field(4, 2, text(one))), ...field(5, 2, series)];
  const { report, tables } = await read(packed(request));
  expect(report.format).toBe('remote-write');
  expect(tables.histogram_samples).toMatchObject([
    {
      count: 9n,
      sum: 20.5,
      bounds: [-0.001, 0.001, 0.5, 1, 2, 4, 8],
      counts: [0n, 2n, 0n, 1n, 4n, 0n, 2n, 0n],
    },
  ]);
  expect(tables.exemplars).toMatchObject([{ value: 0.7, trace_id: 'ab12' }]);
  expect(tables.metric_series?.[0]).toMatchObject({
    metric: 'rpc_seconds',
    kind: 'histogram',
    unit: 'seconds',
    description: 'Time of calls.',
  });
});

it('reads bodies behind lengths of either kind, and goes on after one that is damaged', async () => {
  const body = packed(field(1, 2, [...label('__name__', 'up'), ...sample(1, MS)]));
  const wrong = [...body.slice(0, 3), 0xff, ...body.slice(4)];
  const big = (bytes: readonly number[]) => [0, 0, 0, bytes.length, ...bytes];
  const four = await read([...big(body), ...big(wrong), ...big(body)]);
  expect(four.report.parts).toMatchObject([{ rows: 2, dropped: 1 }]);
  const small = await read([body.length, ...body, body.length, ...body, 99]);
  expect(small.report).toMatchObject({ format: 'remote-write', parts: [{ rows: 2, dropped: 1 }] });
});

it('drops a histogram whose spans and counts do not fit', async () => {
  const histogram = [
    ...field(1, 0, [1]),
    ...field(11, 2, [...field(1, 0, zigzag(0)), ...field(2, 0, varint(4_000_000))]),
    ...field(12, 2, [...zigzag(1)]),
    ...field(15, 0, varint(MS)),
  ];
  const series = [...label('__name__', 'rpc_seconds'), ...field(4, 2, histogram)];
  const { report } = await read(packed(field(1, 2, series)));
  expect(report.parts).toMatchObject([{ rows: 0, dropped: 1 }]);
});

it('takes numbered files with a body each for one source', async () => {
  const about = [...field(1, 0, [2]), ...field(2, 2, text('depth'))];
  const body = (value: number, ms: number) =>
    packed(field(1, 2, [...label('__name__', 'depth'), ...sample(value, ms)]));
  const files = [packed(field(3, 2, about)), body(1, MS), body(2, MS + 1)].map((bytes, i) => ({
    name: `capture/write-${8 + i}.bin`,
    bytes: Uint8Array.from(bytes),
  }));
  const { reports, batches } = await readSample(files, formats);
  expect(reports).toMatchObject([
    { path: 'capture/write-*.bin', format: 'remote-write', parts: [{ rows: 2, dropped: 0 }] },
  ]);
  expect(tablesOf(batches).metric_series).toMatchObject([{ metric: 'depth', kind: 'gauge' }]);
});
