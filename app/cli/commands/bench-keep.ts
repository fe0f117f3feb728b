import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FaultlineError } from '../../../core/base';
import { keptText, readKept, type KeptSet } from '../../../core/evaluate';

/** Writes a set's cases or score into a folder, for `kept:DIR`; an earlier run of the same is replaced. */
export async function keepIn(dir: string, name: string, kept: KeptSet): Promise<void> {
  await mkdir(dir, { recursive: true });
  const words = [name, kept.variant].filter((word) => word !== '').join('-');
  const path = join(dir, `${words.replaceAll(/[^\w.-]+/g, '-')}.json`);
  await writeFile(`${path}.${process.pid}`, keptText(kept));
  await rename(`${path}.${process.pid}`, path);
}

/** The sets that were kept in a folder, in order of their names. Errors: 'not-found', 'format/damaged'. */
export async function keptIn(dir: string): Promise<readonly KeptSet[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw new FaultlineError('not-found', `There is no folder ${dir}.`, { cause });
  });
  const kept: KeptSet[] = [];
  for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
    kept.push(readKept(await textOf(join(dir, name)), name));
  }
  if (kept.length === 0) {
    throw new FaultlineError('not-found', `Nothing was kept in ${basename(dir)}.`);
  }
  return kept;
}

/** Errors: 'not-found'. */
export function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FaultlineError('not-found', `There is no file ${path}.`, { cause });
  });
}
