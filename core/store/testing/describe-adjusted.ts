import { expect, it } from 'vitest';
import { ResourceInterner, BatchBuilder, type Attributes, type Batch } from '../../model';
import type { CaseStore, SourceIdentity } from '../case-store';
import { dbNamed } from '../db';
import type { Engine } from '../engine';
import { migrate } from '../migrations';

interface Bench {
  readonly withStore: (work: (store: CaseStore, engine: Engine) => Promise<void>) => Promise<void>;
  readonly identity: (name: string) => SourceIdentity;
}

type Made = readonly [trace: string, span: string, attributes: Attributes, count?: number];

function spansOf(made: readonly Made[]): Batch {
  const resource = new ResourceInterner().intern({ 'service.name': 'cart' });
  const rows = new BatchBuilder('spans');
  const counted = made.some(([, , , count]) => count !== undefined);
  for (const [trace, span, attributes, count] of made) {
    const { col } = rows;
    col.trace_id.push(trace);
    col.span_id.push(span);
    col.parent_span_id.push('');
    col.resource_id.push(resource);
    col.name.push('get');
    col.kind.push(2);
    col.start.push(1_700_000_000_000_000_000n);
    col.duration.push(1n);
    col.status.push(0);
    col.status_message.push('');
    col.attributes.push(attributes);
    if (counted) col.adjusted_count.push(count ?? null);
    rows.endRow();
  }
  return rows.take();
}

const STATE = { 'otel.trace_state': 'ot=th:c' };
const JAEGER = { 'sampler.type': 'probabilistic', 'sampler.param': '0.1' };

/** What the store knows of how spans were sampled. */
export function describeAdjusted({ withStore, identity }: Bench): void {
  const countsOf = async (store: CaseStore): Promise<readonly unknown[]> =>
    (await store.sql('SELECT adjusted_count FROM spans ORDER BY span_id', 99)).data[0] ?? [];
  const said = async (store: CaseStore) =>
    (await store.facts()).notices.filter(({ code }) => code === 'spans-weighted');

  it('knows what spans stand for by their attributes, where the reader did not', () =>
    withStore(async (store) => {
      const writer = await store.beginSource(identity('a'), 1n);
      writer.add(
        spansOf([
          ['1', '1', STATE, 7],
          ['2', '2', STATE],
          ['3', '3', { SampleRate: '9' }],
          ['4', '4', {}],
        ]),
      );
      const notices = await writer.finish();
      expect(await countsOf(store)).toEqual([7, 4, 9, null]);
      expect(notices).toMatchObject([{ code: 'spans-weighted', count: 3 }]);
      const [notice] = await said(store);
      expect(notice?.message).toContain('3 of 4 spans');
      expect(notice?.message).toContain('the 21 spans that they stand for');
      expect(notice?.message).toContain('1 span says nothing of it and counts as one.');
    }));

  it('says nothing where no span says anything, or all stand for themselves', () =>
    withStore(async (store) => {
      const writer = await store.beginSource(identity('a'), 1n);
      writer.add(
        spansOf([
          ['1', '1', { 'otel.trace_state': 'ot=th:0' }],
          ['2', '2', {}],
        ]),
      );
      expect(await writer.finish()).toEqual([]);
      expect(await countsOf(store)).toEqual([1, null]);
      expect(await said(store)).toEqual([]);
    }));

  it('takes over for a trace of Jaeger what its first span says, in whichever batch that comes', () =>
    withStore(async (store) => {
      const writer = await store.beginSource(identity('a'), 1n);
      writer.add(
        spansOf([
          ['1', '1', {}],
          ['2', '2', {}],
        ]),
      );
      await writer.commit('1');
      await writer.show();
      expect(await countsOf(store)).toEqual([null, null]);
      writer.add(
        spansOf([
          ['1', '3', JAEGER],
          ['1', '4', {}],
        ]),
      );
      await writer.commit('2');
      await writer.show();
      expect(await countsOf(store)).toEqual([10, null, 10, 10]);
      writer.add(spansOf([['1', '5', {}]]));
      expect(await writer.finish()).toMatchObject([{ code: 'spans-weighted', count: 4 }]);
      expect(await countsOf(store)).toEqual([10, null, 10, 10, 10]);
      expect(await said(store)).toMatchObject([{ count: 4 }]);
    }));

  it('finds in a case of the format before what its spans say', () =>
    withStore(async (store, engine) => {
      const writer = await store.beginSource(identity('a'), 1n);
      writer.add(
        spansOf([
          ['1', '1', STATE],
          ['2', '2', {}],
          ['3', '3', JAEGER],
          ['3', '4', {}],
        ]),
      );
      await writer.finish();
      const { col } = await engine.query('SELECT current_database() AS name', { name: 'str' });
      const db = dbNamed(col.name[0] ?? '');
      await engine.exec(`ALTER TABLE ${db.table('spans')} DROP COLUMN adjusted_count`);
      await engine.exec(`DELETE FROM ${db.table('notices')}`);
      await migrate(engine, db, 3);
      const { data } = await engine.sql(
        `SELECT adjusted_count FROM ${db.table('spans')} ORDER BY span_id`,
        9,
      );
      expect(data[0]).toEqual([4, null, 10, 10]);
      expect(await said(store)).toMatchObject([{ count: 3 }]);
    }));
}
