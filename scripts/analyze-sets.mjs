// Imports, analyses and checks every case of the labelled sets with the built command line, and prints per case
// what it took and how many claims were recomputed; one that does not hold fails the case.
// node scripts/analyze-sets.mjs [SET_DIR…]; truth.json is not read.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { root } from './paths.mjs';

const benchmarks = process.env.FAULTLINE_BENCHMARKS ?? resolve(root, '../shared/benchmarks');
const usual = ['nezha-trainticket', 'nezha-onlineboutique', 'petshop', 'alerts'];
const sets =
  process.argv.length > 2 ? process.argv.slice(2) : usual.map((s) => join(benchmarks, s));
const cli = process.env.FAULTLINE_CLI ?? join(root, 'dist/cli/faultline.mjs');
const dir = mkdtempSync(join(tmpdir(), 'faultline-sets-'));

function faultline(...args) {
  const run = spawnSync(process.execPath, [cli, ...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  // 3: check found claims that do not hold; they are in the document.
  if (run.status !== 0 && run.status !== 3)
    throw new Error(`faultline ${args[0]}: ${run.stdout}${run.stderr}`);
  return JSON.parse(run.stdout);
}

let failed = 0;
let done = 0;
let total = 0;
const mb = (bytes) => `${Math.round(bytes / 1e6)} MB`;
try {
  for (const set of sets) {
    if (!existsSync(set)) {
      console.log(`SKIPPED: there is no ${set}`);
      continue;
    }
    for (const name of readdirSync(set).sort()) {
      if (!existsSync(join(set, name, 'case.json'))) continue;
      const file = join(dir, `${done}.faultline`);
      const id = `${basename(set)}/${name}`;
      try {
        const imported = faultline('import', join(set, name), '--case', file);
        const { verdict, ranking, timings } = faultline('analyze', file);
        const { claims, holds, checks } = faultline('check', file);
        if (holds < claims) {
          const not = checks.filter(({ state }) => state !== 'holds');
          throw new Error(not.map(({ claim, why }) => `${claim} ${why}`).join('; '));
        }
        total += claims;
        const rows = imported.files.flatMap((f) => f.parts).reduce((n, part) => n + part.rows, 0);
        const first = ranking[0]
          ? `${ranking[0].entity.name} ${ranking[0].confidence.toFixed(2)}`
          : verdict;
        console.log(
          `${id}  ${rows} rows  import ${timings.importMs} ms (${mb(imported.timings.peakRssBytes)})  ` +
            `detect ${Math.round(timings.detectMs)} ms, rank ${Math.round(timings.rankMs)} ms ` +
            `(${mb(timings.peakRssBytes)})  ${claims} claims hold  ${first}`,
        );
      } catch (error) {
        failed++;
        console.log(`${id}  FAILED  ${error.message}`);
      }
      rmSync(file, { force: true });
      done++;
    }
  }
} finally {
  rmSync(dir, { recursive: true });
}
console.log(`${done} cases, ${failed} failed; ${total} claims recomputed`);
process.exitCode = failed > 0 ? 1 : 0;
