import { TELEMETRY_TABLES, TIME_OF } from '../model';
import type { Db } from './db';
import { countLetGo } from './dropped';
import type { Engine } from './engine';

/** What was let go of the oldest rows of a source. */
export interface Trimmed {
  readonly rows: number;
  /** The first moment of which rows are left, ns. */
  readonly from: bigint;
}

/** After a cut there is room for a while, so that not every look cuts again. */
const KEEP_SHARE = 0.9;

/**
 * Lets go of the oldest rows of a source where it has more than `most` with a time. What went is gone from every
 * table by the same moment, so that signals stay beside each other; resources and series stay.
 */
export async function trimOldest(
  tx: Engine,
  db: Db,
  sourceId: number,
  most: number,
): Promise<Trimmed | undefined> {
  const timed = TELEMETRY_TABLES.flatMap((name) => {
    const time = TIME_OF[name];
    return time === undefined ? [] : [{ table: db.table(name), time }];
  });
  const times = timed
    .map(({ table, time }) => `SELECT ${time} AS t FROM ${table} WHERE source_id = ${sourceId}`)
    .join(' UNION ALL ');
  const counted = await tx.query(`SELECT count(*)::DOUBLE AS n FROM (${times})`, { n: 'f64' });
  const there = counted.col.n[0] ?? 0;
  if (there <= most) return undefined;
  const gone = there - Math.floor(most * KEEP_SHARE);
  const cut = await tx.query(
    `SELECT max(t) + 1 AS cut FROM (SELECT t FROM (${times}) ORDER BY t LIMIT ${gone})`,
    { cut: 'i64' },
  );
  const from = cut.col.cut[0] ?? 0n;
  await countLetGo(tx, db, sourceId, from);
  for (const { table, time } of timed) {
    await tx.exec(`DELETE FROM ${table} WHERE source_id = ${sourceId} AND ${time} < ${from}`);
  }
  const ofTraces = `SELECT trace_id FROM ${db.table('spans')} WHERE source_id = ${sourceId}`;
  await tx.exec(
    `DELETE FROM ${db.table('span_links')} WHERE source_id = ${sourceId} AND trace_id NOT IN (${ofTraces})`,
  );
  const left = await tx.query(`SELECT count(*)::DOUBLE AS n FROM (${times})`, { n: 'f64' });
  return { rows: there - (left.col.n[0] ?? 0), from };
}
