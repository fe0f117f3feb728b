import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { analyze } from '../analysis';
import type { AnalysisResult } from '../model';
import { evidenceRowsSql } from '../model/queries';
import { simulate } from '../simulate';
import { openCaseStore, type CaseStore, type Engine } from '../store';
import { analyzeCase } from './analyze';
import { checkCase } from './check';

describe('releases at once, of which one fails and a canary on the way does not', () => {
  const simulation = simulate({ scenario: 'releases', seed: 112, size: 'small' });
  const { truth, hints } = simulation;
  let engine: Engine;
  let store: CaseStore;
  let result: AnalysisResult;

  beforeAll(async () => {
    engine = await openNativeEngine({});
    store = await openCaseStore(engine, { now: 1n, create: { name: 'releases' } });
    const identity = { connector: 'simulator', name: 'releases', endpoint: '', query: '' };
    const writer = await store.beginSource({ ...identity, window: null }, 1n);
    for (const batch of simulation.batches()) writer.add(batch);
    await writer.finish();
    const { incident, baseline } = hints;
    const request = { incident, baselines: baseline ? [baseline] : [] };
    await store.setRequest(request);
    result = await analyzeCase(store, analyze, request, { now: 2n });
  });
  afterAll(() => engine.close());

  it('the failing one is named', () => {
    const [first] = result.ranking;
    expect(first?.entity.name).toBe(truth.root_cause?.service);
    const changes = first?.culprits.filter(({ kind }) => kind === 'change') ?? [];
    expect(changes.map(({ name }) => name)).toEqual([truth.root_cause?.change]);
  });

  it('the canary speaks against its service, with the rows that say so', async () => {
    const claims = result.ranking.flatMap(({ evidence }) => evidence);
    const beside = claims.filter(({ query }) => query === 'evidence.version-level');
    expect(beside.map(({ stance }) => stance)).toContain('against');
    for (const { query, params, rows } of beside) {
      const sql = evidenceRowsSql(query, params) ?? '';
      expect((await store.sql(sql, 10_000)).rows).toBe(rows);
    }
    const checks = await checkCase(store);
    expect(checks.filter(({ state }) => state !== 'holds')).toEqual([]);
  });
});
