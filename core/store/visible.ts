import { TELEMETRY_TABLES } from '../model';
import { clockViews, readClocks, shiftsOf } from './clocks';
import type { Engine } from './engine';
import { readFacts, type Facts } from './known-facts';
import type { Db } from './db';
import { PRESENT } from './taken-out';
import { lackingColumns, quote, tableShapes, type ColumnShape } from './schema';
import { shownSources, visibleRows } from './shown';

/** Tables whose rows are facts about an id: one row an id, however many sources say it. */
const ONE_ROW_AN_ID: Readonly<Record<string, string>> = {
  resources: 'resource_id',
  metric_series: 'series_id',
};

/** What of a case can be seen now. */
export interface Visible {
  /** Telemetry tables without a row. */
  readonly empty: ReadonlySet<string>;
  /** What is said of resources, series and relations. */
  readonly facts: Facts;
}

/**
 * Temporary views and tables that shadow those of the file: a bare name shows the rows of complete sources
 * and of growing ones as far as they are shown, on the clock that was set for their source, and entities after
 * accepted merges. They live in the
 * connection, never in the file, so the same SQL runs as it stands in any DuckDB client. What every query joins (resources, series, entities) is worked out
 * here, once for a state of the data: as views it was planned and computed anew by each of a hundred queries.
 * To be called again when sources or merges have changed.
 */
export async function showVisible(
  engine: Engine,
  db: Db,
  lacking: readonly string[] = [],
): Promise<Visible> {
  const { col } = await engine.query(
    `SELECT source_id FROM ${db.table('sources')} WHERE state = 'complete' ORDER BY source_id`,
    { source_id: 'i32' },
  );
  const complete = [...col.source_id];
  const shown = await shownSources(engine, db);
  const shifts = shiftsOf(await readClocks(engine, db, lacking));
  const telemetry = TELEMETRY_TABLES.map((table) => {
    if (lacking.includes(table)) return emptyView(table);
    const there = visibleRows(db.table(table), table, complete, shown, shifts);
    const missing = nullsOf(lackingColumns(table, lacking));
    const rows = missing === '' ? there : `SELECT *, ${missing} FROM (${there})`;
    const id = ONE_ROW_AN_ID[table];
    return id === undefined
      ? `CREATE OR REPLACE TEMP VIEW ${table} AS ${rows}`
      : `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT * FROM (${rows})
        QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY source_id, row_no) = 1 ORDER BY ${id}`;
  });
  const present = `(SELECT source_id FROM ${db.table('sources')} WHERE ${PRESENT})`;
  const said = ['sources', 'notices'].map(
    (table) =>
      `CREATE OR REPLACE TEMP VIEW ${table} AS SELECT * FROM ${db.table(table)}
        WHERE source_id IS NULL OR source_id IN ${present}`,
  );
  const accepted = `(SELECT * FROM ${db.table('entity_merges')} WHERE state = 'accepted')`;
  const statements = [
    ...clockViews(db, shifts, present),
    ...telemetry,
    ...said,
    `CREATE OR REPLACE TEMP TABLE resource_entities AS
      SELECT DISTINCT r.resource_id, coalesce(m.resolved_id, r.entity_id) AS entity_id,
        split_part(coalesce(m.resolved_id, r.entity_id), ':', 1) AS kind, r.role
      FROM ${db.table('resource_entities')} r LEFT JOIN ${accepted} m ON m.from_id = r.entity_id
      WHERE r.source_id IN (${[...complete, ...shown.keys()].join(', ') || 'NULL'}) ORDER BY ALL`,
    `CREATE OR REPLACE TEMP TABLE entities AS SELECT DISTINCT e.* FROM ${db.table('entities')} e
      WHERE e.entity_id NOT IN (SELECT from_id FROM ${accepted}) ORDER BY ALL`,
  ];
  // In one go: no query sees half of it.
  await engine.exec(statements.join(';\n'));
  return { empty: await emptyTables(engine), facts: await readFacts(engine) };
}

/** A table that a file of an older format lacks. */
function emptyView(table: string): string {
  const columns = tableShapes().find(({ name }) => name === table)?.columns ?? [];
  return `CREATE OR REPLACE TEMP VIEW ${table} AS SELECT ${nullsOf(columns)} WHERE false`;
}

const nullsOf = (columns: readonly ColumnShape[]): string =>
  columns.map(({ name, type }) => `NULL::${type} AS ${quote(name)}`).join(', ');

async function emptyTables(engine: Engine): Promise<ReadonlySet<string>> {
  const each = TELEMETRY_TABLES.map(
    (table) => `SELECT '${table}' AS tab WHERE NOT EXISTS (SELECT 1 FROM ${table})`,
  );
  const { col } = await engine.query(each.join(' UNION ALL '), { tab: 'str' });
  return new Set(col.tab);
}
