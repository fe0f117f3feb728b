import { FaultlineError } from '../base';
import {
  checkFrame,
  emptyFrame,
  findQuery,
  literal,
  renderSql,
  type AnalysisRequest,
  type AnalysisResult,
  type CaseClocks,
  type Came,
  type Entity,
  type Frame,
  type FrameSpec,
  type Notice,
  type QueryCall,
  type QueryDef,
} from '../model';
// The named queries register themselves; without this a bundle leaves them out.
import '../model/queries';
import type {
  CaseFacts,
  CaseStore,
  EntityMerge,
  RunOptions,
  SourceIdentity,
  SourceInfo,
  SourceWriter,
} from './case-store';
import { clockVersion, readClocks, shiftsOf, writeClocks } from './clocks';
import { dbNamed, type Db } from './db';
import type { Engine, QueryOptions, SqlResult } from './engine';
import { listMerges, mergeIdOf, resolveMerges } from './entities';
import { isEmptyDatabase, refuseForeignObjects } from './guard';
import { decodeJson, encodeJson } from './json';
import { added, type Facts } from './known-facts';
import { KeptAnswers } from './kept';
import { bump, readMeta, writeMeta } from './meta';
import { migrateOrLack } from './migrations';
import { factsOf } from './facts';
import { purge, takeOut, takenOut } from './taken-out';
import { loadRun, saveRun } from './runs';
import { FORMAT_VERSION, createTableSql, tableShapes } from './schema';
import { setShown, shownSources } from './shown';
import { SourceShows } from './shows';
import { beginSource, listSources, sameIdentity } from './sources';
import { showVisible, type Visible } from './visible';

export interface OpenOptions {
  /** Nanoseconds since the epoch. */
  readonly now: bigint;
  /** Makes the case in an empty database. */
  readonly create?: { readonly name: string };
}

/**
 * Opens the case in a database, or makes one. Errors: 'case/not-a-case', 'case/newer-version',
 * 'case/foreign-object'. The engine is locked afterwards: no files, no network, no settings.
 */
export async function openCaseStore(engine: Engine, options: OpenOptions): Promise<CaseStore> {
  const db = dbNamed(await databaseName(engine));
  let lacking: readonly string[] = [];
  if (options.create) {
    if (!(await isEmptyDatabase(engine))) {
      throw new FaultlineError('case/exists', 'This database holds something already.');
    }
    await createSchema(engine, db, options.create.name, options.now);
  } else {
    const version = await formatVersion(engine, db);
    if (version > FORMAT_VERSION) {
      throw new FaultlineError(
        'case/newer-version',
        `This case has format ${version}; this Faultline reads up to ${FORMAT_VERSION}. Update Faultline to open it.`,
        { detail: { version, supported: FORMAT_VERSION } },
      );
    }
    lacking = await migrateOrLack(engine, db, version);
    await refuseForeignObjects(engine, lacking);
  }
  const store = new OpenStore(engine, db, lacking);
  await store.visible();
  return store;
}

async function databaseName(engine: Engine): Promise<string> {
  const frame = await engine.query('SELECT current_database() AS name', { name: 'str' });
  return frame.col.name[0] ?? 'memory';
}

async function createSchema(engine: Engine, db: Db, name: string, now: bigint): Promise<void> {
  await engine.transaction(async (tx) => {
    for (const shape of tableShapes()) await tx.exec(createTableSql(shape));
    const meta: Readonly<Record<string, string>> = {
      format_version: String(FORMAT_VERSION),
      id: crypto.randomUUID(),
      created_at: String(now),
      name,
      data_version: '0',
    };
    for (const [key, value] of Object.entries(meta)) {
      await tx.exec(`INSERT INTO ${db.table('meta')} VALUES (${literal(key)}, ${literal(value)})`);
    }
  });
}

async function formatVersion(engine: Engine, db: Db): Promise<number> {
  const known = await engine.query(
    "SELECT count(*)::INTEGER AS n FROM duckdb_tables() WHERE table_name = 'meta' AND schema_name = 'main'",
    { n: 'i32' },
  );
  if (!known.col.n[0]) throw notACase();
  try {
    const frame = await engine.query(
      `SELECT value FROM ${db.table('meta')} WHERE key = 'format_version'`,
      { value: 'str' },
    );
    const version = Number(frame.col.value[0]);
    if (Number.isInteger(version) && version > 0) return version;
  } catch (cause) {
    throw notACase(cause);
  }
  throw notACase();
}

function notACase(cause?: unknown): FaultlineError {
  const why = 'This is a DuckDB database, but not a Faultline case: it has no format version.';
  return new FaultlineError('case/not-a-case', why, { cause });
}

class OpenStore implements CaseStore {
  constructor(
    private readonly engine: Engine,
    private readonly db: Db,
    /** Tables and columns of a newer format that the file, which can't be written, does not have. */
    private readonly lacking: readonly string[],
  ) {
    this.shows = new SourceShows(db, {
      change: (work, came) => this.change(work, came),
      grows: () => {
        this.growing = true;
      },
    });
  }

  private readonly shows: SourceShows;

  private shown: Promise<Visible> | undefined;
  private readonly kept = new KeptAnswers();
  /** Rows of a source were shown as they came: only then are the same questions asked again and again. */
  private growing = false;
  private said: Facts = new Map();

  /** What can be seen, after the last change of sources or merges. */
  visible(): Promise<Visible> {
    if (this.shown) return this.shown;
    const shown = this.showAnew();
    shown.catch(() => {
      if (this.shown === shown) this.shown = undefined;
    });
    return (this.shown = shown);
  }

  private async showAnew(): Promise<Visible> {
    const visible = await showVisible(this.engine, this.db, this.lacking);
    const fresh = added(this.said, visible.facts);
    if (fresh) this.kept.came(fresh);
    else this.kept.clear();
    this.said = visible.facts;
    return visible;
  }

  /**
   * A change of what is visible: all of it in one transaction, counted. Where `came` tells of its result that
   * rows came and none went, answers are kept that these do not matter to.
   */
  private async change<T>(
    work: (tx: Engine) => Promise<T>,
    came?: (result: T) => readonly Came[] | undefined,
  ): Promise<T> {
    let rows: readonly Came[] | undefined;
    try {
      const result = await this.engine.transaction(async (tx) => {
        const made = await work(tx);
        await bump(tx, this.db);
        return made;
      });
      rows = came?.(result);
      return result;
    } finally {
      if (rows) this.kept.came(rows);
      else this.kept.clear();
      this.shown = undefined;
    }
  }

  async run<S extends FrameSpec>(call: QueryCall<S>, options?: RunOptions): Promise<Frame<S>> {
    const def = findQuery(call.query);
    const { empty } = await this.visible();
    if (def.rowsOf?.every((table) => empty.has(table))) return emptyFrame(def.columns as S);
    const ask = async (): Promise<Frame> =>
      this.engine.query(renderSql(call), def.columns, options);
    const frame = this.growing && !options?.anew ? await this.keeping(call, def, ask) : await ask();
    return checkFrame(frame, def.columns as S, call.query);
  }

  private async keeping(call: QueryCall, def: QueryDef, ask: () => Promise<Frame>): Promise<Frame> {
    const [key, state] = [this.kept.keyOf(call), this.kept.state];
    return this.kept.get(key) ?? this.kept.put(key, def, call, await ask(), state);
  }

  async sql(text: string, limit: number, options?: QueryOptions): Promise<SqlResult> {
    await this.visible();
    return this.engine.sql(text, limit, options);
  }

  async facts(): Promise<CaseFacts> {
    await this.visible();
    const [clocks, request] = [await this.clocks(), await this.request()];
    return { ...(await factsOf(this.engine, this.db)), clocks, request };
  }

  private async request(): Promise<AnalysisRequest> {
    const text = await this.meta('request');
    return text === undefined ? {} : (decodeJson(text) as AnalysisRequest);
  }

  setRequest(request: AnalysisRequest): Promise<void> {
    return this.setMeta('request', encodeJson(request));
  }

  async findSource(identity: SourceIdentity): Promise<SourceInfo | undefined> {
    const sources = await listSources(this.engine, this.db);
    return sources.find((source) => sameIdentity(source, identity));
  }

  beginSource(identity: SourceIdentity, now: bigint): Promise<SourceWriter> {
    return beginSource(this.engine, this.db, identity, now, this.shows);
  }

  async removeSource(sourceId: number): Promise<void> {
    const { db } = this;
    await this.change(async (tx) => {
      await purge(tx, db, [sourceId]);
      await setShown(tx, db, sourceId);
    });
  }

  async takeOutSource(sourceId: number): Promise<void> {
    await this.change((tx) => takeOut(tx, this.db, sourceId));
  }

  restoreSource(sourceId: number): Promise<readonly Notice[]> {
    return this.shows.restored(sourceId);
  }

  async purgeTakenOut(): Promise<void> {
    const gone = await takenOut(this.engine, this.db);
    // Nothing that can be seen changes by this.
    if (gone.length > 0) await this.engine.transaction((tx) => purge(tx, this.db, gone));
  }

  async entities(): Promise<readonly Entity[]> {
    await this.visible();
    const frame = await this.engine.query(
      'SELECT entity_id, kind, name FROM entities ORDER BY entity_id',
      { entity_id: 'str', kind: 'str', name: 'str' },
    );
    const { col } = frame;
    return Array.from({ length: frame.rows }, (_, i) => ({
      id: col.entity_id[i] ?? '',
      kind: (col.kind[i] ?? 'unknown') as Entity['kind'],
      name: col.name[i] ?? '',
    }));
  }

  merges(): Promise<readonly EntityMerge[]> {
    return listMerges(this.engine, this.db);
  }

  async decideMerge(mergeId: string, state: EntityMerge['state']): Promise<void> {
    const { db } = this;
    await this.change(async (tx) => {
      await tx.exec(
        `UPDATE ${db.table('entity_merges')} SET state = ${literal(state)} WHERE merge_id = ${literal(mergeId)}`,
      );
      await resolveMerges(tx, db);
    });
  }

  async addMerge(from: string, into: string, reason: string): Promise<EntityMerge> {
    const mergeId = mergeIdOf(from, into);
    const { db } = this;
    if (from === into) throw new FaultlineError('usage', 'One thing is not merged with itself.');
    await this.change(async (tx) => {
      await tx.exec(
        `DELETE FROM ${db.table('entity_merges')} WHERE merge_id = ${literal(mergeId)}`,
      );
      const values = [mergeId, from, into, reason, 'accepted', into];
      await tx.exec(
        `INSERT INTO ${db.table('entity_merges')} VALUES (${values.map(literal).join(', ')})`,
      );
      await resolveMerges(tx, db);
    });
    const merge = (await this.merges()).find((m) => m.mergeId === mergeId);
    if (!merge) throw new FaultlineError('internal', 'The merge was not stored.');
    return merge;
  }

  async saveAnalysis(result: AnalysisResult, now: bigint): Promise<string> {
    const growing = await shownSources(this.engine, this.db);
    const dataVersion = await this.dataVersion();
    return saveRun(this.engine, this.db, result, { dataVersion, now, passing: growing.size > 0 });
  }

  async loadAnalysis(): Promise<AnalysisResult | undefined> {
    return loadRun(this.engine, this.db, await this.dataVersion());
  }

  meta(key: string): Promise<string | undefined> {
    return readMeta(this.engine, this.db, key);
  }

  async setMeta(key: string, value: string): Promise<void> {
    await this.engine.transaction((tx) => writeMeta(tx, this.db, key, value));
  }

  clocks(): Promise<CaseClocks> {
    return readClocks(this.engine, this.db, this.lacking);
  }

  async setClocks(clocks: CaseClocks): Promise<void> {
    try {
      await this.engine.transaction((tx) => writeClocks(tx, this.db, clocks));
    } finally {
      this.kept.clear();
      this.shown = undefined;
    }
  }

  async dataVersion(): Promise<string> {
    const counted = (await this.meta('data_version')) ?? '0';
    return `${counted}${clockVersion(shiftsOf(await this.clocks()))}`;
  }

  checkpoint(): Promise<void> {
    return this.engine.checkpoint();
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}
