import { expect, it } from 'vitest';
import { rowsOf, tablesOf } from '../testing/import';
import type { Batch } from '../../model';
import { RowSink } from './rows';
import { rowsWithin } from './rows-within';

const windows = [
  { from: 100n, to: 200n },
  { from: 300n, to: 400n },
];

/** Rows of every table at these times, each with a resource and a series of its own. */
function rowsAt(times: readonly bigint[]): readonly Batch[] {
  const sink = new RowSink();
  for (const ts of times) {
    const resource = { 'service.name': `s${ts}` };
    const spanId = String(ts).padStart(16, '0');
    const traceId = spanId.repeat(2);
    sink.log({ ts, body: `at ${ts}`, resource, attributes: { a: String(ts), b: '' } });
    sink.span({
      traceId,
      spanId,
      name: 'n',
      start: ts,
      duration: 1000n,
      resource,
      events: [{ ts: 150n, name: `of ${ts}`, attributes: { e: String(ts) } }],
      links: [{ traceId, spanId }],
    });
    const series = sink.series({ metric: `m${ts}`, resource, labels: { l: String(ts) } });
    sink.sample(series, ts, Number(ts));
    const point = { count: 3n, sum: null, bounds: [1, Number(ts)], counts: [1n, 1n, ts] };
    sink.histogram(series, ts, point);
  }
  return [...sink.items(true)].flatMap((item) => (item.kind === 'batch' ? [item.batch] : []));
}

it('keeps rows by their own time, with what belongs to them and nothing else', () => {
  const all = [99n, 100n, 150n, 199n, 200n, 299n, 350n, 400n];
  const inside = all.filter((ts) => windows.some(({ from, to }) => ts >= from && ts < to));
  const { batches, seen } = rowsWithin(rowsAt(all), windows);
  expect(tablesOf([...batches])).toEqual(tablesOf([...rowsAt(inside)]));
  for (const batch of batches) expect(rowsOf(batch)).toHaveLength(batch.rows);
  expect(seen).toEqual([
    { signal: 'logs', within: [3, 1], kept: [3, 1], outside: 4 },
    { signal: 'spans', within: [3, 1], kept: [3, 1], outside: 4 },
    { signal: 'samples', within: [6, 2], kept: [6, 2], outside: 8 },
  ]);
});

it('hands on as they are what is inside, and nothing where nothing is', () => {
  const whole = rowsAt([100n, 350n]);
  expect(rowsWithin(whole, windows).batches).toBe(whole);
  expect(rowsWithin(rowsAt([5n]), windows).batches).toEqual([]);
});

it('keeps of them what is wanted, with what belongs to it, and counts both', () => {
  const all = [99n, 100n, 150n, 350n];
  const { batches, seen } = rowsWithin(rowsAt(all), windows, {
    wanted: ({ table }) =>
      table === 'spans' || table === 'logs' ? (row) => row === 2 : () => false,
  });
  const only = tablesOf([...rowsAt([150n])]);
  expect(tablesOf([...batches])).toEqual({
    logs: only.logs,
    resources: only.resources,
    spans: only.spans,
    span_events: only.span_events,
    span_links: only.span_links,
  });
  expect(seen).toEqual([
    { signal: 'logs', within: [2, 1], kept: [1, 0], outside: 1 },
    { signal: 'spans', within: [2, 1], kept: [1, 0], outside: 1 },
    { signal: 'samples', within: [4, 2], kept: [0, 0], outside: 2 },
  ]);
});
