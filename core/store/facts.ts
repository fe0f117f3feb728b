import { TELEMETRY_TABLES, type Notice } from '../model';
import type { CaseFacts } from './case-store';
import type { Db } from './db';
import type { Engine } from './engine';
import { listSources } from './sources';

/** What can be seen of a case: rows, from when to when, where they come from, what is to be said of them. */
export async function factsOf(
  engine: Engine,
  db: Db,
): Promise<Omit<CaseFacts, 'request' | 'clocks'>> {
  const counts = TELEMETRY_TABLES.map(
    (t) => `SELECT '${t}' AS tab, count(*)::DOUBLE AS n FROM ${t}`,
  );
  const counted = await engine.query(counts.join(' UNION ALL '), { tab: 'str', n: 'f64' });
  const ranges = [
    'SELECT min(start) AS lo, max(start + duration) AS hi FROM spans',
    'SELECT min(ts), max(ts) FROM logs',
    'SELECT min(ts), max(ts) FROM samples',
    'SELECT min(starts_at), max(coalesce(ends_at, starts_at)) FROM alerts',
    'SELECT min(ts), max(ts) FROM changes',
  ];
  const range = await engine.query(
    `SELECT min(lo) AS lo, max(hi) AS hi, count(lo)::INTEGER AS n FROM (${ranges.join(' UNION ALL ')})`,
    { lo: 'i64', hi: 'i64', n: 'i32' },
  );
  const has = (range.col.n[0] ?? 0) > 0;
  return {
    counts: Array.from({ length: counted.rows }, (_, i) => ({
      table: counted.col.tab[i] ?? '',
      rows: counted.col.n[i] ?? 0,
    })),
    range: has ? { from: range.col.lo[0] ?? 0n, to: (range.col.hi[0] ?? 0n) + 1n } : null,
    sources: await listSources(engine, db),
    notices: await noticesOf(engine),
  };
}

async function noticesOf(engine: Engine): Promise<CaseFacts['notices']> {
  const frame = await engine.query(
    `SELECT source_id, code, severity, count::DOUBLE AS n, message, detail FROM notices`,
    { source_id: 'f64', code: 'str', severity: 'str', n: 'f64', message: 'str', detail: 'str' },
  );
  const { col } = frame;
  return Array.from({ length: frame.rows }, (_, i) => {
    const source = col.source_id[i] ?? Number.NaN;
    const detail = col.detail[i] ?? '';
    return {
      sourceId: Number.isNaN(source) ? null : source,
      code: col.code[i] ?? '',
      severity: (col.severity[i] ?? 'info') as Notice['severity'],
      count: col.n[i] ?? 0,
      message: col.message[i] ?? '',
      detail: detail === '' ? undefined : (JSON.parse(detail) as Notice['detail']),
    };
  });
}
