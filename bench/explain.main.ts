import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNativeEngine } from '../app/node';
import { openCaseStore, type CaseStore } from '../core/store';
import { parseEntityId, type Difference } from '../core/model';
import { explain } from '../core/analysis';
import { writeSample } from '../core/session';
import { scenarios, simulate } from '../core/simulate';

/**
 * node dist/bench/explain.mjs [--seeds 11,12,13] [--size 0.3] [--verbose] : is the injected difference among
 * the first three lines of "explain this selection", incident against what was before it?
 */
const argument = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise);
};
const seeds = argument('--seeds', '11,12,13').split(',').map(Number);
const size = Number(argument('--size', '0.3'));
const verbose = process.argv.includes('--verbose');

/** A filled case to work on; with FAULTLINE_BENCH_CACHE it is kept there and only copied the next time. */
async function withStore<T>(
  key: string,
  fill: (store: CaseStore) => Promise<unknown>,
  work: (store: CaseStore) => Promise<T>,
): Promise<T> {
  const cache = process.env['FAULTLINE_BENCH_CACHE'];
  const folder = mkdtempSync(join(tmpdir(), 'faultline-explain-'));
  const path = join(folder, 'case.faultline');
  const kept = cache === undefined ? undefined : join(cache, `${key}.faultline`);
  const create = kept === undefined || !existsSync(kept);
  try {
    if (kept !== undefined && !create) copyFileSync(kept, path);
    const store = await openCaseStore(await openNativeEngine({ path }), {
      now: 1n,
      ...(create ? { create: { name: 'bench' } } : {}),
    });
    try {
      if (create) await fill(store);
      return await work(store);
    } finally {
      await store.checkpoint();
      await store.close();
      if (create && cache !== undefined && kept !== undefined) {
        mkdirSync(cache, { recursive: true });
        copyFileSync(path, kept);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** About the entity at fault, an edge at it, or the very change that did it. */
function names(difference: Difference, service: string, change: string | undefined): boolean {
  if (difference.signal === 'change') return difference.name === change;
  const about = [
    difference.entityId,
    difference.edge?.source ?? '',
    difference.edge?.target ?? '',
  ].filter((id) => id !== '');
  return about.some((id) => {
    const { name } = parseEntityId(id);
    return name === service || name.startsWith(`${service}-`) || service.startsWith(`${name}_`);
  });
}

let cases = 0;
let hits = 0;
let telemetryHits = 0;
let quietLines = 0;
const milliseconds: number[] = [];
for (const { id } of scenarios) {
  for (const seed of seeds) {
    const { truth, hints } = simulate({ scenario: id, seed, size });
    const { incident, baseline } = hints;
    if (!baseline) continue;
    await withStore(
      `${id}-${seed}-${size}`,
      (store) => writeSample(store, { scenario: id, seed, size }, 1n, undefined, () => undefined),
      async (store) => {
        const started = performance.now();
        const { differences, tested } = await explain((call) => store.run(call), {
          selected: incident,
          reference: baseline,
        });
        milliseconds.push(performance.now() - started);
        const cause = truth.root_cause;
        const listed = differences.filter(({ novelty }) => novelty !== 'always');
        if (!cause) {
          quietLines += listed.length;
          console.log(`${id}/${seed}  quiet: ${listed.length} of ${tested} differ`);
          if (verbose)
            for (const d of listed.slice(0, 3))
              console.log(`    ${d.signal} ${d.score.toFixed(2)} ${d.sentence}`);
          return;
        }
        cases++;
        const first = listed.findIndex((d) => names(d, cause.service, cause.change)) + 1;
        const telemetry = listed.filter(({ signal }) => signal !== 'change');
        const own = telemetry.findIndex((d) => names(d, cause.service, cause.change)) + 1;
        if (first > 0 && first <= 3) hits++;
        if (own > 0 && own <= 3) telemetryHits++;
        console.log(
          `${id}/${seed}  ${cause.service}  rank ${first} (without changes ${own}) of ${listed.length}`,
        );
        if (verbose || first === 0 || first > 3)
          for (const d of listed.slice(0, 8))
            console.log(
              `    ${d.signal} ${d.score.toFixed(2)} e=${d.effect.toFixed(2)} q=${d.q.toExponential(1)} ${d.sentence}`,
            );
      },
    );
  }
}
milliseconds.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    cases,
    first3: hits / cases,
    first3WithoutChanges: telemetryHits / cases,
    quietLines,
    medianMs: milliseconds[milliseconds.length >> 1],
  }),
);
