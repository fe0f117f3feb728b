import type { Batch } from '../model';
import { i64, maps, recordAt, texts } from './columns';
import { OtlpLines } from './write-otlp';

/** One HTTP request of a replay, below the address of the backend. Whoever sends it adds credentials. */
export interface ReplayRequest {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Spans, log records, samples or documents in it. */
  readonly rows: number;
}

export const JSON_TYPE = { 'content-type': 'application/json' } as const;

/** Records in one OTLP request. */
const PER_REQUEST = 1000;

/**
 * Spans and logs as OTLP over HTTP with JSON, for a Collector, Jaeger or our own receiver: to
 * /v1/traces and /v1/logs, in the order of their end.
 */
export function* otlpRequests(
  batches: Iterable<Batch>,
  signals: readonly ('spans' | 'logs')[] = ['spans', 'logs'],
): Generator<ReplayRequest, void, void> {
  const otlp = new OtlpLines(PER_REQUEST);
  for (const batch of batches) {
    const text = otlp.add(batch);
    if (text === '' || !signals.includes(batch.table as 'spans' | 'logs')) continue;
    const path = batch.table === 'spans' ? '/v1/traces' : '/v1/logs';
    const lines = text.split('\n').filter((line) => line !== '');
    let left = batch.rows;
    for (const body of lines) {
      const rows = Math.min(PER_REQUEST, left);
      left -= rows;
      yield { method: 'POST', path, headers: JSON_TYPE, body, rows };
    }
  }
}

/**
 * Alerts for Alertmanager's API (v2). It forgets alerts that ended before now minus its retention, and
 * shows resolved ones no more: of a past incident only what still fires comes back from it.
 */
export function* alertRequests(batches: Iterable<Batch>): Generator<ReplayRequest, void, void> {
  for (const { table, rows, columns } of batches) {
    if (table !== 'alerts') continue;
    const ends = columns[3];
    const valid = ends && 'valid' in ends ? ends.valid : undefined;
    const list = Array.from({ length: rows }, (_, i) => ({
      labels: { alertname: texts(columns[1])[i], ...recordAt(maps(columns[6]), i) },
      annotations: recordAt(maps(columns[7]), i),
      startsAt: instant(i64(columns[2])[i]!),
      endsAt: valid?.[i] === 0 ? undefined : instant(i64(ends)[i]!),
    }));
    const body = JSON.stringify(list);
    yield { method: 'POST', path: '/api/v2/alerts', headers: JSON_TYPE, body, rows };
  }
}

/** RFC 3339 with milliseconds. */
export function instant(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
