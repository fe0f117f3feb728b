import { describe, expect, it } from 'vitest';
import {
  BatchBuilder,
  CLOCK_ANCHOR_KINDS,
  defineQuery,
  findQuery,
  renderSql,
  type ClockSetting,
  type SqlParams,
} from '../../model';
import * as named from '../../model/queries';
import { MAY_NAME, PEER_SQL, textKey } from '../../model/queries';
import { z } from 'zod';
import type { CaseStore, SourceIdentity } from '../case-store';
import type { Engine } from '../engine';
import { openCaseStore } from '../open';
import { FORMAT_VERSION } from '../schema';
import { describeAdjusted } from './describe-adjusted';
import { describeTakenOut } from './describe-taken-out';
import { FOUND } from './found';
import { sampleBatches, spanBatches } from './rows';

const countSpans = defineQuery({
  id: 'test.count-spans',
  version: 1,
  title: 'Spans of a name',
  params: z.object({ name: z.string() }),
  columns: { n: 'f64' },
  sql: () => 'SELECT count(*)::DOUBLE AS n FROM spans WHERE name = :name',
});

const identity = (name: string): SourceIdentity => ({
  connector: 'test',
  name,
  endpoint: 'http://127.0.0.1:1',
  query: '{}',
  window: null,
});

const NOW = 1_700_000_000_000_000_000n;

const PULSE = { from: NOW - 10n ** 18n, step: 10n ** 17n, buckets: 20 };

/** Parameters for any query: each takes its own. */
const ANY: SqlParams = {
  baseFrom: 0n,
  baseTo: 10n,
  from: 20n,
  to: 30n,
  lookFrom: 0n,
  step: 1n,
  stride: 1,
  buckets: 9,
  series: [1n],
  most: 9,
  few: 5,
  limit: 9,
  expected: 5,
  kind: 'call',
  a: 1,
  b: 2,
};

/** The contract of the case store on an engine. */
export function describeCaseStore(name: string, open: () => Promise<Engine>): void {
  const withStore = async (
    work: (store: CaseStore, engine: Engine) => Promise<void>,
  ): Promise<void> => {
    const engine = await open();
    const store = await openCaseStore(engine, { now: NOW, create: { name: 'test' } });
    try {
      await work(store, engine);
    } finally {
      await store.close();
    }
  };
  const write = async (store: CaseStore, who: string, traces: number): Promise<void> => {
    const writer = await store.beginSource(identity(who), NOW);
    for (const batch of spanBatches(traces)) writer.add(batch);
    await writer.finish('abc');
  };
  const spans = async (store: CaseStore): Promise<number> =>
    (await store.run(countSpans({ name: 'GET /' }))).col.n[0] ?? -1;

  describe(`case store: ${name}`, () => {
    it('shows the rows of a growing source as far as it was asked to', () =>
      withStore(async (store) => {
        const writer = await store.beginSource(identity('a'), NOW);
        const all = spanBatches(20);
        for (const batch of all) writer.add(batch);
        await writer.commit('1');
        await writer.show();
        expect(await spans(store)).toBe(20);
        const version = await store.dataVersion();
        const entities = await store.entities();
        expect(entities.length).toBeGreaterThan(0);
        for (const batch of spanBatches(30)) if (batch.table === 'spans') writer.add(batch);
        await writer.commit('2');
        expect(await spans(store)).toBe(20);
        expect(await store.dataVersion()).toBe(version);
        // Another source that holds the same: what is shown first is kept.
        await write(store, 'b', 20);
        expect(await spans(store)).toBe(20);
        await writer.show();
        expect(await spans(store)).toBe(50);
        expect(await store.entities()).toEqual(entities);
        const [source] = (await store.facts()).sources;
        expect(source?.state).toBe('partial');
        await writer.finish();
        expect(await spans(store)).toBe(50);
        await store.removeSource(writer.sourceId);
        expect(await spans(store)).toBe(0);
        expect(await store.meta('shown')).toBeUndefined();
      }));

    it('keeps one run of a growing case', () =>
      withStore(async (store) => {
        const writer = await store.beginSource(identity('a'), NOW);
        for (const batch of spanBatches(20)) writer.add(batch);
        await writer.commit('1');
        await writer.show();
        await store.saveAnalysis(FOUND, NOW);
        await store.saveAnalysis(FOUND, NOW + 1n);
        await writer.finish();
        await store.saveAnalysis(FOUND, NOW + 2n);
        await store.saveAnalysis(FOUND, NOW + 3n);
        const { data } = await store.sql('SELECT started_at FROM runs ORDER BY started_at', 9);
        expect(data[0]).toEqual([NOW + 2n, NOW + 3n]);
      }));

    it('shows the rows of a source when it is complete, not before', () =>
      withStore(async (store) => {
        const writer = await store.beginSource(identity('a'), NOW);
        for (const batch of spanBatches(20)) writer.add(batch);
        await writer.commit('half');
        expect(await spans(store)).toBe(0);
        expect((await store.facts()).sources[0]).toMatchObject({ state: 'partial', rows: 62 });
        await writer.finish();
        expect(await spans(store)).toBe(20);
      }));

    it('resumes after the last commit without gap or duplicate', () =>
      withStore(async (store) => {
        const first = await store.beginSource(identity('a'), NOW);
        for (const batch of spanBatches(20)) first.add(batch);
        await first.commit('20');
        for (const batch of spanBatches(5, 1_800_000_000_000)) first.add(batch);
        await first.suspend();
        const second = await store.beginSource(identity('a'), NOW);
        expect(second.cursor).toBe('20');
        for (const batch of spanBatches(5, 1_800_000_000_000)) second.add(batch);
        await second.finish();
        expect(await spans(store)).toBe(25);
        const places = await store.sql(
          'SELECT count(DISTINCT row_no)::INTEGER AS a, count(*)::INTEGER AS b FROM spans',
          1,
        );
        expect(places.data.map((c) => c[0])).toEqual([75, 75]);
      }));

    it('recognises a source that is complete', () =>
      withStore(async (store) => {
        await write(store, 'a', 3);
        expect(await store.findSource(identity('a'))).toMatchObject({ state: 'complete' });
        await expect(store.beginSource(identity('a'), NOW)).rejects.toMatchObject({
          code: 'store/constraint',
        });
      }));

    it('keeps rows once that two sources bring, and says so', () =>
      withStore(async (store) => {
        await write(store, 'a', 10);
        const writer = await store.beginSource(identity('b'), NOW);
        for (const batch of spanBatches(15)) writer.add(batch);
        const notices = await writer.finish();
        expect(notices).toMatchObject([{ code: 'rows-repeated', count: 30 }]);
        expect(await spans(store)).toBe(15);
        const resources = await store.sql('SELECT count(*)::INTEGER AS n FROM resources', 1);
        expect(resources.data[0]?.[0]).toBe(2);
      }));

    it('shows the rows of a source on the clock that was set for it, and as they came', () =>
      withStore(async (store) => {
        await write(store, 'a', 10);
        const writer = await store.beginSource(identity('b'), NOW);
        for (const batch of sampleBatches(5)) writer.add(batch);
        writer.coverage({
          signal: 'samples',
          window: { from: 10n, to: 20n },
          rowsTotal: 5,
          rowsKept: 5,
          sampled: false,
          how: '',
        });
        await writer.finish();
        const times = async (): Promise<readonly unknown[]> => {
          const { data } = await store.sql(
            `SELECT (SELECT min(start) FROM spans), (SELECT min(ts) FROM samples),
              (SELECT window_from FROM coverage), (SELECT count(*) FROM spans)`,
            1,
          );
          return data.map((column) => column[0]);
        };
        const [version, raw] = [await store.dataVersion(), await times()];
        await store.saveAnalysis(FOUND, NOW);
        const shift = -7_200_000_000_000n;
        const setting: ClockSetting = {
          sourceId: writer.sourceId,
          shift,
          lower: shift - 1n,
          upper: shift + 1n,
          anchors: 9,
          confidence: 'high',
          how: "it's",
          applied: true,
          setAt: NOW,
        };
        await store.setClocks({ settings: [setting], raw: false });
        expect((await store.facts()).clocks).toEqual({ settings: [setting], raw: false });
        const [start, ts, from, spansThere] = raw;
        expect(await times()).toEqual([
          start,
          (ts as bigint) + shift,
          (from as bigint) + shift,
          spansThere,
        ]);
        // What was found on other clocks does not answer on these, and comes back with them.
        expect(await store.dataVersion()).not.toBe(version);
        expect(await store.loadAnalysis()).toBeUndefined();
        await store.setClocks({ settings: [setting], raw: true });
        expect(await times()).toEqual(raw);
        expect(await store.dataVersion()).toBe(version);
        expect(await store.loadAnalysis()).toBeDefined();
        await store.setClocks({ settings: [{ ...setting, applied: false }], raw: false });
        expect(await times()).toEqual(raw);
        // A shift that no time could bear is not one.
        const wild = { ...setting, shift: 2n ** 63n - 1n };
        await store.setClocks({ settings: [wild], raw: false });
        expect(await times()).toEqual(raw);
        // What compares clocks is asked of both engines, of every kind, and has the times as they came.
        await store.setClocks({ settings: [setting], raw: false });
        const { clockAnchors, clockAnchorRows, clockSources } = named;
        for (const kind of CLOCK_ANCHOR_KINDS) {
          expect((await store.run(clockAnchors({ kind, most: 10 }))).rows).toBe(0);
          expect((await store.run(clockAnchorRows({ kind, a: 1, b: 2, limit: 9 }))).rows).toBe(0);
        }
        expect([...(await store.run(clockSources({}))).col.samples]).toEqual([Number.NaN, 5]);
        await store.removeSource(writer.sourceId);
        expect(await store.clocks()).toEqual({ settings: [], raw: false });
      }));

    it('takes a source out with its rows', () =>
      withStore(async (store) => {
        await write(store, 'a', 10);
        const [source] = (await store.facts()).sources;
        await store.removeSource(source?.sourceId ?? 0);
        expect(await spans(store)).toBe(0);
        expect((await store.facts()).sources).toEqual([]);
      }));

    describeTakenOut({ withStore, write, spans, identity });
    describeAdjusted({ withStore, identity });

    it('answers without a row where none of the tables that rows are made from has one', () =>
      withStore(async (store, engine) => {
        const made = Object.values(named).flatMap((each) =>
          typeof each === 'function' && 'def' in each ? [each.def.id] : [],
        );
        const empty = made.filter((id) => findQuery(id).rowsOf !== undefined);
        expect(empty.length).toBeGreaterThan(20);
        for (const query of empty) {
          const call = { query, version: 1, params: ANY };
          expect([query, (await store.run(call)).rows]).toEqual([query, 0]);
          const asked = await engine.query(renderSql(call), findQuery(query).columns);
          expect([query, asked.rows]).toEqual([query, 0]);
        }
        await write(store, 'a', 3);
        expect((await store.run(named.entityPulse(PULSE))).rows).toBeGreaterThan(0);
      }));

    it('knows text by its MD5, and whom attributes may name', () =>
      withStore(async (_, engine) => {
        const texts = "SELECT unnest(['', 'a', 'äöü', 'null pointer', '1.5', '-0', '\u0001']) AS t";
        const keys = await engine.query(
          `SELECT count(*)::INTEGER AS n, count(*) FILTER (WHERE ${textKey('t')} =
            (md5_number(coalesce(t, '')) % 1048573)::BIGINT)::INTEGER AS same FROM (${texts} UNION ALL SELECT NULL)`,
          { n: 'i32', same: 'i32' },
        );
        expect([keys.col.n[0], keys.col.same[0]]).toEqual([8, 8]);
        const maps = [
          "MAP {'messaging.system': 'kafka', 'messaging.destination.name': 'orders'}",
          "MAP {'db.system': 'redis'}",
          "MAP {'db.system.name': 'mysql', 'server.address': 'db:3306'}",
          "MAP {'peer.service': 'cart'}",
          "MAP {'net.peer.name': '10.0.0.1'}",
        ];
        const said = await engine.query(
          `SELECT said, may FROM (SELECT ${PEER_SQL} AS said, ${MAY_NAME('attributes', `(${PEER_SQL})`)} AS may
            FROM (${maps.map((map) => `SELECT ${map} AS attributes`).join(' UNION ALL ')}))`,
          { said: 'str', may: 'bool' },
        );
        expect([...said.col.said].sort()).toEqual([
          'cache:redis',
          'database:db:3306',
          'external:10.0.0.1',
          'queue:orders',
          'service:cart',
        ]);
        expect([...said.col.may]).toEqual([1, 1, 1, 1, 1]);
      }));

    it('knows who is who, merges and splits again', () =>
      withStore(async (store) => {
        await write(store, 'a', 3);
        const metrics = await store.beginSource(identity('m'), NOW);
        for (const batch of sampleBatches(10)) metrics.add(batch);
        await metrics.finish();
        const ids = (await store.entities()).map(({ id }) => id);
        expect(ids).toEqual([
          'database:orders-db',
          'host:node-a',
          'service:checkout',
          'service:gateway',
          'service_instance:gateway-0',
        ]);
        const merge = await store.addMerge('service:gateway', 'service:checkout', 'for the test');
        const services = "SELECT DISTINCT entity_id FROM resource_entities WHERE role = 'service'";
        expect((await store.sql(services, 9)).data[0]).toEqual(['service:checkout']);
        await store.decideMerge(merge.mergeId, 'rejected');
        expect((await store.sql(services, 9)).rows).toBe(2);
      }));

    it('refuses what a case never holds, and names it', async () => {
      const hostile = [
        'CREATE VIEW spy AS SELECT 1',
        'CREATE MACRO spans_of(x) AS x + 1',
        'CREATE SEQUENCE s',
        'CREATE TABLE extra (a INTEGER)',
        "ALTER TABLE LOGS ALTER COLUMN body SET DEFAULT 'x'",
        'CREATE INDEX i ON LOGS (ts)',
        "CREATE TYPE mood AS ENUM ('a')",
        'ALTER TABLE LOGS ADD COLUMN more VARCHAR',
      ];
      for (const sql of hostile) {
        const engine = await open();
        const store = await openCaseStore(engine, { now: NOW, create: { name: 'test' } });
        const { col } = await engine.query('SELECT current_database() AS db', { db: 'str' });
        await engine.exec(sql.replace('LOGS', `"${col.db[0]}".main.logs`));
        await expect(openCaseStore(engine, { now: NOW })).rejects.toMatchObject({
          code: 'case/foreign-object',
        });
        await store.close();
      }
    });

    it('refuses a newer format and a database that is no case', async () => {
      const engine = await open();
      await expect(openCaseStore(engine, { now: NOW })).rejects.toMatchObject({
        code: 'case/not-a-case',
      });
      const store = await openCaseStore(engine, { now: NOW, create: { name: 'test' } });
      await store.setMeta('format_version', '99');
      await expect(openCaseStore(engine, { now: NOW })).rejects.toMatchObject({
        code: 'case/newer-version',
        detail: { version: 99, supported: FORMAT_VERSION },
      });
      await store.close();
    });

    it('gives back an analysis as it was stored, until the data change', () =>
      withStore(async (store) => {
        await write(store, 'a', 3);
        await store.saveAnalysis(FOUND, NOW);
        expect(await store.loadAnalysis()).toEqual(FOUND);
        await write(store, 'b', 1);
        expect(await store.loadAnalysis()).toBeUndefined();
      }));

    it('refuses a batch with columns of unequal length', () => {
      const builder = new BatchBuilder('changes');
      builder.col.ts.push(1n);
      builder.endRow();
      expect(() => builder.take()).toThrow(/unequal length/);
    });
  });
}
