import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openNativeEngine } from '../app/node';
import { formats } from '../connectors';
import { analyze } from '../core/analysis';
import type { ByteSource } from '../core/connect';
import type { AnalysisResult } from '../core/model';
import { analyzeCase, importFiles, writeSample } from '../core/session';
import { scenarios, simulate } from '../core/simulate';
import { openCaseStore, type CaseStore } from '../core/store';

export interface RcaCase {
  readonly id: string;
  readonly truth: string | null;
  /** Expected rank of the truth; Infinity where it is not listed. */
  readonly rank: number;
  readonly verdict: string;
  readonly top: readonly string[];
  readonly ms: number;
}

export interface RcaScore {
  readonly set: string;
  readonly cases: number;
  readonly top1: number;
  readonly top3: number;
  readonly avg5: number;
  readonly lost: number;
  readonly medianMs: number;
}

/**
 * Fills a case and works on it. With a cache folder the filled case is kept there and only copied the next
 * time, so that a change of an analysis is measured without importing again.
 */
async function withStore<T>(
  key: string,
  fill: (store: CaseStore) => Promise<unknown>,
  work: (store: CaseStore) => Promise<T>,
): Promise<T> {
  const cache = process.env['FAULTLINE_BENCH_CACHE'];
  const folder = mkdtempSync(join(tmpdir(), 'faultline-rca-'));
  const path = join(folder, 'case.faultline');
  const kept = cache && join(cache, `${key.replaceAll(/[^\w.-]+/g, '_')}.faultline`);
  const filled = kept !== undefined && existsSync(kept);
  try {
    if (filled) copyFileSync(kept, path);
    const open = async (create: boolean): Promise<CaseStore> =>
      openCaseStore(await openNativeEngine({ path }), {
        now: 1n,
        ...(create ? { create: { name: 'b' } } : {}),
      });
    let store = await open(!filled);
    if (!filled) {
      await fill(store);
      if (kept) {
        await store.checkpoint();
        await store.close();
        mkdirSync(cache, { recursive: true });
        copyFileSync(path, `${kept}.${process.pid}`);
        renameSync(`${kept}.${process.pid}`, kept);
        store = await open(false);
      }
    }
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(id: string, truth: string | null, store: CaseStore): Promise<RcaCase> {
  const started = performance.now();
  const { request } = await store.facts();
  const result = await analyzeCase(store, analyze, request, { now: 2n });
  const ms = performance.now() - started;
  const rank = rankOf(result, truth);
  const top = result.ranking.slice(0, 3).map((c) => `${c.entity.name} ${c.score.toFixed(2)}`);
  return { id, truth, rank, verdict: result.verdict, top, ms };
}

function rankOf(result: AnalysisResult, truth: string | null): number {
  if (truth === null) return result.verdict === 'insufficient-evidence' ? 1 : Infinity;
  const at = result.ranking.findIndex(
    ({ entity }) => entity.name === truth || truth.startsWith(`${entity.name}_`),
  );
  return at < 0 ? Infinity : at + 1;
}

/** Simulated incidents: every scenario, several seeds. The truth is the simulator's. */
export async function simulatedCases(seeds: readonly number[], size: number): Promise<RcaCase[]> {
  const cases: RcaCase[] = [];
  for (const { id } of scenarios) {
    for (const seed of seeds) {
      const { truth } = simulate({ scenario: id, seed, size });
      const name = truth.root_cause?.service ?? null;
      cases.push(
        await withStore(
          `${id}-${seed}-${size}`,
          (store) =>
            writeSample(store, { scenario: id, seed, size }, 1n, undefined, () => undefined),
          (store) => run(`${id}/${seed}`, name, store),
        ),
      );
    }
  }
  return cases;
}

/** A labelled set of case folders. truth.json is read here, in evaluation code only. */
export async function folderCases(set: string, only?: string): Promise<RcaCase[]> {
  const cases: RcaCase[] = [];
  for (const id of readdirSync(set).sort()) {
    const folder = join(set, id);
    if (!existsSync(join(folder, 'truth.json')) || (only && id !== only)) continue;
    const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as {
      root_cause: { service: string };
    };
    const files = readdirSync(folder).filter((name) => name !== 'truth.json');
    cases.push(
      await withStore(
        `${basename(set)}-${id}`,
        (store) => {
          const sources = files.map((name) => fileSource(join(folder, name), name));
          return importFiles(store, sources, 1n, { formats, signal: new AbortController().signal });
        },
        (store) => run(id, truth.root_cause.service, store),
      ),
    );
  }
  return cases;
}

function fileSource(path: string, name: string): ByteSource {
  const bytes = new Uint8Array(readFileSync(path));
  return { name, size: bytes.length, stream: () => new Blob([bytes]).stream() };
}

export function scoreOf(set: string, cases: readonly RcaCase[]): RcaScore {
  const share = (k: number): number => cases.filter(({ rank }) => rank <= k).length / cases.length;
  const times = cases.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    set,
    cases: cases.length,
    top1: share(1),
    top3: share(3),
    avg5: [1, 2, 3, 4, 5].reduce((sum, k) => sum + share(k), 0) / 5,
    lost: cases.filter((c) => c.truth !== null && c.verdict !== 'ranked').length,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
  };
}
