#!/usr/bin/env node
// The command line: dist/cli/faultline.mjs, built first where the sources are newer.
import '../scripts/setup/node-version.mjs';
import { ensureBuilt } from '../scripts/setup/built.mjs';
import { ensureDependencies } from '../scripts/setup/dependencies.mjs';

const SHELLS = { open: ['cli', 'renderer', 'main'], serve: ['cli', 'renderer'] };

try {
  await ensureDependencies();
  ensureBuilt(SHELLS[process.argv[2]] ?? ['cli']);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/cli/faultline.mjs');
