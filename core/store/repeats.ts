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

/** What a look at the same time again brings once more. An alert that has ended since is news. */
const SAME_WITHIN: typeof SAME_ROW = {
  ...SAME_ROW,
  alerts: { keys: ['fingerprint', 'starts_at', 'ends_at'], time: 'starts_at' },
  resources: { keys: ['resource_id'] },
  metric_series: { keys: ['series_id'] },
};

/**
 * Takes out rows from `since` on that the source itself brought before, for one that looks at the same time more
 * than once. Rows that are alike and came together stay: they are two. Says how many went.
 */
export async function dropOwnRepeats(
  tx: Engine,
  db: Db,
  sourceId: number,
  since: ShownRows,
): Promise<number> {
  let gone = 0;
  for (const [table, { keys, time }] of Object.entries(SAME_WITHIN)) {
    const base = db.table(table);
    const first = BigInt(since[table] ?? '0');
    if (first === 0n) continue;
    const mine = `source_id = ${sourceId} AND row_no >= ${first}`;
    // Only what is as late can be the same: most of the source is passed over.
    const late = time ? `AND ${time} >= (SELECT min(${time}) FROM ${base} WHERE ${mine})` : '';
    const older = `SELECT * FROM ${base} WHERE source_id = ${sourceId} AND row_no < ${first} ${late}`;
    const equal = keys.map((key) => `o.${key} IS NOT DISTINCT FROM r.${key}`).join(' AND ');
    gone += await deleted(
      tx,
      `FROM ${base} r WHERE ${mine} AND EXISTS (SELECT 1 FROM (${older}) o WHERE ${equal})`,
    );
  }
  return gone;
}

/** Of alerts that the source brought more than once, as they went on, the last is kept. Says how many went. */
export function dropFormerAlerts(tx: Engine, db: Db, sourceId: number): Promise<number> {
  const base = db.table('alerts');
  return deleted(
    tx,
    `FROM ${base} o WHERE o.source_id = ${sourceId} AND EXISTS (SELECT 1 FROM ${base} r
      WHERE r.source_id = ${sourceId} AND r.row_no > o.row_no
        AND r.fingerprint = o.fingerprint AND r.starts_at = o.starts_at)`,
  );
}

async function deleted(tx: Engine, which: string): Promise<number> {
  const { col } = await tx.query(`SELECT count(*)::DOUBLE AS n ${which}`, { n: 'f64' });
  const count = col.n[0] ?? 0;
  if (count > 0) await tx.exec(`DELETE ${which}`);
  return count;
}

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
