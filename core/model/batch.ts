import { FaultlineError } from '../base';
import {
  FILLED_COLUMNS,
  TELEMETRY,
  type ColumnType,
  type ColumnsOf,
  type TelemetryTable,
} from './tables';

/** One MAP column of n rows: row i owns entries offsets[i] to offsets[i + 1]. */
export interface MapData {
  readonly offsets: Int32Array;
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** One LIST column of n rows: row i owns items offsets[i] to offsets[i + 1]. */
export interface ListData<A extends Float64Array | BigInt64Array> {
  readonly offsets: Int32Array;
  readonly items: A;
}

/** A column of n values. `valid` (1 = present) is there only where a value is null. */
export type ColumnData =
  | { readonly type: 'i32'; readonly data: Int32Array; readonly valid?: Uint8Array }
  | { readonly type: 'i64'; readonly data: BigInt64Array; readonly valid?: Uint8Array }
  | { readonly type: 'f64'; readonly data: Float64Array; readonly valid?: Uint8Array }
  | { readonly type: 'bool'; readonly data: Uint8Array; readonly valid?: Uint8Array }
  | { readonly type: 'utf8'; readonly data: readonly (string | null)[] }
  | { readonly type: 'map'; readonly data: MapData }
  | { readonly type: 'f64[]'; readonly data: ListData<Float64Array> }
  | { readonly type: 'i64[]'; readonly data: ListData<BigInt64Array> };

/** Rows of one telemetry table, column by column, in the table's column order. */
export interface Batch<T extends TelemetryTable = TelemetryTable> {
  readonly table: T;
  readonly rows: number;
  readonly columns: readonly ColumnData[];
}

class Growable<A extends Int32Array | BigInt64Array | Float64Array | Uint8Array> {
  length = 0;
  constructor(
    protected array: A,
    private readonly make: (n: number) => A,
  ) {}

  protected room(): A {
    if (this.length === this.array.length) {
      const bigger = this.make(this.array.length * 2);
      bigger.set(this.array as never);
      this.array = bigger;
    }
    return this.array;
  }

  protected cut(): A {
    const out = this.make(this.length);
    out.set(this.array.subarray(0, this.length) as never);
    this.length = 0;
    return out;
  }
}

const START = 1024;

class Validity {
  private bits: Uint8Array | undefined;
  /** Marks row i as null. */
  clear(i: number): void {
    const need = i + 1;
    if (!this.bits || this.bits.length < need) {
      const bigger = new Uint8Array(Math.max(START, need * 2)).fill(1);
      if (this.bits) bigger.set(this.bits);
      this.bits = bigger;
    }
    this.bits[i] = 0;
  }
  take(n: number): Uint8Array | undefined {
    if (!this.bits) return undefined;
    const out = new Uint8Array(n).fill(1);
    out.set(this.bits.subarray(0, Math.min(n, this.bits.length)));
    this.bits = undefined;
    return out;
  }
}

class I32Column extends Growable<Int32Array> {
  private readonly validity = new Validity();
  constructor() {
    super(new Int32Array(START), (n) => new Int32Array(n));
  }
  push(value: number | null): void {
    const array = this.room();
    if (value === null) this.validity.clear(this.length);
    array[this.length++] = value ?? 0;
  }
  take(): ColumnData {
    const valid = this.validity.take(this.length);
    return { type: 'i32', data: this.cut(), valid };
  }
}

class I64Column extends Growable<BigInt64Array> {
  private readonly validity = new Validity();
  constructor() {
    super(new BigInt64Array(START), (n) => new BigInt64Array(n));
  }
  push(value: bigint | null): void {
    const array = this.room();
    if (value === null) this.validity.clear(this.length);
    array[this.length++] = value ?? 0n;
  }
  take(): ColumnData {
    const valid = this.validity.take(this.length);
    return { type: 'i64', data: this.cut(), valid };
  }
}

class F64Column extends Growable<Float64Array> {
  private readonly validity = new Validity();
  constructor() {
    super(new Float64Array(START), (n) => new Float64Array(n));
  }
  push(value: number | null): void {
    const array = this.room();
    if (value === null) this.validity.clear(this.length);
    array[this.length++] = value ?? Number.NaN;
  }
  take(): ColumnData {
    const valid = this.validity.take(this.length);
    return { type: 'f64', data: this.cut(), valid };
  }
}

class BoolColumn extends Growable<Uint8Array> {
  constructor() {
    super(new Uint8Array(START), (n) => new Uint8Array(n));
  }
  push(value: boolean): void {
    this.room()[this.length++] = value ? 1 : 0;
  }
  take(): ColumnData {
    return { type: 'bool', data: this.cut() };
  }
}

class Utf8Column {
  private values: (string | null)[] = [];
  get length(): number {
    return this.values.length;
  }
  push(value: string | null): void {
    this.values.push(value);
  }
  take(): ColumnData {
    const data = this.values;
    this.values = [];
    return { type: 'utf8', data };
  }
}

/** `put` entries of the current row, then `end` it. `push` does both for a plain record. */
class MapColumn {
  private readonly ends = new I32Column();
  private keys: string[] = [];
  private values: string[] = [];
  get length(): number {
    return this.ends.length;
  }
  put(key: string, value: string): void {
    this.keys.push(key);
    this.values.push(value);
  }
  end(): void {
    this.ends.push(this.keys.length);
  }
  push(record: Readonly<Record<string, string>>): void {
    for (const key in record) this.put(key, record[key] ?? '');
    this.end();
  }
  take(): ColumnData {
    const ends = this.ends.take().data as Int32Array;
    const offsets = new Int32Array(ends.length + 1);
    offsets.set(ends, 1);
    const { keys, values } = this;
    this.keys = [];
    this.values = [];
    return { type: 'map', data: { offsets, keys, values } };
  }
}

class F64ListColumn {
  private readonly ends = new I32Column();
  private readonly items = new F64Column();
  get length(): number {
    return this.ends.length;
  }
  push(values: Iterable<number>): void {
    for (const value of values) this.items.push(value);
    this.ends.push(this.items.length);
  }
  take(): ColumnData {
    const ends = this.ends.take().data as Int32Array;
    const offsets = new Int32Array(ends.length + 1);
    offsets.set(ends, 1);
    return { type: 'f64[]', data: { offsets, items: this.items.take().data as Float64Array } };
  }
}

class I64ListColumn {
  private readonly ends = new I32Column();
  private readonly items = new I64Column();
  get length(): number {
    return this.ends.length;
  }
  push(values: Iterable<bigint>): void {
    for (const value of values) this.items.push(value);
    this.ends.push(this.items.length);
  }
  take(): ColumnData {
    const ends = this.ends.take().data as Int32Array;
    const offsets = new Int32Array(ends.length + 1);
    offsets.set(ends, 1);
    return { type: 'i64[]', data: { offsets, items: this.items.take().data as BigInt64Array } };
  }
}

interface BuilderOf {
  i32: I32Column;
  i64: I64Column;
  f64: F64Column;
  bool: BoolColumn;
  utf8: Utf8Column;
  map: MapColumn;
  'f64[]': F64ListColumn;
  'i64[]': I64ListColumn;
}

export type BuildersOf<C extends Readonly<Record<string, ColumnType>>> = {
  readonly [K in keyof C]: BuilderOf[C[K]];
};

const MAKE: { readonly [T in ColumnType]: () => BuilderOf[T] } = {
  i32: () => new I32Column(),
  i64: () => new I64Column(),
  f64: () => new F64Column(),
  bool: () => new BoolColumn(),
  utf8: () => new Utf8Column(),
  map: () => new MapColumn(),
  'f64[]': () => new F64ListColumn(),
  'i64[]': () => new I64ListColumn(),
};

/**
 * Builds batches of one table without an object per row: push one value into each column of `col`,
 * then `endRow()`. `take()` hands out what has gathered and starts anew.
 */
export class BatchBuilder<T extends TelemetryTable> {
  readonly col: BuildersOf<ColumnsOf<T>>;
  rows = 0;
  private readonly builders: readonly BuilderOf[ColumnType][];
  /** Places of the columns that may be left out. */
  private readonly filled: ReadonlySet<number>;

  constructor(readonly table: T) {
    const entries = Object.entries(TELEMETRY[table] as Record<string, ColumnType>).map(
      ([name, type]) => [name, MAKE[type]()] as const,
    );
    this.builders = entries.map(([, builder]) => builder);
    const optional: readonly string[] = FILLED_COLUMNS[table] ?? [];
    this.filled = new Set(entries.flatMap(([name], at) => (optional.includes(name) ? [at] : [])));
    this.col = Object.fromEntries(entries) as BuildersOf<ColumnsOf<T>>;
  }

  endRow(): void {
    this.rows++;
  }

  take(): Batch<T> {
    const rows = this.rows;
    const columns: ColumnData[] = [];
    for (const [at, builder] of this.builders.entries()) {
      if (builder.length === 0 && rows > 0 && this.filled.has(at)) {
        const none = new Uint8Array(rows);
        columns.push({ type: 'f64', data: new Float64Array(rows), valid: none });
        continue;
      }
      if (builder.length !== rows) {
        throw new FaultlineError(
          'internal',
          `A batch of ${this.table} has columns of unequal length.`,
        );
      }
      columns.push(builder.take());
    }
    this.rows = 0;
    return { table: this.table, rows, columns };
  }
}
