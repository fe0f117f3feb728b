import { expect, it } from 'vitest';
import type { SpanRow } from '../kit/rows';
import { RetryCount } from '../request';
import { gather } from '../testing/pulled';
import type { PullItem } from '../seam';
import { pullTraces } from './pull';
import type { StoredSpan, TraceStore } from './store';

const AT = 1_790_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

/** Ten traces of two spans, a second apart, each the one of ten that a sampler kept. */
function storeOf(attributes: SpanRow['attributes']): TraceStore {
  const traces = Array.from({ length: 10 }, (_, i) => {
    const id = String(i + 1).padStart(32, '0');
    const spans = ['1', '2'].map((n): StoredSpan => ({
      service: 'cart',
      row: {
        traceId: id,
        spanId: `${i}${n}`.padStart(16, '0'),
        name: 'get',
        start: AT + BigInt(i) * SECOND,
        duration: 1000n,
        resource: { 'service.name': 'cart' },
        attributes,
      },
    }));
    return { id, spans };
  });
  return {
    name: 'A store',
    resolution: 1n,
    together: true,
    findsErrors: false,
    sentences: {},
    retries: new RetryCount(),
    services: () => Promise.resolve(['cart']),
    foundBy: () => Promise.resolve('span'),
    isOwn: () => false,
    trace: () => Promise.resolve(undefined),
    traces: ({ slice, limit }) =>
      Promise.resolve({
        failures: [],
        traces: traces
          .filter(({ spans }) =>
            spans.some(({ row }) => row.start >= slice.from && row.start < slice.to),
          )
          .slice(0, limit)
          .map(({ id, spans }) => ({ id, read: () => Promise.resolve(spans) })),
      }),
  };
}

async function pulled(attributes: SpanRow['attributes'], budget = 1000) {
  const request = { windows: [{ from: AT, to: AT + 60n * SECOND }], budget };
  const items: PullItem[] = [];
  const { signal } = new AbortController();
  for await (const item of pullTraces(storeOf(attributes), 3, request, signal)) items.push(item);
  return gather(items);
}

it('counts what sampled spans stand for, and says so', async () => {
  const { tables, coverage, notices } = await pulled({ 'sampling.probability': '0.1' });
  expect(tables.spans).toHaveLength(20);
  expect(new Set(tables.spans?.map((row) => row['adjusted_count']))).toEqual(new Set([10]));
  expect(coverage).toMatchObject([{ rowsTotal: 200, rowsKept: 20, sampled: true }]);
  expect(notices).toMatchObject([{ code: 'sampled-at-source', count: 20 }]);
  expect(notices[0]?.message).toContain('stand for about 200');
});

it('counts what is there where no span says how it was sampled', async () => {
  const { coverage, notices } = await pulled({});
  expect(coverage).toMatchObject([{ rowsTotal: 20, rowsKept: 20, sampled: false }]);
  expect(notices).toEqual([]);
});

it.each([
  [{}, 1],
  [{ 'sampling.probability': '0.1' }, 10],
])(
  'within a budget, a span of %j stands for those that were left in the store',
  async (said, each) => {
    const { tables } = await pulled(said, 10);
    const counts = tables.spans?.map(({ adjusted_count: count }) => count as number) ?? [];
    expect(counts.length).toBeGreaterThan(0);
    expect(counts.length).toBeLessThan(20);
    for (const count of counts) expect(count).toBeCloseTo(2 * each, 9);
  },
);
