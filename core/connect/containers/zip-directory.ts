import { MAX_ENTRIES, type ArchiveBytes } from './archive';

/** A member of a zip archive, from the directory or from its own header. */
export interface ZipMember {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  /** Offset of its own header. */
  readonly header: number;
  /** Bytes that it takes in the archive. */
  readonly packed: number;
  /** Missing where the archive was cut before they are said. */
  readonly size: number | undefined;
  readonly crc: number | undefined;
}

type Sized = ArchiveBytes & { readonly size: number };

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const FULL32 = 0xffffffff;
const FULL16 = 0xffff;
/** A directory longer than this is none: twenty thousand long names fit. */
const MAX_DIRECTORY = 64 << 20;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The members by the archive's directory; undefined where it has none that can be read. */
export async function readDirectory(bytes: Sized): Promise<readonly ZipMember[] | undefined> {
  const from = Math.max(0, bytes.size - 22 - FULL16);
  const tail = await bytes.read(from, bytes.size - from);
  const view = viewOf(tail);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + 22 + view.getUint16(at + 20, true) > tail.length) continue;
    const place = (await place64(bytes, view, at, from)) ?? {
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      end: from + at,
    };
    if (place.size > MAX_DIRECTORY) return undefined;
    // Something before the archive (a self-extractor) shifts all offsets.
    const shift = place.end - place.size - place.offset;
    if (shift < 0) continue;
    return centralOf(await bytes.read(place.offset + shift, place.size), shift);
  }
  return undefined;
}

interface Place {
  readonly size: number;
  readonly offset: number;
  readonly end: number;
}

async function place64(
  bytes: Sized,
  view: DataView,
  at: number,
  from: number,
): Promise<Place | undefined> {
  if (at < 20 || view.getUint32(at - 20, true) !== LOCATOR64) return undefined;
  const end = Number(view.getBigUint64(at - 12, true));
  const record = await bytes.read(end, 56);
  if (record.length < 56 || end >= from + at) return undefined;
  const end64 = viewOf(record);
  if (end64.getUint32(0, true) !== END64) return undefined;
  return {
    size: Number(end64.getBigUint64(40, true)),
    offset: Number(end64.getBigUint64(48, true)),
    end,
  };
}

function centralOf(directory: Uint8Array, shift: number): readonly ZipMember[] {
  const view = viewOf(directory);
  const members: ZipMember[] = [];
  for (let at = 0; at + 46 <= directory.length && members.length <= MAX_ENTRIES;) {
    if (view.getUint32(at, true) !== CENTRAL) break;
    const name = view.getUint16(at + 28, true);
    const extra = view.getUint16(at + 30, true);
    const comment = view.getUint16(at + 32, true);
    const wide = wideOf(directory, at + 46 + name, extra, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    members.push({
      name: nameOf(directory.subarray(at + 46, at + 46 + name)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc: view.getUint32(at + 16, true),
      size: wide[0],
      packed: wide[1],
      header: wide[2] + shift,
    });
    at += 46 + name + extra + comment;
  }
  return members;
}

type Wide = readonly [size: number, packed: number, offset: number];

/** Size, packed size and offset; what is all ones stands in the zip64 field instead, in this order. */
function wideOf(bytes: Uint8Array, from: number, length: number, narrow: Wide): Wide {
  const view = viewOf(bytes);
  const end = Math.min(from + length, bytes.length);
  for (let at = from; at + 4 <= end;) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let value = at + 4;
      const wide = (number: number): number => {
        if (number !== FULL32 || value + 8 > end) return number;
        value += 8;
        return Number(view.getBigUint64(value - 8, true));
      };
      return [wide(narrow[0]), wide(narrow[1]), wide(narrow[2])];
    }
    at += 4 + size;
  }
  return narrow;
}

function nameOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll('\\', '/');
}

/** The members of an archive without a directory, by their own headers, as far as they go. */
export async function scanLocal(bytes: Sized): Promise<readonly ZipMember[]> {
  const members: ZipMember[] = [];
  for (let at = 0; members.length < MAX_ENTRIES;) {
    const head = await bytes.read(at, 30);
    const view = viewOf(head);
    if (head.length < 30 || view.getUint32(0, true) !== LOCAL) break;
    const nameLength = view.getUint16(26, true);
    const extra = view.getUint16(28, true);
    const rest = await bytes.read(at + 30, nameLength + extra);
    if (rest.length < nameLength + extra) break;
    const start = at + 30 + nameLength + extra;
    const [size, packed] = wideOf(rest, nameLength, extra, [
      view.getUint32(22, true),
      view.getUint32(18, true),
      0,
    ]);
    const flags = view.getUint16(6, true);
    const described = (flags & 8) !== 0 && packed === 0;
    const found = described ? await descriptorAfter(bytes, start) : undefined;
    members.push({
      name: nameOf(rest.subarray(0, nameLength)),
      method: view.getUint16(8, true),
      encrypted: (flags & 1) === 1,
      header: at,
      packed: described ? (found?.packed ?? bytes.size - start) : packed,
      size: described ? found?.size : size,
      crc: described ? found?.crc : view.getUint32(14, true),
    });
    if (described && !found) break;
    at = found ? found.next : start + packed;
  }
  return members;
}

interface Descriptor {
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly next: number;
}

const WINDOW = 1 << 20;

/** The descriptor that follows streamed data: its signature, with a packed size that fits its place. */
async function descriptorAfter(bytes: Sized, start: number): Promise<Descriptor | undefined> {
  for (let from = start; from < bytes.size; from += WINDOW) {
    const window = await bytes.read(from, WINDOW + 24);
    const view = viewOf(window);
    for (let at = 0; at + 16 <= window.length && at < WINDOW; at++) {
      if (window[at] !== 0x50 || view.getUint32(at, true) !== DESCRIPTOR) continue;
      const length = from + at - start;
      const crc = view.getUint32(at + 4, true);
      if (view.getUint32(at + 8, true) === length) {
        return { crc, packed: length, size: view.getUint32(at + 12, true), next: from + at + 16 };
      }
      if (at + 24 <= window.length && Number(view.getBigUint64(at + 8, true)) === length) {
        const size = Number(view.getBigUint64(at + 16, true));
        return { crc, packed: length, size, next: from + at + 24 };
      }
    }
  }
  return undefined;
}
