// Programs from Debian: installed by root, or only unpacked into the cache.
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locked } from './cache.mjs';
import { isRoot, run, which } from './run.mjs';

const QUIET = { DEBIAN_FRONTEND: 'noninteractive' };
const POLICY = '/usr/sbin/policy-rc.d';
let updated = false;

function needApt() {
  if (!which('apt-get')) throw new Error('it is not on PATH, and there is no apt-get to get it');
}

/** Unpacks packages (without their dependencies) into `folder`; root is not needed if lists are there. */
export async function unpackPackages(names, folder) {
  needApt();
  return locked('apt', async () => {
    const downloads = join(folder, 'debs');
    await mkdir(downloads, { recursive: true });
    // The download runs as root without apt's own user, which can't write into a private folder.
    const args = ['-o', 'APT::Sandbox::User=root', 'download', '-q', ...names];
    const download = () => run('apt-get', args, { cwd: downloads, env: QUIET });
    await download().catch(async (error) => {
      if (!isRoot) throw error;
      await update();
      await download();
    });
    const root = join(folder, 'root');
    for (const file of await readdir(downloads)) {
      await run('dpkg-deb', ['-x', join(downloads, file), root]);
    }
    return root;
  });
}

/** Installs packages without letting them start services. Root only. */
export async function installPackages(names) {
  needApt();
  if (!isRoot) throw new Error(`it is not on PATH (as root: apt-get install ${names.join(' ')})`);
  await locked('apt', async () => {
    const own = !existsSync(POLICY);
    if (own) {
      await writeFile(POLICY, '#!/bin/sh\nexit 101\n');
      await chmod(POLICY, 0o755);
    }
    try {
      const args = ['install', '-y', '-q', '--no-install-recommends', ...names];
      await run('apt-get', args, { env: QUIET }).catch(async (error) => {
        if (updated) throw error;
        await update();
        await run('apt-get', args, { env: QUIET });
      });
    } finally {
      if (own) await rm(POLICY, { force: true });
    }
  });
}

async function update() {
  if (updated) return;
  await run('apt-get', ['update', '-q'], { env: QUIET });
  updated = true;
}
