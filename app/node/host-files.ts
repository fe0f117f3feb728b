import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { FaultlineError } from '../../core/base';
import type { FileRef } from '../../core/host';
import { fileRef } from './file-ref';

/** More files than this in a dropped folder are not listed. */
const MAX_LISTED = 20_000;

interface OpenWrite {
  readonly file: FileHandle;
  readonly temporary: string;
  readonly target: string;
}

/**
 * Files for the workbench. It reads only what a person named (picked, dropped, started with, a recent
 * case), and writes only cases.
 */
export class HostFiles {
  private readonly granted = new Set<string>();
  private readonly writes = new Map<number, OpenWrite>();
  private handles = 0;

  grant(paths: readonly string[]): void {
    for (const path of paths) this.granted.add(resolve(path));
  }

  private allowed(path: string): string {
    const absolute = resolve(path);
    for (const granted of this.granted) {
      const inside = relative(granted, absolute);
      if (inside === '' || (!inside.startsWith('..') && !isAbsolute(inside))) return absolute;
    }
    throw new FaultlineError('host/denied', `${basename(path)} was not opened by a person.`);
  }

  async stat(path: string): Promise<FileRef | null> {
    const absolute = this.allowed(path);
    try {
      return fileRef(absolute, await stat(absolute));
    } catch {
      return null;
    }
  }

  async list(path: string): Promise<readonly FileRef[]> {
    const top = await this.stat(path);
    if (!top) throw new FaultlineError('not-found', `There is no file ${basename(path)}.`);
    if (!top.isDirectory) return [top];
    const found: FileRef[] = [];
    await this.walk(top.path, found);
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  private async walk(folder: string, found: FileRef[]): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || found.length >= MAX_LISTED) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await this.walk(path, found);
      else if (entry.isFile()) {
        found.push(fileRef(path, await stat(path)));
      }
    }
  }

  async read(path: string, offset: number, length: number): Promise<Uint8Array> {
    const absolute = this.allowed(path);
    let file: FileHandle;
    try {
      file = await open(absolute, 'r');
    } catch (cause) {
      throw new FaultlineError('host/io', `${basename(path)} cannot be read.`, { cause });
    }
    try {
      const buffer = new Uint8Array(length);
      let read = 0;
      while (read < length) {
        const { bytesRead } = await file.read(buffer, read, length - read, offset + read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      return buffer.subarray(0, read);
    } finally {
      await file.close();
    }
  }

  /** The target keeps its old content until the new file is whole. */
  async writeBegin(path: string): Promise<number> {
    if (!isAbsolute(path)) throw new FaultlineError('usage', 'Give the whole path of the case.');
    const target = path.endsWith('.faultline') ? resolve(path) : `${resolve(path)}.faultline`;
    await refuseOtherFiles(target);
    const unique = createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 12);
    const temporary = join(dirname(target), `.${basename(target)}.${unique}.tmp`);
    try {
      await access(dirname(target), constants.W_OK);
      const file = await open(temporary, 'wx', 0o600);
      const handle = ++this.handles;
      this.writes.set(handle, { file, temporary, target });
      return handle;
    } catch (cause) {
      const why = `${dirname(target)} cannot be written to.`;
      throw new FaultlineError('host/io', why, { cause });
    }
  }

  async writeChunk(handle: number, chunk: Uint8Array): Promise<void> {
    await this.writing(handle).file.writeFile(chunk);
  }

  async writeCommit(handle: number): Promise<FileRef> {
    const { file, temporary, target } = this.writing(handle);
    this.writes.delete(handle);
    await file.sync();
    await file.close();
    await rename(temporary, target);
    this.grant([target]);
    const { size } = await stat(target);
    return { path: target, name: basename(target), size, isDirectory: false };
  }

  async writeAbort(handle: number): Promise<void> {
    const { file, temporary } = this.writing(handle);
    this.writes.delete(handle);
    await file.close();
    await rm(temporary, { force: true });
  }

  private writing(handle: number): OpenWrite {
    const write = this.writes.get(handle);
    if (write) return write;
    throw new FaultlineError('host/denied', 'This file is not being written.');
  }

  async close(): Promise<void> {
    for (const handle of this.writes.keys()) await this.writeAbort(handle);
  }
}

/** A case replaces only a case. */
async function refuseOtherFiles(target: string): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(target, 'r');
  } catch {
    return;
  }
  try {
    const head = new Uint8Array(12);
    const { bytesRead } = await file.read(head, 0, 12, 0);
    const magic = String.fromCharCode(...head.subarray(8, 12));
    if (bytesRead > 0 && magic !== 'DUCK') {
      throw new FaultlineError(
        'case/exists',
        `${basename(target)} is no case; it is left as it is.`,
      );
    }
  } finally {
    await file.close();
  }
}
