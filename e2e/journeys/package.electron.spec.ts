import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures/app';

/** Order of the fuse wire, version 1 (@electron/fuses). */
const FUSES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeCliInspect',
  'embeddedAsarIntegrity',
  'onlyLoadAppFromAsar',
] as const;
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** The wire in the executable: sentinel, version, length, then one character each: 0 off, 1 on. */
function fusesOf(executable: string): Record<string, boolean> {
  const bytes = readFileSync(executable);
  const at = bytes.indexOf(SENTINEL) + SENTINEL.length;
  expect(bytes[at]).toBe(1);
  return Object.fromEntries(
    FUSES.map((name, index) => [name, String.fromCharCode(bytes[at + 2 + index] ?? 0) === '1']),
  );
}

test.skip(({ shell }) => shell !== 'electron-package', 'only of the package');

test('the package’s fuses are set', async ({ app }) => {
  expect(fusesOf(app.executable)).toEqual({
    runAsNode: false,
    cookieEncryption: true,
    nodeOptions: false,
    // On in the test's build only: Playwright needs it.
    nodeCliInspect: true,
    embeddedAsarIntegrity: true,
    onlyLoadAppFromAsar: true,
  });
  const path = await app.electron.evaluate(({ app: main }) => main.getAppPath());
  expect(path).toMatch(/resources[/\\]app\.asar$/);
});

test('the package is no Node and loads no module that is named from outside', async ({ app }) => {
  const { stdout } = spawnSync(app.executable, ['-p', '"node:" + 1'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', DISPLAY: '' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(stdout).not.toContain('node:1');
});
