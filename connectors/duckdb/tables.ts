import { throwIfAborted } from '../../core/base';
import type { Column, Columns, DatabaseTable, OpenedDatabase, RowGroup } from '../../core/connect';

/** Rows that are asked for at once. */
const PAGE = 10_000;
const MOST = 100_000;

/** What stands in a database. */
export interface Listing {
  readonly tables: readonly DatabaseTable[];
  readonly views: readonly string[];
  /** It is a case of our own. */
  readonly isCase: boolean;
}

/** A column as it is asked for. */
interface Asked extends Column {
  readonly sql: string;
}

/** The tables of a database, with their columns; they are read later. */
export async function listTables(database: OpenedDatabase, signal: AbortSignal): Promise<Listing> {
  const of = async (sql: string) => (await database.sql(sql, MOST, { signal })).data;
  const columns = new Map<string, Asked[]>();
  const [schemas = [], names = [], cols = [], types = []] = await of(
    'SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index',
  );
  for (const [at, column] of cols.entries()) {
    const key = JSON.stringify([schemas[at], names[at]]);
    const listed = columns.get(key) ?? [];
    columns.set(key, listed);
    listed.push(asked(String(column), String(types[at])));
  }
  const [inSchemas = [], tables = []] = await of(
    'SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY table_oid',
  );
  const [views = []] = await of('SELECT view_name FROM duckdb_views() WHERE NOT internal');
  return {
    tables: tables.map((table, at) => {
      const schema = String(inSchemas[at]);
      const own = columns.get(JSON.stringify([inSchemas[at], table])) ?? [];
      return tableOf(database, schema, String(table), own, signal);
    }),
    views: views.map(String),
    isCase: CASE.every((name) => tables.includes(name)),
  };
}

/** Tables that every case has. */
const CASE = ['meta', 'sources', 'resources', 'metric_series', 'samples'];

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const TIME = /^(?:TIMESTAMP.*|DATE)$/;
const PLAIN = /^(?:U?(?:TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|VARCHAR)$/;

/** Times as nanoseconds, bytes hexadecimal, what JavaScript has no value for as its text. */
function asked(name: string, type: string): Asked {
  const column = quoted(name);
  // Beyond 1678 to 2262, and infinity, there is no time in nanoseconds.
  const ns = (what: string): string => `TRY(epoch_ns(${what}))`;
  if (type === 'DATE') return { name, time: true, sql: ns(`${column}::TIMESTAMP`) };
  if (TIME.test(type) && !type.endsWith(']')) return { name, time: true, sql: ns(column) };
  const times = /^(TIMESTAMP.*|DATE)\[\]$/.test(type);
  const sql = times
    ? `list_transform(${column}, lambda x: ${ns(type === 'DATE[]' ? 'x::TIMESTAMP' : 'x')})`
    : type === 'BLOB'
      ? `lower(hex(${column}))`
      : PLAIN.test(type) || /[\])]$/.test(type.replace(/^(?:DECIMAL|ENUM)\(.*\)$/, ''))
        ? column
        : `${column}::VARCHAR`;
  return { name, time: false, sql };
}

function tableOf(
  database: OpenedDatabase,
  schema: string,
  table: string,
  columns: readonly Asked[],
  signal: AbortSignal,
): DatabaseTable {
  const from = `${quoted(schema)}.${quoted(table)}`;
  const name = schema === 'main' ? table : `${schema}.${table}`;
  const number = async (sql: string): Promise<number> =>
    Number((await database.sql(sql, 1, { signal })).data[0]?.[0] ?? 0);
  const select = columns.map(({ sql, name: as }) => `${sql} AS ${quoted(as)}`).join(', ');
  const groups = async function* (): AsyncGenerator<RowGroup> {
    const last = await number(`SELECT coalesce(max(rowid), -1) FROM ${from}`);
    for (let at = 0; at <= last; at += PAGE) {
      throwIfAborted(signal);
      const where = `FROM ${from} WHERE rowid >= ${at} AND rowid < ${at + PAGE}`;
      const rows = await number(`SELECT count(*) ${where}`);
      if (rows === 0) continue;
      const read = async (): Promise<Columns> => {
        const { data } = await database.sql(`SELECT ${select} ${where}`, PAGE, { signal });
        return new Map(columns.map((column, i) => [column.name, data[i] ?? []]));
      };
      yield { rows, read };
    }
  };
  return {
    file: { name, columns, groups },
    count: () => number(`SELECT count(*) FROM ${from}`),
  };
}
