import type { RandomBytes } from '../../core/connect';

const HEADER = 32;
const FRAME_HEADER = 24;
/** Frame headers are looked at a block of frames at a time. */
const BLOCK = 1 << 20;

/** Where the newest committed version of a page stands in a write-ahead log. */
export interface WalPages {
  /** Byte offsets by page number. */
  readonly frames: ReadonlyMap<number, number>;
  /** Pages of the database after the last commit; 0 where nothing was committed. */
  readonly count: number;
}

/**
 * The pages that a write-ahead log has committed (sqlite.org/fileformat2.html, 4): frames whose salt is the
 * header's and whose checksums go on from it, up to the last that ends a transaction. Others are left over.
 */
export async function committedPages(wal: RandomBytes, pageSize: number): Promise<WalPages> {
  const head = await wal.read(0, HEADER);
  const none: WalPages = { frames: new Map(), count: 0 };
  if (!isWal(head)) return none;
  const view = viewOf(head);
  const little = (view.getUint32(0) & 1) === 0;
  let sums = checksum(head, 0, 24, [0, 0], little);
  if (view.getUint32(8) !== pageSize || !same(sums, view, 24)) return none;
  const salt = [view.getUint32(16), view.getUint32(20)] as const;
  const size = FRAME_HEADER + pageSize;
  const frames = new Map<number, number>();
  let open = new Map<number, number>();
  let count = 0;
  const step = Math.max(1, Math.floor(BLOCK / size)) * size;
  for (let from = HEADER; from + size <= wal.size; from += step) {
    const block = await wal.read(from, step);
    for (let at = 0; at + size <= block.length; at += size) {
      const frame = viewOf(block.subarray(at, at + FRAME_HEADER));
      sums = checksum(block, at, 8, sums, little);
      sums = checksum(block, at + FRAME_HEADER, pageSize, sums, little);
      const fits = frame.getUint32(8) === salt[0] && frame.getUint32(12) === salt[1];
      if (!fits || !same(sums, frame, 16)) return { frames, count };
      open.set(frame.getUint32(0), from + at + FRAME_HEADER);
      const pages = frame.getUint32(4);
      if (pages === 0) continue;
      count = pages;
      for (const [page, offset] of open) frames.set(page, offset);
      open = new Map();
    }
  }
  return { frames, count };
}

/** The first bytes of a write-ahead log. */
export const isWal = (head: Uint8Array): boolean =>
  head.length >= HEADER && (viewOf(head).getUint32(0) & 0xfffffffe) >>> 0 === 0x377f0682;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

type Sums = readonly [number, number];

const same = ([a, b]: Sums, view: DataView, at: number): boolean =>
  view.getUint32(at) === a && view.getUint32(at + 4) === b;

function checksum(
  bytes: Uint8Array,
  from: number,
  length: number,
  by: Sums,
  little: boolean,
): Sums {
  const view = viewOf(bytes);
  let [a, b] = by;
  for (let at = from; at < from + length; at += 8) {
    a = (a + view.getUint32(at, little) + b) >>> 0;
    b = (b + view.getUint32(at + 4, little) + a) >>> 0;
  }
  return [a, b];
}
