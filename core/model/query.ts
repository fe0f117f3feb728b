import { z } from 'zod';
import { FaultlineError } from '../base';
import type { FrameSpec } from './frame';
import type { Reads } from './reads';
import type { TelemetryTable } from './tables';

/** Values that a query takes. They are rendered as literals, so that the SQL shown is the SQL run. */
export type SqlValue = string | number | bigint | boolean | null | readonly SqlValue[];
export type SqlParams = Readonly<Record<string, SqlValue>>;

/**
 * A named query of the program. Evidence stores its id, version and parameters, never SQL.
 * The SQL names bare tables: the store sees to it that these show the rows of complete sources only.
 * Parameters stand as :name. Only core functions that DuckDB 1.4 (WebAssembly) and 1.5 share: no JSON,
 * no ICU, no TIMESTAMPTZ; attributes by `attributes['key']` (NULL where absent: MAP lookup).
 * Queries behind evidence use neither approximate nor transcendental functions.
 */
export interface QueryDef<P extends SqlParams = SqlParams, S extends FrameSpec = FrameSpec> {
  readonly id: string;
  readonly version: number;
  /** What it answers, in a sentence that can stand beside a number. */
  readonly title: string;
  readonly params: z.ZodType<P>;
  readonly columns: S;
  /** Tables that its rows are made from: where all of them are empty the answer has no row, unasked. */
  readonly rowsOf?: readonly TelemetryTable[];
  /**
   * Where in time the rows are that the answer depends on: it may be kept while none comes there. A query that
   * does not say is asked anew after every change.
   */
  reads?(params: NoInfer<P>): Reads;
  sql(params: P): string;
}

/** A query with its parameters: what crosses between panels, analyses and the store. */
export interface QueryCall<S extends FrameSpec = FrameSpec> {
  readonly query: string;
  readonly version: number;
  readonly params: SqlParams;
  /** Carries the result's type at compile time only. */
  readonly __columns?: S;
}

const queries = new Map<string, QueryDef>();

/** Defines a named query and returns a function that makes calls of it. */
export function defineQuery<P extends SqlParams, S extends FrameSpec>(
  def: QueryDef<P, S>,
): ((params: P) => QueryCall<S>) & { readonly def: QueryDef<P, S> } {
  if (queries.has(def.id)) {
    throw new FaultlineError('internal', `The query "${def.id}" is defined twice.`);
  }
  queries.set(def.id, def);
  const call = (params: P): QueryCall<S> => ({ query: def.id, version: def.version, params });
  return Object.assign(call, { def });
}

export function findQuery(id: string): QueryDef {
  const def = queries.get(id);
  if (!def) throw new FaultlineError('not-found', `This version has no query "${id}".`);
  return def;
}

/** The version that this program has of a query; undefined where it has none. */
export function checkQueryOf(id: string): number | undefined {
  return queries.get(id)?.version;
}

/** A value as a DuckDB literal. Text is quoted, so nothing in it can become SQL. */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  switch (typeof value) {
    case 'string':
      return `'${value.replaceAll("'", "''").replaceAll('\0', '')}'`;
    case 'bigint':
      // DuckDB takes a short number for an INTEGER, whose products overflow: a step of 500 ms has 5e8 ns.
      return value === BigInt.asIntN(32, value) ? `${value}::BIGINT` : String(value);
    case 'boolean':
      return value ? 'TRUE' : 'FALSE';
    case 'number':
      if (!Number.isFinite(value)) return `'${String(value)}'::DOUBLE`;
      return Number.isInteger(value) && Math.abs(value) < 1e15
        ? String(value)
        : value.toExponential();
    default:
      return `[${value.map(literal).join(', ')}]`;
  }
}

const PARAM = /'(?:[^']|'')*'|(?<![:\w]):([a-z_][a-z0-9_]*)/gi;

/** The SQL of a call, ready to run in any DuckDB client: checked parameters in place of :names. */
export function renderSql(call: QueryCall): string {
  const def = findQuery(call.query);
  const params = def.params.parse(call.params);
  return def.sql(params).replace(PARAM, (whole, name: string | undefined) => {
    if (name === undefined) return whole;
    const value = params[name];
    if (value === undefined) {
      throw new FaultlineError('internal', `The query "${def.id}" has no value for :${name}.`);
    }
    return literal(value);
  });
}

/** A time or duration as a parameter, in nanoseconds. */
export const zNs = z.bigint();
