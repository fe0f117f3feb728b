import { TELEMETRY_TABLES } from '../model';
import type { Engine } from './engine';
import type { Db } from './db';

/** Tables whose rows are facts about an id: one row an id, however many sources say it. */
const ONE_ROW_AN_ID: Readonly<Record<string, string>> = {
  resources: 'resource_id',
  metric_series: 'series_id',
};

/**
 * Temporary views that shadow the tables: a bare name shows the rows of complete sources only, and
 * entities after accepted merges. They live in the connection, never in the file, so the same SQL runs
 * as it stands in any DuckDB client.
 */
export async function createVisibleViews(engine: Engine, db: Db): Promise<void> {
  const complete = `source_id IN (SELECT source_id FROM ${db.table('sources')} WHERE state = 'complete')`;
  for (const table of TELEMETRY_TABLES) {
    const id = ONE_ROW_AN_ID[table];
    const once = id
      ? ` QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY source_id, row_no) = 1`
      : '';
    await view(engine, table, `SELECT * FROM ${db.table(table)} WHERE ${complete}${once}`);
  }
  const accepted = `(SELECT * FROM ${db.table('entity_merges')} WHERE state = 'accepted')`;
  await view(
    engine,
    'resource_entities',
    `SELECT DISTINCT r.resource_id, coalesce(m.resolved_id, r.entity_id) AS entity_id,
      split_part(coalesce(m.resolved_id, r.entity_id), ':', 1) AS kind, r.role
    FROM ${db.table('resource_entities')} r LEFT JOIN ${accepted} m ON m.from_id = r.entity_id
    WHERE r.${complete}`,
  );
  await view(
    engine,
    'entities',
    `SELECT DISTINCT e.* FROM ${db.table('entities')} e
    WHERE e.entity_id NOT IN (SELECT from_id FROM ${accepted})`,
  );
}

function view(engine: Engine, name: string, select: string): Promise<void> {
  return engine.exec(`CREATE OR REPLACE TEMP VIEW ${name} AS ${select}`);
}
