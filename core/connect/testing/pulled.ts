import { createHash } from 'node:crypto';
import { TELEMETRY, type Batch, type Notice, type TelemetryTable } from '../../model';
import type { Connector, Coverage, PullItem, PullRequest } from '..';
import { rowsOf, type Row } from './import';

export type Tables = Readonly<Partial<Record<TelemetryTable, readonly Row[]>>>;

/** A pull as it came: items in order, and what they hold. */
export interface Pulled {
  readonly items: readonly PullItem[];
  readonly tables: Tables;
  readonly notices: readonly Notice[];
  readonly coverage: readonly Coverage[];
  readonly cursors: readonly string[];
}

export function gather(items: readonly PullItem[]): Pulled {
  const tables: Partial<Record<TelemetryTable, Row[]>> = {};
  const notices: Notice[] = [];
  const coverage: Coverage[] = [];
  const cursors: string[] = [];
  for (const item of items) {
    if (item.kind === 'batch') (tables[item.batch.table] ??= []).push(...checkedRows(item.batch));
    if (item.kind === 'notice') notices.push(item.notice);
    if (item.kind === 'coverage') coverage.push(item.coverage);
    if (item.kind === 'mark') cursors.push(item.cursor);
  }
  return { items, tables, notices, coverage, cursors };
}

/** The rows of a batch; a batch that is not its table's shape is an error. */
function checkedRows(batch: Batch): readonly Row[] {
  const types = Object.values(TELEMETRY[batch.table]);
  const found = batch.columns.map(({ type }) => type);
  if (types.join() !== found.join()) {
    throw new Error(`A batch of ${batch.table} has columns ${found.join()}, not ${types.join()}.`);
  }
  return rowsOf(batch);
}

/** Runs a pull to its end. */
export async function pullAll(
  connector: Connector,
  request: PullRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Pulled> {
  const items: PullItem[] = [];
  for await (const item of connector.pull(request, signal)) items.push(item);
  return gather(items);
}

/** What a case holds after a kill: everything before the nth mark (from 0), with its cursor. */
export function untilMark(pulled: Pulled, nth: number): { kept: Pulled; cursor: string } {
  let seen = -1;
  const end = pulled.items.findIndex((item) => item.kind === 'mark' && ++seen === nth);
  const mark = pulled.items[end];
  if (mark?.kind !== 'mark') throw new Error(`There is no mark ${nth}.`);
  return { kept: gather(pulled.items.slice(0, end + 1)), cursor: mark.cursor };
}

/** Every row as a text, sorted: equal for equal multisets of rows. */
export function multiset(rows: readonly unknown[]): readonly string[] {
  return rows.map(text).sort();
}

export function text(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === 'bigint') return `${v}n`;
    if (typeof v === 'number' && !Number.isFinite(v)) return String(v);
    if (v !== null && typeof v === 'object' && !Array.isArray(v)) {
      return Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return v;
  });
}

/** SHA-256 of every table's rows in order of their text: equal for equal multisets. */
export function hashOf(...parts: readonly Tables[]): string {
  return createHash('sha256')
    .update(JSON.stringify(multisets(...parts)))
    .digest('hex');
}

/** Every table as a multiset. */
export function multisets(
  ...parts: readonly Tables[]
): Readonly<Record<string, readonly string[]>> {
  const names = [...new Set(parts.flatMap((tables) => Object.keys(tables)))].sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      multiset(parts.flatMap((tables) => tables[name as TelemetryTable] ?? [])),
    ]),
  );
}
