import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { describeCaseStore } from '../../core/store/testing/describe-case-store';
import { describeEngine } from '../../core/store/testing/describe-engine';
import { spanBatches } from '../../core/store/testing/rows';
import { dbNamed, migrate, openCaseStore, type Engine } from '../../core/store';
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

  it('refuses a newer format and foreign objects, and leaves the file as it was', async () => {
    const hostile: Readonly<Record<string, readonly string[]>> = {
      'case/newer-version': ["UPDATE meta SET value = '99' WHERE key = 'format_version'"],
      'case/foreign-object': [
        "CREATE VIEW notes AS SELECT * FROM read_text('/etc/hosts')",
        "CREATE MACRO later(x) AS TABLE SELECT * FROM read_csv('/etc/passwd')",
      ],
    };
    for (const [code, statements] of Object.entries(hostile)) {
      const path = await makeCase(5);
      const instance = await DuckDBInstance.create(path);
      const connection = await instance.connect();
      for (const sql of statements) await connection.run(sql);
      connection.closeSync();
      instance.closeSync();
      const before = readFileSync(path);
      const refused = await opening(path).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code });
      if (code === 'case/foreign-object') {
        expect(refused).toMatchObject({ detail: { foreign: ['macro later', 'view notes'] } });
      }
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  });

  it('says that a case is held by another process, and leaves it alone', async () => {
    const path = await makeCase(5);
    const before = readFileSync(path);
    const hold = `const { DuckDBInstance } = await import('@duckdb/node-api');
      const held = await DuckDBInstance.create(${JSON.stringify(path)});
      const connection = await held.connect();
      await connection.run("INSERT INTO meta VALUES ('held', 'yes')");
      console.log('held');
      setInterval(() => connection, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', hold], {
      cwd: process.cwd(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      await expect(opening(path)).rejects.toMatchObject({ code: 'case/locked' });
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    // What was committed before the kill is in the write-ahead log beside the file.
    expect(existsSync(`${path}.wal`)).toBe(true);
    expect(readFileSync(path).equals(before)).toBe(true);
    const store = await openCaseStore(await openNativeEngine({ path }), { now: 1n });
    expect(await store.meta('held')).toBe('yes');
    await store.checkpoint();
    await store.close();
    expect(existsSync(`${path}.wal`)).toBe(false);
  });
});

describe('migrations', () => {
  it('go forward step by step; one that fails leaves the case as the one before did', async () => {
    const engine = await openNativeEngine({});
    const store = await openCaseStore(engine, { now: 1n, create: { name: 'old' } });
    const db = dbNamed('memory');
    const steps = [
      {
        version: 2,
        name: 'adds a table',
        up: (tx: Engine) => tx.exec('CREATE TABLE two (a INTEGER)'),
      },
      {
        version: 3,
        name: 'fails half way',
        up: async (tx: Engine) => {
          await tx.exec('CREATE TABLE three (a INTEGER)');
          await tx.exec('INSERT INTO nowhere VALUES (1)');
        },
      },
    ];
    await expect(migrate(engine, db, 1, steps)).rejects.toMatchObject({
      code: 'store/query-failed',
    });
    expect(await store.meta('format_version')).toBe('2');
    const tables = await engine.query(
      "SELECT table_name FROM duckdb_tables() WHERE table_name IN ('two', 'three')",
      { table_name: 'str' },
    );
    expect(tables.col.table_name).toEqual(['two']);
    expect(await migrate(engine, db, 2, steps.slice(0, 1))).toBe(2);
    await expect(migrate(engine, db, 1, steps.slice(1))).rejects.toMatchObject({
      code: 'internal',
    });
    await store.close();
  });
});
