import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeCaseStore } from '../../core/store/testing/describe-case-store';
import { describeEngine } from '../../core/store/testing/describe-engine';
import { spanBatches } from '../../core/store/testing/rows';
import { openCaseStore } from '../../core/store';
import { openNativeEngine } from './native-engine';

const dir = mkdtempSync(join(tmpdir(), 'faultline-native-'));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;
const fresh = (): string => join(dir, `case ${++files}.faultline`);

describeEngine('native, file', { open: () => openNativeEngine({ path: fresh() }) });
describeEngine('native, memory', { open: () => openNativeEngine({}) });
describeCaseStore('native', () => openNativeEngine({ path: fresh() }));

async function makeCase(traces = 2000): Promise<string> {
  const path = fresh();
  const store = await openCaseStore(await openNativeEngine({ path }), {
    now: 1n,
    create: { name: 'x' },
  });
  const writer = await store.beginSource(
    { connector: 't', name: 'n', endpoint: '', query: '', window: null },
    1n,
  );
  for (const batch of spanBatches(traces)) writer.add(batch);
  await writer.finish();
  await store.checkpoint();
  await store.close();
  return path;
}

describe('files that are no good', () => {
  const cases: Record<string, (path: string) => Promise<void>> = {
    'case/not-a-case': (path) =>
      Promise.resolve(writeFileSync(path, 'hello, this is no database at all')),
    'case/truncated': async (path) => {
      const whole = await makeCase();
      writeFileSync(path, readFileSync(whole));
      truncateSync(path, 20_000);
    },
  };
  it.each(Object.keys(cases))('says %s and leaves the file as it was', async (code) => {
    const path = fresh();
    await cases[code]?.(path);
    const before = readFileSync(path);
    const opening = async (): Promise<unknown> => {
      const engine = await openNativeEngine({ path });
      return openCaseStore(engine, { now: 1n }).finally(() => engine.close());
    };
    await expect(opening()).rejects.toMatchObject({ code });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('opens a case read-only and refuses to write to it', async () => {
    const path = await makeCase();
    const engine = await openNativeEngine({ path, readOnly: true });
    const store = await openCaseStore(engine, { now: 1n });
    expect((await store.facts()).counts.find((c) => c.table === 'spans')?.rows).toBe(6000);
    await expect(store.setMeta('a', 'b')).rejects.toMatchObject({ code: 'store/read-only' });
    await store.close();
  });
});
