import type { Batch, Frame, FrameSpec } from '../model';

export interface QueryOptions {
  readonly signal?: AbortSignal;
}

/** One cell of a result whose columns are not known beforehand (SQL panel, `faultline query`). */
export type Cell =
  string | number | bigint | boolean | null | readonly Cell[] | { readonly [key: string]: Cell };

/** A result of free SQL: names, DuckDB type names and columns of cells, cut at the limit. */
export interface SqlResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly Cell[])[];
  readonly rows: number;
  /** True where more rows exist than were asked for. */
  readonly truncated: boolean;
}

/** What the store adds to the rows of a batch: where they come from and their place in the source. */
export interface Placement {
  readonly sourceId: number;
  readonly firstRowNo: bigint;
}

/**
 * A DuckDB database under one case. Two implementations: DuckDB-WASM in a worker and native DuckDB in
 * Node; core/store/testing/describe-engine.ts is the contract for both. Calls are serialised by the
 * engine. A dead worker rejects everything pending with 'engine/dead'.
 */
export interface Engine {
  readonly kind: 'wasm' | 'native';
  /** DuckDB's version. */
  readonly version: string;
  query<S extends FrameSpec>(sql: string, spec: S, options?: QueryOptions): Promise<Frame<S>>;
  /** Free SQL, at most `limit` rows. The caller has made the connection read-only. */
  sql(sql: string, limit: number, options?: QueryOptions): Promise<SqlResult>;
  exec(sql: string): Promise<void>;
  /** Appends to a base table (never to the visible view of the same name); returns rows appended. */
  append(batch: Batch, placement: Placement): Promise<number>;
  /** Commits what `work` does through `tx`, or none of it. Others wait meanwhile. */
  transaction<T>(work: (tx: Engine) => Promise<T>): Promise<T>;
  /** Everything committed is in the one file afterwards, no WAL needed. */
  checkpoint(): Promise<void>;
  /** Bytes of memory and of the file, where known. */
  usage(): Promise<{ readonly memoryBytes: number | null; readonly fileBytes: number | null }>;
  close(): Promise<void>;
}
