import { labelsEnd, parseLabels, placeOfTags } from '../../core/connect';
import type { Attributes } from '../../core/model';
import { measured } from './values';

export interface Named {
  readonly metric: string;
  readonly resource: Attributes;
  readonly labels: Attributes;
}

/** How a table of Grafana's inspector or of its older panels stands. */
export interface Layout {
  readonly time: number;
  /** Columns of numbers, with what they are called. */
  readonly values: readonly { readonly column: number; readonly name: string }[];
  /** Columns of texts, which are labels of the row (the long format). */
  readonly labels: readonly { readonly column: number; readonly name: string }[];
  /** The column that names the series of a row ("Series" or "Metric"), or -1. */
  readonly series: number;
}

const TIME = /^(time|timestamp|date)$/i;
const SERIES = /^(series|metric)$/i;
const EMPTY = /^(|null|undefined|nan|-)$/i;

export const isEmptyCell = (cell: string): boolean => /^(|null|undefined|-)$/i.test(cell.trim());

/**
 * The layout of a table by its header and first rows: a column whose cells are numbers is a series, one of
 * texts is a label. Undefined where no column is called Time.
 */
export function layoutOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): Layout | undefined {
  const time = header.findIndex((name) => TIME.test(name.trim()));
  if (time < 0) return undefined;
  const series = header.findIndex((name, at) => at !== time && SERIES.test(name.trim()));
  const values: { column: number; name: string }[] = [];
  const labels: { column: number; name: string }[] = [];
  for (const [column, name] of header.entries()) {
    if (column === time || column === series) continue;
    const cells = rows.map((row) => row[column] ?? '').filter((cell) => !EMPTY.test(cell.trim()));
    const numbers = cells.filter((cell) => measured(cell) !== undefined).length;
    const isLabel = cells.length > 0 && numbers < cells.length / 2;
    (isLabel ? labels : values).push({ column, name: name.trim() });
  }
  return values.length === 0 ? undefined : { time, values, labels, series };
}

/** `name{label="value"}`, `{label="value"}`, or a text that is taken as the name. */
export function namedBy(text: string, more: Attributes, nameless: string): Named {
  const brace = text.indexOf('{');
  const set = brace < 0 ? '' : text.slice(brace).replace(/(\w+)=(?!")([^,}"]*)/g, '$1="$2"');
  const labels = set !== '' && labelsEnd(set) === set.length ? parseLabels(set) : undefined;
  const { __name__: inner = '', ...rest } = labels ?? {};
  const outer = labels ? text.slice(0, brace).trim() : text.trim();
  const place = placeOfTags(Object.entries({ ...rest, ...more }));
  return { metric: outer || inner || nameless, ...place };
}
