import { FaultlineError } from '../base';
import { literal, type Batch, type Notice, type TelemetryTable } from '../model';
import type { CoverageRow, SourceIdentity, SourceInfo, SourceWriter } from './case-store';
import type { Engine } from './engine';
import type { Db } from './db';

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
    `SELECT * FROM ${db.table('sources')} ORDER BY source_id`,
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

/** Writes one source: rows and cursor in one transaction, numbered by their place in the source. */
export class Writer implements SourceWriter {
  private batches: Batch[] = [];
  private notices: Notice[] = [];
  private coverages: CoverageRow[] = [];
  private gathered = 0;

  constructor(
    private readonly engine: Engine,
    private readonly db: Db,
    readonly sourceId: number,
    private readonly progress: Progress,
    private readonly onFinish: (writer: Writer, sha256: string) => Promise<readonly Notice[]>,
  ) {}

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
    this.batches.push(batch);
    this.gathered += batch.rows;
  }

  notice(notice: Notice): void {
    this.notices.push(notice);
  }

  coverage(row: CoverageRow): void {
    this.coverages.push(row);
  }

  async commit(cursor: string): Promise<void> {
    const { batches, notices, coverages, sourceId, db } = this;
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
      await tx.exec(
        `UPDATE ${db.table('sources')} SET rows = ${next.rows} WHERE source_id = ${sourceId}`,
      );
      await tx.exec(
        `UPDATE ${db.table('cursors')} SET cursor = ${literal(cursor)}, ` +
          `row_numbers = ${literal(JSON.stringify(next.rowNumbers))} WHERE source_id = ${sourceId}`,
      );
    });
    Object.assign(this.progress, next);
    this.batches = [];
    this.notices = [];
    this.coverages = [];
    this.gathered = 0;
  }

  async finish(sha256 = ''): Promise<readonly Notice[]> {
    await this.commit(this.progress.cursor ?? '');
    return this.onFinish(this, sha256);
  }

  suspend(): Promise<void> {
    this.batches = [];
    this.notices = [];
    this.coverages = [];
    this.gathered = 0;
    return Promise.resolve();
  }
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
  onFinish: (writer: Writer, sha256: string) => Promise<readonly Notice[]>,
): Promise<Writer> {
  const sources = await listSources(engine, db);
  const known = sources.find((source) => sameIdentity(source, identity));
  if (known?.state === 'complete') {
    throw new FaultlineError('store/constraint', `${identity.name} is in this case already.`);
  }
  if (known)
    return new Writer(engine, db, known.sourceId, await progressOf(engine, db, known), onFinish);
  const sourceId = 1 + Math.max(0, ...sources.map((source) => source.sourceId));
  const { connector, name, endpoint, query, window } = identity;
  const values = [sourceId, connector, name, endpoint, query];
  const rest = [window?.from ?? null, window?.to ?? null, 0, '', now, 'partial'];
  await engine.transaction(async (tx) => {
    await tx.exec(
      `INSERT INTO ${db.table('sources')} VALUES (${[...values, ...rest].map(literal).join(', ')})`,
    );
    await tx.exec(`INSERT INTO ${db.table('cursors')} VALUES (${sourceId}, NULL, '{}')`);
  });
  return new Writer(engine, db, sourceId, { cursor: undefined, rows: 0, rowNumbers: {} }, onFinish);
}

async function progressOf(engine: Engine, db: Db, source: SourceInfo): Promise<Progress> {
  const frame = await engine.query(
    `SELECT cursor, row_numbers FROM ${db.table('cursors')} WHERE source_id = ${source.sourceId}`,
    { cursor: 'str?', row_numbers: 'str' },
  );
  const rowNumbers = JSON.parse(frame.col.row_numbers[0] ?? '{}') as Record<string, string>;
  return { cursor: frame.col.cursor[0] ?? undefined, rows: source.rows, rowNumbers };
}

/**
 * How a row is recognised that another source holds already, and its time. Backends keep the times of a
 * span's events at their own precision, so an event is known by its span and its name.
 */
const SAME_ROW: Readonly<
  Partial<Record<TelemetryTable, { keys: readonly string[]; time?: string }>>
> = {
  spans: { keys: ['trace_id', 'span_id'], time: 'start' },
  span_events: { keys: ['trace_id', 'span_id', 'name'], time: 'ts' },
  span_links: { keys: ['trace_id', 'span_id', 'linked_trace_id', 'linked_span_id'] },
  logs: { keys: ['ts', 'resource_id', 'body', 'trace_id', 'span_id'], time: 'ts' },
  samples: { keys: ['series_id', 'ts'], time: 'ts' },
  histogram_samples: { keys: ['series_id', 'ts'], time: 'ts' },
  alerts: { keys: ['fingerprint', 'starts_at'], time: 'starts_at' },
  changes: { keys: ['ts', 'kind', 'title'], time: 'ts' },
};

/** Takes out rows of a source that a complete one holds already; says how many. */
export async function dropRepeats(
  engine: Engine,
  db: Db,
  sourceId: number,
): Promise<readonly Notice[]> {
  const notices: Notice[] = [];
  const complete = `(SELECT source_id FROM ${db.table('sources')} WHERE state = 'complete')`;
  for (const [table, same] of Object.entries(SAME_ROW)) {
    const base = db.table(table);
    const mine = `source_id = ${sourceId}`;
    if (same.time !== undefined) {
      const range = `SELECT min(${same.time}) AS lo, max(${same.time}) AS hi FROM ${base}`;
      const overlap = await engine.query(
        `SELECT count(*)::DOUBLE AS n FROM (${range} WHERE ${mine}) a, ` +
          `(${range} WHERE source_id IN ${complete}) b WHERE a.lo <= b.hi AND b.lo <= a.hi`,
        { n: 'f64' },
      );
      if (!overlap.col.n[0]) continue;
    }
    const equal = same.keys.map((key) => `o.${key} = r.${key}`).join(' AND ');
    const repeat = `EXISTS (SELECT 1 FROM ${base} o WHERE o.source_id IN ${complete} AND ${equal})`;
    const counted = await engine.query(
      `SELECT count(*)::DOUBLE AS n FROM ${base} r WHERE r.${mine} AND ${repeat}`,
      { n: 'f64' },
    );
    const count = counted.col.n[0] ?? 0;
    if (count === 0) continue;
    await engine.exec(`DELETE FROM ${base} r WHERE r.${mine} AND ${repeat}`);
    notices.push({
      code: 'rows-repeated',
      severity: 'info',
      count,
      message: `${count} rows of ${table} were in this case already, from another source; they are kept once.`,
    });
  }
  return notices;
}
