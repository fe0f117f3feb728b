import { describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../../app/node';
import { formats } from '../../../connectors';
import { bytesSource } from '../../connect/testing/import';
import type { ByteSource } from '../../connect';
import { openCaseStore, type CaseStore } from '../../store';
import { SIGNAL_OF, type Signal, type TelemetryTable } from '../../model';
import { importFiles, writeSample } from '..';
import { contents } from '../testing/contents';
import { SAMPLED, sampledCounts, writeSampledSpans } from '../testing/sampled-spans';
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

/** What each form has a place for. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  timesketch: ['logs', 'spans', 'alerts', 'changes', 'samples'],
  otlp: ['logs', 'spans', 'span_events', 'span_links', 'samples', 'histogram_samples'],
};

/** Classic histograms are series of buckets, which OTLP has as sums. */
const saidBy = (form: string, table: string, row: string): string =>
  form === 'otlp' && table === 'samples'
    ? row.replace(/^(\["[^"]+",)"histogram"/, '$1"counter"')
    : row;

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
            const rows: Partial<Record<Signal, number>> = {};
            for (const table of TABLES[exporter.id] ?? []) {
              const before = (await contents(store, table)).map((row) =>
                saidBy(exporter.id, table, row),
              );
              before.sort();
              const of = SIGNAL_OF[table as TelemetryTable];
              if (of && before.length > 0) rows[of] = (rows[of] ?? 0) + before.length;
              expect([table, await contents(back, table)]).toEqual([table, before]);
            }
            expect(report.rows).toEqual(rows);
          }),
        ),
      60_000,
    );
  }

  it('otlp: what sampled spans stand for, by their trace state', () =>
    withStore((store) =>
      withStore(async (back) => {
        await writeSampledSpans(store);
        expect(await sampledCounts(store)).toEqual(SAMPLED);
        const otlp = exporters.find(({ id }) => id === 'otlp');
        if (!otlp) throw new Error('It is not listed.');
        const { sources } = await exported(store, otlp);
        await importFiles(back, sources, 1n, { formats, signal });
        const counts = (await sampledCounts(back)) as readonly (number | null)[];
        expect(counts.map((count) => count && Math.round(count * 1e9) / 1e9)).toEqual(SAMPLED);
        const said = await back.sql(
          "SELECT attributes['otel.trace_state'] FROM spans ORDER BY start",
          10,
        );
        expect(said.data[0]?.slice(0, 3)).toEqual([
          'vendor=x,ot=rv:00abcdef012345;th:c',
          expect.stringMatching(/^ot=th:[0-9a-f]+$/),
          expect.stringMatching(/^ot=th:[0-9a-f]+,vendor=x$/),
        ]);
      }),
    ));

  it('otlp: histograms and their numbers without a word in JSON', () =>
    withStore((store) =>
      withStore(async (back) => {
        const point = (ts: string, sum: number | string) => ({
          timeUnixNano: ts,
          attributes: [{ key: 'route', value: { stringValue: '/pay' } }],
          count: '6',
          sum,
          bucketCounts: ['1', '2', '3'],
          explicitBounds: [0.5, 1],
        });
        const dataPoints = [
          point('1764000000000000000', 4.25),
          point('1764000060000000000', 'NaN'),
        ];
        const histogram = { aggregationTemporality: 1, dataPoints };
        const metrics = [{ name: 'latency', unit: 's', description: 'how long', histogram }];
        const line = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
        await importFiles(store, [bytesSource('m.jsonl', line)], 1n, { formats, signal });
        const otlp = exporters.find(({ id }) => id === 'otlp');
        if (!otlp) throw new Error('It is not listed.');
        const { sources, report } = await exported(store, otlp);
        expect(report).toMatchObject({ rows: { samples: 2 }, files: 1 });
        await importFiles(back, sources, 1n, { formats, signal });
        const before = await contents(store, 'histogram_samples');
        expect(before).toHaveLength(2);
        expect(await contents(back, 'histogram_samples')).toEqual(before);
      }),
    ));
});
