import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseBed } from '../../../core/evaluate';
import { openCaseStore, type CaseStore } from '../../../core/store';
import { formats } from '../../../connectors';
import { openNativeEngine } from '../../node';

type Fill = (store: CaseStore) => Promise<void>;

async function opened<T>(
  path: string | undefined,
  create: boolean,
  work: (store: CaseStore) => Promise<T>,
): Promise<T> {
  const engine = await openNativeEngine({ path });
  try {
    const store = await openCaseStore(engine, {
      now: 1n,
      ...(create ? { create: { name: 'bench' } } : {}),
    });
    return await work(store);
  } finally {
    await engine.close();
  }
}

/** Cases in memory; gone when the work is done. */
export const memoryBed: CaseBed = {
  formats,
  withCase: (_, fill: Fill, work) =>
    opened(undefined, true, async (store) => {
      await fill(store);
      return work(store);
    }),
};

/**
 * Cases whose telemetry is kept in a folder, so that a change of an analysis is measured without importing
 * anew. What an analysis writes is never kept.
 */
export function cachedBed(folder: string): CaseBed {
  return {
    formats,
    withCase: async (key, fill: Fill, work) => {
      const kept = join(folder, `${key.replaceAll(/[^\w.-]+/g, '_')}.faultline`);
      const own = await mkdtemp(join(tmpdir(), 'faultline-bench-'));
      try {
        const path = join(own, 'case.faultline');
        if (!existsSync(kept)) {
          await opened(path, true, async (store) => {
            await fill(store);
            await store.checkpoint();
          });
          await mkdir(folder, { recursive: true });
          await copyFile(path, `${kept}.${process.pid}`);
          await rename(`${kept}.${process.pid}`, kept);
        } else await copyFile(kept, path);
        return await opened(path, false, work);
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
  };
}
