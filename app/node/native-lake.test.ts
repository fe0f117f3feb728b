import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { formats } from '../../connectors';
import type { ByteSource } from '../../core/connect';
import { bytesSource } from '../../core/connect/testing/import';
import { importFiles, writeSample } from '../../core/session';
import { contents } from '../../core/session/testing/contents';
import {
  SAMPLED,
  sampledCounts,
  writeSampledSpans,
} from '../../core/session/testing/sampled-spans';
import { openCaseStore, type CaseStore } from '../../core/store';
import { openNativeEngine } from './native-engine';
import { writeLake } from './native-lake';

const folder = mkdtempSync(join(tmpdir(), 'lake-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

async function withStore<T>(path: string | undefined, work: (store: CaseStore) => Promise<T>) {
  const engine = await openNativeEngine(path === undefined ? {} : { path });
  const store = await openCaseStore(engine, { now: 1n, create: { name: 't' } });
  try {
    return await work(store);
  } finally {
    await store.checkpoint();
    await store.close();
  }
}

const HISTOGRAM = {
  resourceMetrics: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'rpc.duration',
              unit: 'ms',
              histogram: {
                aggregationTemporality: 2,
                dataPoints: [
                  {
                    timeUnixNano: '1714557600000000001',
                    count: '3',
                    sum: 12.5,
                    explicitBounds: [1, 5],
                    bucketCounts: ['1', '0', '2'],
                    exemplars: [
                      {
                        timeUnixNano: '1714557600000000000',
                        asDouble: 9,
                        traceId: 'ab'.repeat(16),
                        spanId: 'cd'.repeat(8),
                      },
                    ],
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
};

const TABLES = [
  'logs',
  'spans',
  'span_events',
  'span_links',
  'samples',
  'histogram_samples',
  'exemplars',
  'alerts',
  'changes',
  'stated_relations',
];

const tables = async (store: CaseStore) =>
  Object.fromEntries(
    await Promise.all(TABLES.map(async (table) => [table, await contents(store, table)] as const)),
  );

it('a case that is written as a lake and read again has equal tables', async () => {
  const path = join(folder, 'case.faultline');
  const before = await withStore(path, async (store) => {
    await writeSample(store, { size: 0.05, durationS: 300 }, 1n, signal, () => undefined);
    const otlp = bytesSource('h.jsonl', `${JSON.stringify(HISTOGRAM)}\n`);
    await importFiles(store, [otlp], 1n, { formats, signal });
    await writeSampledSpans(store);
    return tables(store);
  });
  const lake = join(folder, 'lake');
  const { rows, partialSources, written } = await writeLake(path, lake, { signal });
  expect(partialSources).toBe(0);
  expect(written.length).toBeGreaterThan(5);
  expect(rows).toMatchObject({
    logs: before['logs']?.length,
    spans: before['spans']?.length,
    samples: (before['samples']?.length ?? 0) + (before['histogram_samples']?.length ?? 0),
  });
  const names = readdirSync(lake, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.parquet'),
  );
  expect(names).toContain(join('signal=topology', 'part-0.parquet'));
  const sources = names.sort().map((name): ByteSource => {
    const bytes = new Uint8Array(readFileSync(join(lake, name)));
    const read = (offset: number, length: number) =>
      Promise.resolve(bytes.slice(offset, offset + length));
    return { ...bytesSource(`lake/${name}`, bytes), read };
  });
  await withStore(undefined, async (store) => {
    const reports = await importFiles(store, sources, 1n, { formats, signal });
    expect(reports).toMatchObject([{ path: 'lake', format: 'parquet', state: 'ok' }]);
    const after = await tables(store);
    expect(await sampledCounts(store)).toEqual(SAMPLED);
    for (const table of TABLES) {
      expect([table, before[table]?.length]).not.toEqual([table, 0]);
      expect([table, after[table]]).toEqual([table, before[table]]);
    }
  });
}, 60_000);

it('leaves nothing behind where it is cancelled', async () => {
  const control = new AbortController();
  control.abort();
  const lake = join(folder, 'none');
  await expect(
    writeLake(join(folder, 'case.faultline'), lake, { signal: control.signal }),
  ).rejects.toMatchObject({ code: 'cancelled' });
  expect(readdirSync(folder)).not.toContain('none');
});
