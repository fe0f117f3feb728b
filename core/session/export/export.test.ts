import { describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../../app/node';
import { formats } from '../../../connectors';
import { bytesSource } from '../../connect/testing/import';
import type { ByteSource } from '../../connect';
import { openCaseStore, type CaseStore } from '../../store';
import { importFiles, writeSample } from '..';
import { contents } from '../testing/contents';
import { exporters, type CaseExporter, type ExportReport } from '.';

const signal = new AbortController().signal;

async function withStore<T>(work: (store: CaseStore) => Promise<T>): Promise<T> {
  const store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 't' } });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What an exporter writes, file by file. */
async function exported(store: CaseStore, exporter: CaseExporter) {
  const files = new Map<string, Uint8Array[]>();
  let open = 0;
  const report: ExportReport = await exporter.write(
    store,
    {
      open: (name) => {
        const pieces: Uint8Array[] = [];
        files.set(name, pieces);
        open++;
        return Promise.resolve({
          write: (bytes) => Promise.resolve(void pieces.push(bytes.slice())),
          close: () => Promise.resolve(void open--),
        });
      },
    },
    { signal },
  );
  expect(open).toBe(0);
  const sources = [...files].map(([name, pieces]): ByteSource => {
    const bytes = new Uint8Array(Buffer.concat(pieces));
    return {
      ...bytesSource(`out/${name}`, bytes),
      read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    };
  });
  return { report, sources };
}

const TABLES = ['logs', 'spans', 'alerts', 'changes', 'samples'];

describe('every exporter', () => {
  for (const exporter of exporters) {
    it(
      `${exporter.id}: what is read back is what there was`,
      () =>
        withStore((store) =>
          withStore(async (back) => {
            await writeSample(store, { size: 0.05, durationS: 300 }, 1n, signal, () => undefined);
            const { report, sources } = await exported(store, exporter);
            const again = await exported(store, exporter);
            expect(again.sources.map(({ name, size }) => [name, size])).toEqual(
              sources.map(({ name, size }) => [name, size]),
            );
            const reports = await importFiles(back, sources, 1n, { formats, signal });
            for (const { state, parts } of reports) {
              expect(state).toBe('ok');
              for (const { dropped } of parts) expect(dropped).toBe(0);
            }
            for (const table of TABLES) {
              const before = await contents(store, table);
              expect(report.rows).toMatchObject({ [table]: before.length });
              expect([table, await contents(back, table)]).toEqual([table, before]);
            }
          }),
        ),
      60_000,
    );
  }
});
