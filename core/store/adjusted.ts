import { SAMPLING_KEYS, adjustedCountsOf, literal, type Notice } from '../model';
import type { Db } from './db';
import type { Engine } from './engine';
import { noticeSql } from './sources';

/** Spans that are looked at, and written, at once. */
const AT_ONCE = 50_000;
const CODE = 'spans-weighted';

/**
 * What sampled spans of a source stand for, once all of a trace may be there; says so in a notice. Where no span says
 * anything it costs a look that the statistics of one column answer: a case that is received is shown again and again.
 */
export async function settleWeights(
  tx: Engine,
  db: Db,
  sourceId: number,
): Promise<readonly Notice[]> {
  const said = `FROM ${db.table('spans')} WHERE source_id = ${sourceId} AND adjusted_count IS NOT NULL`;
  if (!(await any(tx, said))) return [];
  await spreadInTraces(tx, db, sourceId);
  return noteWeights(tx, db, sourceId);
}

/**
 * The first span of a trace of Jaeger's says for all of it how it was sampled: what came in other batches takes it
 * over.
 */
async function spreadInTraces(tx: Engine, db: Db, sourceId: number): Promise<void> {
  const spans = db.table('spans');
  const mine = `source_id = ${sourceId} AND adjusted_count IS NOT NULL`;
  const saying = `SELECT trace_id, max(adjusted_count) AS n FROM ${spans}
    WHERE ${mine} AND attributes['sampler.type'] = 'probabilistic' GROUP BY trace_id`;
  if (!(await any(tx, `FROM ${spans} WHERE ${mine}`)) || !(await any(tx, `FROM (${saying})`)))
    return;
  await tx.exec(
    `UPDATE ${spans} AS s SET adjusted_count = t.n FROM (${saying}) t
      WHERE s.source_id = ${sourceId} AND s.adjusted_count IS NULL AND s.trace_id = t.trace_id`,
  );
}

/** Says, once for a source, that its spans stand for more; anew where more of them have come. */
async function noteWeights(tx: Engine, db: Db, sourceId: number): Promise<readonly Notice[]> {
  const { col } = await tx.query(
    `SELECT count(*) FILTER (WHERE adjusted_count > 1)::DOUBLE AS weighted, count(*)::DOUBLE AS spans,
      count(*) FILTER (WHERE adjusted_count IS NULL)::DOUBLE AS silent,
      coalesce(sum(coalesce(adjusted_count, 1)), 0)::DOUBLE AS stands
      FROM ${db.table('spans')} WHERE source_id = ${sourceId}`,
    { weighted: 'f64', spans: 'f64', silent: 'f64', stands: 'f64' },
  );
  const [weighted = 0, spans = 0] = [col.weighted[0], col.spans[0]];
  if (weighted === 0) return [];
  const [silent, stands] = [col.silent[0] ?? 0, Math.round(col.stands[0] ?? 0)];
  const notice: Notice = {
    code: CODE,
    severity: 'warning',
    count: weighted,
    message: `${weighted} of ${spans} spans were sampled at a rate that is known: request rates, error shares and latencies are estimates for the ${stands} spans that they stand for.${restOf(silent)}`,
    detail: { spans, stands, silent },
  };
  await tx.exec(
    `DELETE FROM ${db.table('notices')} WHERE source_id = ${sourceId} AND code = '${CODE}'`,
  );
  await tx.exec(noticeSql(db, sourceId, notice));
  return [notice];
}

function restOf(silent: number): string {
  if (silent === 0) return '';
  return silent === 1
    ? ' 1 span says nothing of it and counts as one.'
    : ` ${silent} spans say nothing of it and count as one each.`;
}

/** What the spans of a case of an older format say about how they were sampled. */
export async function fillAdjustedCounts(tx: Engine, db: Db): Promise<void> {
  const spans = db.table('spans');
  let after = { source: -1, row: -1n };
  for (;;) {
    const { rows, col } = await tx.query(
      `SELECT source_id, row_no, trace_id, attributes FROM ${spans}
        WHERE (source_id > ${after.source} OR source_id = ${after.source} AND row_no > ${after.row})
          AND list_has_any(map_keys(attributes), [${[...SAMPLING_KEYS].map(literal).join(', ')}])
        ORDER BY source_id, row_no LIMIT ${AT_ONCE}`,
      { source_id: 'i32', row_no: 'i64', trace_id: 'str', attributes: 'map' },
    );
    const counts = adjustedCountsOf(col.trace_id, col.attributes);
    const values = counts.flatMap((count, i) =>
      count === undefined ? [] : `(${col.source_id[i]}, ${col.row_no[i]}, ${count}::DOUBLE)`,
    );
    if (values.length > 0) {
      await tx.exec(
        `UPDATE ${spans} AS s SET adjusted_count = v.n FROM (VALUES ${values.join(', ')}) v(source_id, row_no, n)
          WHERE s.source_id = v.source_id AND s.row_no = v.row_no`,
      );
    }
    if (rows < AT_ONCE) break;
    after = { source: col.source_id[rows - 1] ?? 0, row: col.row_no[rows - 1] ?? 0n };
  }
  const { col } = await tx.query(`SELECT source_id FROM ${db.table('sources')}`, {
    source_id: 'i32',
  });
  for (const id of col.source_id) {
    await settleWeights(tx, db, id);
  }
}

async function any(tx: Engine, from: string): Promise<boolean> {
  const { col } = await tx.query(`SELECT EXISTS (SELECT 1 ${from})::INTEGER AS yes`, {
    yes: 'i32',
  });
  return col.yes[0] === 1;
}
