// A Chromium for the browser tests: the machine's own, else Debian's.
import { installPackages } from './lib/debian.mjs';
import { run, which } from './lib/run.mjs';
import { defineServer } from './lib/server.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const find = () => NAMES.map(which).find(Boolean);

async function versionOf(program) {
  const { stdout } = await run(program, ['--version', '--no-sandbox'], { timeoutMs: 60_000 });
  const version = /(\d+\.\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (!version) throw new Error(`${program} does not tell its version`);
  return version;
}

async function get() {
  const found = find();
  if (found) return { path: found, version: await versionOf(found), how: 'found on PATH' };
  await installPackages(['chromium', 'fonts-dejavu-core']);
  const path = find();
  if (!path) throw new Error('the Debian package chromium brought no program');
  return { path, version: await versionOf(path), how: 'Debian package, installed' };
}

/** Only to be had (`ensure`); the tests start it through Playwright. */
export const chromium = defineServer({
  name: 'chromium',
  variable: 'FAULTLINE_CHROMIUM',
  get,
  verify: versionOf,
  begin: () => Promise.reject(new Error('chromium is started through Playwright')),
});
