import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { BatchBuilder } from '../../core/model';
import { openCaseStore } from '../../core/store';
import { openNativeEngine } from './native-engine';

const golden = fileURLToPath(
  new URL('../../core/store/testing/golden/format-1.faultline.gz', import.meta.url),
);
const dir = mkdtempSync(join(tmpdir(), 'faultline-migrations-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** A case that the last Faultline of format 1 made: four alerts and five changes. */
function oldCase(name: string): string {
  const path = join(dir, `${name}.faultline`);
  writeFileSync(path, gunzipSync(readFileSync(golden)));
  return path;
}

const rowsOf = (counts: readonly { table: string; rows: number }[]) =>
  Object.fromEntries(counts.filter(({ rows }) => rows > 0).map(({ table, rows }) => [table, rows]));

it('takes a case of format 1 to format 2 and loses nothing', async () => {
  const path = oldCase('written');
  const store = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
  expect(await store.meta('format_version')).toBe('2');
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
