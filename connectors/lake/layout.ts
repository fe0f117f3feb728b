import { FaultlineError, type TimeWindow } from '../../core/base';

const HOUR = 3_600_000_000_000n;
const DAY = 24n * HOUR;

/** An object of the lake that holds rows. */
export interface LakeFile {
  /** Below the lake's root. */
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** Value of `signal=`, else the folder that its partitions stand in. */
  readonly table: string;
  /** The stretch of time that its partitions say; undefined where they say none. */
  readonly span: TimeWindow | undefined;
}

/** `date=2024-05-01` in a path, as Hive writes what all rows of a file have. */
const PARTITION = /^([A-Za-z_][\w-]*)=([^/]*)$/;

/** Partitions by their names in lower case, and the path before the first one. */
export function partitionsOf(path: string): {
  readonly root: string;
  readonly values: ReadonlyMap<string, string>;
} {
  const values = new Map<string, string>();
  const root: string[] = [];
  for (const part of path.split('/').slice(0, -1)) {
    const [, name, value] = PARTITION.exec(part) ?? [];
    if (name !== undefined) values.set(name.toLowerCase(), unescaped(value ?? ''));
    else if (values.size === 0) root.push(part);
  }
  return { root: root.join('/'), values };
}

/** Hive writes signs that a path can not have as %XX. */
function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/**
 * The time that partitions stand for, in UTC: `date=` (`dt=`, `day=` as a whole date) and `hour=`, or `year=`,
 * `month=`, `day=` and `hour=`. Undefined where there is no day.
 */
export function spanOf(values: ReadonlyMap<string, string>): TimeWindow | undefined {
  const day = dayOf(values);
  if (day === undefined) return undefined;
  const hour = numberOf(values.get('hour') ?? values.get('hr') ?? values.get('h'), 0, 23);
  if (hour === undefined) return { from: day, to: day + DAY };
  const from = day + BigInt(hour) * HOUR;
  return { from, to: from + HOUR };
}

function dayOf(values: ReadonlyMap<string, string>): bigint | undefined {
  for (const name of ['date', 'dt', 'day']) {
    const text = values.get(name);
    const [, y, m, d] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text ?? '') ?? [];
    if (y !== undefined) return midnight(Number(y), Number(m), Number(d));
  }
  const year = numberOf(values.get('year'), 1678, 2261);
  const month = numberOf(values.get('month'), 1, 12);
  const day = numberOf(values.get('day'), 1, 31);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return midnight(year, month, day);
}

function midnight(year: number, month: number, day: number): bigint | undefined {
  const ms = Date.UTC(year, month - 1, day);
  return new Date(ms).getUTCDate() === day ? BigInt(ms) * 1_000_000n : undefined;
}

function numberOf(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,4}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

export const overlaps = (a: TimeWindow, b: TimeWindow): boolean => a.from < b.to && b.from < a.to;

/** Whether what is below a folder can have rows of these tables in one of these windows. */
export function mayHold(
  folder: string,
  windows: readonly TimeWindow[],
  tables: readonly string[] | undefined,
): boolean {
  const { values } = partitionsOf(folder);
  const signal = values.get('signal');
  if (signal !== undefined && tables && !tables.includes(signal)) return false;
  const span = spanOf(values);
  return !span || windows.some((window) => overlaps(span, window));
}

/** A listed object as a file of the lake; undefined for what holds no rows. */
export function fileOf(object: {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}): LakeFile | undefined {
  if (!/\.(parquet|parq)$/i.test(object.key) || isHidden(object.key)) return undefined;
  const { root, values } = partitionsOf(object.key);
  const table = values.get('signal') ?? (root === '' ? '.' : root);
  return { ...object, table, span: spanOf(values) };
}

/** Names that begin with `_` or `.` are for writers, as Hive, Spark and Trino have it. */
export const isHidden = (path: string): boolean => /(^|\/)[_.]/.test(path);

/** What `faultline export` calls its files: the case and the content, each as 16 hexadecimal digits. */
export const ownFile = /(?:^|\/)case-([0-9a-f]{16})-[0-9a-f]{16}\.parquet$/;

export const manifestOf = (caseId: string): string => `.faultline/case-${caseId}.json`;

/** The keys that an export's list of files names. */
export function keysOfManifest(text: string): ReadonlySet<string> {
  try {
    const value = JSON.parse(text) as { files: readonly { key: string }[] };
    return new Set(value.files.map(({ key }) => key));
  } catch (cause) {
    const why = 'A list of files below .faultline/ is damaged; export the case once more.';
    throw new FaultlineError('connector/bad-answer', why, { cause });
  }
}
