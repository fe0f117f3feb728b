import { defineConfig } from 'vitest/config';
import { playwright } from '@vitest/browser-playwright';
import { faultline } from './app/cli/testing/browser-commands';

const chromium = playwright({
  launchOptions: {
    executablePath: process.env['FAULTLINE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['{core,connectors,app,bench,scripts,e2e}/**/*.test.{ts,tsx,mjs}'],
          exclude: ['**/*.browser.test.ts'],
          environment: 'node',
          setupFiles: ['scripts/property-seed.mjs'],
          testTimeout: 120_000,
          // Elasticsearch takes half a minute to start on two busy cores.
          hookTimeout: 240_000,
        },
      },
      {
        optimizeDeps: { include: ['@duckdb/duckdb-wasm', 'apache-arrow', 'comlink', 'zod'] },
        test: {
          name: 'browser',
          include: ['app/**/*.browser.test.ts'],
          testTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            provider: chromium,
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
            commands: { faultline },
          },
        },
      },
    ],
  },
});
