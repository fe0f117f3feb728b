import { expect, it } from 'vitest';
import type { CaseStore, SourceIdentity } from '../case-store';
import { spanBatches } from './rows';

const NOW = 1_700_000_000_000_000_000n;

/** What the contract of the case store has at hand. */
interface StoreBench {
  readonly withStore: (work: (store: CaseStore) => Promise<void>) => Promise<void>;
  /** A complete source of that name with so many traces. */
  readonly write: (store: CaseStore, name: string, traces: number) => Promise<void>;
  /** Traces that can be seen. */
  readonly spans: (store: CaseStore) => Promise<number>;
  readonly identity: (name: string) => SourceIdentity;
}

/** Sources that are taken out and brought back. */
export function describeTakenOut({ withStore, write, spans, identity }: StoreBench): void {
  it('brings back a source that was taken out, until it is deleted for good', () =>
    withStore(async (store) => {
      await write(store, 'a', 10);
      const [source] = (await store.facts()).sources;
      const { sourceId = 0 } = source ?? {};
      await store.takeOutSource(sourceId);
      expect(await spans(store)).toBe(0);
      const facts = await store.facts();
      expect([facts.sources, facts.range]).toEqual([[], null]);
      expect((await store.sql('SELECT * FROM sources', 9)).data[0]).toEqual([]);
      expect(await store.restoreSource(sourceId)).toEqual([]);
      expect(await spans(store)).toBe(10);
      expect((await store.facts()).sources).toEqual([source]);
      await store.takeOutSource(sourceId);
      await store.purgeTakenOut();
      await expect(store.restoreSource(sourceId)).rejects.toMatchObject({ code: 'not-found' });
    }));

  it('keeps rows once where a source comes back that was read again meanwhile', () =>
    withStore(async (store) => {
      await write(store, 'a', 10);
      const [first] = (await store.facts()).sources;
      await store.takeOutSource(first?.sourceId ?? 0);
      await write(store, 'a', 10);
      expect(await spans(store)).toBe(10);
      const notices = await store.restoreSource(first?.sourceId ?? 0);
      expect(notices.map(({ code, count }) => [code, count])).toContainEqual(['rows-repeated', 30]);
      expect(await spans(store)).toBe(10);
    }));

  it('brings back a partial source as one that can be resumed', () =>
    withStore(async (store) => {
      const writer = await store.beginSource(identity('a'), NOW);
      for (const batch of spanBatches(20)) writer.add(batch);
      await writer.commit('half');
      await store.takeOutSource(writer.sourceId);
      expect(await store.findSource(identity('a'))).toBeUndefined();
      await store.restoreSource(writer.sourceId);
      const again = await store.beginSource(identity('a'), NOW);
      expect([again.sourceId, again.cursor, again.rows]).toEqual([
        writer.sourceId,
        'half',
        writer.rows,
      ]);
    }));
}
