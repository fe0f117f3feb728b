// npm run bench [-- --json] [--full] [NAME…]: speed and memory, one table per bench of bench/list.ts; with --full also
// what takes minutes.
import './setup/node-version.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { ensureBuilt } from './setup/built.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';

try {
  await ensureDependencies();
  // Benches of the workbench drive the built shells.
  ensureBuilt();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  [join(root, 'dist/bench/bench.mjs'), ...process.argv.slice(2)],
  { stdio: 'inherit', cwd: root },
);
process.exitCode = status ?? 1;
