// npm test [-- STEP…]: sets everything up (dependencies, browser, real servers, build), then runs check, vitest and
// the end-to-end specs, and says what was skipped and why. STEP: check, vitest, e2e; backends (npm run test:backends)
// runs the tests against large servers (*.backends.test.ts) and nothing else.
//
// To its tests it gives, in the environment:
//   FAULTLINE_CACHE        where what was fetched is kept
//   FAULTLINE_CHROMIUM, FAULTLINE_PROMETHEUS, FAULTLINE_ALERTMANAGER, FAULTLINE_OTELCOL, FAULTLINE_JAEGER   programs
//   FAULTLINE_VICTORIAMETRICS   a program too
//   FAULTLINE_ELASTICSEARCH, FAULTLINE_OPENSEARCH, FAULTLINE_S3PROXY   unpacked distributions
//   FAULTLINE_ZIPKIN       an executable jar
//   FAULTLINE_KAFKA        the folder of its jars
//   FAULTLINE_TRINO, FAULTLINE_ELASTICSEARCH7, FAULTLINE_OPENSEARCH3   the same, for backends alone; FAULTLINE_BACKENDS
//                          is 1 there
//   FAULTLINE_CLI          the built command line
//   FAULTLINE_MISSING      JSON: what can't be had here → the reason
// Each of them, set beforehand, names a program of your own.
import './setup/node-version.mjs';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { chromium, describeResult, LONGER, SERVERS } from './servers/index.mjs';
import { cacheFolder } from './servers/lib/cache.mjs';
import { ensureBuilt } from './setup/built.mjs';
import { ensureDependencies, seconds } from './setup/dependencies.mjs';
import { createTally, runTeed } from './setup/tally.mjs';

const bin = (path) => join(root, 'node_modules', path);
const asked = process.argv.slice(2);
const wants = (step) => asked.length === 0 || asked.includes(step);
const backends = asked.includes('backends');
const tally = createTally();
const env = { FAULTLINE_CACHE: cacheFolder };

function heading(text) {
  console.log(`\n== ${text}`);
}

/** Fetches what is fetched and builds what is built side by side, one of each at a time. */
async function setUpServers() {
  const missing = {};
  const isBuilt = ({ name }) => name === 'collector' || name === 'jaeger';
  const lane = async (servers) => {
    for (const server of servers) {
      const result = await server.ensure();
      tally.line(describeResult(result));
      if (result.state === 'ready') env[server.variable] = result.path;
      else missing[server.name] = result.reason;
    }
  };
  const all = [chromium, ...SERVERS, ...(backends ? LONGER : [])];
  await Promise.all([lane(all.filter((one) => !isBuilt(one))), lane(all.filter(isBuilt))]);
  env.FAULTLINE_MISSING = JSON.stringify(missing);
}

/** The old Electron that the end-to-end specs also run on has a script of its own. */
async function setUpElectron() {
  const script = join(root, 'scripts/electron-test.mjs');
  if (!existsSync(script)) return;
  const { ensure, TEST_ELECTRON_VERSION } = await import('./electron-test.mjs');
  const started = performance.now();
  const result = await ensure();
  tally.line(
    result.state === 'present'
      ? `electron ${TEST_ELECTRON_VERSION} for tests, ${seconds(started)} s`
      : `SKIPPED: electron ${TEST_ELECTRON_VERSION} for tests: ${result.reason}`,
  );
}

async function setUp() {
  heading('set-up');
  process.env.FAULTLINE_CACHE ??= cacheFolder;
  const servers = wants('vitest') || wants('e2e') || backends ? setUpServers() : undefined;
  await ensureDependencies();
  await servers;
  if (wants('e2e')) await setUpElectron();
}

async function runCheck() {
  heading('check');
  const { check } = await import('./check.mjs');
  const { passed, failed } = await check();
  tally.add('check', { passed, failed: failed.length, skipped: 0 }, failed);
}

const readJson = async (path) => JSON.parse(await readFile(path, 'utf8').catch(() => 'null'));

async function runVitest(folder, only = []) {
  heading('vitest');
  const report = join(folder, 'vitest.json');
  const args = [bin('vitest/vitest.mjs'), 'run', ...only, '--reporter=default', '--reporter=json'];
  args.push(`--outputFile.json=${report}`, `--maxWorkers=${Math.min(availableParallelism(), 4)}`);
  if (!env.FAULTLINE_CHROMIUM) args.push('--project=node');
  const { code } = await runTeed(args, {
    cwd: root,
    env,
    onLine: tally.line,
    timeoutMs: 1_800_000,
  });
  const result = await readJson(report);
  const failures = (result?.testResults ?? [])
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, assertionResults }) => {
      const file = name.slice(root.length + 1);
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      // A file that does not load has no assertions.
      return failed.length > 0 ? failed.map(({ fullName }) => `${file}: ${fullName}`) : [file];
    });
  if (code !== 0 && failures.length === 0) failures.push(`vitest ended with ${code}`);
  tally.add(
    'vitest',
    {
      passed: result?.numPassedTests ?? 0,
      failed: failures.length,
      skipped: (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0),
    },
    failures,
  );
}

async function runEndToEnd(folder) {
  heading('end to end');
  if (!existsSync(join(root, 'playwright.config.ts'))) {
    tally.line('SKIPPED: e2e: there is no playwright.config.ts');
    return;
  }
  const report = join(folder, 'playwright.json');
  const args = [bin('@playwright/test/cli.js'), 'test', '--reporter=list,json'];
  if (!env.FAULTLINE_CHROMIUM) args.push('--project=electron-*');
  const { code } = await runTeed(args, {
    cwd: root,
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    onLine: tally.line,
    timeoutMs: 2_700_000,
  });
  const result = await readJson(report);
  const stats = result?.stats ?? { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
  const failures = (result?.suites ?? []).flatMap((suite) => failedSpecs(suite, []));
  // One that passes only the second time has failed.
  if (code !== 0 && failures.length === 0) failures.push(`playwright ended with ${code}`);
  tally.add(
    'e2e',
    { passed: stats.expected, failed: failures.length, skipped: stats.skipped },
    failures,
  );
}

function failedSpecs(suite, path) {
  const here = [...path, suite.title];
  const own = (suite.specs ?? []).flatMap((spec) =>
    spec.tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ projectName }) => `${projectName}: ${[...here, spec.title].join(' > ')}`),
  );
  return [...own, ...(suite.suites ?? []).flatMap((inner) => failedSpecs(inner, here))];
}

async function main() {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'faultline-test-'));
  try {
    await setUp();
    if (wants('check')) await runCheck();
    if (backends) {
      env.FAULTLINE_BACKENDS = '1';
      await runVitest(folder, ['.backends.test.ts', '--project=node']);
    }
    if (wants('vitest') || wants('e2e')) {
      heading('build');
      ensureBuilt();
      env.FAULTLINE_CLI = join(root, 'dist/cli/faultline.mjs');
    }
    if (wants('vitest')) await runVitest(folder);
    if (wants('e2e')) await runEndToEnd(folder);
  } catch (error) {
    console.error(error.message);
    tally.add('set-up', { passed: 0, failed: 1, skipped: 0 }, [error.message]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  heading(`summary, after ${seconds(started)} s`);
  process.exitCode = tally.summary();
}

await main();
