import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BatchBuilder, type Batch } from '../../core/model';
import { openCaseStore } from '../../core/store';
import { exportToBucket, exportToFolder } from './lake-export';
import { planPublish, publish, type StagedFile } from './lake-publish';
import { folderTarget, type LakeTarget } from './lake-target';
import { openNativeEngine } from './native-engine';

const folder = mkdtempSync(join(tmpdir(), 'lake-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();
const HOUR = 3_600_000_000_000n;
const TEN = 1_714_557_600_000_000_000n;

function logs(times: readonly bigint[]): Batch {
  const rows = new BatchBuilder('logs');
  const { col } = rows;
  for (const ts of times) {
    col.ts.push(ts);
    col.observed_ts.push(null);
    col.resource_id.push(0n);
    col.severity.push(9);
    col.severity_text.push('INFO');
    col.body.push(`at ${ts}`);
    col.trace_id.push('');
    col.span_id.push('');
    col.attributes.push({});
    rows.endRow();
  }
  return rows.take();
}

/** Adds a source of logs to a case, which is made where there is none. */
async function addLogs(path: string, name: string, times: readonly bigint[]): Promise<void> {
  const create = existsSync(path) ? undefined : { name: 't' };
  const store = await openCaseStore(await openNativeEngine({ path }), { now: 1n, create });
  const source = { connector: 't', name, endpoint: '', query: name, window: null };
  const writer = await store.beginSource(source, 1n);
  writer.add(logs(times));
  await writer.finish();
  await store.checkpoint();
  await store.close();
}

const filesOf = (lake: string): readonly string[] =>
  readdirSync(lake, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(lake, name)).isFile())
    .sort();
const stateOf = (lake: string) =>
  filesOf(lake).map((name) => [
    name,
    statSync(join(lake, name)).mtimeMs,
    readFileSync(join(lake, name), 'hex'),
  ]);

describe('a lake that grows', () => {
  const lake = join(folder, 'lake');
  const path = join(folder, 'one.faultline');

  it('is not changed by the same case once more', async () => {
    await addLogs(path, 'a', [TEN, TEN + 1n]);
    expect(await exportToFolder(path, lake, { signal })).toMatchObject({
      written: 1,
      unchanged: 0,
    });
    const before = stateOf(lake);
    expect(before.map(([name]) => name)).toEqual([
      expect.stringMatching(/^\.faultline\/case-[0-9a-f]{16}\.json$/),
      expect.stringMatching(
        /^signal=logs\/date=2024-05-01\/hour=10\/case-[0-9a-f]{16}-[0-9a-f]{16}\.parquet$/,
      ),
    ]);
    const again = await exportToFolder(path, lake, { signal });
    expect(again).toMatchObject({ written: 0, unchanged: 1, replaced: 0, rows: { logs: 2 } });
    expect(stateOf(lake)).toEqual(before);
  });

  it('has each row once when a case has got more, in an hour that is there and in a new one', async () => {
    await addLogs(path, 'b', [TEN + 2n, TEN + HOUR]);
    const more = await exportToFolder(path, lake, { signal });
    expect(more).toMatchObject({ written: 2, replaced: 1, kept: 0 });
    const parquet = filesOf(lake).filter((name) => name.endsWith('.parquet'));
    expect(parquet.map((name) => /hour=\d+/.exec(name)?.[0])).toEqual(['hour=10', 'hour=11']);
  });

  it('takes another case beside it', async () => {
    const other = join(folder, 'two.faultline');
    await addLogs(other, 'a', [TEN]);
    expect(await exportToFolder(other, lake, { signal })).toMatchObject({
      written: 1,
      replaced: 0,
    });
    expect(filesOf(join(lake, 'signal=logs/date=2024-05-01/hour=10'))).toHaveLength(2);
  });

  it('is as it was where writing fails, and nothing is left of what was put', async () => {
    await addLogs(path, 'c', [TEN + 2n * HOUR, TEN + 3n * HOUR]);
    const before = stateOf(lake).map(([name, , bytes]) => [name, bytes]);
    const target = folderTarget(lake);
    let nth = 0;
    const failing: LakeTarget = {
      ...target,
      put: (key, file, until) =>
        ++nth === 2 ? Promise.reject(new Error('disk full')) : target.put(key, file, until),
    };
    await expect(exportToBucket(path, failing, { signal })).rejects.toThrow('disk full');
    expect(nth).toBe(2);
    expect(stateOf(lake).map(([name, , bytes]) => [name, bytes])).toEqual(before);
  });

  it('loses what a killed export had put with the next one', async () => {
    const target = folderTarget(lake);
    const [manifest = ''] = filesOf(join(lake, '.faultline'))
      .map((name) => `.faultline/${name}`)
      .filter((name) => readFileSync(join(lake, name), 'utf8').includes('hour=11'));
    const { files, ...rest } = JSON.parse(readFileSync(join(lake, manifest), 'utf8')) as {
      case: string;
      files: unknown[];
    };
    const orphan = `signal=logs/date=2024-05-01/hour=10/case-${rest.case}-0123456789abcdef.parquet`;
    await target.writeText(orphan, 'half', signal);
    const cut = { ...rest, files, removing: [orphan] };
    await target.writeText(manifest, JSON.stringify(cut), signal);
    await exportToFolder(path, lake, { signal });
    expect(filesOf(lake)).not.toContain(orphan);
    expect(JSON.parse(readFileSync(join(lake, manifest), 'utf8'))).toMatchObject({ removing: [] });
  });

  it('refuses a folder that is no lake, and leaves it', async () => {
    const place = join(folder, 'home');
    mkdirSync(place);
    writeFileSync(join(place, 'letter.txt'), 'dear');
    await expect(exportToFolder(path, place, { signal })).rejects.toMatchObject({
      code: 'case/exists',
    });
    expect(filesOf(place)).toEqual(['letter.txt']);
  });

  it('leaves no folder behind where it is cancelled', async () => {
    const control = new AbortController();
    const place = join(folder, 'new');
    const cancelled = exportToFolder(path, place, {
      signal: control.signal,
      onProgress: () => control.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(folder)).not.toContain('new');
  });
});

describe('what is put', () => {
  const staged = (rows: number, sha: string, hour = '10'): StagedFile => ({
    path: `/tmp/${sha}`,
    partition: `signal=logs/hour=${hour}`,
    rows,
    bytes: rows * 10,
    sha256: sha.repeat(16),
  });
  const entry = (rows: number, sha: string, hour = '10') => ({
    key: `signal=logs/hour=${hour}/case-x-${sha.repeat(16)}.parquet`,
    rows,
    bytes: rows * 10,
    sha256: sha.repeat(16),
  });

  it('takes nothing away of which the case has less, or nothing any more', () => {
    const old = [entry(5, 'a'), entry(5, 'b', '11')];
    const sizes = new Map(old.map(({ key, bytes }) => [key, bytes]));
    const plan = planPublish('x', old, [staged(3, 'c')], sizes);
    expect(plan).toMatchObject({ put: [], superseded: [], kept: 1, files: old });
  });

  it('writes again what was deleted from the lake', () => {
    const old = [entry(5, 'a')];
    const plan = planPublish('x', old, [staged(5, 'a')], new Map());
    expect(plan.put.map(({ key }) => key)).toEqual([old[0]?.key]);
  });

  it('refuses a list of files that it does not know', async () => {
    const place = join(folder, 'newer');
    const target = folderTarget(place);
    await target.writeText('.faultline/case-x.json', '{"format":2}', signal);
    await expect(publish(target, 'x', [], { signal })).rejects.toMatchObject({ code: 'host/io' });
  });
});
