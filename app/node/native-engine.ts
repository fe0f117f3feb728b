import { existsSync, openSync, readSync, closeSync, statSync } from 'node:fs';
import {
  DuckDBDataChunk,
  DuckDBInstance,
  version as duckdbVersion,
  type DuckDBConnection,
  type DuckDBResult,
} from '@duckdb/node-api';
import { FaultlineError, cancelled, throwIfAborted } from '../../core/base';
import type { Batch, Frame, FrameSpec } from '../../core/model';
import {
  SerialQueue,
  wrapSelect,
  type Engine,
  type Placement,
  type QueryOptions,
  type SqlResult,
} from '../../core/store';
import { CHUNK_ROWS, chunkColumns, columnTypes } from './native-append';
import { readCells, readFrame } from './native-read';

export interface NativeEngineOptions {
  /** A database file; undefined for memory. */
  readonly path?: string;
  readonly readOnly?: boolean;
}

/**
 * Native DuckDB on a case file. One thread, so that sums come out as they do in WebAssembly; no file but
 * the case's, no network, no extension, no settings. Errors: 'case/not-a-case', 'case/truncated',
 * 'case/locked', 'case/newer-version'; the file is left as it was.
 */
export async function openNativeEngine(options: NativeEngineOptions): Promise<Engine> {
  const { path } = options;
  if (path !== undefined && existsSync(path)) refuseBadFile(path);
  const instance = await openInstance(options);
  const connection = await instance.connect();
  await connection.run('SET lock_configuration = true');
  return new NativeEngine(instance, connection, path);
}

async function openInstance({ path, readOnly }: NativeEngineOptions): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(path ?? ':memory:', {
      threads: '1',
      access_mode: readOnly ? 'READ_ONLY' : 'AUTOMATIC',
      enable_external_access: 'false',
      autoload_known_extensions: 'false',
      autoinstall_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
  } catch (error) {
    throw openError(error);
  }
}

const MAGIC_AT = 8;

/** What can be said of a file before the engine touches it. */
function refuseBadFile(path: string): void {
  const { size } = statSync(path);
  const head = Buffer.alloc(12);
  const file = openSync(path, 'r');
  const read = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (read < head.length || head.toString('latin1', MAGIC_AT, MAGIC_AT + 4) !== 'DUCK') {
    throw new FaultlineError('case/not-a-case', 'This file is not a Faultline case.');
  }
  if (size < 3 * 4096) {
    throw new FaultlineError('case/truncated', 'This case is cut off: its header is incomplete.');
  }
}

function openError(error: unknown): FaultlineError {
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (/version number|newer version|storage version/i.test(text)) {
    const why = 'This file was written by a newer DuckDB than this Faultline knows.';
    return new FaultlineError('case/newer-version', why, options);
  }
  if (/\block\b/i.test(text)) {
    const why = 'This case is open in another program. Close it there first.';
    return new FaultlineError('case/locked', why, options);
  }
  if (/not a valid DuckDB/i.test(text)) {
    return new FaultlineError('case/not-a-case', 'This file is not a Faultline case.', options);
  }
  if (/read-only|readonly/i.test(text)) return new FaultlineError('store/read-only', text, options);
  const why = 'This case is damaged or cut off: its blocks cannot be read.';
  return new FaultlineError('case/truncated', why, { ...options, detail: { engine: text } });
}

function queryError(error: unknown, sql: string): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/interrupt/i.test(text)) return cancelled();
  const options = { cause: error, detail: { sql: sql.slice(0, 2000) } };
  if (/out of memory/i.test(text)) return new FaultlineError('store/out-of-memory', text, options);
  if (/read-only/i.test(text)) return new FaultlineError('store/read-only', text, options);
  if (/checksum|corrupt|could not read enough/i.test(text)) {
    return new FaultlineError('case/truncated', 'This case is damaged or cut off.', options);
  }
  return new FaultlineError('store/query-failed', text, options);
}

class NativeEngine implements Engine {
  readonly kind = 'native';
  readonly version = duckdbVersion();
  private readonly queue = new SerialQueue();
  private closed = false;

  constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly path: string | undefined,
  ) {}

  query<S extends FrameSpec>(sql: string, spec: S, options?: QueryOptions): Promise<Frame<S>> {
    return this.queue.run(() => this.queryNow(sql, spec, options));
  }

  private queryNow<S extends FrameSpec>(
    sql: string,
    spec: S,
    options?: QueryOptions,
  ): Promise<Frame<S>> {
    return this.guarded(sql, options?.signal, async () =>
      readFrame(await this.connection.stream(sql), spec, options?.signal),
    );
  }

  private async guarded<T>(
    sql: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    if (this.closed) throw new FaultlineError('engine/dead', 'The case is closed.');
    throwIfAborted(signal);
    const interrupt = (): void => this.connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      const result = await work();
      throwIfAborted(signal);
      return result;
    } catch (error) {
      throw queryError(error, sql);
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  sql(sql: string, limit: number, options?: QueryOptions): Promise<SqlResult> {
    return this.queue.run(() =>
      this.guarded(sql, options?.signal, async () => {
        await this.connection.run('BEGIN TRANSACTION READ ONLY');
        try {
          const statement = await this.connection.prepare(wrapSelect(sql, limit));
          return await readCells(await statement.stream(), limit);
        } finally {
          await this.connection.run('ROLLBACK').catch(() => undefined);
        }
      }),
    );
  }

  exec(sql: string): Promise<void> {
    return this.queue.run(() => this.execNow(sql));
  }

  private async execNow(sql: string): Promise<void> {
    await this.guarded<DuckDBResult>(sql, undefined, () => this.connection.run(sql));
  }

  append(batch: Batch, placement: Placement): Promise<number> {
    return this.queue.run(() => this.appendNow(batch, placement));
  }

  private appendNow(batch: Batch, placement: Placement): Promise<number> {
    return this.guarded(`append ${batch.table}`, undefined, async () => {
      const appender = await this.connection.createAppender(
        batch.table,
        'main',
        await this.database(),
      );
      const types = columnTypes(batch);
      for (let at = 0; at < batch.rows; at += CHUNK_ROWS) {
        const rows = Math.min(CHUNK_ROWS, batch.rows - at);
        const chunk = DuckDBDataChunk.create(types, rows);
        chunkColumns(batch, placement, at, rows).forEach((values, i) =>
          chunk.setColumnValues(i, values),
        );
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
      return batch.rows;
    });
  }

  private name: string | undefined;

  /** The case's database, not the temporary one with the visible views. */
  private async database(): Promise<string> {
    if (this.name === undefined) {
      const sql = 'SELECT current_database() AS name';
      const frame = await readFrame(await this.connection.stream(sql), { name: 'str' });
      this.name = frame.col.name[0] ?? 'memory';
    }
    return this.name;
  }

  transaction<T>(work: (tx: Engine) => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      await this.execNow('BEGIN TRANSACTION');
      try {
        const result = await work(this.inside());
        await this.execNow('COMMIT');
        return result;
      } catch (error) {
        await this.execNow('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** The same engine past the queue, for what runs inside a transaction. */
  private inside(): Engine {
    return {
      kind: this.kind,
      version: this.version,
      query: (sql, spec, options) => this.queryNow(sql, spec, options),
      exec: (sql) => this.execNow(sql),
      append: (batch, placement) => this.appendNow(batch, placement),
      transaction: (work) => work(this.inside()),
      sql: () => Promise.reject(new FaultlineError('internal', 'No free SQL in a transaction.')),
      checkpoint: () => Promise.resolve(),
      usage: () => this.usage(),
      close: () => Promise.resolve(),
    };
  }

  checkpoint(): Promise<void> {
    return this.exec('CHECKPOINT');
  }

  usage(): Promise<{ readonly memoryBytes: number | null; readonly fileBytes: number | null }> {
    const fileBytes = this.path && existsSync(this.path) ? statSync(this.path).size : null;
    return Promise.resolve({ memoryBytes: process.memoryUsage().rss, fileBytes });
  }

  close(): Promise<void> {
    return this.queue.run(() => {
      if (!this.closed) {
        this.closed = true;
        this.connection.closeSync();
        this.instance.closeSync();
      }
      return Promise.resolve();
    });
  }
}
