import { FaultlineError } from '../base';
import { literal, withAdjustedCounts, type Batch, type DroppedCount, type Notice } from '../model';
import type {
  CoverageRow,
  RowPlace,
  ShowOptions,
  SourceIdentity,
  SourceInfo,
  SourceWriter,
} from './case-store';
import type { Engine } from './engine';
import type { Db } from './db';
import { writeDropped } from './dropped';
import { dropOwnRepeats } from './repeats';
import type { Trimmed } from './ring';
import { PRESENT } from './taken-out';

const SOURCE_SPEC = {
  source_id: 'i32',
  connector: 'str',
  name: 'str',
  endpoint: 'str',
  query: 'str',
  window_from: 'i64',
  window_to: 'i64',
  rows: 'f64',
  sha256: 'str',
  pulled_at: 'i64',
  state: 'str',
} as const;

export async function listSources(engine: Engine, db: Db): Promise<readonly SourceInfo[]> {
  const frame = await engine.query(
    `SELECT * FROM ${db.table('sources')} WHERE ${PRESENT} ORDER BY source_id`,
    SOURCE_SPEC,
  );
  const { col } = frame;
  return Array.from({ length: frame.rows }, (_, i) => {
    const from = col.window_from[i] ?? 0n;
    const to = col.window_to[i] ?? 0n;
    return {
      sourceId: col.source_id[i] ?? 0,
      connector: col.connector[i] ?? '',
      name: col.name[i] ?? '',
      endpoint: col.endpoint[i] ?? '',
      query: col.query[i] ?? '',
      window: to > from ? { from, to } : null,
      rows: col.rows[i] ?? 0,
      sha256: col.sha256[i] ?? '',
      pulledAt: col.pulled_at[i] ?? 0n,
      state: col.state[i] === 'complete' ? 'complete' : 'partial',
    };
  });
}

export function sameIdentity(a: SourceIdentity, b: SourceIdentity): boolean {
  return (
    a.connector === b.connector &&
    a.name === b.name &&
    a.endpoint === b.endpoint &&
    a.query === b.query
  );
}

interface Progress {
  cursor: string | undefined;
  rows: number;
  rowNumbers: Record<string, string>;
}

/** What the store does with a source when its rows are to be seen. */
export interface Shows {
  /** Shows what is committed; the source goes on. */
  growing(writer: Writer, options: ShowOptions): Promise<readonly Notice[]>;
  /** Lets go of the oldest rows. */
  trim(writer: Writer, most: number): Promise<Trimmed | undefined>;
  /** Shows all of it: the source is complete. */
  complete(writer: Writer, sha256: string): Promise<readonly Notice[]>;
}

/** Writes one source: rows and cursor in one transaction, numbered by their place in the source. */
export class Writer implements SourceWriter {
  private batches: Batch[] = [];
  private notices: Notice[] = [];
  private coverages: CoverageRow[] = [];
  private lost: DroppedCount[] = [];
  private gathered = 0;

  constructor(
    private readonly engine: Engine,
    private readonly db: Db,
    readonly sourceId: number,
    private readonly progress: Progress,
    private readonly shows: Shows,
  ) {}

  /** Of each table, how many rows were committed. */
  get rowNumbers(): Readonly<Record<string, string>> {
    return this.progress.rowNumbers;
  }

  /** Rows that were taken out again, as another source has them. */
  dropped(rows: number): void {
    this.progress.rows -= rows;
  }

  show(options: ShowOptions = {}): Promise<readonly Notice[]> {
    return this.shows.growing(this, options);
  }

  get place(): RowPlace {
    return { ...this.progress.rowNumbers };
  }

  async dropRepeats(since: RowPlace): Promise<void> {
    const { db, sourceId } = this;
    const gone = await this.engine.transaction(async (tx) => {
      const rows = await dropOwnRepeats(tx, db, sourceId, since);
      await countDown(tx, db, sourceId, rows);
      return rows;
    });
    this.dropped(gone);
  }

  trim(most: number): Promise<Trimmed | undefined> {
    return this.shows.trim(this, most);
  }

  get cursor(): string | undefined {
    return this.progress.cursor;
  }

  get rows(): number {
    return this.progress.rows;
  }

  get pending(): number {
    return this.gathered;
  }

  add(batch: Batch): void {
    if (batch.rows === 0) return;
    this.batches.push(withAdjustedCounts(batch));
    this.gathered += batch.rows;
  }

  notice(notice: Notice): void {
    this.notices.push(notice);
  }

  coverage(row: CoverageRow): void {
    this.coverages.push(row);
  }

  left(count: DroppedCount): void {
    this.lost.push(count);
  }

  async commit(cursor: string): Promise<void> {
    const { batches, notices, coverages, lost, sourceId, db } = this;
    const next: Progress = {
      cursor,
      rows: this.progress.rows,
      rowNumbers: { ...this.progress.rowNumbers },
    };
    await this.engine.transaction(async (tx) => {
      for (const batch of batches) {
        const firstRowNo = BigInt(next.rowNumbers[batch.table] ?? '0');
        await tx.append(batch, { sourceId, firstRowNo });
        next.rowNumbers[batch.table] = String(firstRowNo + BigInt(batch.rows));
        next.rows += batch.rows;
      }
      for (const notice of notices) await tx.exec(noticeSql(db, sourceId, notice));
      for (const row of coverages) await tx.exec(coverageSql(db, sourceId, row));
      await writeDropped(tx, db, sourceId, lost);
      await tx.exec(
        `UPDATE ${db.table('sources')} SET rows = ${next.rows} WHERE source_id = ${sourceId}`,
      );
      await tx.exec(
        `UPDATE ${db.table('cursors')} SET cursor = ${literal(cursor)}, ` +
          `row_numbers = ${literal(JSON.stringify(next.rowNumbers))} WHERE source_id = ${sourceId}`,
      );
    });
    Object.assign(this.progress, next);
    this.forget();
  }

  async finish(sha256 = ''): Promise<readonly Notice[]> {
    await this.commit(this.progress.cursor ?? '');
    return this.shows.complete(this, sha256);
  }

  suspend(): Promise<void> {
    this.forget();
    return Promise.resolve();
  }

  private forget(): void {
    this.batches = [];
    this.notices = [];
    this.coverages = [];
    this.lost = [];
    this.gathered = 0;
  }
}

/** The source has so many rows less. */
export async function countDown(tx: Engine, db: Db, sourceId: number, rows: number): Promise<void> {
  if (rows === 0) return;
  const sources = db.table('sources');
  await tx.exec(`UPDATE ${sources} SET rows = rows - ${rows} WHERE source_id = ${sourceId}`);
}

export function noticeSql(db: Db, sourceId: number | null, notice: Notice): string {
  const { code, severity, count, message, detail } = notice;
  const values = [sourceId, code, severity, Math.round(count), message];
  const detailText = detail ? JSON.stringify(detail) : '';
  return `INSERT INTO ${db.table('notices')} VALUES (${[...values, detailText].map(literal).join(', ')})`;
}

function coverageSql(db: Db, sourceId: number, row: CoverageRow): string {
  const { signal, window, rowsTotal, rowsKept, sampled, how } = row;
  const values = [sourceId, signal, window.from, window.to, rowsTotal, rowsKept, sampled, how];
  return `INSERT INTO ${db.table('coverage')} VALUES (${values.map(literal).join(', ')})`;
}

/** Begins a source, or goes on with its partial one. */
export async function beginSource(
  engine: Engine,
  db: Db,
  identity: SourceIdentity,
  now: bigint,
  shows: Shows,
): Promise<Writer> {
  const sources = await listSources(engine, db);
  const known = sources.find((source) => sameIdentity(source, identity));
  if (known?.state === 'complete') {
    throw new FaultlineError('store/constraint', `${identity.name} is in this case already.`);
  }
  if (known)
    return new Writer(engine, db, known.sourceId, await progressOf(engine, db, known), shows);
  const { col } = await engine.query(
    `SELECT max(source_id)::INTEGER AS last, count(*)::INTEGER AS n FROM ${db.table('sources')}`,
    { last: 'i32', n: 'i32' },
  );
  const sourceId = 1 + (col.n[0] ? (col.last[0] ?? 0) : 0);
  const { connector, name, endpoint, query, window } = identity;
  const values = [sourceId, connector, name, endpoint, query];
  const rest = [window?.from ?? null, window?.to ?? null, 0, '', now, 'partial'];
  await engine.transaction(async (tx) => {
    await tx.exec(
      `INSERT INTO ${db.table('sources')} VALUES (${[...values, ...rest].map(literal).join(', ')})`,
    );
    await tx.exec(`INSERT INTO ${db.table('cursors')} VALUES (${sourceId}, NULL, '{}')`);
  });
  return new Writer(engine, db, sourceId, { cursor: undefined, rows: 0, rowNumbers: {} }, shows);
}

async function progressOf(engine: Engine, db: Db, source: SourceInfo): Promise<Progress> {
  const frame = await engine.query(
    `SELECT cursor, row_numbers FROM ${db.table('cursors')} WHERE source_id = ${source.sourceId}`,
    { cursor: 'str?', row_numbers: 'str' },
  );
  const rowNumbers = JSON.parse(frame.col.row_numbers[0] ?? '{}') as Record<string, string>;
  return { cursor: frame.col.cursor[0] ?? undefined, rows: source.rows, rowNumbers };
}
