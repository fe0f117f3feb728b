import { literal, type Came, type Notice } from '../model';
import { settleWeights } from './adjusted';
import { whatCame } from './came';
import type { ShowOptions } from './case-store';
import type { Db } from './db';
import { foldDropped } from './dropped';
import type { Engine } from './engine';
import { deriveEntities, refreshMerges } from './entities';
import { dropFormerAlerts, dropRepeats } from './repeats';
import { trimOldest, type Trimmed } from './ring';
import { setShown, shownSources, type ShownRows } from './shown';
import { countDown, noticeSql, type Shows, type Writer } from './sources';
import { stateBefore } from './taken-out';

/** What the open case offers to what changes it. */
interface Changes {
  /** All in one transaction; `came` tells of rows that came where none went. */
  change<T>(
    work: (tx: Engine) => Promise<T>,
    came?: (result: T) => readonly Came[] | undefined,
  ): Promise<T>;
  /** Rows of a source are shown while it grows. */
  grows(): void;
}

/** Makes rows of sources visible: as they come, when all are there, when a removed source comes back. */
export class SourceShows implements Shows {
  constructor(
    private readonly db: Db,
    private readonly changes: Changes,
  ) {}

  async growing(writer: Writer, { latestAlerts = false }: ShowOptions): Promise<readonly Notice[]> {
    const { db } = this;
    const { sourceId } = writer;
    this.changes.grows();
    // What is committed meanwhile is not looked at, and so not shown.
    const rows = { ...writer.rowNumbers };
    const { notices, gone, former } = await this.changes.change(
      async (tx) => {
        const before = (await shownSources(tx, db)).get(sourceId);
        const replaced = latestAlerts ? await dropFormerAlerts(tx, db, sourceId) : 0;
        await countDown(tx, db, sourceId, replaced);
        const settled = await this.settle(tx, sourceId, before);
        await setShown(tx, db, sourceId, rows);
        const came = replaced > 0 ? undefined : await whatCame(tx, db, sourceId, before);
        return { ...settled, former: replaced, came };
      },
      ({ came }) => came,
    );
    writer.dropped(gone + former);
    return notices;
  }

  async complete(writer: Writer, sha256: string): Promise<readonly Notice[]> {
    const { db } = this;
    const { sourceId } = writer;
    const { notices } = await this.changes.change(
      async (tx) => {
        const before = (await shownSources(tx, db)).get(sourceId);
        // Rows that were shown before are looked at again: others may have come to hold them.
        const settled = await this.settle(tx, sourceId);
        await setShown(tx, db, sourceId);
        await tx.exec(
          `UPDATE ${db.table('sources')} SET state = 'complete', sha256 = ${literal(sha256)} ` +
            `WHERE source_id = ${sourceId}`,
        );
        const went = before && settled.gone > 0;
        return {
          notices: settled.notices,
          came: went ? undefined : await whatCame(tx, db, sourceId, before),
        };
      },
      ({ came }) => came,
    );
    return notices;
  }

  restored(sourceId: number): Promise<readonly Notice[]> {
    const { db } = this;
    return this.changes.change(async (tx) => {
      const state = await stateBefore(tx, db, sourceId);
      const notices = state === 'complete' ? (await this.settle(tx, sourceId)).notices : [];
      await tx.exec(
        `UPDATE ${db.table('sources')} SET state = '${state}' WHERE source_id = ${sourceId}`,
      );
      return notices;
    });
  }

  async trim(writer: Writer, most: number): Promise<Trimmed | undefined> {
    const { db } = this;
    const { sourceId } = writer;
    const trimmed = await this.changes.change(async (tx) => {
      const gone = await trimOldest(tx, db, sourceId, most);
      await countDown(tx, db, sourceId, gone?.rows ?? 0);
      return gone;
    });
    writer.dropped(trimmed?.rows ?? 0);
    return trimmed;
  }

  /**
   * Before rows are shown: repeats go, with a notice, it is known who is who, and what sampled spans stand for. Says
   * how many rows went.
   */
  private async settle(tx: Engine, sourceId: number, from?: ShownRows): Promise<Settled> {
    const { db } = this;
    const repeats = await dropRepeats(tx, db, sourceId, from);
    const gone = repeats.reduce((sum, { count }) => sum + count, 0);
    for (const notice of repeats) await tx.exec(noticeSql(db, sourceId, notice));
    const notices = [...repeats, ...(await settleWeights(tx, db, sourceId))];
    await deriveEntities(tx, db, sourceId, from);
    await foldDropped(tx, db, sourceId);
    await refreshMerges(tx, db);
    await countDown(tx, db, sourceId, gone);
    return { notices, gone };
  }
}

interface Settled {
  readonly notices: readonly Notice[];
  readonly gone: number;
}
