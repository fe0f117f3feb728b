import { describe, expect, it } from 'vitest';
import { openCaseStore } from '../../core/store';
import { describeCaseStore } from '../../core/store/testing/describe-case-store';
import { describeEngine } from '../../core/store/testing/describe-engine';
import { spanBatches } from '../../core/store/testing/rows';
import { opfsCopies } from './opfs-copies';
import { openWasmEngine } from './wasm-engine';

let copies = 0;
const fresh = (): string => `test-${Date.now()}-${++copies}.db`;

describeEngine('wasm, memory', { open: () => openWasmEngine(undefined) });
describeCaseStore('wasm, OPFS', () => openWasmEngine(fresh()));

describe('working copies', () => {
  it('keeps what was committed, writes and reads whole files', async () => {
    const store = opfsCopies();
    const engine = await store.open('one');
    const opened = await openCaseStore(engine, { now: 1n, create: { name: 'one' } });
    const writer = await opened.beginSource(
      { connector: 't', name: 'n', endpoint: '', query: '', window: null },
      1n,
    );
    for (const batch of spanBatches(100)) writer.add(batch);
    await writer.finish();
    expect((await store.list()).find(({ id }) => id === 'one')?.busy).toBe(true);
    await expect(store.open('one')).rejects.toMatchObject({ code: 'case/locked' });
    await opened.checkpoint();
    await store.put('two', store.read('one'));
    await opened.close();
    const copy = await openCaseStore(await store.open('two'), { now: 1n });
    expect((await copy.facts()).counts.find((c) => c.table === 'spans')?.rows).toBe(300);
    await copy.close();
    await store.note('two', { name: 'Two', path: null, dirty: true, changedAt: 5 });
    expect((await store.list()).find(({ id }) => id === 'two')).toMatchObject({
      name: 'Two',
      dirty: true,
      busy: false,
    });
    await store.remove('one');
    await store.remove('two');
    expect(await store.list()).toEqual([]);
  });

  it('does not take what was cut off while it was made for a case to recover', async () => {
    const store = opfsCopies();
    const root = await navigator.storage.getDirectory();
    // As a tab leaves it that ended between making the file and making the tables.
    await root.getFileHandle('case-empty.db', { create: true });
    await (await store.open('begun')).close();
    const left = await store.list();
    expect(left.map(({ id, dirty, busy }) => `${id} ${dirty} ${busy}`).sort()).toEqual([
      'begun false false',
      'empty false false',
    ]);
    for (const { id } of left) await store.remove(id);
    expect(await store.list()).toEqual([]);
  });

  it('holds a copy from its first byte until it is closed', async () => {
    const store = opfsCopies();
    const made = await store.open('made');
    const opened = await openCaseStore(made, { now: 1n, create: { name: 'made' } });
    await opened.checkpoint();
    const seen: (boolean | undefined)[] = [];
    const busy = async (): Promise<void> => {
      seen.push((await store.list()).find(({ id }) => id === 'put')?.busy);
    };
    const watched = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of store.read('made')) {
        yield chunk;
        await busy();
      }
    };
    await store.put('put', watched());
    await busy();
    const copy = await store.open('put');
    await busy();
    await copy.close();
    await busy();
    expect(seen).toEqual([true, true, true, false]);
    await opened.close();
    await store.remove('made');
    await store.remove('put');
  });

  it('says of damaged bytes what they are', async () => {
    const store = opfsCopies();
    const bytes = async function* (text: string): AsyncIterable<Uint8Array> {
      yield new TextEncoder().encode(text);
    };
    await expect(store.put('bad', bytes('no case at all, just text'))).rejects.toMatchObject({
      code: 'case/not-a-case',
    });
    expect(await store.list()).toEqual([]);
  });
});
