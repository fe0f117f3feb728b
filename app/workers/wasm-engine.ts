import * as duckdb from '@duckdb/duckdb-wasm';
import wasmUrl from '@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url';
import workerUrl from '@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url';
import type * as arrow from 'apache-arrow';
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
import { batchToIpc } from './arrow-ipc';
import { batchesToCells, batchesToFrame } from './arrow-read';

/** Instantiating takes about 1.5 s; where the policy forbids WebAssembly it never settles. */
const BOOT_MS = 60_000;
/** A running query listens for its cancellation so often, ms. */
const POLL_MS = 25;

/**
 * DuckDB-WASM (bundle eh) on a file of the origin private file system, or in memory. Every commit is
 * checkpointed: the write-ahead log of 1.32 loses rows (docs/ARCHITECTURE.md, "the engine").
 */
export async function openWasmEngine(opfsName: string | undefined): Promise<Engine> {
  const worker = new Worker(workerUrl);
  const dead = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      reject(new FaultlineError('engine/dead', `The database worker stopped: ${event.message}`));
    });
  });
  dead.catch(() => undefined);
  const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  try {
    await Promise.race([db.instantiate(wasmUrl), dead, bootTimeout()]);
    await db.open({
      path: opfsName === undefined ? ':memory:' : `opfs://${opfsName}`,
      accessMode: duckdb.DuckDBAccessMode.READ_WRITE,
      query: { queryPollingInterval: POLL_MS },
    });
    const connection = await db.connect();
    await prepare(connection);
    const writer = await db.connect();
    return new WasmEngine(db, connection, writer, dead, opfsName, await db.getVersion());
  } catch (error) {
    await db.terminate();
    throw openError(error);
  }
}

function bootTimeout(): Promise<never> {
  return new Promise((_, reject) => {
    const why = 'The database did not start. Is WebAssembly allowed here?';
    setTimeout(() => reject(new FaultlineError('engine/dead', why)), BOOT_MS);
  });
}

async function prepare(connection: duckdb.AsyncDuckDBConnection): Promise<void> {
  // An unreachable extension repository corrupts the connection; our origin answers 404.
  const nowhere = new URL('/duckdb-ext', self.location.href).href;
  await connection.query(`SET custom_extension_repository = '${nowhere}'`);
  await connection.query('SET autoload_known_extensions = false');
  await connection.query('SET autoinstall_known_extensions = false');
  await connection.query("SET wal_autocheckpoint = '0KB'");
  await connection.query('CHECKPOINT');
  await connection.query('SET enable_external_access = false');
  await connection.query('SET lock_configuration = true');
}

function openError(error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (/Access Handle|NoModificationAllowed/i.test(text)) {
    return new FaultlineError('case/locked', 'This case is open in another tab.', options);
  }
  if (/version number|newer version/i.test(text)) {
    const why = 'This file was written by a newer DuckDB than this Faultline knows.';
    return new FaultlineError('case/newer-version', why, options);
  }
  if (/not a valid DuckDB/i.test(text)) {
    return new FaultlineError('case/not-a-case', 'This file is not a Faultline case.', options);
  }
  const why = 'This case is damaged or cut off: its blocks cannot be read.';
  return new FaultlineError('case/truncated', why, { ...options, detail: { engine: text } });
}

/** DuckDB-WASM gives some errors as JSON text. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const message = /"exception_message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  return message === undefined ? text : (JSON.parse(`"${message}"`) as string);
}

function queryError(error: unknown, sql: string): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const text = textOf(error);
  if (/cancel|interrupt/i.test(text)) return cancelled();
  const options = { cause: error, detail: { sql: sql.slice(0, 2000) } };
  if (/out of memory|Maximum call stack|malloc/i.test(text)) {
    const why = 'The database ran out of memory. Narrow the window, or use the command line.';
    return new FaultlineError('store/out-of-memory', why, options);
  }
  if (/read-only/i.test(text)) return new FaultlineError('store/read-only', text, options);
  return new FaultlineError('store/query-failed', text, options);
}

class WasmEngine implements Engine {
  readonly kind = 'wasm';
  private readonly queue = new SerialQueue();
  private closed = false;

  constructor(
    private readonly db: duckdb.AsyncDuckDB,
    private readonly connection: duckdb.AsyncDuckDBConnection,
    /** Writes on a connection of its own: the temporary views of the other one shadow the tables. */
    private readonly writer: duckdb.AsyncDuckDBConnection,
    private readonly dead: Promise<never>,
    private readonly opfsName: string | undefined,
    readonly version: string,
  ) {}

  private async guarded<T>(
    sql: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    if (this.closed) throw new FaultlineError('engine/dead', 'This case has been closed.');
    const cancel = (): void => void this.connection.cancelSent().catch(() => undefined);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const result = await Promise.race([work(), this.dead]);
      throwIfAborted(signal);
      return result;
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      throw queryError(error, sql);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  query<S extends FrameSpec>(sql: string, spec: S, options?: QueryOptions): Promise<Frame<S>> {
    return this.queue.run(() => this.queryNow(this.connection, sql, spec, options));
  }

  private queryNow<S extends FrameSpec>(
    connection: duckdb.AsyncDuckDBConnection,
    sql: string,
    spec: S,
    options?: QueryOptions,
  ): Promise<Frame<S>> {
    return this.guarded(sql, options?.signal, async () => {
      const { batches } = await drain(await connection.send(sql));
      return batchesToFrame(batches, spec);
    });
  }

  sql(sql: string, limit: number, options?: QueryOptions): Promise<SqlResult> {
    return this.queue.run(() =>
      this.guarded(sql, options?.signal, async () => {
        await this.connection.query('BEGIN TRANSACTION READ ONLY');
        try {
          const statement = await this.connection.prepare(wrapSelect(sql, limit));
          try {
            const { batches, schema } = await drain(await statement.send());
            return batchesToCells(batches, schema, limit);
          } finally {
            await statement.close();
          }
        } finally {
          await this.connection.query('ROLLBACK').catch(() => undefined);
        }
      }),
    );
  }

  exec(sql: string): Promise<void> {
    return this.queue.run(() => this.execNow(this.connection, sql));
  }

  private async execNow(connection: duckdb.AsyncDuckDBConnection, sql: string): Promise<void> {
    await this.guarded(sql, undefined, () => connection.query(sql));
  }

  append(batch: Batch, placement: Placement): Promise<number> {
    return this.queue.run(() => this.appendNow(batch, placement));
  }

  private appendNow(batch: Batch, placement: Placement): Promise<number> {
    return this.guarded(`append ${batch.table}`, undefined, async () => {
      const ipc = batchToIpc(batch, placement);
      const options = { name: batch.table, schema: 'main', create: false };
      await this.writer.insertArrowFromIPCStream(ipc, options);
      return batch.rows;
    });
  }

  transaction<T>(work: (tx: Engine) => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      await this.execNow(this.writer, 'BEGIN TRANSACTION');
      try {
        const result = await work(this.inside());
        await this.execNow(this.writer, 'COMMIT');
        return result;
      } catch (error) {
        await this.execNow(this.writer, 'ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  /** The same engine past the queue, for what runs inside a transaction. */
  private inside(): Engine {
    return {
      kind: this.kind,
      version: this.version,
      query: (sql, spec, options) => this.queryNow(this.writer, sql, spec, options),
      exec: (sql) => this.execNow(this.writer, sql),
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

  async usage(): Promise<{
    readonly memoryBytes: number | null;
    readonly fileBytes: number | null;
  }> {
    const frame = await this.query(
      'SELECT sum(memory_usage_bytes)::DOUBLE AS bytes FROM duckdb_memory()',
      { bytes: 'f64' },
    );
    return { memoryBytes: frame.col.bytes[0] ?? null, fileBytes: null };
  }

  close(): Promise<void> {
    return this.queue.run(async () => {
      // What still waits behind is answered here: a terminated worker would never answer.
      this.closed = true;
      if (this.opfsName !== undefined)
        await this.connection.query('CHECKPOINT').catch(() => undefined);
      await this.writer.close().catch(() => undefined);
      await this.connection.close().catch(() => undefined);
      await this.db.reset().catch(() => undefined);
      await this.db.terminate();
    });
  }
}

async function drain(
  reader: arrow.AsyncRecordBatchStreamReader,
): Promise<{ batches: arrow.RecordBatch[]; schema: arrow.Schema }> {
  await reader.open();
  const { schema } = reader;
  const batches: arrow.RecordBatch[] = [];
  for await (const batch of reader) batches.push(batch);
  return { batches, schema };
}
