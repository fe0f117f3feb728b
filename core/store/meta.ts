import { literal } from '../model';
import type { Db } from './db';
import type { Engine } from './engine';

export async function readMeta(engine: Engine, db: Db, key: string): Promise<string | undefined> {
  const frame = await engine.query(
    `SELECT value FROM ${db.table('meta')} WHERE key = ${literal(key)}`,
    { value: 'str' },
  );
  return frame.col.value[0];
}

/** Inside a transaction; undefined takes the key out. */
export async function writeMeta(
  tx: Engine,
  db: Db,
  key: string,
  value: string | undefined,
): Promise<void> {
  const table = db.table('meta');
  await tx.exec(`DELETE FROM ${table} WHERE key = ${literal(key)}`);
  if (value === undefined) return;
  await tx.exec(`INSERT INTO ${table} VALUES (${literal(key)}, ${literal(value)})`);
}

/** Counts a change of data; inside the transaction that makes it. */
export async function bump(tx: Engine, db: Db): Promise<void> {
  const next = Number((await readMeta(tx, db, 'data_version')) ?? '0') + 1;
  await tx.exec(`UPDATE ${db.table('meta')} SET value = '${next}' WHERE key = 'data_version'`);
}
