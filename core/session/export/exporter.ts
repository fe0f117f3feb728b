import { throwIfAborted } from '../../base';
import type { Attributes, Notice, Signal } from '../../model';
import type { Cell, CaseStore } from '../../store';

/** Where an export goes; the shell makes it of a path. Files come one after the other. */
export interface ExportTarget {
  /** Opens a file for writing; '' is the target itself, else a path below it with '/'. */
  open(name: string): Promise<ExportFile>;
}

export interface ExportFile {
  write(bytes: Uint8Array): Promise<void>;
  /** The file is whole. */
  close(): Promise<void>;
}

/** What an export wrote, and what it left out (in notices, with counts). */
export interface ExportReport {
  readonly rows: Readonly<Partial<Record<Signal, number>>>;
  readonly files: number;
  readonly notices: readonly Notice[];
}

export interface ExportOptions {
  readonly signal: AbortSignal;
  readonly onRows?: (rows: number) => void;
}

/**
 * Writes what can be seen of a case in a form that other tools read. One a form, in `exporters`
 * (core/session/export/index.ts): the command line offers what is there. The same case gives the same bytes.
 */
export interface CaseExporter {
  readonly id: string;
  readonly title: string;
  /** Whether the target is one file or a folder of files. */
  readonly makes: 'file' | 'folder';
  write(store: CaseStore, target: ExportTarget, options: ExportOptions): Promise<ExportReport>;
}

/** Rows of a page of a query. */
const PAGE = 20_000;

export interface Page {
  readonly rows: number;
  /** Columns by name, each of `rows` cells. */
  readonly col: Readonly<Record<string, readonly Cell[]>>;
}

/**
 * All rows of a select in the order of `ts`, then of `ties`, which together are unique; about PAGE rows at a
 * time, cut where `ts` changes. `times` is a select of the same rows' `ts` alone: where to cut is asked first.
 */
export async function* pages(
  store: CaseStore,
  { select, times, ties }: { select: string; times: string; ties: readonly string[] },
  { signal }: ExportOptions,
): AsyncGenerator<Page> {
  const order = ['ts', ...ties].join(', ');
  for (const where of await cuts(store, times, signal)) {
    throwIfAborted(signal);
    const sql = `SELECT * FROM (${select}) WHERE ${where} ORDER BY ${order}`;
    const { columns, data, rows } = await store.sql(sql, ALL, { signal });
    if (rows === 0) continue;
    yield { rows, col: Object.fromEntries(columns.map(({ name }, at) => [name, data[at] ?? []])) };
  }
}

/** No limit: rows that have one time are not taken apart. */
export const ALL = 2_000_000_000;

/** Conditions on `ts` that take all rows apart, in the order of time. */
async function cuts(
  store: CaseStore,
  times: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { data } = await store.sql(
    `SELECT DISTINCT ts FROM (SELECT ts, row_number() OVER (ORDER BY ts) AS n FROM (${times}))
      WHERE n % ${PAGE} = 0 ORDER BY ts`,
    ALL,
    { signal },
  );
  const at = (data[0] ?? []).map(text);
  const bounds = [undefined, ...at, undefined];
  return bounds.slice(1).map((to, i) => {
    const from = bounds[i];
    const after = from === undefined ? '' : `ts >= ${from}`;
    const before = to === undefined ? '' : `ts < ${to}`;
    return [after, before].filter((text) => text !== '').join(' AND ') || 'true';
  });
}

/** Tables whose rows are not among what was written. */
export async function leftOut(
  store: CaseStore,
  tables: readonly string[],
  form: string,
): Promise<readonly Notice[]> {
  const { counts } = await store.facts();
  return counts.flatMap(({ table, rows }) =>
    rows > 0 && tables.includes(table)
      ? [
          {
            code: 'not-exported',
            severity: 'warning' as const,
            count: rows,
            message: `${rows} rows of ${table} have no place in ${form} and were left out.`,
          },
        ]
      : [],
  );
}

/** A MAP's cell as a record; {} where there is none. */
export function attributesOf(cell: Cell | undefined): Attributes {
  if (typeof cell !== 'object' || cell === null || Array.isArray(cell)) return {};
  return Object.fromEntries(Object.entries(cell).map(([name, value]) => [name, text(value)]));
}

/** A plain cell as text; '' for null. */
export function text(cell: Cell | undefined): string {
  if (cell === null || cell === undefined || typeof cell === 'object') return '';
  return String(cell);
}

/** Attributes of every resource, by id as text. */
export async function readResources(
  store: CaseStore,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Attributes>> {
  const sql = 'SELECT resource_id, attributes FROM resources';
  const { data } = await store.sql(sql, ALL, { signal });
  return new Map((data[0] ?? []).map((id, i) => [text(id), attributesOf(data[1]?.[i])]));
}

export interface ExportedSeries {
  readonly id: string;
  readonly name: string;
  readonly labels: Attributes;
  /** The resource's id. */
  readonly resource: string;
  /** kind, unit, description, temporality, step_ns; '' where nothing is stated. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Every metric series, by id as text. */
export async function readSeries(
  store: CaseStore,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ExportedSeries>> {
  const { columns, data } = await store.sql(
    `SELECT series_id, metric, resource_id, labels, kind, unit, description, temporality,
      nullif(step, 0) AS step_ns FROM metric_series`,
    ALL,
    { signal },
  );
  const names = columns.slice(4).map(({ name }) => name);
  return new Map(
    (data[0] ?? []).map((cell, i) => {
      const id = text(cell);
      const fields = Object.fromEntries(names.map((name, at) => [name, text(data[at + 4]?.[i])]));
      const labels = attributesOf(data[3]?.[i]);
      return [id, { id, name: text(data[1]?.[i]), resource: text(data[2]?.[i]), labels, fields }];
    }),
  );
}
