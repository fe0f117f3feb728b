// npm start [-- PATH…]: sets itself up, analyses the bundled sample (or takes the paths) and opens the workbench.
import './setup/node-version.mjs';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
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
 * The bundled sample as a case: `made.faultline` as the simulator left it, and `sample.faultline`, a copy to work
 * with. A copy that nobody saved anything in is made anew, so that repeated starts don't pile up analyses in it.
 */
async function sampleCase() {
  const folder = join(cacheFolder, 'sample');
  const [made, file, marker] = ['made.faultline', 'sample.faultline', 'made.json'].map((name) =>
    join(folder, name),
  );
  const digest = sourceDigest();
  await mkdir(folder, { recursive: true });
  const known = JSON.parse(await readFile(marker, 'utf8').catch(() => '{}'));
  const now = await stateOf(file).catch(() => undefined);
  const edited = now && (now.size !== known.size || now.mtimeMs !== known.mtimeMs);
  const current = known.digest === digest && (await stateOf(made).catch(() => undefined));
  if (current && edited) return { file, analysed: async () => undefined };
  if (edited) await keep(file, folder, now);
  if (!current) {
    await rm(made, { force: true });
    await needed('sample', '--case', made);
  }
  await copyFile(made, file);
  // The analysis writes too; only what a person saves later counts as a change.
  const remember = async () =>
    writeFile(marker, JSON.stringify({ digest, ...(await stateOf(file)) }));
  await remember();
  return { file, analysed: remember };
}

async function keep(file, folder, { mtimeMs }) {
  const time = new Date(mtimeMs).toISOString().replaceAll(':', '-');
  const kept = join(folder, `sample-${time}.faultline`);
  await rename(file, kept);
  console.error(`Something was saved in the sample of last time; it is kept as ${kept}`);
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
