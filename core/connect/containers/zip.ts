import type { Notice } from '../../model';
import { crc32 } from '../import-crc32';
import {
  MAX_ENTRIES,
  isHidden,
  streamOf,
  stretch,
  type ArchiveBytes,
  type ArchiveEntry,
  type ArchiveListing,
} from './archive';
import { SourceDamage } from './damage';
import { inflate } from './inflate';
import { readDirectory, scanLocal, type ZipMember } from './zip-directory';

const STORED = 0;
const DEFLATE = 8;
const ZSTD = 93;

/** True where a zip archive starts: a member, or the end of an empty one. */
export function isZip(head: Uint8Array): boolean {
  return (
    head[0] === 0x50 &&
    head[1] === 0x4b &&
    ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))
  );
}

/**
 * Lists a zip archive (zip64 too) by its directory; one that was cut has none and is gone through from its
 * start. Members are opened one at a time; deflated, stored and zstd ones are read.
 */
export async function listZip(
  bytes: ArchiveBytes & { readonly size: number },
  random: boolean,
  signal: AbortSignal,
): Promise<ArchiveListing> {
  const directory = await readDirectory(bytes);
  const members = directory ?? (await scanLocal(bytes));
  const notices: Notice[] = [];
  const note = (code: string, count: number, message: string): void => {
    if (count > 0) notices.push({ code, severity: 'warning', count, message });
  };
  const files = members.filter(({ name }) => !name.endsWith('/') && !isHidden(name));
  const locked = files.filter(({ encrypted }) => encrypted);
  const open = files.filter(({ encrypted }) => !encrypted);
  const known = open.filter(({ method }) => [STORED, DEFLATE, ZSTD].includes(method));
  if (!directory) {
    note(
      'archive-damaged',
      1,
      `The zip archive is cut or damaged: it has no directory. The ${files.length} files that begin in it were looked for from its start.`,
    );
  }
  note(
    'archive-encrypted',
    locked.length,
    `${locked.length} files of the archive are encrypted and were left out: ${some(locked)}.`,
  );
  note(
    'archive-entries-left-out',
    open.length - known.length,
    `${open.length - known.length} files of the archive are compressed in a way that is not read here: ${some(open.filter((m) => !known.includes(m)))}.`,
  );
  note(
    'archive-too-many',
    known.length > MAX_ENTRIES ? known.length - MAX_ENTRIES : 0,
    `Only the first ${MAX_ENTRIES} of ${known.length} files in the archive were looked at.`,
  );
  const entries = known
    .slice(0, MAX_ENTRIES)
    .map((member) => entryOf(bytes, member, random, signal));
  return { entries, notices };
}

const some = (members: readonly ZipMember[]): string =>
  members
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ');

function entryOf(
  bytes: ArchiveBytes,
  member: ZipMember,
  random: boolean,
  signal: AbortSignal,
): ArchiveEntry {
  const { name, size, method } = member;
  const entry = {
    name: name.replace(/^(\.?\/)+/, ''),
    size,
    stream: () => streamOf(content(bytes, member, signal)),
  };
  if (!random || method !== STORED || size === undefined) return entry;
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const start = await dataStart(bytes, member);
    return bytes.read(start + offset, Math.max(0, Math.min(length, size - offset)));
  };
  return { ...entry, read };
}

/** Where a member's bytes begin: its own header says how long its name and extra fields are. */
async function dataStart(bytes: ArchiveBytes, { header }: ZipMember): Promise<number> {
  const local = await bytes.read(header, 30);
  const view = new DataView(local.buffer, local.byteOffset, local.byteLength);
  if (local.length < 30 || view.getUint32(0, true) !== 0x04034b50) {
    throw new SourceDamage(0, 'the archive has no such file where its directory says');
  }
  return header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

async function* content(
  bytes: ArchiveBytes,
  member: ZipMember,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const start = await dataStart(bytes, member);
  const raw = stretch(bytes, start, start + member.packed);
  if (member.method === DEFLATE) yield* inflate('gzip', asGzip(raw, member), signal);
  else if (member.method === ZSTD) yield* inflate('zstd', raw, signal);
  else yield* stored(raw, member);
}

/** Deflated data as a gzip member, so that length and checksum are verified on the way. */
async function* asGzip(
  raw: AsyncGenerator<Uint8Array>,
  { crc, size }: ZipMember,
): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  yield* raw;
  if (crc === undefined || size === undefined) return;
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc, true);
  trailer.setUint32(4, size % 2 ** 32, true);
  yield new Uint8Array(trailer.buffer);
}

async function* stored(
  raw: AsyncGenerator<Uint8Array>,
  { crc, size }: ZipMember,
): AsyncGenerator<Uint8Array> {
  let sum = -1;
  let out = 0;
  for await (const chunk of raw) {
    sum = crc32(sum, chunk, 0, chunk.length);
    out += chunk.length;
    yield chunk;
  }
  if (size === undefined || out < size) {
    throw new SourceDamage(out, 'the archive ends within this file');
  }
  if (crc !== undefined && ~sum >>> 0 !== crc) throw new SourceDamage(out, 'the checksum differs');
}
