import {
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  type SchemaTree,
} from 'hyparquet';
import {
  decompressBrotli,
  decompressGzip,
  decompressLz4,
  decompressLz4Raw,
  decompressZstd,
} from 'hyparquet-compressors';
import { FaultlineError } from '../../base';
import { randomAccess } from '../containers/random';
import type { ByteSource } from '../format';
import {
  fitting,
  hexOf,
  type Column,
  type ColumnFile,
  type Columns,
  type RowGroup,
} from './column-rows';
import { checkedChunks } from './parquet-pages';

/** Snappy is the reader's own. */
const compressors: Compressors = {
  GZIP: decompressGzip,
  BROTLI: decompressBrotli,
  ZSTD: (input) => decompressZstd(input),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
};

const strict = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array | undefined): string {
  if (!bytes) return '';
  try {
    return strict.decode(bytes);
  } catch {
    return hexOf(bytes);
  }
}

/** Times come whole, as nanoseconds since the epoch. */
const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (ms: bigint) => fitting(ms * 1_000_000n),
  timestampFromMicroseconds: (us: bigint) => fitting(us * 1000n),
  timestampFromNanoseconds: (ns: bigint) => fitting(ns),
  dateFromDays: (days: number) => fitting(BigInt(days) * 86_400_000_000_000n),
  stringFromBytes: textOf,
};

type Group = FileMetaData['row_groups'][number];

/** Nanoseconds since the epoch, both ends within. */
export interface TimeRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** A row group as its file's footer tells of it. */
export interface ParquetGroup extends RowGroup {
  /** Of all its columns, compressed. */
  readonly bytes: number;
  /** Where a column of times begins and ends, by its statistics; undefined where it has none. */
  readonly times: (column: string) => TimeRange | undefined;
}

/** A Parquet file with its footer read. */
export class ParquetFile implements ColumnFile {
  private constructor(
    readonly name: string,
    private readonly file: AsyncBuffer,
    private readonly metadata: FileMetaData,
    readonly columns: readonly Column[],
  ) {}

  /**
   * Reads the footer, from the last `tail` bytes where it fits into them. Rejects with 'format/damaged' where it can
   * not be read, and as the source does where that can not be.
   */
  static async open(source: ByteSource, signal: AbortSignal, tail?: number): Promise<ParquetFile> {
    const random = await randomAccess(source, signal);
    const file: AsyncBuffer = {
      byteLength: random.size,
      async slice(start, end = random.size) {
        const bytes = await random.read(start, end - start);
        return bytes.slice().buffer;
      },
    };
    if (random.size < 12) throw damaged(source.name, 'it is too short');
    try {
      const metadata = await parquetMetadataAsync(file, {
        parsers,
        geoparquet: false,
        initialFetchSize: tail,
      });
      const rows = metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
      if (rows !== metadata.num_rows) throw new Error('its footer counts rows in two ways');
      const schema = parquetSchema(metadata);
      const known = new Set(leavesOf(schema));
      const all = metadata.row_groups.flatMap((group) => group.columns);
      // The reader would not wait for a column that its schema does not have.
      if (!all.every((column) => known.has(pathOf(column.meta_data?.path_in_schema)))) {
        throw new Error('its row groups have other columns than its schema');
      }
      const columns = schema.children.map(({ element, children }) => ({
        name: element.name,
        time: children.length === 0 && isTime(element),
      }));
      return new ParquetFile(source.name, file, metadata, columns);
    } catch (error) {
      if (error instanceof FaultlineError) throw error;
      throw damaged(source.name, error instanceof Error ? error.message : 'its footer is broken');
    }
  }

  async *groups(): AsyncGenerator<RowGroup> {
    yield* this.rowGroups;
  }

  /** From the footer alone; nothing is read before `read`. */
  get rowGroups(): readonly ParquetGroup[] {
    let before = 0;
    return this.metadata.row_groups.map((group) => {
      const from = before;
      const rows = Number(group.num_rows);
      before += rows;
      return {
        rows,
        bytes: Number(group.total_compressed_size ?? group.total_byte_size),
        times: (column) => timesOf(group, column),
        read: (names) => this.read(group, from, rows, names),
      };
    });
  }

  /** What wrote it, as it says ("DuckDB version v1.5.5 …"). */
  get createdBy(): string {
    return this.metadata.created_by ?? '';
  }

  /** One row group, column by column; bytes of that group and these columns alone are read. */
  private async read(
    group: Group,
    rowStart: number,
    rows: number,
    names: readonly string[] = this.columns.map(({ name }) => name),
  ): Promise<Columns> {
    const columns = new Map<string, unknown[]>();
    const { metadata } = this;
    const chunks = group.columns.filter((chunk) => names.includes(columnOfChunk(chunk)));
    await parquetRead({
      file: await checkedChunks(this.file, chunks),
      metadata,
      compressors,
      parsers,
      columns: [...names],
      rowStart,
      rowEnd: rowStart + rows,
      onChunk: ({ columnName, columnData }) => {
        const all = columns.get(columnName) ?? [];
        for (const value of columnData) all.push(value);
        columns.set(columnName, all);
      },
    });
    for (const [name, values] of columns) {
      if (values.length !== rows) throw damaged(this.name, `column ${name} has too few values`);
    }
    return columns;
  }
}

const columnOfChunk = ({ meta_data: meta }: Group['columns'][number]): string =>
  meta?.path_in_schema[0] ?? '';

/** The range of a column of times by the footer's statistics, both ends within; undefined where it has none. */
function timesOf(group: Group, column: string): TimeRange | undefined {
  const chunk = group.columns.find((one) => columnOfChunk(one) === column);
  const stats = chunk?.meta_data?.statistics;
  const [from, to] = [stats?.min_value ?? stats?.min, stats?.max_value ?? stats?.max];
  return typeof from === 'bigint' && typeof to === 'bigint' ? { from, to } : undefined;
}

function damaged(name: string, why: string): FaultlineError {
  return new FaultlineError('format/damaged', `${name} is no whole Parquet file: ${why}.`);
}

interface Element {
  readonly type?: string;
  readonly converted_type?: string;
  readonly logical_type?: { readonly type: string };
}

const isTime = ({ type, converted_type: converted, logical_type: logical }: Element): boolean =>
  type === 'INT96' ||
  logical?.type === 'TIMESTAMP' ||
  converted === 'DATE' ||
  converted === 'TIMESTAMP_MILLIS' ||
  converted === 'TIMESTAMP_MICROS';

const pathOf = (path: readonly string[] | undefined): string => JSON.stringify(path ?? []);

/** The paths of the columns that hold values. */
function leavesOf({ path, children }: SchemaTree): readonly string[] {
  return children.length === 0 ? [pathOf(path)] : children.flatMap(leavesOf);
}
