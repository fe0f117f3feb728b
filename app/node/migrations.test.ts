import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { BatchBuilder, type ClockSetting } from '../../core/model';
import { FORMAT_VERSION, openCaseStore, type CaseStore } from '../../core/store';
import { openNativeEngine } from './native-engine';

const golden = (version: number): string =>
  fileURLToPath(
    new URL(`../../core/store/testing/golden/format-${version}.faultline.gz`, import.meta.url),
  );
const dir = mkdtempSync(join(tmpdir(), 'faultline-migrations-'));
afterAll(() => rmSync(dir, { recursive: true }));

/**
 * A case that the last Faultline of a format made: four alerts and five changes in format 1, two alerts in
 * format 2, in format 3 three spans, of which one says that it is one of four, and one that it is one of twenty.
 */
function oldCase(name: string, version = 1): string {
  const path = join(dir, `${name}.faultline`);
  writeFileSync(path, gunzipSync(readFileSync(golden(version))));
  return path;
}

const rowsOf = (counts: readonly { table: string; rows: number }[]) =>
  Object.fromEntries(counts.filter(({ rows }) => rows > 0).map(({ table, rows }) => [table, rows]));

it('takes a case of format 1 to the newest and loses nothing', async () => {
  const path = oldCase('written');
  const store = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  expect(await store.meta('format_version')).toBe(String(FORMAT_VERSION));
  const before = rowsOf((await store.facts()).counts);
  expect(before).toMatchObject({ alerts: 4, changes: 5 });
  const rows = new BatchBuilder('definitions');
  rows.col.kind.push('slo');
  rows.col.name.push('checkout-availability');
  rows.col.text.push('objective: 99.9');
  rows.col.attributes.push({ service: 'checkout' });
  rows.endRow();
  const writer = await store.beginSource(
    { connector: 't', name: 'n', endpoint: '', query: '', window: null },
    1n,
  );
  writer.add(rows.take());
  await writer.finish();
  await store.checkpoint();
  await store.close();
  const again = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  expect(rowsOf((await again.facts()).counts)).toEqual({ ...before, definitions: 1 });
  await again.close();
});

it('reads a case of format 1 that it may not write, as it is', async () => {
  const path = oldCase('read');
  const before = readFileSync(path);
  const engine = await openNativeEngine({ path, readOnly: true });
  const store = await openCaseStore(engine, { now: 1n });
  expect(await store.meta('format_version')).toBe('1');
  const { counts } = await store.facts();
  expect(rowsOf(counts)).toMatchObject({ alerts: 4, changes: 5 });
  expect(counts.find(({ table }) => table === 'definitions')?.rows).toBe(0);
  expect((await store.sql('SELECT name, text FROM definitions', 10)).rows).toBe(0);
  await store.close();
  expect(readFileSync(path).equals(before)).toBe(true);
});

const startsOf = async (store: CaseStore): Promise<readonly unknown[]> =>
  (await store.sql('SELECT starts_at FROM alerts ORDER BY name', 10)).data[0] ?? [];

it('takes a case of format 2 to one that has clocks, which can be shifted and are raw at first', async () => {
  const path = oldCase('clocks', 2);
  const store = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  expect(await store.meta('format_version')).toBe(String(FORMAT_VERSION));
  expect(await store.clocks()).toEqual({ settings: [], raw: false });
  const raw = [1_795_270_320_000_000_000n, 1_795_270_380_000_000_000n];
  expect(await startsOf(store)).toEqual(raw);
  await store.setClocks({ settings: [setting(5n)], raw: false });
  await store.checkpoint();
  await store.close();
  const again = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  expect(await startsOf(again)).toEqual(raw.map((at) => at + 5n));
  expect(await again.clocks()).toEqual({ settings: [setting(5n)], raw: false });
  await again.close();
});

it('shows a case of format 2 that it may not write on the clocks it came with', async () => {
  const path = oldCase('clocks-read', 2);
  const engine = await openNativeEngine({ path, readOnly: true });
  const store = await openCaseStore(engine, { now: 1n });
  expect(await store.clocks()).toEqual({ settings: [], raw: false });
  expect((await store.facts()).counts.find(({ table }) => table === 'alerts')?.rows).toBe(2);
  await store.close();
});

const countsOf = async (store: CaseStore): Promise<readonly unknown[]> =>
  (await store.sql('SELECT adjusted_count FROM spans ORDER BY row_no', 10)).data[0] ?? [];

it('finds in a case of format 3 what its sampled spans stand for', async () => {
  const path = oldCase('sampled', 3);
  const store = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  expect(await store.meta('format_version')).toBe(String(FORMAT_VERSION));
  expect(await countsOf(store)).toEqual([4, null, 20]);
  await store.checkpoint();
  await store.close();
  const again = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  expect(await countsOf(again)).toEqual([4, null, 20]);
  await again.close();
});

it('shows the spans of a case of format 3 that it may not write, each as one', async () => {
  const path = oldCase('sampled-read', 3);
  const before = readFileSync(path);
  const store = await openCaseStore(await openNativeEngine({ path, readOnly: true }), { now: 1n });
  expect(await store.meta('format_version')).toBe('3');
  expect(await countsOf(store)).toEqual([null, null, null]);
  await store.close();
  expect(readFileSync(path).equals(before)).toBe(true);
});

function setting(shift: bigint): ClockSetting {
  const [lower, upper, anchors, setAt] = [shift - 1n, shift + 1n, 12, 7n];
  const confidence = 'high';
  return { sourceId: 1, shift, lower, upper, anchors, confidence, how: 't', applied: true, setAt };
}
