import { isJsonObject, jsonText, type JsonObject } from '../import-json';

/** How the columns of a record are found. */
export interface RecordShape<R> {
  /** Reader of a column; undefined where the table has none of that name. */
  column(name: string): ((record: R) => unknown) | undefined;
  /** What gives all columns but these, by name, to `put`. */
  others(
    used: ReadonlySet<string>,
  ): (record: R, put: (name: string, value: unknown) => void) => void;
}

/** Records that are lists of values in the order of a header. */
export function rowShape(header: readonly string[]): RecordShape<readonly unknown[]> {
  return {
    column: (name) => {
      const at = header.indexOf(name);
      return at < 0 ? undefined : (record) => record[at];
    },
    others: (used) => {
      const rest = header.flatMap((name, at) => (used.has(name) || name === '' ? [] : [at]));
      return (record, put) => {
        for (const at of rest) put(header[at] ?? '', record[at]);
      };
    },
  };
}

/** JSON objects: a column is a member, or the path to one in what is nested. */
export const jsonShape: RecordShape<JsonObject> = {
  column: (name) => {
    const path = name.split('.');
    return (record) => (name in record ? record[name] : atPath(record, path));
  },
  others: (used) => (record, put) =>
    leaves(record, '', (name, value) => {
      if (!used.has(name)) put(name, value);
    }),
};

function atPath(record: JsonObject, path: readonly string[]): unknown {
  let value: unknown = record;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)] as unknown;
    else if (isJsonObject(value)) value = value[key];
    else return undefined;
  }
  return value;
}

const DEPTH = 8;

/** Members that are no objects, each by its path; lists as they are. */
export function leaves(
  record: JsonObject,
  prefix: string,
  put: (name: string, value: unknown) => void,
  depth = 0,
): void {
  for (const [key, value] of Object.entries(record)) {
    if (isJsonObject(value) && depth < DEPTH) leaves(value, `${prefix}${key}.`, put, depth + 1);
    else put(prefix + key, value);
  }
}

/** Any value as text; '' where there is none. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'bigint') return String(value);
  return value instanceof Date ? value.toISOString() : jsonText(value);
}

/** A day without an hour: 2024-05-01, 01.05.2024, 5/1/2024. */
export const isDay = (text: string): boolean =>
  /^(?:\d{4}([-/.])\d\d?\1\d\d?|\d\d?([-/.])\d\d?\2\d{4})$/.test(text);
