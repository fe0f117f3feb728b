import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { ByteSource, OpenDatabase } from '../../core/connect';
import { openNativeEngine } from './native-engine';

/** Database files of others, read-only: where they lie, else as a copy in a temporary folder. */
export const openNativeDatabase: OpenDatabase = async (source, signal) => {
  if (source.path !== undefined) return openNativeEngine({ path: source.path, readOnly: true });
  const folder = await mkdtemp(join(tmpdir(), 'faultline-database-'));
  const gone = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'copy.duckdb');
    await spool(source, path, signal);
    const engine = await openNativeEngine({ path, readOnly: true });
    return {
      sql: (sql, limit, options) => engine.sql(sql, limit, options),
      close: async () => {
        await engine.close();
        await gone();
      },
    };
  } catch (error) {
    await gone();
    throw error;
  }
};

async function spool(source: ByteSource, path: string, signal: AbortSignal): Promise<void> {
  const bytes = Readable.fromWeb(source.stream() as NodeStream<Uint8Array>);
  await pipeline(bytes, createWriteStream(path, { mode: 0o600 }), { signal });
}
