import { describe, expect, it } from 'vitest';
import { PrometheusSeries, RowSink, boundsOfBuckets, exemplarOf, kindOfName, unitOfName } from '..';

describe('names of metrics', () => {
  it('say their unit only by the endings that Prometheus has rules for', () => {
    const units = {
      http_request_duration_seconds: 'seconds',
      http_request_duration_seconds_sum: 'seconds',
      http_request_duration_seconds_count: '',
      http_request_duration_seconds_bucket: '',
      node_network_receive_bytes_total: 'bytes',
      process_start_created: 'seconds',
      latency_ms: '',
      seconds: '',
      build_info: '',
    };
    for (const [name, unit] of Object.entries(units))
      expect([name, unitOfName(name)]).toEqual([name, unit]);
  });

  it('say their kind where it is sure', () => {
    const seen = new Set(['b_sum', 'c_bucket']);
    const kinds = ['a_total', 'b_count', 'c_count', 'd_count', 'e_seconds_count', 'up', 'x'].map(
      (name) => kindOfName(name, (other) => seen.has(other)),
    );
    expect(kinds).toEqual([
      'counter',
      'counter',
      'counter',
      'unknown',
      'counter',
      'gauge',
      'unknown',
    ]);
  });
});

describe('native buckets', () => {
  it('become bounds with the gaps filled in', () => {
    const of = boundsOfBuckets([
      [2, 4, 3],
      [-1, 1, 1],
      [4, 8, 2],
    ]);
    expect(of).toEqual({ bounds: [-1, 1, 2, 4, 8], counts: [0n, 1n, 0n, 3n, 2n, 0n] });
  });

  it('may be open at their ends', () => {
    const of = boundsOfBuckets([
      [Number.NEGATIVE_INFINITY, 1, 2],
      [1, Number.POSITIVE_INFINITY, 3],
    ]);
    expect(of).toEqual({ bounds: [1], counts: [2n, 3n] });
    const zero = boundsOfBuckets([
      [0, 0, 2],
      [0.5, 1, 3],
    ]);
    expect(zero).toEqual({ bounds: [0, 0.5, 1], counts: [2n, 0n, 3n, 0n] });
    expect(boundsOfBuckets([])).toEqual({ bounds: [], counts: [0n] });
  });

  it('are none where they overlap', () => {
    const nested = boundsOfBuckets([
      [0, 4, 1],
      [1, 2, 1],
    ]);
    expect(nested).toBeUndefined();
    expect(boundsOfBuckets([[2, 1, 1]])).toBeUndefined();
    expect(boundsOfBuckets([[0, Number.NaN, 1]])).toBeUndefined();
  });
});

it('finds the trace in the labels of an exemplar', () => {
  expect(
    exemplarOf([
      ['TraceID', 'AB'],
      ['spanId', 'cD'],
      ['user', 'U1'],
    ]),
  ).toEqual({
    traceId: 'ab',
    spanId: 'cd',
    attributes: { user: 'U1' },
  });
});

it('names and describes series once', () => {
  const sink = new RowSink();
  const series = new PrometheusSeries(sink, 'rate');
  expect(series.id({ job: 'cart' })).toBe(series.id({ __name__: 'rate', job: 'cart' }));
  const batches = [...sink.items(true)].filter(({ kind }) => kind === 'batch');
  expect(batches).toHaveLength(2);
});
