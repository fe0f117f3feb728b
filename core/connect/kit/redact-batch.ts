import type { Batch, ColumnData, MapData } from '../../model';
import { TELEMETRY } from '../../model';
import type { NoticeCounts } from '../import-tally';
import { Redactor } from './redact';

/** Columns of text that a person or a program wrote freely. */
const TEXTS: ReadonlySet<string> = new Set(['body', 'status_message', 'name']);
/** Nothing shorter holds a secret with its name: "pwd=x". */
const SHORTEST = 5;
const NUMBER = /^[\d.:+-]+$/;
const MOST_KEYS = 10_000;

interface Last {
  value: string;
  clean: string;
}

/**
 * Takes secrets out of columns, for readers that make no object a row: texts, and values of attributes by
 * their names and contents. Says how many in the notices.
 */
export class BatchRedactor {
  private readonly redactor: Redactor;
  /** Values of an attribute often repeat from row to row: the last one is not looked at again. */
  private readonly last = new Map<string, Last>();

  constructor(notices: NoticeCounts) {
    this.redactor = new Redactor(notices);
  }

  /** The same batch where nothing had to be taken out. */
  batch<B extends Batch>(batch: B): B {
    const names = Object.keys(TELEMETRY[batch.table]);
    let changed: ColumnData[] | undefined;
    for (const [at, column] of batch.columns.entries()) {
      const clean = this.column(column, names[at] ?? '');
      if (clean !== column) (changed ??= [...batch.columns])[at] = clean;
    }
    return changed ? { ...batch, columns: changed } : batch;
  }

  private column(column: ColumnData, name: string): ColumnData {
    if (column.type === 'map') {
      const values = this.values(column.data);
      return values === column.data.values
        ? column
        : { ...column, data: { ...column.data, values } };
    }
    if (column.type !== 'utf8' || !TEXTS.has(name)) return column;
    let changed: (string | null)[] | undefined;
    for (const [row, text] of column.data.entries()) {
      if (text === null || text.length < SHORTEST) continue;
      const clean = this.redactor.text(text);
      if (clean !== text) (changed ??= [...column.data])[row] = clean;
    }
    return changed ? { type: 'utf8', data: changed } : column;
  }

  private values({ keys, values }: MapData): readonly string[] {
    let changed: string[] | undefined;
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? '';
      const clean = this.value(keys[at] ?? '', value);
      if (clean !== value) (changed ??= [...values])[at] = clean;
    }
    return changed ?? values;
  }

  private value(key: string, value: string): string {
    const last = this.last.get(key);
    // A secret is counted each time.
    if (last && last.value === value && last.clean === value) return value;
    const clean =
      value.length < SHORTEST || NUMBER.test(value)
        ? this.redactor.named(key, value)
        : this.redactor.field(key, value);
    if (last) {
      last.value = value;
      last.clean = clean;
    } else {
      if (this.last.size >= MOST_KEYS) this.last.clear();
      this.last.set(key, { value, clean });
    }
    return clean;
  }
}
