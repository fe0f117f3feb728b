import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FaultlineError } from '../../../core/base';
import type { SetFolder } from '../../../core/evaluate';

const unzip = promisify(gunzip);

/** A set's folder on disk. Errors: 'not-found'. */
export async function setFolder(path: string): Promise<SetFolder> {
  const root = resolve(path);
  const info = await stat(root).catch(() => undefined);
  if (!info?.isDirectory()) throw new FaultlineError('not-found', `There is no folder ${path}.`);
  return {
    name: basename(root),
    list: async (inside = '') => {
      const names = await readdir(join(root, inside));
      return names.filter((name) => !name.startsWith('.')).sort();
    },
    text: async (file) => {
      const bytes = await readFile(join(root, file)).catch((cause: unknown) => {
        throw new FaultlineError('not-found', `There is no file ${file} in ${path}.`, { cause });
      });
      return (file.endsWith('.gz') ? await unzip(bytes) : bytes).toString('utf8');
    },
    has: (file) =>
      stat(join(root, file)).then(
        () => true,
        () => false,
      ),
  };
}

/** Folders in a folder, in order: where sets may lie. */
export async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .sort();
}
