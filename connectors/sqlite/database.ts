import type { ByteSource, Column, ColumnFile, RowGroup } from '../../core/connect';
import { Pages } from './pages';
import { RecordReader, type Value } from './record';
import { tableOfSql, type SqlTable } from './sql';
import { PageOwners, Tree, type TreeRow } from './tree';

/** Rows of a group, about, or bytes of them. */
const GROUP_ROWS = 2000;
const GROUP_BYTES = 4 << 20;

/** A table of the database. */
interface SqliteTable {
  readonly file: ColumnFile;
  readonly count: () => Promise<number>;
  /** Columns that are worked out and not stored. */
  readonly computed: number;
}

/** What the schema of a database lists. */
export interface SqliteDatabase {
  readonly pages: Pages;
  readonly tables: readonly SqliteTable[];
  /** Tables that can not be read, with the reason. */
  readonly others: readonly { readonly name: string; readonly why: string }[];
  /** Entries of the schema that are broken, and why. */
  readonly broken: readonly string[];
}

const SCHEMA: SqlTable = {
  columns: ['type', 'name', 'tbl_name', 'rootpage', 'sql'].map((name) => ({
    name,
    type: '',
    byDefault: null,
  })),
  rowid: -1,
  computed: 0,
};

/** Rejects with 'format/damaged' where the file has no header. */
export async function openDatabase(
  source: ByteSource,
  wal: ByteSource | undefined,
  signal: AbortSignal,
): Promise<SqliteDatabase> {
  const pages = await Pages.open(source, wal, signal);
  const owners = new PageOwners(pages.count);
  const reader = new RecordReader(pages.header.encoding);
  const tables: SqliteTable[] = [];
  const others: { name: string; why: string }[] = [];
  const broken: string[] = [];
  for await (const rows of new Tree(pages, owners, 1, 0, SCHEMA.columns.length).rows(reader)) {
    for (const { values } of rows) {
      if (typeof values === 'string') {
        broken.push(values);
        continue;
      }
      const [type, name, , root, sql] = values;
      // Statistics and numbers of SQLite's own.
      if (type !== 'table' || typeof name !== 'string' || /^sqlite_/i.test(name)) continue;
      const shape = typeof sql === 'string' ? tableOfSql(sql) : undefined;
      if (shape && typeof root === 'number' && root > 0) {
        const tree = new Tree(pages, owners, root, tables.length + 1, shape.columns.length);
        tables.push(tableOf(name, shape, tree, pages));
      } else others.push({ name, why: whyNot(sql) });
    }
  }
  return { pages, tables, others, broken };
}

const whyNot = (sql: Value | undefined): string =>
  typeof sql === 'string' && /^\s*create\s+virtual/i.test(sql)
    ? 'a virtual table'
    : 'its definition is not understood';

function tableOf(name: string, shape: SqlTable, tree: Tree, pages: Pages): SqliteTable {
  // Times are numbers or texts here: which columns are some, their contents say.
  const columns: readonly Column[] = shape.columns.map((column) => ({
    name: column.name,
    time: false,
  }));
  const groups = () => groupsOf(shape, tree, new RecordReader(pages.header.encoding));
  return {
    file: { name, columns, groups },
    count: () => tree.count(),
    computed: shape.computed,
  };
}

async function* groupsOf(
  shape: SqlTable,
  tree: Tree,
  reader: RecordReader,
): AsyncGenerator<RowGroup> {
  let group = new Group(shape);
  for await (const rows of tree.rows(reader)) {
    for (const row of rows) group.add(row);
    if (group.rows < GROUP_ROWS && group.bytes < GROUP_BYTES) continue;
    yield group.take(reader);
    group = new Group(shape);
  }
  if (group.rows > 0) yield group.take(reader);
}

class Group {
  rows = 0;
  bytes = 0;
  private readonly faults = new Map<number, string>();
  private readonly values: unknown[][];

  constructor(private readonly shape: SqlTable) {
    this.values = shape.columns.map(() => []);
  }

  add({ rowid, values, bytes }: TreeRow): void {
    if (typeof values === 'string') this.faults.set(this.rows, values);
    for (const [at, column] of this.values.entries()) column.push(this.value(values, rowid, at));
    this.rows++;
    this.bytes += bytes;
  }

  private value(values: TreeRow['values'], rowid: TreeRow['rowid'], at: number): unknown {
    if (typeof values === 'string') return null;
    if (at === this.shape.rowid) return rowid;
    const value = values[at];
    return value === undefined ? this.shape.columns[at]?.byDefault : value;
  }

  take(reader: RecordReader): RowGroup {
    const columns = new Map(
      this.shape.columns.map(({ name }, at) => [name, this.values[at] ?? []] as const),
    );
    const { malformed } = reader;
    reader.malformed = 0;
    return {
      rows: this.rows,
      malformed,
      faults: this.faults,
      read: () => Promise.resolve(columns),
    };
  }
}
