import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { FaultlineError } from '../../core/base';
import type { FileRef, Folder } from '../../core/host';
import { fileRef } from './file-ref';

/** Entries of one folder that are listed; further ones are counted. */
const MAX_ENTRIES = 5000;

/** One folder's direct entries, for the file dialog of a shell that has no native one. */
export async function browseFolder(path: string): Promise<Folder> {
  const typed = path.replace(/^~(?=$|[/\\])/, homedir());
  if (!isAbsolute(typed)) throw new FaultlineError('usage', 'Give the whole path of a folder.');
  const folder = resolve(typed);
  const names = (await namesIn(folder)).filter((name) => !name.startsWith('.'));
  const refs = await Promise.all(names.slice(0, MAX_ENTRIES).map((name) => refOf(folder, name)));
  const parent = dirname(folder);
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    entries: refs.filter((ref) => ref !== undefined).sort(foldersFirst),
    left: Math.max(0, names.length - MAX_ENTRIES),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const name = basename(folder) || folder;
    if (code === 'EACCES' || code === 'EPERM')
      throw new FaultlineError('host/denied', `${name} may not be read by this user.`, { cause });
    throw new FaultlineError('not-found', `There is no folder ${folder}.`, { cause });
  }
}

/** Undefined for what is neither file nor folder, or went away meanwhile. */
async function refOf(folder: string, name: string): Promise<FileRef | undefined> {
  const path = join(folder, name);
  try {
    const info = await stat(path);
    if (!info.isDirectory() && !info.isFile()) return undefined;
    return fileRef(path, info);
  } catch {
    return undefined;
  }
}

function foldersFirst(a: FileRef, b: FileRef): number {
  if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1;
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}
