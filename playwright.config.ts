import { defineConfig } from '@playwright/test';
import { detectElectron } from './app/cli/detect-electron';
import type { ShellOptions } from './e2e/fixtures/app';
import type { ShellName } from './e2e/fixtures/shell';

const pinned = detectElectron(import.meta.dirname);
if (pinned.state !== 'present' && process.env['TEST_WORKER_INDEX'] === undefined) {
  console.log(`SKIPPED: electron-45: ${pinned.reason}`);
}

/**
 * What packaging can break: how the program reaches files, workers, the engine and the network. The page is the same
 * as in the folder, where every journey runs.
 */
const OF_A_PACKAGE = [
  '*.electron',
  'drop-files',
  'open-case',
  'pull',
  'receive',
  'recover',
  'save-case',
];

const project = (shell: ShellName) => ({
  name: shell,
  use: { shell },
  // Specs of one kind of shell say so in their name.
  testIgnore: shell === 'browser-host' ? '**/*.electron.spec.ts' : '**/*.browser.spec.ts',
  ...(shell === 'electron-package' && {
    testMatch: OF_A_PACKAGE.map((name) => `**/${name}.spec.ts`),
  }),
});

export default defineConfig<object, ShellOptions>({
  testDir: 'e2e/journeys',
  globalSetup: './e2e/fixtures/run.ts',
  outputDir: 'test-results',
  workers: 1,
  retries: 0,
  fullyParallel: false,
  timeout: 180_000,
  // Software rendering on shared cores: a first case takes its time.
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list']],
  projects: [
    project('browser-host'),
    project('electron-folder'),
    project('electron-package'),
    ...(pinned.state === 'present' ? [project('electron-45')] : []),
  ],
});
