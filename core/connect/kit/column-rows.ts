import { asFaultlineError, formatRfc3339, throwIfAborted } from '../../base';
import type { RecordShape } from './mapping-shape';
import type { RawRecord, RecordBlock } from './records';

export interface Column {
  readonly name: string;
  /** Its values are times in nanoseconds. */
  readonly time: boolean;
}

/** The columns of some rows by name: plain values, bigints, bytes, lists and objects. */
export type Columns = ReadonlyMap<string, readonly unknown[]>;

/** Rows that are in memory together. `read` rejects where they are damaged; it brings these columns, or all. */
export interface RowGroup {
  readonly rows: number;
  /** Rows that can not be read, by their place in the group, and why. Ask after `read`. */
  readonly faults?: ReadonlyMap<number, string>;
  /** Texts that were no text of the file's encoding. */
  readonly malformed?: number;
  readonly read: (names?: readonly string[]) => Promise<Columns>;
}

/** A file of columns, its schema read. `groups` begins anew each time. */
export interface ColumnFile {
  readonly name: string;
  readonly columns: readonly Column[];
  groups(): AsyncIterable<RowGroup>;
}

/** A time within 1678 to 2262; others are none. */
export const fitting = (ns: bigint): bigint | null => (BigInt.asIntN(64, ns) === ns ? ns : null);

/** Bytes in hexadecimal. */
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Files whose columns have the same names and kinds. */
export const columnsKey = ({ columns }: ColumnFile): string => JSON.stringify(columns);

/**
 * The rows of a file, a row group in memory at a time. A record is the place of a row in the group that was
 * read last: take its values before the next block is asked for.
 */
export class ColumnRows {
  private columns: Columns = new Map();
  private times = new Set<string>();

  constructor(
    private file: ColumnFile,
    private readonly signal: AbortSignal,
    /** Places name the file. */
    private readonly named: boolean,
  ) {
    this.use(file);
  }

  /** Goes on with another file of the same columns. */
  use(file: ColumnFile): void {
    this.file = file;
    this.times = new Set(file.columns.filter(({ time }) => time).map(({ name }) => name));
  }

  /** Values as they are: times are bigints of nanoseconds. */
  get(name: string): (row: number) => unknown {
    return (row) => this.columns.get(name)?.[row];
  }

  /** For mappings: times are texts with their zone, bytes hexadecimal. */
  get shape(): RecordShape<number> {
    const names = this.file.columns.map(({ name }) => name);
    const column = (name: string) => (row: number) => this.plain(name, row);
    return {
      column: (name) => (names.includes(name) ? column(name) : undefined),
      others: (used) => (row, put) => {
        for (const name of names) if (!used.has(name)) put(name, this.plain(name, row));
      },
    };
  }

  plain(name: string, row: number): unknown {
    const value = this.columns.get(name)?.[row];
    if (typeof value === 'bigint')
      return this.times.has(name) ? formatRfc3339(value) : String(value);
    return value instanceof Uint8Array ? hexOf(value) : value;
  }

  /** Where the file breaks off, one record says so. */
  async *blocks(): AsyncGenerator<RecordBlock<number>> {
    let before = 0;
    try {
      for await (const group of this.file.groups()) {
        throwIfAborted(this.signal);
        yield { records: await this.group(group, before), malformed: group.malformed ?? 0 };
        before += group.rows;
      }
    } catch (error) {
      throwIfAborted(this.signal);
      const known = asFaultlineError(error);
      if (known.code !== 'format/damaged') throw known;
      const where = `${this.named ? `${this.file.name}, ` : ''}after row ${before}`;
      yield { records: [{ where, text: '', reason: known.message }], malformed: 0 };
    }
  }

  private async group(
    { rows, read, faults }: RowGroup,
    before: number,
  ): Promise<readonly RawRecord<number>[]> {
    const place = this.named ? `${this.file.name}, row` : 'row';
    try {
      this.columns = await read();
    } catch (error) {
      throwIfAborted(this.signal);
      const { message } = asFaultlineError(error);
      const reason = `its row group can not be read: ${message.slice(0, 160)}`;
      return Array.from({ length: rows }, (_, row) => ({
        where: `${place} ${before + row + 1}`,
        text: '',
        reason,
      }));
    }
    return Array.from({ length: rows }, (_, row) => {
      const where = `${place} ${before + row + 1}`;
      const reason = faults?.get(row);
      return reason === undefined ? new Row(this, where, row) : { where, text: '', reason };
    });
  }

  /** A row as text, for a person. */
  describe(row: number): string {
    const shown = this.file.columns.slice(0, 8).map(({ name }) => [name, this.plain(name, row)]);
    return JSON.stringify(Object.fromEntries(shown), (_, v: unknown) =>
      typeof v === 'bigint' ? String(v) : v,
    );
  }
}

/** A record whose text is made only where it is asked for. */
class Row {
  constructor(
    private readonly rows: ColumnRows,
    readonly where: string,
    readonly value: number,
  ) {}

  get text(): string {
    return this.rows.describe(this.value);
  }
}
