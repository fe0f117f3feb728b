// npm run check [-- STEP…]: format, lint, types, layers, unused code, ratchets. One line per step; output only of
// what fails.
import './setup/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { ensureDependencies, seconds } from './setup/dependencies.mjs';

/** A cruise that reads less than this has not read our sources (it passes on nothing). */
const LEAST_MODULES = 250;
const CRUISED = ['app', 'bench', 'connectors', 'core', 'e2e', 'scripts', 'bin'];
const TYPE_CHECKS = [
  'tsconfig.json',
  'tsconfig.web.json',
  'tsconfig.node.json',
  'tsconfig.renderer.json',
];

const bin = (path) => join(root, 'node_modules', path);
const cruised = CRUISED.filter((folder) => existsSync(join(root, folder)));

const STEPS = [
  {
    name: 'format',
    args: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '--cache', '.'],
  },
  { name: 'lint', args: [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'] },
  ...TYPE_CHECKS.map((config) => ({
    name: `types ${config}`,
    args: [bin('typescript-native/bin/tsc'), '-p', config],
  })),
  {
    name: 'layers',
    args: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config=.dependency-cruiser.cjs',
      '--output-type=err',
      ...cruised,
    ],
    verify: enoughModules,
  },
  { name: 'unused', args: [bin('knip/bin/knip.js'), '--no-progress'] },
  { name: 'ratchets', args: [join(root, 'scripts/ratchets.mjs')], always: true },
];

function enoughModules(output) {
  const count = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
  return count >= LEAST_MODULES
    ? { detail: `${count} modules` }
    : { problem: `only ${count} modules were read, of at least ${LEAST_MODULES}` };
}

function runNode(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

async function runStep({ name, args, verify, always }) {
  const started = performance.now();
  const { code, output } = await runNode(args);
  const { problem, detail } = verify?.(output) ?? {};
  const failed = code !== 0 || problem !== undefined;
  const notes = detail ? ` (${detail})` : '';
  console.log(`${failed ? 'failed' : 'ok    '} ${name}${notes}, ${seconds(started)} s`);
  if (failed || always) console.log(indent([output, problem].filter(Boolean).join('\n')));
  return !failed;
}

const indent = (text) =>
  text
    .trimEnd()
    .split('\n')
    .slice(0, 200)
    .map((line) => (line ? `    ${line}` : line))
    .join('\n');

/** Runs the steps whose names begin with one of the words (all without any). */
export async function check(words = []) {
  const chosen = STEPS.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.startsWith(word)),
  );
  const failed = [];
  for (const step of chosen) if (!(await runStep(step))) failed.push(step.name);
  return { passed: chosen.length - failed.length, failed };
}

if (process.argv[1] === join(root, 'scripts/check.mjs')) {
  await ensureDependencies();
  const { passed, failed } = await check(process.argv.slice(2));
  if (failed.length > 0)
    console.log(`\n${failed.length} of ${passed + failed.length} failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
