import { expect, it } from 'vitest';
import { formats } from '../../connectors';
import { databasesAsCopies } from '../../core/session';
import { readFile, type ByteSource } from '../../core/connect';
import { tablesOf } from '../../core/connect/testing/import';
import type { Batch } from '../../core/model';
import sample from '../../connectors/duckdb/samples/shop.duckdb?url';
import { opfsCopies } from './opfs-copies';

async function sourceOf(url: string, change?: (bytes: Uint8Array) => void): Promise<ByteSource> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  change?.(bytes);
  const blob = new Blob([bytes]);
  return {
    name: 'shop.duckdb',
    size: blob.size,
    stream: () => blob.stream(),
    read: async (offset, length) =>
      new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

const copies = opfsCopies();
const tools = { openDatabase: databasesAsCopies(copies, () => crypto.randomUUID()) };
const signal = new AbortController().signal;

it('reads a database that native DuckDB wrote as the command line does, and leaves no copy', async () => {
  const before = (await copies.list()).length;
  const batches: Batch[] = [];
  const report = await readFile(await sourceOf(sample), formats, {
    signal,
    tools,
    onItem: (item) => {
      if (item.kind === 'batch') batches.push(item.batch);
    },
  });
  expect(report).toMatchObject({ format: 'duckdb', state: 'ok' });
  const { logs, samples, changes } = tablesOf(batches);
  expect(logs).toHaveLength(80);
  expect(logs?.[4]).toMatchObject({
    ts: 1714557620000000001n,
    body: 'order 4 paid',
    severity: 17,
    attributes: { 'order.id': '4' },
  });
  expect(samples).toHaveLength(57);
  expect(samples?.[3]).toMatchObject({ ts: 1714557630000000000n, value: 3.5 });
  expect(changes?.[2]).toMatchObject({ ts: 1714557720000000000n, title: 'checkout v1.2' });
  expect(await copies.list()).toHaveLength(before);
});

it('says so of one that is damaged, and leaves no copy', async () => {
  const before = (await copies.list()).length;
  const source = await sourceOf(sample, (bytes) => bytes.fill(0x5a, 4096, 12_288));
  const report = await readFile(source, formats, { signal, tools });
  expect(report).toMatchObject({ state: 'failed', notices: [{ code: 'format/damaged' }] });
  expect(await copies.list()).toHaveLength(before);
});
