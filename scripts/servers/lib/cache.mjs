// Where what the tests need is kept between runs, and how it gets there whole or not at all.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** FAULTLINE_CACHE, else `faultline` in the user's cache folder. */
export const cacheFolder =
  process.env.FAULTLINE_CACHE ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'faultline');

/**
 * The path `name` in the cache; where it is absent, `build(folder)` makes it in a folder of its own and returns
 * the path of what is to be kept, which is then renamed into place: an interrupted build leaves nothing behind.
 */
export async function cached(name, build) {
  const target = join(cacheFolder, name);
  if (existsSync(target)) return { path: target, fresh: false };
  return locked(name.replaceAll(/[\\/]/g, '-'), async () => {
    if (existsSync(target)) return { path: target, fresh: false };
    const folder = await mkdtemp(join(cacheFolder, '.building-'));
    try {
      const made = await build(folder);
      await mkdir(dirname(target), { recursive: true });
      await rename(made, target);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return { path: target, fresh: true };
  });
}

/** Runs `work` while no other process on this machine works under the same name. */
export async function locked(name, work) {
  const lock = join(cacheFolder, 'locks', name);
  await mkdir(dirname(lock), { recursive: true });
  while (!(await taken(lock))) await sleep(250);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function taken(lock) {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
  // Zero is a holder that has not written its id yet.
  if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
  return false;
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
