import type { Notice, TelemetryTable } from '../model';
import type { Db } from './db';
import type { Engine } from './engine';
import { shownSources, type ShownRows } from './shown';

/**
 * How a row is recognised that another source holds already, and its time. Backends keep the times of a
 * span's events at their own precision, so an event is known by its span and its name.
 */
const SAME_ROW: Readonly<
  Partial<Record<TelemetryTable, { keys: readonly string[]; time?: string }>>
> = {
  spans: { keys: ['trace_id', 'span_id'], time: 'start' },
  span_events: { keys: ['trace_id', 'span_id', 'name'], time: 'ts' },
  span_links: { keys: ['trace_id', 'span_id', 'linked_trace_id', 'linked_span_id'] },
  logs: { keys: ['ts', 'resource_id', 'body', 'trace_id', 'span_id'], time: 'ts' },
  samples: { keys: ['series_id', 'ts'], time: 'ts' },
  histogram_samples: { keys: ['series_id', 'ts'], time: 'ts' },
  alerts: { keys: ['fingerprint', 'starts_at'], time: 'starts_at' },
  changes: { keys: ['ts', 'kind', 'title'], time: 'ts' },
};

/**
 * Takes out rows of a source that another one which is shown holds already; says how many. Rows below those of
 * `from` were looked at before.
 */
export async function dropRepeats(
  engine: Engine,
  db: Db,
  sourceId: number,
  from: ShownRows = {},
): Promise<readonly Notice[]> {
  const notices: Notice[] = [];
  const growing = [...(await shownSources(engine, db)).keys()].filter((id) => id !== sourceId);
  const seen = `(SELECT source_id FROM ${db.table('sources')}
    WHERE state = 'complete' OR source_id IN (${growing.join(', ') || 'NULL'}))`;
  for (const [table, same] of Object.entries(SAME_ROW)) {
    const base = db.table(table);
    const mine = `source_id = ${sourceId} AND row_no >= ${BigInt(from[table] ?? '0')}`;
    if (same.time !== undefined) {
      const range = `SELECT min(${same.time}) AS lo, max(${same.time}) AS hi FROM ${base}`;
      const overlap = await engine.query(
        `SELECT count(*)::DOUBLE AS n FROM (${range} WHERE ${mine}) a, ` +
          `(${range} WHERE source_id IN ${seen}) b WHERE a.lo <= b.hi AND b.lo <= a.hi`,
        { n: 'f64' },
      );
      if (!overlap.col.n[0]) continue;
    }
    const equal = same.keys.map((key) => `o.${key} = r.${key}`).join(' AND ');
    const repeat = `EXISTS (SELECT 1 FROM ${base} o WHERE o.source_id IN ${seen} AND ${equal})`;
    const counted = await engine.query(
      `SELECT count(*)::DOUBLE AS n FROM ${base} r WHERE ${mine} AND ${repeat}`,
      { n: 'f64' },
    );
    const count = counted.col.n[0] ?? 0;
    if (count === 0) continue;
    await engine.exec(`DELETE FROM ${base} r WHERE ${mine} AND ${repeat}`);
    notices.push({
      code: 'rows-repeated',
      severity: 'info',
      count,
      message: `${count} rows of ${table} were in this case already, from another source; they are kept once.`,
    });
  }
  return notices;
}
