import {
  DataType,
  MapRow,
  RecordBatchReader,
  StructRow,
  TimeUnit,
  Vector,
  type Data,
  type Field,
  type RecordBatch,
} from 'apache-arrow';
import { FaultlineError, throwIfAborted } from '../../core/base';
import {
  fitting,
  type ByteSource,
  type Column,
  type ColumnFile,
  type Columns,
  type RowGroup,
} from '../../core/connect';
import { checkedMessages } from './messages';

/** An Arrow file or stream; a record batch is in memory at a time. */
export class ArrowFile implements ColumnFile {
  private constructor(
    private readonly source: ByteSource,
    private readonly signal: AbortSignal,
    private readonly fields: readonly Field[],
  ) {}

  /** Rejects with 'format/damaged' where the schema can not be read. */
  static async open(source: ByteSource, signal: AbortSignal): Promise<ArrowFile> {
    const { reader } = await readerOf(source, signal);
    const { fields } = reader.schema;
    await reader.cancel();
    return new ArrowFile(source, signal, fields);
  }

  get name(): string {
    return this.source.name;
  }

  get columns(): readonly Column[] {
    return this.fields.map(({ name, type }) => ({
      name,
      time: DataType.isTimestamp(type) || DataType.isDate(type),
    }));
  }

  async *groups(): AsyncGenerator<RowGroup> {
    const { reader, fault } = await readerOf(this.source, this.signal);
    const batches = reader[Symbol.asyncIterator]();
    try {
      for (;;) {
        throwIfAborted(this.signal);
        const { done, value } = await batches.next().catch((error: unknown) => {
          throw damaged(this.name, error);
        });
        if (done && fault() !== undefined) throw damaged(this.name, fault());
        if (done) return;
        yield { rows: value.numRows, read: () => Promise.resolve(columnsOf(value)) };
      }
    } finally {
      await reader.cancel();
    }
  }
}

async function readerOf(source: ByteSource, signal: AbortSignal) {
  let fault: unknown;
  try {
    const messages = checkedMessages(source, signal, (error) => (fault = error));
    const reader = await RecordBatchReader.from(messages);
    await reader.open({ autoDestroy: false });
    if (!reader.schema) throw new Error('it has no schema');
    return { reader, fault: () => fault };
  } catch (error) {
    throwIfAborted(signal);
    throw damaged(source.name, fault ?? error);
  }
}

function damaged(name: string, error: unknown): FaultlineError {
  const why = error instanceof Error ? error.message : 'its messages are broken';
  return new FaultlineError(
    'format/damaged',
    `${name} is no whole Arrow stream: ${why.slice(0, 160)}.`,
  );
}

function columnsOf(batch: RecordBatch): Columns {
  return new Map(
    batch.schema.fields.map(({ name }, at) => {
      const column = batch.getChildAt(at);
      if (column && !column.data.every(fits)) throw new Error(`column ${name} is broken`);
      return [name, column ? valuesOf(column) : []];
    }),
  );
}

const SCALE: Readonly<Record<TimeUnit, bigint>> = {
  [TimeUnit.SECOND]: 1_000_000_000n,
  [TimeUnit.MILLISECOND]: 1_000_000n,
  [TimeUnit.MICROSECOND]: 1000n,
  [TimeUnit.NANOSECOND]: 1n,
};

/** Times as they are stored: the library's own accessors give milliseconds in a float. */
function valuesOf(column: Vector): readonly unknown[] {
  const { type } = column;
  if (DataType.isTimestamp(type)) {
    const { unit } = type;
    return column.data.flatMap((data: Data) => times(data, SCALE[unit]));
  }
  return Array.from(column, plain);
}

function times(data: Data, scale: bigint): readonly unknown[] {
  const values: unknown = data.values;
  if (!(values instanceof BigInt64Array)) return [];
  return Array.from({ length: data.length }, (_, at) =>
    data.getValid(at) ? fitting((values[at] ?? 0n) * scale) : null,
  );
}

function plain(value: unknown): unknown {
  if (value instanceof Date) {
    const ms = value.getTime();
    return Number.isNaN(ms) ? null : fitting(BigInt(ms) * 1_000_000n);
  }
  if (value instanceof MapRow || value instanceof StructRow) {
    return Object.fromEntries([...value].map(([key, of]) => [String(key), plain(of)]));
  }
  return value instanceof Vector ? Array.from(value, plain) : value;
}

/** True where the buffers hold what the lengths and offsets say. */
function fits(data: Data): boolean {
  const { length, children, type } = data;
  const offsets: unknown = data.valueOffsets;
  const values: unknown = data.values;
  if (offsets instanceof Int32Array || offsets instanceof BigInt64Array) {
    const [child] = children;
    const end = child ? child.length : values instanceof Uint8Array ? values.length : 0;
    if (offsets.length < length + 1) return false;
    for (let i = 0; i <= length; i++) {
      const at = Number(offsets[i]);
      if (at < Number(offsets[i - 1] ?? 0) || at > end) return false;
    }
  } else if (children.length === 0 && !DataType.isNull(type)) {
    const bits = ArrayBuffer.isView(values) ? values.byteLength * 8 : 0;
    if (bits < length * bitsOf(type)) return false;
  }
  const dictionary: unknown = data.dictionary;
  if (dictionary instanceof Vector && !dictionary.data.every(fits)) return false;
  return (
    children.every(fits) && (!DataType.isStruct(type) || children.every((c) => c.length >= length))
  );
}

/** The least that a value takes. */
function bitsOf(type: DataType): number {
  if (DataType.isFixedSizeBinary(type)) return type.byteWidth * 8;
  return DataType.isTimestamp(type) ? 64 : 1;
}
