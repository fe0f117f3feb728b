import { FaultlineError, throwIfAborted } from '../../core/base';
import { randomAccess, type ByteSource, type RandomBytes } from '../../core/connect';
import { committedPages, type WalPages } from './wal';

/** Pages are read so many bytes at a time: neighbours are mostly wanted together. */
const CHUNK = 128 << 10;
const CHUNKS = 96;
const HEADER = 100;

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';
const ENCODINGS: readonly (TextEncoding | undefined)[] = [
  undefined,
  'utf-8',
  'utf-16le',
  'utf-16be',
];

/** The header of a database file (sqlite.org/fileformat2.html, 1.3). */
interface SqliteHeader {
  readonly pageSize: number;
  /** Bytes of a page that hold content; the rest is an extension's. */
  readonly usable: number;
  /** As the header counts them; undefined where it does not know. */
  readonly pages: number | undefined;
  /** What is written goes to a file beside first. */
  readonly wal: boolean;
  readonly encoding: TextEncoding;
}

/** Undefined where the bytes are no header of a database that can be read. */
export function headerOf(bytes: Uint8Array): SqliteHeader | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stated = view.getUint16(16);
  const pageSize = stated === 1 ? 65536 : stated;
  const usable = pageSize - view.getUint8(20);
  const encoding = ENCODINGS[view.getUint32(56) || 1];
  const whole = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0 && usable >= 480;
  if (!whole || !encoding) return undefined;
  // Software before 3.7.0 left the count as it was.
  const counted = view.getUint32(24) === view.getUint32(92) ? view.getUint32(28) : 0;
  return {
    pageSize,
    usable,
    pages: counted === 0 ? undefined : counted,
    wal: view.getUint8(18) === 2,
    encoding,
  };
}

/** The pages of a database, as they are with what its write-ahead log has committed. */
export class Pages {
  private readonly chunks = new Map<number, Uint8Array>();

  private constructor(
    private readonly file: RandomBytes,
    private readonly log: { readonly file: RandomBytes; readonly pages: WalPages } | undefined,
    private readonly signal: AbortSignal,
    readonly header: SqliteHeader,
    /** Whole pages that are there. */
    readonly count: number,
  ) {}

  /** Rejects with 'format/damaged' where the file has no header. */
  static async open(
    source: ByteSource,
    wal: ByteSource | undefined,
    signal: AbortSignal,
  ): Promise<Pages> {
    throwIfAborted(signal);
    const file = await randomAccess(source, signal);
    const header = headerOf(await file.read(0, HEADER));
    if (!header) {
      throw new FaultlineError(
        'format/damaged',
        `${source.name} has no readable header of a SQLite database.`,
      );
    }
    const log = wal && (await randomAccess(wal, signal));
    const pages = log && (await committedPages(log, header.pageSize));
    const whole = Math.floor(file.size / header.pageSize);
    return new Pages(
      file,
      log && pages && pages.frames.size > 0 ? { file: log, pages } : undefined,
      signal,
      header,
      pages && pages.count > 0 ? pages.count : whole,
    );
  }

  /** Pages that come from the write-ahead log. */
  get fromLog(): number {
    return this.log?.pages.frames.size ?? 0;
  }

  /** A page by its number, from 1. Throws where the file does not have it. */
  async page(number: number): Promise<Uint8Array> {
    throwIfAborted(this.signal);
    const { pageSize } = this.header;
    if (number < 1 || number > this.count) throw new Error(`page ${number} is not in the file`);
    const frame = this.log?.pages.frames.get(number);
    const bytes =
      frame !== undefined && this.log
        ? await this.log.file.read(frame, pageSize)
        : await this.fromFile((number - 1) * pageSize, pageSize);
    if (bytes.length < pageSize) throw new Error(`page ${number} is cut off`);
    return bytes;
  }

  private async fromFile(offset: number, length: number): Promise<Uint8Array> {
    const at = Math.floor(offset / CHUNK);
    let chunk = this.chunks.get(at);
    if (chunk) this.chunks.delete(at);
    else chunk = await this.file.read(at * CHUNK, CHUNK);
    // What was used last stands last.
    this.chunks.set(at, chunk);
    if (this.chunks.size > CHUNKS) {
      for (const oldest of this.chunks.keys()) {
        this.chunks.delete(oldest);
        break;
      }
    }
    return chunk.subarray(offset - at * CHUNK, offset - at * CHUNK + length);
  }
}
