import type { Notice } from '../../model';
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

const BLOCK = 512;
/** A longer name or extended header is no honest one. */
const MAX_EXTENDED = 1 << 20;

/** True where a tar header stands at the start: its checksum fits. */
export function isTar(head: Uint8Array): boolean {
  return head.length >= BLOCK && head[0] !== 0 && checksumFits(head.subarray(0, BLOCK));
}

function checksumFits(header: Uint8Array): boolean {
  const stated = octal(header, 148, 8);
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  return stated === sum;
}

/** An octal field, or a binary one where its top bit is set (GNU); NaN where it is neither. */
function octal(header: Uint8Array, at: number, length: number): number {
  const first = header[at] ?? 0;
  if (first & 0x80) {
    let value = first & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + (header[at + i] ?? 0);
    return value;
  }
  const text = textAt(header, at, length).trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function textAt(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Lists a tar archive (v7, ustar, GNU, pax). What comes before a damage is listed, and the damage is said. */
export async function listTar(bytes: ArchiveBytes, random: boolean): Promise<ArchiveListing> {
  const walk = new TarWalk(bytes, random);
  try {
    while (walk.entries.length < MAX_ENTRIES && (await walk.step()));
  } catch (error) {
    if (!(error instanceof SourceDamage)) throw error;
    walk.damaged(error.reason);
  }
  return { entries: walk.entries, notices: walk.notices() };
}

class TarWalk {
  readonly entries: ArchiveEntry[] = [];
  private readonly found: Notice[] = [];
  private offset = 0;
  private long: { path?: string; size?: number } = {};
  private unread = 0;

  constructor(
    private readonly bytes: ArchiveBytes,
    private readonly random: boolean,
  ) {}

  notices(): readonly Notice[] {
    const { found } = this;
    if (this.entries.length >= MAX_ENTRIES) {
      found.push(
        notice(
          'archive-too-many',
          1,
          `Only the first ${MAX_ENTRIES} files of the archive were looked at.`,
        ),
      );
    }
    if (this.unread > 0) {
      found.push(
        notice(
          'archive-entries-left-out',
          this.unread,
          `${this.unread} members of the archive are sparse files and were left out.`,
        ),
      );
    }
    return found;
  }

  damaged(reason: string): void {
    this.found.push(
      notice(
        'archive-damaged',
        1,
        `The tar archive is damaged or cut at byte ${this.offset} (${reason}). What comes before is taken over.`,
      ),
    );
  }

  /** One header and what belongs to it; false at the end. */
  async step(): Promise<boolean> {
    const header = await this.bytes.read(this.offset, BLOCK);
    if (header.length < BLOCK) {
      this.damaged('it has no end mark');
      return false;
    }
    if (header[0] === 0 && header.every((byte) => byte === 0)) return false;
    if (!checksumFits(header)) {
      this.damaged('a header has a wrong checksum');
      return false;
    }
    const type = String.fromCharCode(header[156] ?? 0);
    const size = this.long.size ?? octal(header, 124, 12);
    if (!Number.isSafeInteger(size)) {
      this.damaged('a header has no size');
      return false;
    }
    const data = this.offset + BLOCK;
    const next = data + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x' || type === 'L' || type === 'g' || type === 'K') {
      if (type === 'x' || type === 'L') await this.extended(type, data, size);
    } else {
      this.entry(type, header, data, size);
      this.long = {};
    }
    this.offset = next;
    return true;
  }

  private entry(type: string, header: Uint8Array, data: number, size: number): void {
    if (type === 'S') this.unread++;
    if (type !== '0' && type !== '\0' && type !== '7') return;
    const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
    const own = textAt(header, 0, 100);
    const path = this.long.path ?? (prefix === '' ? own : `${prefix}/${own}`);
    if (path.endsWith('/') || isHidden(path)) return;
    const { bytes } = this;
    const read = (offset: number, length: number): Promise<Uint8Array> =>
      bytes.read(data + offset, Math.max(0, Math.min(length, size - offset)));
    this.entries.push({
      name: path.replace(/^(\.?\/)+/, ''),
      size,
      ...modifiedAt(octal(header, 136, 12)),
      stream: () => streamOf(whole(bytes, data, size)),
      ...(this.random ? { read } : {}),
    });
  }

  private async extended(type: string, data: number, size: number): Promise<void> {
    if (size > MAX_EXTENDED) throw new SourceDamage(data, 'an extended header is too long');
    const body = await this.bytes.read(data, size);
    if (type === 'L') this.long.path = textAt(body, 0, body.length);
    else this.long = { ...this.long, ...paxOf(body) };
  }
}

/** Of a header's seconds since the epoch; zero is what archives say that are made reproducibly. */
function modifiedAt(seconds: number): { readonly modifiedMs?: number } {
  return Number.isSafeInteger(seconds) && seconds > 0 ? { modifiedMs: seconds * 1000 } : {};
}

/** `length key=value\n` records of a pax header: path and size. */
function paxOf(body: Uint8Array): { path?: string; size?: number } {
  const out: { path?: string; size?: number } = {};
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(32, at);
    const length = Number(new TextDecoder().decode(body.subarray(at, space)));
    if (space < 0 || !(length > 0)) break;
    const record = new TextDecoder().decode(body.subarray(space + 1, at + length - 1));
    const mark = record.indexOf('=');
    const [key, value] = [record.slice(0, mark), record.slice(mark + 1)];
    if (key === 'path') out.path = value;
    if (key === 'size') out.size = Number(value);
    at += length;
  }
  return out;
}

/** A member's content; SourceDamage where the archive ends within it. */
async function* whole(bytes: ArchiveBytes, from: number, size: number): AsyncGenerator<Uint8Array> {
  let out = 0;
  for await (const chunk of stretch(bytes, from, from + size)) {
    out += chunk.length;
    yield chunk;
  }
  if (out < size) throw new SourceDamage(out, 'the archive ends within this file');
}

function notice(code: string, count: number, message: string): Notice {
  return { code, severity: 'warning', count, message };
}
