import { RowSink } from '../../connect';
import type { CaseStore } from '../../store';

/** What the spans of `writeSampledSpans` stand for, in the order of time. */
export const SAMPLED = [4, 20, 80, null] as const;

/** Spans of which one says how it was sampled, one of which only the case knows it, one with both, and one with neither. */
export async function writeSampledSpans(store: CaseStore): Promise<void> {
  const sink = new RowSink();
  const state = { 'otel.trace_state': 'vendor=x,ot=rv:00abcdef012345;th:c' };
  const each = [
    { attributes: state },
    { adjustedCount: 20 },
    { attributes: state, adjustedCount: 80 },
    {},
  ];
  for (const [i, said] of each.entries()) {
    sink.span({
      traceId: `${i + 1}`.padStart(32, 'a'),
      spanId: `${i + 1}`.padStart(16, 'b'),
      name: 'GET /sampled',
      kind: 2,
      start: 1_714_557_600_000_000_000n + BigInt(i),
      duration: 1_000_000n,
      resource: { 'service.name': 'sampled' },
      ...said,
    });
  }
  const identity = { connector: 't', name: 'sampled', endpoint: '', query: '', window: null };
  const writer = await store.beginSource(identity, 1n);
  for (const batch of sink.batches()) writer.add(batch);
  await writer.finish();
}

/** What the spans of `writeSampledSpans` stand for in a case, in the order of time. */
export async function sampledCounts(store: CaseStore): Promise<readonly unknown[]> {
  const sql = `SELECT adjusted_count FROM spans WHERE name = 'GET /sampled' ORDER BY start`;
  return (await store.sql(sql, 10)).data[0] ?? [];
}
