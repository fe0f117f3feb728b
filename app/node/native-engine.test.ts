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
  const opening = async (path: string): Promise<unknown> => {
    const engine = await openNativeEngine({ path });
    try {
      return await openCaseStore(engine, { now: 1n });
    } finally {
      await engine.close();
    }
  };
  for (const [code, make] of Object.entries(cases)) {
    it(`says ${code} and leaves the file as it was`, async () => {
      const path = fresh();
      await make(path);
      const before = readFileSync(path);
      await expect(opening(path)).rejects.toMatchObject({ code });
      expect(readFileSync(path).equals(before)).toBe(true);
    });
  }
});
