import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf, type Row } from '../../core/connect/testing/import';
import { readSample, sampleFiles, type SampleFile } from '../../core/connect/testing/samples';
import { formats } from '..';
import { prometheusBlock } from './format';
import { dataFolders } from './layout';

const here = fileURLToPath(new URL('.', import.meta.url));
const json = (bytes: Uint8Array): { stats: { numSamples: number } } =>
  JSON.parse(new TextDecoder().decode(bytes)) as { stats: { numSamples: number } };

/** Samples that were scraped after the snapshot, before the server was stopped. */
const AFTER = 315;

describeFormat(prometheusBlock, {
  beside: import.meta.url,
  formats,
  // What the blocks say themselves, without the five minutes at 15 s that were deleted.
  records: (files) =>
    (files.some(({ name }) => name.startsWith('log/')) ? 1018 + AFTER : 0) +
    files
      .filter(({ name }) => name.endsWith('meta.json'))
      .reduce((n, { bytes }) => n + json(bytes).stats.numSamples, 0) -
    (files.some(({ name, bytes }) => name.endsWith('tombstones') && bytes.length > 9) ? 21 : 0),
});

const snapshot = sampleFiles(here, 'snapshot');
const read = async (files: readonly SampleFile[]) => {
  const { reports, batches } = await readSample(files, formats);
  const [report] = reports;
  const tables = tablesOf(batches);
  const series = new Map(tables.metric_series?.map((row) => [row['series_id'], row]));
  const points = [...(tables.samples ?? []), ...(tables.histogram_samples ?? [])].map((row) => {
    const { series_id: id, ...point } = row;
    const { metric, labels } = series.get(id ?? null) ?? {};
    return { metric, labels, ...point };
  });
  return { reports, report, tables, points };
};
const codes = (report: { notices: readonly { code: string }[] } | undefined) =>
  report?.notices.map(({ code }) => code);
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));

describe('a snapshot', () => {
  it('is one source, whose samples are those that promtool dumps', async () => {
    const { reports, points } = await read(snapshot);
    expect(reports).toHaveLength(1);
    const file = `${here}../promtool-dump/samples/dump.txt`;
    const dumped = await read([{ name: 'dump.txt', bytes: new Uint8Array(readFileSync(file)) }]);
    const found = new Set(points.map(textOf));
    expect(dumped.points.length).toBe(260);
    expect(dumped.points.filter((point) => !found.has(textOf(point)))).toEqual([]);
  });

  it('has the native histograms that the server answers with', async () => {
    const { tables } = await read(snapshot);
    const points = tables.histogram_samples ?? [];
    const expected: Row[] = [];
    for (const name of ['native-floats.json', 'native.json']) {
      const bytes = new Uint8Array(readFileSync(`${here}../prometheus-json/samples/${name}`));
      expected.push(...((await read([{ name, bytes }])).tables.histogram_samples ?? []));
    }
    expect(points).toHaveLength(24);
    for (const [i, { bounds, ...point }] of points.entries()) {
      const { bounds: wanted, ...other } = expected[i] ?? {};
      expect(point).toEqual(other);
      // Prometheus' table of bounds is one bit off in places.
      for (const [k, bound] of (bounds as readonly number[]).entries()) {
        expect(bound).toBeCloseTo((wanted as readonly number[])[k] ?? Number.NaN, 12);
      }
    }
  });

  it('that is there twice is read once', async () => {
    const once = await read(snapshot);
    const [first = { name: '', bytes: new Uint8Array() }] = snapshot;
    const ulid = /[0-9A-Z]{26}/.exec(first.name)?.[0] ?? '';
    const again = snapshot.map(({ name, bytes }) => ({ name: name.replace(ulid, 'again'), bytes }));
    const same = await read([...snapshot, ...again]);
    expect(same.points.map(textOf)).toEqual(once.points.map(textOf));
    expect(codes(same.report)).toContain('block-contained');
    const renamed = again.map(({ name, bytes }) => ({
      name,
      bytes: name.endsWith('meta.json')
        ? new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll(ulid, 'AGAIN'))
        : bytes,
    }));
    const overlapping = await read([...snapshot, ...renamed]);
    expect(new Set(overlapping.points.map(textOf))).toEqual(new Set(once.points.map(textOf)));
    expect(overlapping.points).toHaveLength(once.points.length);
    expect(overlapping.report?.notices).toContainEqual(
      expect.objectContaining({ code: 'samples-in-two-blocks', count: 1018 }),
    );
  });
});

describe('the write-ahead log', () => {
  const log = sampleFiles(here, 'log');
  const beside = log.map(({ name, bytes }) => ({ name: name.replace('log/', 'snapshot/'), bytes }));

  it('has the samples that a snapshot of the same server has, and later ones', async () => {
    const { reports, points } = await read(log);
    expect(reports).toHaveLength(1);
    expect(points).toHaveLength(1018 + AFTER);
    const found = new Set(points.map(textOf));
    const block = await read(snapshot);
    expect(block.points.filter((point) => !found.has(textOf(point)))).toEqual([]);
  });

  it('adds to a block what is later than its end', async () => {
    const { reports, report, points } = await read([...snapshot, ...beside]);
    expect(reports).toHaveLength(1);
    const alone = await read(log);
    expect(points).toHaveLength(1018 + AFTER);
    expect(new Set(points.map(textOf))).toEqual(new Set(alone.points.map(textOf)));
    expect(report?.notices).toContainEqual(
      expect.objectContaining({ code: 'samples-in-two-blocks', count: 1018 }),
    );
  });

  it('is read from the newest checkpoint on', () => {
    const wal = ['00000004', '00000007', '00000008', 'checkpoint.00000003/00000000'];
    const names = [...wal, 'checkpoint.00000006/00000001', 'checkpoint.00000006/00000000'];
    const [folder] = dataFolders([
      ...names.map((name) => `data/wal/${name}`),
      'data/wbl/00000000',
      'data/chunks_head/000001',
    ]);
    expect(folder?.wal).toEqual([
      'data/wal/checkpoint.00000006/00000000',
      'data/wal/checkpoint.00000006/00000001',
      'data/wal/00000007',
      'data/wal/00000008',
    ]);
    expect(folder?.outOfOrder).toEqual(['data/wbl/00000000']);
  });

  it('and snapshots within its folder are one database', async () => {
    const within = snapshot.map(({ name, bytes }) => ({
      name: name.replace('snapshot/', 'log/snapshots/20261129T084115Z-1/'),
      bytes,
    }));
    const { reports, points } = await read([...log, ...within]);
    expect(reports).toHaveLength(1);
    expect(points).toHaveLength(1018 + AFTER);
  });

  it('says what of the head is left out', async () => {
    const wbl = { name: 'snapshot/wbl/00000000', bytes: new Uint8Array(32_768) };
    const { report } = await read([...snapshot, wbl]);
    expect(codes(report)).toContain('head-left-out');
  });

  it('is known by its checksum, one segment alone', async () => {
    const alone = log.slice(0, 1).map(({ bytes }) => ({ name: 'segment', bytes }));
    const { report, points } = await read(alone);
    expect(report).toMatchObject({ format: 'prometheus-block', state: 'ok' });
    expect(points).toHaveLength(1018 + AFTER);
  });
});

it('reads blocks beside one that has lost its index, and says which', async () => {
  const data = sampleFiles(here, 'data');
  const cut = data.map(({ name, bytes }) => ({
    name,
    bytes: name.endsWith('YE9XT4/index') ? bytes.slice(0, 300) : bytes,
  }));
  const { report, points } = await read(cut);
  expect(points).toHaveLength(132);
  expect(report?.parts[0]).toMatchObject({ rows: 132, dropped: 1 });
  expect(report?.parts[0]?.droppedExamples[0]?.reason).toContain('table of contents');
});

it('leaves out what tombstones say', async () => {
  const { points, report } = await read(sampleFiles(here, 'data'));
  expect(points).toHaveLength(379);
  expect(report?.notices).toContainEqual(
    expect.objectContaining({ code: 'samples-deleted', count: 21 }),
  );
  const gone = (ts: bigint) => ts >= 1795930300000000000n && ts <= 1795930600000000000n;
  const us = points.filter(({ labels }) => textOf(labels).includes('us'));
  expect(us.filter((point) => 'ts' in point && gone(point['ts'] as bigint))).toEqual([]);
});

it('does not read an index alone', async () => {
  const index = snapshot.filter(({ name }) => name.endsWith('/index'));
  const { report } = await read(index);
  expect(report).toMatchObject({ format: 'prometheus-block', state: 'failed' });
  expect(report?.notices[0]?.message).toContain('whole folder');
});
