import { FaultlineError } from '../base';
import type { Db } from './db';
import type { Engine } from './engine';
import { tableShapes } from './schema';
import { setShown } from './shown';

/** States of sources that were taken out and can still be brought back: complete ones, and partial ones. */
const TAKEN_OUT = { complete: 'removed', partial: 'discarded' } as const;

const hidden = Object.values(TAKEN_OUT)
  .map((state) => `'${state}'`)
  .join(', ');

/** SQL condition on `sources`: it was not taken out. */
export const PRESENT = `state NOT IN (${hidden})`;

/** Takes a source out of sight. Its rows stay in the file until `purge`, so that this can be undone. */
export async function takeOut(tx: Engine, db: Db, sourceId: number): Promise<void> {
  await setShown(tx, db, sourceId);
  await tx.exec(
    `UPDATE ${db.table('sources')} SET state = CASE state WHEN 'complete' THEN '${TAKEN_OUT.complete}'
      WHEN 'partial' THEN '${TAKEN_OUT.partial}' ELSE state END WHERE source_id = ${sourceId}`,
  );
}

/** The state that a source had when it was taken out; 'not-found' where its rows are gone. */
export async function stateBefore(
  engine: Engine,
  db: Db,
  sourceId: number,
): Promise<'complete' | 'partial'> {
  const { col } = await engine.query(
    `SELECT state FROM ${db.table('sources')} WHERE source_id = ${sourceId} AND NOT (${PRESENT})`,
    { state: 'str' },
  );
  if (col.state[0] === TAKEN_OUT.complete) return 'complete';
  if (col.state[0] === TAKEN_OUT.partial) return 'partial';
  const why = 'This source is gone: what was removed is deleted for good when the case is saved.';
  throw new FaultlineError('not-found', why);
}

/** Sources that were taken out. */
export async function takenOut(engine: Engine, db: Db): Promise<readonly number[]> {
  const { col } = await engine.query(
    `SELECT source_id FROM ${db.table('sources')} WHERE NOT (${PRESENT}) ORDER BY source_id`,
    { source_id: 'i32' },
  );
  return [...col.source_id];
}

/** Deletes sources with all their rows, for good. */
export async function purge(tx: Engine, db: Db, sourceIds: readonly number[]): Promise<void> {
  if (sourceIds.length === 0) return;
  const withSource = tableShapes().filter(
    ({ name, columns }) =>
      name !== 'alert_group_members' && columns.some((column) => column.name === 'source_id'),
  );
  for (const { name } of withSource) {
    await tx.exec(
      `DELETE FROM ${db.table(name)} WHERE source_id IN (${sourceIds.map(Number).join(', ')})`,
    );
  }
}
