import { FaultlineError } from '../base';
import type { Engine } from './engine';
import { lackingColumns, tableShapes } from './schema';

const OBJECTS_SQL = `
SELECT 'view' AS kind, view_name AS name FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT 'macro', function_name FROM duckdb_functions() WHERE NOT internal
UNION ALL SELECT 'sequence', sequence_name FROM duckdb_sequences()
UNION ALL SELECT 'index', index_name FROM duckdb_indexes()
UNION ALL SELECT 'type', type_name FROM duckdb_types() WHERE NOT internal
UNION ALL SELECT 'schema', schema_name FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'main'
UNION ALL SELECT 'constraint', table_name || ': ' || constraint_text FROM duckdb_constraints()
UNION ALL SELECT 'default', table_name || '.' || column_name FROM duckdb_columns()
  WHERE NOT internal AND column_default IS NOT NULL
ORDER BY 1, 2`;

const COLUMNS_SQL = `
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE NOT internal AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE NOT internal)
  AND database_name = current_database()
ORDER BY table_name, column_index`;

/** The user tables of an opened file, as "name(column type, …)". */
async function tablesOf(engine: Engine): Promise<ReadonlyMap<string, string>> {
  const frame = await engine.query(COLUMNS_SQL, {
    table_name: 'str',
    column_name: 'str',
    data_type: 'str',
  });
  const tables = new Map<string, string[]>();
  for (let i = 0; i < frame.rows; i++) {
    const table = frame.col.table_name[i] ?? '';
    const columns = tables.get(table) ?? [];
    columns.push(`${frame.col.column_name[i]} ${frame.col.data_type[i]}`);
    tables.set(table, columns);
  }
  return new Map([...tables].map(([name, columns]) => [name, columns.join(', ')]));
}

/** True where the database has no table at all: a file that was just made. */
export async function isEmptyDatabase(engine: Engine): Promise<boolean> {
  return (await tablesOf(engine)).size === 0;
}

/**
 * A case is a stranger's file: nothing stored in it is executed. Everything that could run (views, macros,
 * defaults, generated columns, constraints, own types) and every table that is not the schema's is refused
 * and named, before anything else is asked of the file. `lacking` are the columns of a newer format that a file which
 * can't be written does not have.
 */
export async function refuseForeignObjects(
  engine: Engine,
  lacking: readonly string[] = [],
): Promise<void> {
  const found = await engine.query(OBJECTS_SQL, { kind: 'str', name: 'str' });
  const foreign: string[] = [];
  for (let i = 0; i < found.rows; i++) foreign.push(`${found.col.kind[i]} ${found.col.name[i]}`);
  const expected = new Map(
    tableShapes().map(({ name, columns }) => [
      name,
      columns
        .filter((column) => !lackingColumns(name, lacking).includes(column))
        .map((column) => `${column.name} ${column.type}`)
        .join(', '),
    ]),
  );
  for (const [name, columns] of await tablesOf(engine)) {
    if (expected.get(name) === undefined) foreign.push(`table ${name}`);
    else if (expected.get(name) !== columns) foreign.push(`table ${name} with other columns`);
  }
  if (foreign.length === 0) return;
  const shown = foreign.slice(0, 5).join('; ');
  const rest = foreign.length > 5 ? ` and ${foreign.length - 5} more` : '';
  throw new FaultlineError(
    'case/foreign-object',
    `This file holds what a case never holds, so it is not opened: ${shown}${rest}.`,
    { detail: { foreign } },
  );
}
