import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openNativeDatabase, openNativeEngine } from '../../app/node';
import type { ByteSource } from '../../core/connect';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { tablesOf } from '../../core/connect/testing/import';
import { readSample, sampleFiles } from '../../core/connect/testing/samples';
import { openCaseStore } from '../../core/store';
import { formats } from '..';
import { duckdb } from './format';

const tools = { openDatabase: openNativeDatabase };

describeFormat(duckdb, { beside: import.meta.url, formats, tools });

const folder = fileURLToPath(new URL('.', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'faultline-duckdb-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const readBytes = async (name: string, bytes: Uint8Array) =>
  readSample([{ name, bytes }], formats, { tools });

function sourceOf(path: string): ByteSource {
  const bytes = new Uint8Array(readFileSync(path));
  return {
    name: 'x.duckdb',
    size: bytes.length,
    path,
    stream: () => new Blob([bytes]).stream(),
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
}

/** The checksum that stands before the first block (DuckDB's storage/checksum.cpp). */
function checksumOf(header: DataView): bigint {
  let sum = 5381n;
  for (let at = 8; at < header.byteLength; at += 8) {
    sum ^= BigInt.asUintN(64, header.getBigUint64(at, true) * 0xbf58476d1ce4e5b9n);
  }
  return sum;
}

describe('a database', () => {
  it('gives columns of OpenTelemetry as they are, others by a guess, and the names of the rest', async () => {
    const { reports, batches } = await readSample(sampleFiles(folder, 'shop.duckdb'), formats, {
      tools,
    });
    const { logs, samples, changes, resources } = tablesOf(batches);
    expect(logs).toHaveLength(80);
    expect(logs?.[4]).toMatchObject({
      ts: 1714557620000000001n,
      body: 'order 4 paid',
      severity: 17,
      attributes: { 'order.id': '4' },
    });
    expect(resources?.[0]?.['attributes']).toEqual({
      'host.name': 'web-0',
      'service.name': 'checkout',
    });
    // Those that were deleted are none.
    expect(samples).toHaveLength(57);
    expect(samples?.[3]).toMatchObject({ ts: 1714557630000000000n, value: 3.5 });
    expect(changes?.[2]).toMatchObject({ ts: 1714557720000000000n, title: 'checkout v1.2' });
    const [report] = reports;
    expect(report?.mappedTables?.map(({ mapping }) => mapping.table)).toEqual([
      'pool',
      'ops.releases',
    ]);
    const said = report?.notices.map(({ code, message }) => `${code}: ${message}`).join('\n');
    expect(said).toContain('customers (30 rows)');
    expect(said).toContain('views-not-read: Views are not read, only tables: slow.');
  });

  it('is read where it lies, and left as it was', async () => {
    const path = join(scratch, 'in place.duckdb');
    const before = readFileSync(join(folder, 'samples/shop.duckdb'));
    writeFileSync(path, before);
    const preview = await duckdb.preview?.(sourceOf(path), new AbortController().signal, {}, tools);
    expect(preview).toMatchObject({ mapping: { target: 'logs', table: 'otel_logs' } });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('of a newer version says so, and what to do', async () => {
    const bytes = new Uint8Array(readFileSync(join(folder, 'samples/shop.duckdb')));
    const header = new DataView(bytes.buffer, 0, 4096);
    header.setBigUint64(12, 999n, true);
    header.setBigUint64(0, checksumOf(header), true);
    const { reports } = await readBytes('x.duckdb', bytes);
    expect(reports).toMatchObject([{ state: 'failed', notices: [{ code: 'format/unknown' }] }]);
    expect(reports[0]?.notices[0]?.message).toMatch(/newer DuckDB.*storage version 999.*COPY/s);
  });

  it('that is a case is to be opened, not imported', async () => {
    const path = join(scratch, 'incident.faultline');
    const store = await openCaseStore(await openNativeEngine({ path }), {
      now: 1n,
      create: { name: 'incident' },
    });
    await store.checkpoint();
    await store.close();
    const { reports } = await readBytes('incident.faultline', new Uint8Array(readFileSync(path)));
    expect(reports).toMatchObject([{ state: 'failed', format: 'duckdb' }]);
    expect(reports[0]?.notices[0]?.message).toContain('open it as a case');
  });
});
