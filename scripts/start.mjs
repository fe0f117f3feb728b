// npm start [-- PATH…]: sets itself up, analyses the bundled sample (or takes the paths) and opens the workbench.
import './setup/node-version.mjs';
import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { cacheFolder } from './servers/lib/cache.mjs';
import { ensureBuilt, sourceDigest } from './setup/built.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { fetchElectronOnce } from './setup/electron.mjs';

const faultline = join(root, 'dist/cli/faultline.mjs');
// npm puts its own folder where the user's was.
const startedIn = process.env.INIT_CWD ?? process.cwd();

/** Runs the command line with our terminal; returns its exit code. Interrupts are its affair. */
function command(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [faultline, ...args], {
      stdio: 'inherit',
      cwd: startedIn,
    });
    const pass = (signal) => child.kill(signal);
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    process.on('SIGTERM', pass);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

async function needed(...args) {
  const code = await command(...args);
  if (code !== 0) process.exit(code);
}

const stateOf = async (path) => {
  const { size, mtimeMs } = await stat(path);
  return { size, mtimeMs };
};

/**
 * The bundled sample as a case. It is made anew when the program has changed; a sample in which someone has saved
 * something is kept beside it.
 */
async function sampleCase() {
  const folder = join(cacheFolder, 'sample');
  const file = join(folder, 'sample.faultline');
  const marker = join(folder, 'made.json');
  const digest = sourceDigest();
  await mkdir(folder, { recursive: true });
  const made = JSON.parse(await readFile(marker, 'utf8').catch(() => '{}'));
  const now = await stateOf(file).catch(() => undefined);
  const untouched = now && now.size === made.size && now.mtimeMs === made.mtimeMs;
  const remember = async () =>
    writeFile(marker, JSON.stringify({ digest, ...(await stateOf(file)) }));
  if (now && made.digest === digest) {
    // The analysis writes too; only what a person saved counts as a change.
    return { file, analysed: untouched ? remember : async () => undefined };
  }
  if (now && !untouched) {
    const kept = join(
      folder,
      `sample-${new Date(now.mtimeMs).toISOString().replaceAll(':', '-')}.faultline`,
    );
    await rename(file, kept);
    console.error(`The sample of last time was changed by hand; it is kept as ${kept}`);
  }
  await rm(marker, { force: true });
  await rm(file, { force: true });
  await rm(`${file}.wal`, { force: true });
  await needed('sample', '--case', file);
  return { file, analysed: remember };
}

async function main() {
  await ensureDependencies();
  ensureBuilt();
  await fetchElectronOnce();
  const paths = process.argv.slice(2);
  if (paths.length > 0) return command('open', ...paths);
  const { file, analysed } = await sampleCase();
  await needed('analyze', file);
  await analysed();
  console.log('');
  return command('open', file);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
