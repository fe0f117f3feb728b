import { literal } from '../model';
import { hasTimes, shiftedColumns, type Shifts } from './clocks';
import type { Db } from './db';
import type { Engine } from './engine';

/** Of each table, how many rows of a source that still grows are shown: those with lower row numbers. */
export type ShownRows = Readonly<Record<string, string>>;

/** The key in `meta`; a case without a growing source has none. */
const KEY = 'shown';

/** Sources that are not complete and whose rows are shown all the same, up to a row number. */
export async function shownSources(
  engine: Engine,
  db: Db,
): Promise<ReadonlyMap<number, ShownRows>> {
  const { col } = await engine.query(
    `SELECT value FROM ${db.table('meta')} WHERE key = ${literal(KEY)}`,
    { value: 'str' },
  );
  const stored = JSON.parse(col.value[0] ?? '{}') as Record<string, ShownRows>;
  return new Map(Object.entries(stored).map(([id, rows]) => [Number(id), rows]));
}

/** Shows the rows of a source up to there; without `rows` it is no longer one that grows. */
export async function setShown(
  tx: Engine,
  db: Db,
  sourceId: number,
  rows?: ShownRows,
): Promise<void> {
  const before = await shownSources(tx, db);
  if (!rows && !before.has(sourceId)) return;
  const all = new Map(before);
  if (rows) all.set(sourceId, rows);
  else all.delete(sourceId);
  await tx.exec(`DELETE FROM ${db.table('meta')} WHERE key = ${literal(KEY)}`);
  if (all.size === 0) return;
  const value = JSON.stringify(Object.fromEntries(all));
  await tx.exec(`INSERT INTO ${db.table('meta')} VALUES (${literal(KEY)}, ${literal(value)})`);
}

/**
 * Rows of a table that can be seen: those of complete sources, and of growing ones up to where they are shown. In
 * parts, so that each is read by its bounds and no row is asked where it belongs. A source whose clock is shifted
 * is a part of its own: the others are read as they lie.
 */
export function visibleRows(
  table: string,
  name: string,
  complete: readonly number[],
  shown: ReadonlyMap<number, ShownRows>,
  shifts: Shifts = new Map(),
): string {
  const columns = (id: number): string => shiftedColumns(name, shifts.get(id));
  const parts = [...shown].map(
    ([id, rows]) =>
      `SELECT ${columns(id)} FROM ${table} WHERE source_id = ${id} AND row_no < ${BigInt(rows[name] ?? '0')}`,
  );
  const moved = complete.filter((id) => hasTimes(name) && shifts.has(id));
  for (const id of moved) parts.push(`SELECT ${columns(id)} FROM ${table} WHERE source_id = ${id}`);
  const still = complete.filter((id) => !moved.includes(id));
  if (still.length > 0 || parts.length === 0) {
    const ids = still.join(', ') || 'NULL';
    parts.unshift(`SELECT * FROM ${table} WHERE source_id IN (${ids})`);
  }
  return parts.join(' UNION ALL ');
}
