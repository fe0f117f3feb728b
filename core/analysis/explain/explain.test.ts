import { describe, expect, it } from 'vitest';
import { explain } from './explain';
import { fetchFrom, frameFrom, frameOf, shuffled } from '../testing/frames';
import { findQuery, type Explanation } from '../../model';
import { at, notFinite } from '../testing/incident';
import { corrected, effective, means, rates, shares } from './stats';

const sides = {
  selected: { from: at(600), to: at(900) },
  reference: { from: at(0), to: at(600) },
};

const OPERATIONS = frameOf(
  'explain.operations',
  `side service name kind peer spoke n errors own_errors self_ms log_self log_sq
   0 service:cart  ADD     2 -             0 400 4 4 3200  838.8  1775
   1 service:cart  ADD     2 -             0 200 2 2 1600  419.4   887.5
   0 service:cart  call    3 service:stock 1 400 0 0  400   19.5     17
   1 service:cart  call    3 service:stock 1 200 0 0  200    9.8      8.5
   0 service:stock RESERVE 2 -             0 400 4 4 1600  561.9    805.3
   1 service:stock RESERVE 2 -             0 200 2 2 16000 876.5   3857.3
   0 service:web   GET     2 -             0 400 80 80 2000 647.7  1064.9
   1 service:web   GET     2 -             0 200 41 41 1000 323.9   540.4`,
);

const ATTRIBUTES = frameFrom(findQuery('explain.attributes').columns, [
  { service: 'service:stock', of: 'span', key: 'shard', value: 'a', n0: 200, n1: 100 },
  { service: 'service:stock', of: 'span', key: 'shard', value: 'b', n0: 200, n1: 100 },
  { service: 'service:stock', of: 'resource', key: 'service.version', value: '1', n0: 400, n1: 0 },
  { service: 'service:stock', of: 'resource', key: 'service.version', value: '2', n0: 0, n1: 200 },
  { service: 'service:stock', of: 'span', key: 'order.id', value: null, n0: 0, n1: 590 },
]);

const LOGS = frameFrom(findQuery('explain.logs').columns, [
  {
    entity_id: 'service:stock',
    severity: 17,
    shape: 'lock wait of <*> ms',
    n0: 0,
    n1: 90,
    shapes: 3,
  },
  {
    entity_id: 'service:web',
    severity: 17,
    shape: 'client went away',
    n0: 600,
    n1: 300,
    shapes: 3,
  },
  { entity_id: 'service:web', severity: 9, shape: 'served <*>', n0: 4000, n1: 2000, shapes: 3 },
]);

const METRICS = frameOf(
  'explain.metrics',
  `series_id metric unit entity_id n0 n1 mean0 mean1 sd0 sd1 med0 med1 mad0 r0 r1
   1 cpu ratio service:cart  60 30 0.2 0.2  0.02 0.02 0.2 0.2 0.01 0 0
   2 cpu ratio service:stock 60 30 0.2 0.9  0.02 0.02 0.2 0.9 0.01 0 0
   3 cpu ratio service:web   60 30 0.2 0.21 0.05 0.05 0.2 0.2 0.03 0.9 0.9`,
);

const SIZES = frameOf('explain.sizes', 'signal n\n logs 7000\n samples 270\n spans 1800');

const EVENTS = frameFrom(findQuery('explain.events').columns, [
  {
    signal: 'change',
    entity_id: 'service:stock',
    name: 'Deploy stock 2',
    detail: 'deployment',
    ts: at(590),
    n0: 0,
    n1: 1,
  },
  {
    signal: 'change',
    entity_id: 'service:web',
    name: 'Deploy web 7',
    detail: 'deployment',
    ts: at(50),
    n0: 0,
    n1: 1,
  },
]);

const FRAMES = {
  'explain.sizes': SIZES,
  'explain.operations': OPERATIONS,
  'explain.attributes': ATTRIBUTES,
  'explain.logs': LOGS,
  'explain.metrics': METRICS,
  'explain.events': EVENTS,
  'analysis.case-range': frameFrom(findQuery('analysis.case-range').columns, [
    { lo: at(0), hi: at(900) },
  ]),
};

const named = ({ differences }: Explanation, name: string) =>
  differences.filter((difference) => difference.name === name);

describe('explain', () => {
  it('lists over all signals what differs, with effect, support and corrected significance', async () => {
    const told = await explain(fetchFrom(FRAMES), sides);
    const [slow] = named(told, 'RESERVE');
    expect(slow).toMatchObject({
      signal: 'operation',
      measure: 'time',
      novelty: 'changed',
      entityId: 'service:stock',
      support: { reference: 400, selected: 200 },
    });
    expect(slow?.selected).toBeCloseTo(Math.exp(876.5 / 200) - 0.05, 6);
    expect(slow?.sentence).toBe('stock: RESERVE took 4.02 ms itself, now 80 ms');
    expect(new Set(told.differences.map(({ signal }) => signal))).toEqual(
      new Set(['operation', 'attribute', 'log-template', 'metric', 'change']),
    );
    for (const difference of told.differences.filter(({ novelty }) => novelty !== 'always')) {
      expect(difference.entityId).toBe('service:stock');
      expect(difference.q).toBeGreaterThanOrEqual(difference.p);
    }
    expect(told.tested).toBe(told.differences.length + told.alike);
    expect(notFinite(told)).toEqual([]);
  });

  it('tells new from gone, and what is always so from what changed', async () => {
    const told = await explain(fetchFrom(FRAMES), sides);
    expect(named(told, 'service.version = 2')[0]?.novelty).toBe('new');
    expect(named(told, 'service.version = 1')[0]?.novelty).toBe('gone');
    expect(named(told, 'client went away')[0]).toMatchObject({ novelty: 'always', score: 0 });
    expect(named(told, 'GET')[0]).toMatchObject({ novelty: 'always', measure: 'errors' });
    expect(named(told, 'shard = a')).toEqual([]);
    const firstAlways = told.differences.findIndex(({ novelty }) => novelty === 'always');
    expect(told.differences.slice(firstAlways).every((d) => d.novelty === 'always')).toBe(true);
  });

  it('finds nothing where both sides are alike', async () => {
    const quiet = { ...FRAMES, 'explain.events': frameOf('explain.events', 'signal\n') };
    const same = Object.fromEntries(
      Object.entries(quiet).map(([query, frame]) => {
        const { col } = frame as { col: Record<string, unknown> };
        if (query === 'explain.metrics')
          return [query, { ...frame, col: { ...col, mean1: col['mean0'], med1: col['med0'] } }];
        if (query === 'explain.logs' || query === 'explain.attributes') {
          const n1 = Float64Array.from(col['n0'] as Float64Array, (n) => n / 2);
          return [query, { ...frame, col: { ...col, n1 } }];
        }
        return query === 'explain.operations'
          ? [query, frameOf(query, 'side service name kind peer spoke n\n')]
          : [query, frame];
      }),
    );
    const told = await explain(fetchFrom(same as typeof FRAMES), sides);
    expect(told.differences.filter(({ novelty }) => novelty !== 'always')).toEqual([]);
  });

  it('does not depend on the order of rows', async () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const mixed = Object.fromEntries(
      Object.entries(FRAMES).map(([query, frame]) => [query, shuffled(frame, random)]),
    );
    const [a, b] = await Promise.all([
      explain(fetchFrom(FRAMES), sides),
      explain(fetchFrom(mixed), sides),
    ]);
    const lines = ({ differences }: Explanation) => differences.map(({ sentence }) => sentence);
    expect(lines(b)).toEqual(lines(a));
  });

  it('says what it sampled, left out, and did not compare', async () => {
    const limits = { spans: 900, attributeSpans: 300, logs: 1000 };
    const told = await explain(fetchFrom(FRAMES), sides, { limits });
    expect(told.notices.map(({ code, count }) => [code, count])).toEqual([
      ['explain-sampled', 1800],
      ['explain-keys-left-out', 1],
      ['explain-sampled', 7000],
    ]);
    const fetch = fetchFrom(FRAMES);
    const narrow = {
      ...sides,
      selected: { ...sides.selected, filter: { key: 'shard', value: 'a' } },
    };
    const spans = await explain(fetch, narrow);
    expect(spans.notices.map(({ code }) => code)).toContain('explain-spans-only');
    expect(fetch.asked.map(({ query }) => query)).not.toContain('explain.metrics');
  });

  it('refuses a side without a length, and ends where it is cancelled', async () => {
    const empty = { ...sides, selected: { from: at(600), to: at(600) } };
    await expect(explain(fetchFrom(FRAMES), empty)).rejects.toMatchObject({ code: 'usage' });
    const signal = AbortSignal.abort();
    await expect(explain(fetchFrom(FRAMES), sides, { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('statistics of two sides', () => {
  it('has the published h, z and q', () => {
    // Cohen (1988), table 6.2.2: phi(.50) - phi(.40) = 1.571 - 1.369.
    expect(shares({ k: 40, n: 100 }, { k: 50, n: 100 }).effect).toBeCloseTo(0.202, 2);
    expect(shares({ k: 0, n: 0 }, { k: 5, n: 9 })).toEqual({ effect: 0, p: 1 });
    // Benjamini & Hochberg by hand: 4 tests.
    expect(corrected([0.01, 0.04, 0.03, 0.5])).toEqual([0.04, 0.16 / 3, 0.16 / 3, 0.5]);
  });

  it('weighs points by their inertia', () => {
    expect(effective(100, 0)).toBe(100);
    expect(effective(100, 0.5)).toBeCloseTo(100 / 3, 9);
    expect(effective(100, Number.NaN)).toBe(100);
  });

  it('is not impressed by few rows or by load that is a little uneven', () => {
    const one = { n: 1, sum: 5, sq: 25 };
    expect(means(one, { n: 50, sum: 500, sq: 5000 }, 0.1).p).toBe(1);
    expect(rates({ k: 6000, seconds: 600 }, { k: 3300, seconds: 300 }).p).toBeGreaterThan(0.01);
    expect(rates({ k: 0, seconds: 600 }, { k: 30, seconds: 300 }).p).toBeLessThan(1e-6);
  });
});
