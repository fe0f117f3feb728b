// node_modules as package-lock.json says.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { locked } from '../servers/lib/cache.mjs';

/** Installs the dependencies when node_modules is missing or differs from the lock file; true when it did. */
export async function ensureDependencies() {
  if (!staleReason()) return false;
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    // Someone shares one folder between work trees; npm ci would empty it for all of them.
    console.error(`node_modules is a link and is left as it is, although ${staleReason()}.`);
    return false;
  }
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return locked(`npm-${checkout}`, async () => {
    const reason = staleReason();
    if (!reason) return false;
    console.error(`Installing the dependencies, because ${reason}.`);
    const started = performance.now();
    // No package of ours needs its install script.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const ending = await runNpm(args);
    if (ending !== 0) throw new Error(`npm ci ended with ${ending}`);
    console.error(`Installed the dependencies in ${seconds(started)} s.`);
    return true;
  });
}

/** The npm that runs this script, else the one on PATH; its exit code or signal. Its output goes to standard error. */
function runNpm(args) {
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  const own = process.env.npm_execpath;
  const child = own?.includes('npm-cli')
    ? spawn(process.execPath, [own, ...args], options)
    : spawn('npm', args, { ...options, shell: process.platform === 'win32' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
}

/** Why node_modules does not fit the lock file, or undefined. npm itself keeps what it installed last. */
function staleReason() {
  const installedPath = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedPath)) return 'node_modules is missing or incomplete';
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(installedPath);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    const differs = found ? found.version !== entry.version : !entry.optional;
    if (differs) return `${path} is ${found?.version ?? 'absent'}, not ${entry.version}`;
  }
  return undefined;
}

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

export const seconds = (started) => ((performance.now() - started) / 1000).toFixed(1);
