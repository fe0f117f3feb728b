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
import { FaultlineError } from '../../core/base';
import { randomAccess, type ByteSource } from '../../core/connect';
import { checkedChunks } from './pages';
import { fitting, hexOf, type Column, type ColumnFile, type Columns, type RowGroup } from './rows';

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

/** A Parquet file with its footer read. */
export class ParquetFile implements ColumnFile {
  private constructor(
    readonly name: string,
    private readonly file: AsyncBuffer,
    private readonly metadata: FileMetaData,
    readonly columns: readonly Column[],
  ) {}

  /** Rejects with 'format/damaged' where the footer can not be read. */
  static async open(source: ByteSource, signal: AbortSignal): Promise<ParquetFile> {
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
      const metadata = await parquetMetadataAsync(file, { parsers, geoparquet: false });
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
      throw damaged(source.name, error instanceof Error ? error.message : 'its footer is broken');
    }
  }

  async *groups(): AsyncGenerator<RowGroup> {
    let before = 0;
    for (const group of this.metadata.row_groups) {
      const from = before;
      const rows = Number(group.num_rows);
      before += rows;
      yield { rows, read: () => this.read(group, from, rows) };
    }
  }

  /** One row group, column by column; bytes of that group alone are read. */
  private async read(group: Group, rowStart: number, rows: number): Promise<Columns> {
    const columns = new Map<string, unknown[]>();
    const { metadata } = this;
    await parquetRead({
      file: await checkedChunks(this.file, group),
      metadata,
      compressors,
      parsers,
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
