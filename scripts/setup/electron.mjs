// The pinned Electron's binary, where it can be had without waiting for a network that does not answer.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { cacheFolder } from '../servers/lib/cache.mjs';
import { isRoot } from '../servers/lib/run.mjs';

const ANSWER_MS = 4_000;
const DOWNLOAD_MS = 180_000;
const AGAIN_AFTER_MS = 24 * 3_600_000;

const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);

/** Fetches Electron once a day at most, and only where it could be shown. Never throws. */
export async function fetchElectronOnce() {
  const folder = join(root, 'node_modules/electron');
  const manifest = join(folder, 'package.json');
  // Chromium's sandbox refuses root, and Electron without it is not what we ship.
  if (!hasDisplay() || isRoot || process.env.ELECTRON_OVERRIDE_DIST_PATH) return;
  if (!existsSync(manifest) || existsSync(join(folder, 'dist/version'))) return;
  const { version } = JSON.parse(await readFile(manifest, 'utf8'));
  const failed = join(cacheFolder, `electron-${version}-not-fetched`);
  const before = await stat(failed).catch(() => undefined);
  if (before && Date.now() - before.mtimeMs < AGAIN_AFTER_MS) return;
  if (await fetched(folder, version)) return;
  console.error(`Electron ${version} could not be fetched; trying again tomorrow.`);
  await mkdir(cacheFolder, { recursive: true });
  await writeFile(failed, '');
}

async function fetched(folder, version) {
  const source = process.env.ELECTRON_MIRROR ?? 'https://github.com';
  const answers = await fetch(source, {
    method: 'HEAD',
    signal: AbortSignal.timeout(ANSWER_MS),
  }).then(
    () => true,
    () => false,
  );
  if (!answers) return false;
  console.error(`Fetching Electron ${version}.`);
  const result = spawnSync(process.execPath, [join(folder, 'install.js'), '--no'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    timeout: DOWNLOAD_MS,
  });
  return result.status === 0;
}
