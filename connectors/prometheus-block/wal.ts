import { decompress } from 'fzstd';
import { crc32c, randomAccess, unsnappy, type ByteSource } from '../../core/connect';
import { ByteReader } from './bytes';

/** Records are cut into fragments that do not cross pages (tsdb/docs/format/wal.md). */
const PAGE = 32_768;
const HEAD = 7;
const READ = PAGE * 32;

const FULL = 1;
const FIRST = 2;
const LAST = 4;
const SNAPPY = 8;
const ZSTD = 16;

export type WalRecord =
  | { readonly at: number; readonly bytes: Uint8Array }
  | { readonly at: number; readonly reason: string };

/** True where a file begins with a fragment whose checksum is right. */
export function isWal(head: Uint8Array): boolean {
  const [type = 0] = head;
  if (![FULL, FIRST].includes(type & 7) || type > 31 || head.length < HEAD + 2) return false;
  const reader = new ByteReader(head, 1);
  const length = reader.byte() * 256 + reader.byte();
  if (length < 2 || length > PAGE - HEAD || head.length < HEAD + length) return false;
  return crc32c(head.subarray(HEAD, HEAD + length)) === reader.uint32();
}

/** The records of one segment of the write-ahead log; what is damaged ends with its page. */
export async function* walRecords(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<WalRecord> {
  const file = await randomAccess(source, signal);
  const joiner = new Joiner();
  for (let at = 0; at < file.size; at += READ) {
    const bytes = await file.read(at, READ);
    for (let page = 0; page < bytes.length; page += PAGE) {
      yield* joiner.page(bytes.subarray(page, page + PAGE), at + page);
    }
  }
  yield* joiner.end(file.size);
}

class Joiner {
  private parts: Uint8Array[] = [];
  private from = 0;

  *page(page: Uint8Array, offset: number): Generator<WalRecord> {
    const reader = new ByteReader(page);
    while (reader.left >= HEAD) {
      const at = offset + reader.pos;
      const type = reader.byte();
      if (type === 0) return;
      const length = reader.byte() * 256 + reader.byte();
      const sum = reader.uint32();
      const whole = reader.left >= length;
      const data = whole ? reader.take(length) : undefined;
      if (!data || crc32c(data) !== sum || type > 31 || (type & 7) > LAST) {
        this.parts = [];
        const why = whole ? 'does not match its checksum' : 'is cut';
        yield { at, reason: `a piece of the log ${why}; the rest of its page is lost` };
        return;
      }
      yield* this.fragment(type, data, at);
    }
  }

  *end(size: number): Generator<WalRecord> {
    if (this.parts.length > 0) yield { at: size, reason: 'the log ends within a record' };
  }

  private *fragment(type: number, data: Uint8Array, at: number): Generator<WalRecord> {
    const kind = type & 7;
    if (kind === FULL || kind === FIRST) {
      this.parts = [data.slice()];
      this.from = at;
    } else if (this.parts.length === 0) return;
    else this.parts.push(data.slice());
    if (kind !== FULL && kind !== LAST) return;
    const bytes = joined(this.parts);
    this.parts = [];
    yield unpacked(bytes, type, this.from);
  }
}

function unpacked(bytes: Uint8Array, type: number, at: number): WalRecord {
  if (type & SNAPPY) {
    const { bytes: content, fault } = unsnappy(bytes);
    return fault === ''
      ? { at, bytes: content }
      : { at, reason: `a snappy block is damaged: ${fault}` };
  }
  if (!(type & ZSTD)) return { at, bytes };
  try {
    return { at, bytes: decompress(bytes) };
  } catch {
    return { at, reason: 'a zstd frame is damaged' };
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
