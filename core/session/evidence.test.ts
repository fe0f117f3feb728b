import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { analyze } from '../analysis';
import type { AnalysisResult, Evidence } from '../model';
import { simulate } from '../simulate';
import { openCaseStore, type CaseStore, type Engine } from '../store';
import { analyzeCase } from './analyze';
import { checkCase } from './check';

const SCENARIOS = ['slow-query', 'bad-flag', 'dependency-outage', 'slow-query+bad-flag'] as const;

async function simulated(scenario: string): Promise<{ engine: Engine; store: CaseStore }> {
  const engine = await openNativeEngine({});
  const store = await openCaseStore(engine, { now: 1n, create: { name: scenario } });
  const simulation = simulate({ scenario, seed: 5, size: 'small' });
  const identity = { connector: 'simulator', name: scenario, endpoint: '', query: '' };
  const writer = await store.beginSource({ ...identity, window: null }, 1n);
  for (const batch of simulation.batches()) writer.add(batch);
  await writer.finish();
  const { incident, baseline } = simulation.hints;
  await store.setRequest({ incident, baselines: baseline ? [baseline] : [] });
  return { engine, store };
}

async function analysed(store: CaseStore, now = 2n): Promise<AnalysisResult> {
  const { request } = await store.facts();
  return analyzeCase(store, analyze, request, { now });
}

const claimsOf = ({ ranking }: AnalysisResult): Evidence[] => ranking.flatMap((c) => c.evidence);

describe.each(SCENARIOS)('evidence of %s', (scenario) => {
  let engine: Engine;
  let store: CaseStore;
  let result: AnalysisResult;
  beforeAll(async () => {
    ({ engine, store } = await simulated(scenario));
    result = await analysed(store);
  });
  afterAll(() => engine.close());

  it('is claims with query, version, figure and rows; all of them hold', async () => {
    expect(result.verdict).toBe('ranked');
    for (const claim of claimsOf(result)) {
      expect(claim.query).not.toBe('');
      expect(claim.version).toBeGreaterThan(0);
      if (claim.query !== 'evidence.sampled') expect(claim.snapshot).toBeDefined();
    }
    const checks = await checkCase(store);
    expect(checks.filter(({ state }) => state !== 'holds')).toEqual([]);
    expect(checks).toHaveLength(claimsOf(result).length);
  });

  it('calls no symptom a cause', () => {
    const [top] = result.ranking;
    expect(top?.bucket).toBe('state-change');
    const calls = result.topology.edges.filter(({ kind }) => kind === 'calls');
    const callersOf = (ids: ReadonlySet<string>): ReadonlySet<string> =>
      new Set(calls.filter(({ target }) => ids.has(target)).map(({ source }) => source));
    let victims: ReadonlySet<string> = new Set();
    let ring: ReadonlySet<string> = new Set([top?.entity.id ?? '']);
    while (ring.size > 0) {
      ring = new Set([...callersOf(ring)].filter((id) => !victims.has(id)));
      victims = new Set([...victims, ...ring]);
    }
    for (const { entity, bucket, sentence } of result.ranking.slice(1)) {
      if (victims.has(entity.id)) expect(bucket).not.toBe('state-change');
      if (bucket !== 'state-change') expect(sentence).not.toContain('by itself');
    }
  });
});

describe('what check says', () => {
  let engine: Engine;
  let store: CaseStore;
  let result: AnalysisResult;
  beforeAll(async () => {
    ({ engine, store } = await simulated('slow-query'));
    result = await analysed(store);
  });
  afterAll(() => engine.close());

  const tampered = async (...statements: string[]): Promise<readonly string[]> => {
    await engine.exec('BEGIN TRANSACTION');
    for (const sql of statements) await engine.exec(sql);
    try {
      const checks = await checkCase(store);
      return checks.filter(({ state }) => state === 'differs').map(({ why }) => why);
    } finally {
      await engine.exec('ROLLBACK');
    }
  };

  it('tells rows that went, came in place of others, or say something else', async () => {
    const claim = claimsOf(result).find(({ query }) => query === 'evidence.operation-latency');
    const [place = ''] = claim?.snapshot?.first ?? [];
    const [source, row] = place.split(':');
    const where = `source_id = ${source} AND row_no = ${row}`;
    const gone = await tampered(`DELETE FROM memory.main.spans WHERE ${where}`);
    expect(gone).toContainEqual(expect.stringContaining('1 fewer'));
    const moved = await tampered(
      `UPDATE memory.main.spans SET row_no = row_no + 99999999 WHERE ${where}`,
    );
    expect(moved).toContainEqual(expect.stringContaining(`in place of ${place}`));
    const changed = await tampered(
      `UPDATE memory.main.spans SET duration = duration + 1 WHERE ${where}`,
    );
    expect(changed).toContainEqual(expect.stringContaining('what they say has changed'));
    expect(await tampered()).toEqual([]);
  });
});

describe('what is missing', () => {
  it.each([
    [
      'metrics that stop',
      'samples',
      /metric samples stop: none|metric series have no sample in the incident/,
    ],
    ['a service without traces', 'spans', /No spans of its own in either window/],
    ['a gap', 'logs', /log lines have gaps|log lines stop/],
  ] as const)('%s is said, never passed over', async (_, signal, said) => {
    const { engine, store } = await simulated('slow-query');
    try {
      const [first] = (await analysed(store)).ranking;
      const cause = first?.entity.id ?? '';
      const before = new Set(first?.evidence.map(({ claim }) => claim));
      const theirs = `SELECT resource_id FROM memory.main.resource_entities WHERE entity_id = '${cause}'`;
      const { incident } = simulate({ scenario: 'slow-query', seed: 5, size: 'small' }).hints;
      const late = `ts >= ${String(incident.from + 5_000_000_000n)}`;
      const cut = {
        samples: `DELETE FROM memory.main.samples WHERE ts >= ${String(incident.from)} AND series_id IN
          (SELECT series_id FROM memory.main.metric_series WHERE resource_id IN (${theirs}))`,
        spans: `DELETE FROM memory.main.spans WHERE resource_id IN (${theirs})`,
        logs: `DELETE FROM memory.main.logs WHERE ${late} AND resource_id IN (${theirs})`,
      }[signal];
      await engine.exec(cut);
      const after = await analysed(store, 3n);
      const claims = after.ranking.find(({ entity }) => entity.id === cause)?.evidence ?? [];
      const missing = claims.filter((c) => c.stance === 'missing' && !before.has(c.claim));
      expect(missing.map(({ claim }) => claim)).toContainEqual(expect.stringMatching(said));
      const checks = await checkCase(store);
      expect(checks.filter(({ state }) => state !== 'holds')).toEqual([]);
    } finally {
      await engine.close();
    }
  });
});
