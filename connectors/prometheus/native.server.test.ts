import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream } from '../../app/node';
import { hashOf, pullAll } from '../../core/connect/testing/pulled';
import { testEnv } from '../../core/connect/testing/upstreams';
import { snappyLiterals } from '../../core/simulate';
import { available, prometheus as server, type Running } from '../../scripts/servers/index.mjs';
import { prometheus } from '.';

const there = await available(server);
const NOW_MS = Math.floor(Date.now() / 1000) * 1000;
const POINTS = 20;

const varint = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const zigzag = (value: number): readonly number[] => varint(value < 0 ? -2 * value - 1 : 2 * value);
const double = (value: number): readonly number[] => [
  ...new Uint8Array(new Float64Array([value]).buffer),
];
/** A field of protobuf: wire type 0 (varint), 1 (double) or 2 (bytes). */
const field = (number: number, wire: number, content: readonly number[]): readonly number[] => [
  ...varint(number * 8 + wire),
  ...(wire === 2 ? varint(content.length) : []),
  ...content,
];
const text = (value: string): readonly number[] => [...new TextEncoder().encode(value)];

/** prometheus.Histogram with schema 0: 2 around zero, 1 in (0.5, 1], n in (1, 2], 2 in (4, 8]. */
function histogram(ms: number, n: number): readonly number[] {
  const span = (offset: number, length: number): readonly number[] =>
    field(11, 2, [...field(1, 0, zigzag(offset)), ...field(2, 0, varint(length))]);
  return [
    ...field(1, 0, varint(5 + n)),
    ...field(3, 1, double(20.5)),
    ...field(4, 0, zigzag(0)),
    ...field(5, 1, double(0.001)),
    ...field(6, 0, varint(2)),
    ...span(0, 2),
    ...span(1, 1),
    ...field(12, 2, [...zigzag(1), ...zigzag(n - 1), ...zigzag(2 - n)]),
    ...field(15, 0, varint(ms)),
  ];
}

const msOf = (i: number): number => NOW_MS - (POINTS - i) * 1000;

/** One series of native histograms by remote write, as a Prometheus with that feature sends them. */
async function write(url: string): Promise<void> {
  const label = (name: string, value: string): readonly number[] =>
    field(1, 2, [...field(1, 2, text(name)), ...field(2, 2, text(value))]);
  const points = Array.from({ length: POINTS }, (_, i) => field(4, 2, histogram(msOf(i), i + 1)));
  const series = [...label('__name__', 'rpc_seconds'), ...label('job', 'cart'), ...points.flat()];
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: new Uint8Array(snappyLiterals(new Uint8Array(field(1, 2, series)))),
  });
  if (!response.ok) throw new Error(`The histograms were refused: ${await response.text()}`);
}

let running: Running | undefined;

beforeAll(async () => {
  if (!there) return;
  running = await server.start({ flags: ['--enable-feature=native-histograms'] });
  await write(running.url);
}, 120_000);

afterAll(() => running?.stop());

describe.skipIf(!there)('native histograms', () => {
  it('are rows with bounds and counts, empty buckets between them filled in', async () => {
    const { upstream } = createUpstream({ url: running?.url ?? '' });
    const connector = prometheus.open(prometheus.config.parse({}), testEnv(upstream));
    const window = {
      from: BigInt(msOf(0)) * 1_000_000n,
      to: BigInt(NOW_MS) * 1_000_000n,
    };
    const { tables, coverage } = await pullAll(connector, { windows: [window], budget: 1000 });
    expect(tables.metric_series).toMatchObject([{ metric: 'rpc_seconds', kind: 'histogram' }]);
    expect(tables.samples ?? []).toEqual([]);
    const points = tables.histogram_samples ?? [];
    expect(points).toHaveLength(POINTS);
    expect(points).toMatchObject(
      Array.from({ length: POINTS }, (_, i) => ({
        ts: BigInt(msOf(i)) * 1_000_000n,
        count: BigInt(6 + i),
        sum: 20.5,
        bounds: [-0.001, 0.001, 0.5, 1, 2, 4, 8],
        counts: [0n, 2n, 0n, 1n, BigInt(i + 1), 0n, 2n, 0n],
      })),
    );
    expect(coverage).toMatchObject([{ rowsTotal: POINTS, rowsKept: POINTS, sampled: false }]);
    const config = prometheus.config.parse({ transport: 'remote read' });
    const read = await pullAll(prometheus.open(config, testEnv(upstream)), {
      windows: [window],
      budget: 1000,
    });
    expect(hashOf(read.tables)).toBe(hashOf(tables));
    expect(read.notices.map(({ code }) => code)).not.toContain('no-remote-read');
  });
});
