import { FaultlineError, asFaultlineError } from '../base';
import { fillAdjustedCounts } from './adjusted';
import type { Db } from './db';
import type { Engine } from './engine';

/** One step forward of the case format. There is no way back. */
export interface Migration {
  /** The format version that the case has afterwards. */
  readonly version: number;
  readonly name: string;
  /**
   * Tables, and columns as `table.column`, that it adds: a file that can't be written is shown as if they were
   * there and empty.
   */
  readonly adds?: readonly string[];
  up(tx: Engine, db: Db): Promise<void>;
}

/** In order of their version. A new one comes with a golden file of the format before it. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 2,
    name: 'definitions',
    adds: ['definitions'],
    up: (tx, db) =>
      tx.exec(
        `CREATE TABLE ${db.table('definitions')} ("source_id" INTEGER, "row_no" BIGINT, "kind" VARCHAR, ` +
          `"name" VARCHAR, "text" VARCHAR, "attributes" MAP(VARCHAR, VARCHAR))`,
      ),
  },
  {
    version: 3,
    name: 'clock offsets',
    adds: ['clock_offsets'],
    up: (tx, db) =>
      tx.exec(
        `CREATE TABLE ${db.table('clock_offsets')} ("source_id" INTEGER, "shift" BIGINT, "lower" BIGINT, ` +
          `"upper" BIGINT, "anchors" BIGINT, "confidence" VARCHAR, "how" VARCHAR, "applied" BOOLEAN, "set_at" BIGINT)`,
      ),
  },
  {
    version: 4,
    name: 'adjusted counts of spans',
    adds: ['spans.adjusted_count'],
    up: async (tx, db) => {
      await tx.exec(`ALTER TABLE ${db.table('spans')} ADD COLUMN "adjusted_count" DOUBLE`);
      await fillAdjustedCounts(tx, db);
    },
  },
];

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

/**
 * Takes a case to the newest format. Where the file can't be written: the tables and columns that it
 * lacks, which the migrations left out would have added; they are to be shown empty.
 */
export async function migrateOrLack(
  engine: Engine,
  db: Db,
  from: number,
): Promise<readonly string[]> {
  try {
    await migrate(engine, db, from);
    return [];
  } catch (error) {
    const left = MIGRATIONS.filter(({ version }) => version > from);
    const readOnly = asFaultlineError(error).code === 'store/read-only';
    if (!readOnly || !left.every(({ adds }) => adds)) throw error;
    return left.flatMap(({ adds }) => adds ?? []);
  }
}
