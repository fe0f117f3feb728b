import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createNodeHost, openNativeEngine } from '../../app/node';
import { formats } from '../../connectors';
import { analyze, askSeries } from '../analysis';
import { FaultlineError, throwIfAborted } from '../base';
import type { Connector, ConnectorFactory, Preview, PullItem } from '../connect';
import { spanBatches } from '../store/testing/rows';
import { WorkbenchSession, type CopyNote, type Job, type WorkingCopies } from './index';

/** Working copies as DuckDB files of a folder. */
function folderCopies(folder: string): WorkingCopies {
  const notes = new Map<string, CopyNote>();
  const path = (id: string): string => join(folder, `${id}.db`);
  return {
    open: (id) => openNativeEngine({ path: path(id) }),
    put: async (id, chunks) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      writeFileSync(path(id), Buffer.concat(parts));
    },
    read: async function* (id) {
      yield await readFile(path(id));
    },
    note: (id, note) => Promise.resolve(void notes.set(id, note)),
    remove: (id) => Promise.resolve(rmSync(path(id), { force: true })),
    list: () =>
      Promise.resolve(
        [...notes].flatMap(([id, note]) => {
          const info = statSync(path(id), { throwIfNoEntry: false });
          return info ? [{ ...note, id, size: info.size, busy: false }] : [];
        }),
      ),
  };
}

/** What the backend of a test does before each of its pages; a page has enough rows to be committed. */
let beforePage: (page: number) => Promise<void>;

const connector: Connector = {
  probe: () => Promise.reject(new FaultlineError('internal', 'not asked')),
  discover: () => Promise.reject(new FaultlineError('internal', 'not asked')),
  preview: async ({ by, onProgress }, signal): Promise<Preview> => {
    onProgress?.(1, 3, 'pages');
    await beforePage(1);
    throwIfAborted(signal);
    const starts = BigInt64Array.of(0n);
    return { by, step: 9n, starts, ends: starts, groups: [], how: by, notices: [] };
  },
  async *pull({ resumeAt }, signal): AsyncGenerator<PullItem> {
    for (let page = Number(resumeAt ?? 0); page < 3; page++) {
      await beforePage(page);
      throwIfAborted(signal);
      for (const batch of spanBatches(7000, 1_700_000_000_000 + page * 7_000_000)) {
        yield { kind: 'batch', batch };
      }
      yield { kind: 'mark', cursor: String(page + 1) };
      const label = `page ${page + 1}`;
      yield { kind: 'progress', done: page + 1, total: 3, unit: 'queries', label };
    }
  },
};
const factory: ConnectorFactory = {
  id: 'pages',
  title: 'Pages',
  signals: ['spans'],
  exampleUrl: 'http://127.0.0.1:1',
  fields: [],
  config: z.record(z.string(), z.string()),
  open: () => connector,
  previewBy: ['service'],
};

let folder: string;
let session: WorkbenchSession;
let jobs: Job[];
const copies = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.db'));
const running = (kind: Job['kind']): Job | undefined =>
  jobs.filter((job) => job.kind === kind && job.state === 'running').at(-1);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aside-'));
  beforePage = () => Promise.resolve();
  jobs = [];
  const makeUpstream = (): never => {
    throw new Error('No backend here.');
  };
  const userDir = join(folder, 'user');
  const host = createNodeHost({ kind: 'test', version: '0', userDir, can: [], makeUpstream });
  const at = { url: 'http://127.0.0.1:1', caFile: '', auth: 'none', config: {} } as const;
  await host.api.saveConnection({ id: 'p', connector: 'pages', name: 'pages', ...at }, null);
  let ids = 0;
  session = new WorkbenchSession({
    host: host.api,
    copies: folderCopies(folder),
    connectors: [factory],
    formats,
    analyze,
    askSeries,
    decoders: {
      otlp: () => {
        throw new FaultlineError('internal', 'nothing is received');
      },
      webhooks: new Map(),
    },
    now: () => BigInt(Date.now()) * 1_000_000n,
    newId: () => `copy-${++ids}`,
  });
  session.subscribe((event) => {
    if (event.kind === 'job') jobs.push(event.job);
  });
});
afterEach(async () => {
  await session.closeCase();
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string) =>
  ({ kind: 'blob', name, blob: new Blob([text]) }) as const;
const gauge = (samples: number): string =>
  `# TYPE load gauge\n${Array.from({ length: samples }, (_, i) => `load{job="a"} ${i % 7} ${1_700_000_000 + i}\n`).join('')}# EOF\n`;

/** An unsaved case with rows, and what is known of it. */
async function openBefore(): Promise<() => Promise<void>> {
  await session.newCase('before');
  await session.importFiles([file('a.om', gauge(40))], {});
  const before = await session.current();
  return async () => {
    const after = await session.current();
    expect(after?.id).toBe(before?.id);
    expect(after).toMatchObject({
      name: 'before',
      dirty: true,
      facts: { counts: before?.facts.counts },
    });
    expect((await session.sql('SELECT count(*)::INTEGER FROM samples', 1)).data[0]?.[0]).toBe(40);
    expect(copies()).toEqual([`${before?.id}.db`]);
  };
}

describe('a preview', () => {
  it('ends the one that runs, and leaves what is open as it is', async () => {
    const same = await openBefore();
    const windows = [{ from: 0n, to: 9n }];
    let goOn: (() => void) | undefined;
    beforePage = () => new Promise((done) => (goOn = done));
    const first = session.preview('p', { windows, by: 'level' });
    const ended = first.catch((error: unknown) => error);
    await expect.poll(() => goOn).toBeDefined();
    const letFirst = goOn;
    const second = session.preview('p', { windows, by: 'service' });
    await expect.poll(() => goOn !== letFirst).toBe(true);
    letFirst?.();
    goOn?.();
    expect(await ended).toMatchObject({ code: 'cancelled' });
    expect((await second).how).toBe('service');
    expect((await session.connectors())[0]?.previewBy).toEqual(['service']);
    await same();
  });
});

describe('an import into a new case', () => {
  it('takes the place of the open case when it is through', async () => {
    await openBefore();
    const reports = await session.importFiles([file('b.om', gauge(70))], {}, 'after');
    expect(reports.map(({ state }) => state)).toEqual(['ok']);
    expect(await session.current()).toMatchObject({ name: 'after', dirty: true });
    expect((await session.sql('SELECT count(*)::INTEGER FROM samples', 1)).data[0]?.[0]).toBe(70);
    expect(copies()).toHaveLength(1);
  });

  it('leaves an unsaved case as it was where it is cancelled, or nothing is in the files', async () => {
    const same = await openBefore();
    const importing = session.importFiles([file('b.om', gauge(80_000))], {}, 'after');
    await session.cancelJob(running('import')?.id ?? '');
    await expect(importing).rejects.toMatchObject({ code: 'cancelled' });
    await same();
    const odd = await session.importFiles([file('odd.bin', '\0\x01\x02')], {}, 'after');
    expect(odd.map(({ state }) => state)).toEqual(['failed']);
    await same();
  });
});

const pull = () =>
  session.pull({
    connectionId: 'p',
    windows: [{ from: 0n, to: 9n }],
    budget: 1e6,
    newCase: 'after',
  });

describe('a pull into a new case', () => {
  it('that fails before rows are in leaves an unsaved case as it was', async () => {
    const same = await openBefore();
    beforePage = () => Promise.reject(new FaultlineError('connector/auth', 'No.'));
    await expect(pull()).rejects.toMatchObject({ code: 'connector/auth', message: 'No.' });
    await same();
    beforePage = async () => session.cancelJob(running('pull')?.id ?? '');
    await expect(pull()).rejects.toMatchObject({ code: 'cancelled' });
    await same();
  });

  it('tells queries and rows apart', async () => {
    await pull();
    const last = jobs.filter(({ kind }) => kind === 'pull').at(-1);
    const figures = { done: 3, total: 3, unit: 'queries', rows: 63_006, label: 'page 3' };
    expect(last).toMatchObject({ ...figures, state: 'done' });
    expect(await session.current()).toMatchObject({ name: 'after' });
  });

  it('that breaks off later is open to be resumed; then the case before is gone', async () => {
    await openBefore();
    beforePage = (page) =>
      page < 2
        ? Promise.resolve()
        : Promise.reject(new FaultlineError('connector/unreachable', ''));
    await expect(pull()).rejects.toMatchObject({ code: 'connector/unreachable' });
    const broken = await session.current();
    expect(broken).toMatchObject({ name: 'after', facts: { range: null } });
    const [source] = broken?.facts.sources ?? [];
    expect(source).toMatchObject({ state: 'partial', rows: 42_004 });
    expect(await session.recoverable()).toEqual([]);
    beforePage = () => Promise.resolve();
    await session.resumePull(source?.sourceId ?? 0);
    expect((await session.sql('SELECT count(*)::INTEGER FROM spans', 1)).data[0]?.[0]).toBe(63_000);
    expect(copies()).toHaveLength(1);
  });

  it('that is discarded afterwards gives the case before back, unsaved changes and all', async () => {
    const same = await openBefore();
    beforePage = (page) =>
      page < 2 ? Promise.resolve() : session.cancelJob(running('pull')?.id ?? '');
    await expect(pull()).rejects.toMatchObject({ code: 'cancelled' });
    const [source] = (await session.current())?.facts.sources ?? [];
    await session.removeSource(source?.sourceId ?? 0);
    await same();
  });
});
