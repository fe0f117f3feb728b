import { describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { formats } from '../../connectors';
import { FaultlineError, parseWindow } from '../base';
import type { ByteSource, Connector } from '../connect';
import { openCaseStore, type CaseStore } from '../store';
import { spanBatches } from '../store/testing/rows';
import {
  baselineWindows,
  importFiles,
  inspectFiles,
  runPull,
  targetOf,
  type PullTarget,
} from './index';

async function withStore(work: (store: CaseStore) => Promise<void>): Promise<void> {
  const store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 't' } });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function metrics(
  name: string,
  job: string,
  samples: number,
  onChunk?: (n: number) => void,
): ByteSource {
  const lines = ['# TYPE load gauge'];
  for (let i = 0; i < samples; i++) lines.push(`load{job="${job}"} ${i % 7} ${1_700_000_000 + i}`);
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n# EOF\n`);
  let reads = 0;
  return {
    name,
    size: bytes.length,
    stream: () => {
      const pass = ++reads;
      let at = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          // The first pass is for the hash of the file.
          if (pass > 1) onChunk?.(at);
          controller.enqueue(bytes.slice(at, at + 65_536));
          at += 65_536;
          if (at >= bytes.length) controller.close();
        },
      });
    },
  };
}

const counts = async (store: CaseStore): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries((await store.facts()).counts.map(({ table, rows }) => [table, rows]));

const never = new AbortController().signal;

describe('import', () => {
  it('leaves what people see as it was when it is cancelled', () =>
    withStore(async (store) => {
      await importFiles(store, [metrics('a.om', 'a', 50)], 1n, { formats, signal: never });
      const before = [
        await counts(store),
        await store.dataVersion(),
        (await store.facts()).sources.length,
      ];
      const controller = new AbortController();
      const slow = metrics('b.om', 'b', 60_000, (n) => {
        if (n > 800_000) controller.abort();
      });
      const running = importFiles(store, [metrics('c.om', 'c', 20), slow], 1n, {
        formats,
        signal: controller.signal,
      });
      await expect(running).rejects.toMatchObject({ code: 'cancelled' });
      const [rows, , sources] = [await counts(store), 0, (await store.facts()).sources.length];
      expect([rows, sources]).toEqual([before[0], before[2]]);
      const left = await store.sql('SELECT count(DISTINCT source_id)::INTEGER FROM samples', 1);
      expect(left.data[0]?.[0]).toBe(1);
    }));

  it('says which file is no good and takes the others', () =>
    withStore(async (store) => {
      const odd: ByteSource = {
        name: 'odd.bin',
        size: 4,
        stream: () => new Blob([new Uint8Array([0, 255, 1, 254])]).stream(),
      };
      const options = { formats, signal: never };
      const reports = await importFiles(store, [odd, metrics('a.om', 'a', 30)], 1n, options);
      expect(reports.map(({ state }) => state)).toEqual(['failed', 'ok']);
      expect((await counts(store))['samples']).toBe(30);
      const looked = await inspectFiles([metrics('a.om', 'a', 30)], 0n, options);
      expect(looked[0]?.parts).toMatchObject([{ signal: 'samples', rows: 30, dropped: 0 }]);
    }));

  it('recognises the same bytes, and takes a source out again', () =>
    withStore(async (store) => {
      const options = { formats, signal: never };
      await importFiles(store, [metrics('a.om', 'a', 30)], 1n, options);
      const [again] = await importFiles(store, [metrics('a.om', 'a', 30)], 1n, options);
      expect(again).toMatchObject({ state: 'skipped', notices: [{ code: 'already-imported' }] });
      const [source] = (await store.facts()).sources;
      await store.removeSource(source?.sourceId ?? 0);
      expect((await counts(store))['samples']).toBe(0);
      expect((await store.facts()).range).toBeNull();
      const [fresh] = await importFiles(store, [metrics('a.om', 'a', 30)], 1n, options);
      expect(fresh?.state).toBe('ok');
    }));
});

const target: PullTarget = {
  connector: 'pages',
  name: 'pages',
  endpoint: 'http://127.0.0.1:1',
  config: {},
  windows: [{ from: 0n, to: 9n }],
  budget: 1e6,
};

/** Ten pages of spans; breaks off before page `broken`. */
function pages(broken = Infinity): Connector {
  return {
    probe: () => Promise.reject(new FaultlineError('internal', 'not asked')),
    discover: () => Promise.reject(new FaultlineError('internal', 'not asked')),
    async *pull({ resumeAt }) {
      for (let page = Number(resumeAt ?? 0); page < 10; page++) {
        if (page === broken) throw new FaultlineError('connector/unreachable', 'gone');
        for (const batch of spanBatches(5000, 1_700_000_000_000 + page * 5_000_000)) {
          yield { kind: 'batch', batch };
        }
        yield { kind: 'mark', cursor: String(page + 1) };
      }
    },
  };
}

describe('pull', () => {
  it('that broke off is invisible, and goes on without gap or duplicate', () =>
    withStore(async (store) => {
      const options = { now: 1n, signal: never };
      const failed = runPull(store, pages(7), target, options);
      await expect(failed).rejects.toMatchObject({ code: 'connector/unreachable' });
      expect((await counts(store))['spans']).toBe(0);
      const [partial] = (await store.facts()).sources;
      expect(partial).toMatchObject({ state: 'partial' });
      if (!partial) throw new Error('no partial source');
      const summary = await runPull(store, pages(), targetOf(partial), options);
      expect(summary.resumed).toBe(true);
      const whole = await store.sql(
        'SELECT count(*)::INTEGER AS n, count(DISTINCT (row_no))::INTEGER AS places, count(DISTINCT start)::INTEGER AS starts FROM spans',
        1,
      );
      expect(whole.data.map(([n]) => n)).toEqual([150_000, 150_000, 150_000]);
      const again = await runPull(store, pages(), target, options);
      expect(again.notices).toMatchObject([{ code: 'already-pulled' }]);
    }));

  it('takes baselines relative to the window', () => {
    const hour = 3_600_000_000_000n;
    const window = { from: 100n * hour, to: 102n * hour };
    const parse = (text: string): ReturnType<typeof parseWindow> => parseWindow(text, 0n);
    expect(baselineWindows(window, ['previous', '-1d', '-1w'], parse)).toEqual([
      { from: 98n * hour, to: 100n * hour },
      { from: 76n * hour, to: 78n * hour },
      { from: -68n * hour, to: -66n * hour },
    ]);
    const [given] = baselineWindows(window, ['2026-01-01T00:00:00Z..2026-01-01T01:00:00Z'], parse);
    expect(given && given.to - given.from).toBe(hour);
  });
});

describe('who is who', () => {
  it('proposes with a reason; accepted, rejected and stated merges can be undone', () =>
    withStore(async (store) => {
      const files = [metrics('a.om', 'shop-cart', 10), metrics('b.om', 'shop_cart', 10)];
      await importFiles(store, files, 1n, { formats, signal: never });
      const services = async (): Promise<unknown> =>
        (
          await store.sql(
            "SELECT DISTINCT entity_id FROM resource_entities WHERE role = 'service' ORDER BY 1",
            9,
          )
        ).data[0];
      const apart = ['service:shop-cart', 'service:shop_cart'];
      expect(await services()).toEqual(apart);
      const [merge] = await store.merges();
      expect(merge).toMatchObject({ state: 'proposed' });
      expect(merge?.reason).toMatch(/differ only in/);
      const id = merge?.mergeId ?? '';
      await store.decideMerge(id, 'accepted');
      expect(await services()).toEqual([merge?.into.id]);
      await store.decideMerge(id, 'rejected');
      expect(await services()).toEqual(apart);
      await store.decideMerge(id, 'proposed');
      expect((await store.merges())[0]).toEqual(merge);
      const stated = await store.addMerge(
        'service:shop-cart',
        'service:shop_cart',
        'we renamed it',
      );
      expect(await services()).toEqual(['service:shop_cart']);
      await store.decideMerge(stated.mergeId, 'rejected');
      expect(await services()).toEqual(apart);
    }));
});
