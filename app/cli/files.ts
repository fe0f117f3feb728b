import { createReadStream, rmSync, type Dirent, type Stats } from 'node:fs';
import { mkdtemp, open, readFile, readdir, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { FaultlineError } from '../../core/base';
import { parseMapping, type ByteSource, type Mapping } from '../../core/connect';

/** A mapping file's content. Throws 'not-found', or 'usage' with what is wrong in it. */
export async function readMapping(path: string): Promise<Mapping> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FaultlineError('not-found', `There is no mapping file ${path}.`, { cause });
  });
  return parseMapping(text);
}

/** Files, folders (recursive, without links and hidden files) and '-' for standard input. */
export async function sourcesOf(paths: readonly string[]): Promise<readonly ByteSource[]> {
  const sources: ByteSource[] = [];
  for (const path of paths) {
    if (path === '-') {
      sources.push(await standardInput());
      continue;
    }
    const info = await stat(path).catch((cause: unknown) => {
      throw new FaultlineError('not-found', `There is no file or folder ${path}.`, { cause });
    });
    if (info.isDirectory()) sources.push(...(await folder(path)));
    else sources.push(fileSource(path, info));
  }
  return sources;
}

function fileSource(path: string, { size, mtimeMs }: Stats): ByteSource {
  const absolute = resolve(path);
  return {
    name: path,
    size,
    modifiedMs: Math.round(mtimeMs),
    path: absolute,
    stream: () =>
      Readable.toWeb(createReadStream(absolute, { highWaterMark: 1 << 20 })) as ReadableStream,
    read: (offset, length) => readAt(absolute, offset, length),
  };
}

async function readAt(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function folder(path: string): Promise<readonly ByteSource[]> {
  const entries: Dirent[] = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const sources: ByteSource[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) sources.push(...(await folder(child)));
    else if (entry.isFile()) sources.push(fileSource(child, await stat(child)));
  }
  return sources;
}

/** Standard input up to this many bytes is held in memory. */
const HELD = 64 << 20;

/**
 * Standard input, read to its end: it is looked at several times (archives, hash, rows). What is larger than
 * HELD goes into a temporary file, which is gone when the program ends.
 */
async function standardInput(): Promise<ByteSource> {
  const chunks: Buffer[] = [];
  let length = 0;
  let spool: { readonly path: string; readonly file: FileHandle } | undefined;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length <= HELD) continue;
    spool ??= await spoolFile();
    for (const piece of chunks.splice(0)) await spool.file.write(piece);
  }
  if (spool) {
    await spool.file.close();
    return { ...fileSource(spool.path, await stat(spool.path)), name: '-' };
  }
  const bytes = Buffer.concat(chunks);
  return {
    name: '-',
    size: bytes.length,
    // What is piped is of now: a scrape that has no times is.
    modifiedMs: Date.now(),
    stream: () => new Blob([bytes]).stream(),
    read: async (offset, n) => bytes.subarray(offset, offset + n),
  };
}

async function spoolFile(): Promise<{ readonly path: string; readonly file: FileHandle }> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-stdin-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'input');
  return { path, file: await open(path, 'w', 0o600) };
}
