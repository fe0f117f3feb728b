import {
  DROPPED_SQL,
  SIGNAL_OF,
  TELEMETRY_TABLES,
  TIME_OF,
  howDropped,
  literal,
  type DroppedCount,
} from '../model';
import { subjectOf } from '../model/queries';
import type { Db } from './db';
import type { Engine } from './engine';

const INSERT_ROWS = 500;
/** Rows of a source that say what was dropped, from which on stretches are put together. */
const MOST = 4000;
/** Stretches that are left of one signal and entity then. */
const STRETCHES = 240;
/** The shortest stretch of what is let go, ns: 1 s. */
const SHORTEST_NS = 1_000_000_000;

/** Writes what was dropped beside what else there is to say of a source's coverage. */
export async function writeDropped(
  tx: Engine,
  db: Db,
  sourceId: number,
  counts: readonly DroppedCount[],
): Promise<void> {
  const rows = counts.map(({ signal, window, records, ...what }) => {
    const bounds = [window?.from ?? null, window?.to ?? null];
    const values = [sourceId, signal, ...bounds, records, 0, false, howDropped(what)];
    return `(${values.map(literal).join(', ')})`;
  });
  for (let i = 0; i < rows.length; i += INSERT_ROWS) {
    const values = rows.slice(i, i + INSERT_ROWS).join(', ');
    await tx.exec(`INSERT INTO ${db.table('coverage')} VALUES ${values}`);
  }
}

/**
 * Adds up what was dropped of a source that grows, so that it stays a bounded number of rows: equal stretches always,
 * and stretches of a length where there are too many of them. No record is lost from the sums.
 */
export async function foldDropped(tx: Engine, db: Db, sourceId: number): Promise<void> {
  const coverage = db.table('coverage');
  const theirs = `source_id = ${sourceId} AND ${DROPPED_SQL.is}`;
  const { col } = await tx.query(
    `SELECT count(*)::INTEGER AS n, min(window_from) AS first, max(window_to) AS last
      FROM ${coverage} WHERE ${theirs}`,
    { n: 'i32', first: 'i64', last: 'i64' },
  );
  if ((col.n[0] ?? 0) <= MOST) return;
  const first = col.first[0] ?? 0n;
  const width = ((col.last[0] ?? first) - first) / BigInt(STRETCHES) + 1n;
  await tx.exec(
    `CREATE OR REPLACE TEMP TABLE folded AS
      SELECT source_id, signal, min(window_from) AS window_from, max(window_to) AS window_to,
        sum(rows_total)::BIGINT AS rows_total, 0::BIGINT AS rows_kept, false AS sampled, how
      FROM (SELECT *, (window_from - ${first}) // ${width} AS nth FROM ${coverage} WHERE ${theirs})
      GROUP BY source_id, signal, how, nth`,
  );
  await tx.exec(`DELETE FROM ${coverage} WHERE ${theirs}`);
  await tx.exec(`INSERT INTO ${coverage} SELECT * FROM folded`);
  await tx.exec('DROP TABLE folded');
}

/** Counts what is about to be let go of a source, by whom it is about and time: rows before `until`. */
export async function countLetGo(
  tx: Engine,
  db: Db,
  sourceId: number,
  until: bigint,
): Promise<void> {
  const series = db.table('metric_series');
  const each = TELEMETRY_TABLES.flatMap((name) => {
    const [signal, time] = [SIGNAL_OF[name], TIME_OF[name]];
    if (signal === undefined || time === undefined) return [];
    const rows = `${db.table(name)} r`;
    // A series stands once, in the look that brought it first.
    const of = name.endsWith('samples')
      ? `${rows} LEFT JOIN (SELECT DISTINCT series_id, resource_id FROM ${series} WHERE source_id = ${sourceId}) m
          USING (series_id)`
      : rows;
    return [
      `SELECT '${signal}' AS signal, r.${time} AS t, resource_id FROM ${of}
        WHERE r.source_id = ${sourceId} AND r.${time} < ${until}`,
    ];
  });
  const theirs = `${db.table('resource_entities')} WHERE source_id = ${sourceId}`;
  const how = `rtrim('${howDropped({ why: 'ring', entityId: '' })} ' || coalesce(entity_id, ''))`;
  await tx.exec(
    `INSERT INTO ${db.table('coverage')}
      WITH gone AS (${each.join(' UNION ALL ')}), about AS (${subjectOf(theirs)}),
        size AS (SELECT greatest(${SHORTEST_NS}, (max(t) - min(t)) // ${STRETCHES} + 1) AS width FROM gone)
      SELECT ${sourceId}, signal, t // width * width AS window_from, t // width * width + width, count(*)::BIGINT, 0, false, ${how}
      FROM gone CROSS JOIN size LEFT JOIN about USING (resource_id)
      GROUP BY signal, t // width * width, width, entity_id`,
  );
  await foldDropped(tx, db, sourceId);
}
