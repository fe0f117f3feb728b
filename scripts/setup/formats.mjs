// Builds and runs a command over the samples of the file formats.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { ensureDependencies } from './dependencies.mjs';

/** Runs dist/formats/NAME.mjs with the arguments of this process, built anew: samples and suites are no sources. */
export async function runFormats(name) {
  await ensureDependencies();
  const options = { stdio: ['ignore', 'inherit', 2], cwd: root };
  const build = [join(root, 'scripts/build.mjs'), 'formats'];
  const built = spawnSync(process.execPath, build, { ...options, stdio: ['ignore', 2, 'pipe'] });
  if (built.status !== 0) {
    console.error(String(built.stderr));
    return 1;
  }
  const args = [join(root, `dist/formats/${name}.mjs`), ...process.argv.slice(2)];
  return spawnSync(process.execPath, args, options).status ?? 1;
}
