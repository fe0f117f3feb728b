import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeScaledCase, type ScaleSize } from './scale-case';
import type { ScaleRun } from './scale-run';
import { wasmRun } from './scale-wasm';

const SIZES: readonly ScaleSize[] = [
  { spans: 10_000, logs: 10_000, samples: 100_000 },
  { spans: 100_000, logs: 100_000, samples: 1_000_000 },
  { spans: 1_000_000, logs: 1_000_000, samples: 10_000_000 },
];
/** Moments at which a run is cancelled. */
const CANCELS = 8;

type Row = Readonly<Record<string, string | number | null>>;

/**
 * One analysis of cases of growing size on both engines: seconds by stage, peak memory, growth against the row
 * before, the longest that nothing could be cancelled. A simulated incident is laid over itself to get there
 * (bench/scale-case.ts). The largest, some minutes, only where it is asked for.
 */
export async function scaleBench(options: { readonly full: boolean }): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-scale-'));
  const rows: Row[] = [];
  const before = new Map<string, number>();
  try {
    for (const size of options.full ? SIZES : SIZES.slice(0, 2)) {
      const file = join(folder, `${size.spans}.faultline`);
      const counts = await writeScaledCase(file, size);
      for (const measure of [onNative, onWasm]) {
        const row = await measure(mkdtempSync(join(folder, 'run-')), file);
        const last = before.get(row.engine);
        before.set(row.engine, row['total s']);
        rows.push({ ...counts, ...row, growth: last === undefined ? null : row['total s'] / last });
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

interface EngineRow extends Row {
  readonly engine: string;
  readonly 'total s': number;
}

async function onNative(_: string, file: string): Promise<EngineRow> {
  const script = join(import.meta.dirname, 'scale-run.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, file, String(CANCELS)]);
  const run = JSON.parse(stdout) as ScaleRun;
  if (run.verdict !== 'ranked') throw new Error('The simulated incident was not ranked.');
  const { spans, logs, samples, evidence } = run.stages;
  return {
    engine: 'native',
    'spans s': spans / 1000,
    'logs s': logs / 1000,
    'samples s': samples / 1000,
    'evidence s': evidence / 1000,
    'script s': (run.ms - spans - logs - samples - evidence) / 1000,
    'total s': run.ms / 1000,
    'cpu s': run.cpuMs / 1000,
    'peak MB': run.peakMb,
    'longest stretch ms': run.longest.ms,
    'of it cpu ms': run.longest.cpuMs,
    in: run.longest.at,
    'progress every ms': run.silenceMs,
    'cancelled within ms': Math.max(...run.cancelMs),
    first: run.first,
  };
}

async function onWasm(folder: string, file: string): Promise<EngineRow> {
  const { detectMs, rankMs, peakMb, first } = await wasmRun(folder, file);
  return {
    engine: 'wasm',
    'total s': (detectMs + rankMs) / 1000,
    'peak MB': peakMb,
    first,
  };
}
