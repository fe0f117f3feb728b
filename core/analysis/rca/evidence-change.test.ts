import { describe, expect, it } from 'vitest';
import type { Evidence, Frame } from '../../model';
import type { ChangeContrast } from '../correlate/change-contrast';
import type { Coverage } from '../detect/coverage';
import { facts as factsOf } from '../facts';
import { fetchFrom, frameOf } from '../testing/frames';
import { ALL, at, runOf } from '../testing/incident';
import { Desk } from './desk';
import { gatherChange } from './evidence-change';

const LEVEL = frameOf(
  'evidence.version-level',
  `fresh_ms kept_ms fresh_ratio kept_ratio fresh_spans kept_spans snap_rows snap_hash snap_first
   42 10 0 0 20 40 60 x 1:1`,
);

const change = {
  sourceId: 1,
  rowNo: 7n,
  kind: 'deployment',
  title: 'Deploy stock v2',
  version: 'v2',
  ts: at(590),
  entityId: 'service:stock',
};
const held = (more: Partial<ChangeContrast>): ChangeContrast => ({
  change,
  service: 'service:stock',
  mode: 'canary',
  fresh: ['v2'],
  kept: ['v1'],
  contrast: undefined,
  guilt: 0,
  cleared: 0,
  ...more,
});

async function told(more: Partial<ChangeContrast>, level: Frame = LEVEL, onsetS = 600) {
  const facts = {
    ...(await runOf(factsOf, ALL)),
    changes: [change],
    contrasts: [held(more)],
    onsets: new Map([['service:stock', Number(at(onsetS) / 1_000_000n)]]),
    fold: (id: string) => id,
  };
  const fetch = fetchFrom({ 'evidence.version-level': level });
  const desk = new Desk(facts, {} as Coverage, fetch, 'service:stock');
  const named = await gatherChange(desk);
  const stances = desk.evidence.map(({ query, stance }: Evidence) => `${stance} ${query}`);
  return { named, stances, claims: desk.evidence.map(({ claim }) => claim), desk };
}

describe('evidence about a change', () => {
  it('is for it where its canary does worse than the versions beside it', async () => {
    const { named, stances, claims, desk } = await told({ guilt: 1 });
    expect(named).toBe(change);
    expect(stances).toEqual(['for evidence.change', 'for evidence.version-level']);
    expect(claims[1]).toBe(
      'Deploy stock v2: v2 does worse than v1 beside it: 42 ms (median of 20) and 0 % failed by itself, against 10 ms (median of 40) and 0 % failed by itself',
    );
    expect(desk.culprits).toEqual([
      { kind: 'change', name: 'Deploy stock v2', detail: '10 s before' },
    ]);
  });

  it('is against it where the canary does no worse: the change is no culprit', async () => {
    const { named, stances, desk } = await told({ cleared: 1 });
    expect(named).toBeUndefined();
    expect(stances).toEqual(['against evidence.version-level']);
    expect(desk.culprits).toEqual([]);
  });

  it('is missing where the canary had too few requests', async () => {
    const { named, stances, claims } = await told({ mode: 'before-after' });
    expect(named).toBe(change);
    expect(stances).toEqual(['for evidence.change', 'missing evidence.version-level']);
    expect(claims[1]).toContain('20 requests of v2 beside 40 of v1 are too few to tell');
  });

  it('is against it where trouble began long before, whatever it looks like now', async () => {
    const { named, stances } = await told({ guilt: 1 }, LEVEL, 500);
    expect(named).toBeUndefined();
    expect(stances).toEqual(['against evidence.change']);
  });

  it('says nothing of versions where nothing stayed beside', async () => {
    const { stances } = await told({ mode: 'before-after', kept: [], guilt: 1 });
    expect(stances).toEqual(['for evidence.change']);
  });
});
