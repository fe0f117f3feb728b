import { crc32c } from '../../core/connect';
import { ByteReader, damaged } from './bytes';

const MAGIC = 0x0130ba30;
const WAY_OUT =
  'What was deleted is not known. Take the file tombstones away to read the block with all of it.';

/** Times (ms, both ends inclusive) of which a series' samples were deleted. */
export interface Deleted {
  readonly from: number;
  readonly to: number;
}

/** The tombstones of a block by series. Throws 'format/damaged'. */
export function readTombstones(bytes: Uint8Array): ReadonlyMap<number, readonly Deleted[]> {
  const head = new ByteReader(bytes);
  if (bytes.length < 9 || head.uint32() !== MAGIC)
    throw damaged(`The tombstones can not be read. ${WAY_OUT}`);
  const version = head.byte();
  if (version !== 1) throw damaged(`The tombstones have version ${version}, not 1.`);
  const body = bytes.subarray(5, bytes.length - 4);
  if (crc32c(body) !== new ByteReader(bytes, bytes.length - 4).uint32()) {
    throw damaged(`The tombstones do not match their checksum. ${WAY_OUT}`);
  }
  const reader = new ByteReader(body);
  const deleted = new Map<number, Deleted[]>();
  while (reader.left > 0) {
    const ref = reader.uvarint();
    const from = reader.varint();
    const stone = { from, to: reader.varint() };
    const known = deleted.get(ref);
    if (known) known.push(stone);
    else deleted.set(ref, [stone]);
  }
  return deleted;
}
