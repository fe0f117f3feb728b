import { FaultlineError } from '../base';
import type { Db } from './db';
import type { Engine } from './engine';

/** One step forward of the case format. There is no way back. */
export interface Migration {
  /** The format version that the case has afterwards. */
  readonly version: number;
  readonly name: string;
  up(tx: Engine, db: Db): Promise<void>;
}

/** In order of their version. A new one comes with a golden file of the format before it. */
export const MIGRATIONS: readonly Migration[] = [];

/**
 * Takes a case from its format version to the newest, step by step, each in a transaction of its own:
 * a step that fails leaves the case as the one before it did.
 */
export async function migrate(
  engine: Engine,
  db: Db,
  from: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  let at = from;
  for (const migration of migrations) {
    const { version, name } = migration;
    if (version <= at) continue;
    if (version !== at + 1) {
      throw new FaultlineError(
        'internal',
        `No migration leads from format ${at} to ${version} (${name}).`,
      );
    }
    await engine.transaction(async (tx) => {
      await migration.up(tx, db);
      await tx.exec(
        `UPDATE ${db.table('meta')} SET value = '${version}' WHERE key = 'format_version'`,
      );
    });
    at = version;
  }
  return at;
}
