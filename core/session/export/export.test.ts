import { describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../../app/node';
import { formats } from '../../../connectors';
import { bytesSource } from '../../connect/testing/import';
import type { ByteSource } from '../../connect';
import { openCaseStore, type CaseStore } from '../../store';
import { importFiles, writeSample } from '..';
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

/** The rows of a table with what their ids stand for, in an order of their own. */
const CONTENTS: Readonly<Record<string, string>> = {
  logs: `SELECT t.* EXCLUDE (source_id, row_no, resource_id), r.attributes AS resource FROM logs t
    LEFT JOIN resources r USING (resource_id) ORDER BY ALL`,
  spans: `SELECT t.* EXCLUDE (source_id, row_no, resource_id), r.attributes AS resource FROM spans t
    LEFT JOIN resources r USING (resource_id) ORDER BY ALL`,
  alerts: `SELECT t.* EXCLUDE (source_id, row_no, resource_id), r.attributes AS resource FROM alerts t
    LEFT JOIN resources r USING (resource_id) ORDER BY ALL`,
  changes: `SELECT t.* EXCLUDE (source_id, row_no, resource_id), r.attributes AS resource FROM changes t
    LEFT JOIN resources r USING (resource_id) ORDER BY ALL`,
  samples: `SELECT s.metric, s.kind, s.unit, s.description, s.temporality, s.labels, r.attributes AS resource,
    t.ts, t.value FROM samples t JOIN metric_series s USING (series_id)
    LEFT JOIN resources r ON r.resource_id = s.resource_id ORDER BY ALL`,
};

/** Maps as sorted text, empty values left out. */
async function contents(store: CaseStore, table: string): Promise<readonly string[]> {
  const { data, rows } = await store.sql(CONTENTS[table] ?? '', 1_000_000);
  const text = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.entries(value)
      .filter(([, of]) => of !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1));
  };
  return Array.from({ length: rows }, (_, row) =>
    JSON.stringify(
      data.map((column) => column[row]),
      text,
    ),
  ).sort();
}

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
            for (const table of Object.keys(CONTENTS)) {
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
