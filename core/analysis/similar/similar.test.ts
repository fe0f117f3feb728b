import { describe, expect, it } from 'vitest';
import type { AnalysisResult, RankedCause } from '../../model';
import { fingerprintOf } from './fingerprint';
import { nearest } from './nearest';

const calls = (errors: number, p99Ms: number) => ({ calls: 10, errors, p50Ms: 1, p99Ms });

interface Looks {
  readonly store?: string;
  readonly template?: string;
  readonly cause?: string;
  readonly errors?: number;
}

/** What an analysis says, as far as a fingerprint looks at it. */
function incident({ store = 'db', template, cause = 'order', errors = 0 }: Looks): AnalysisResult {
  const top = {
    entity: { id: `service:${cause}`, kind: 'service', name: cause },
    culprits: [{ kind: 'change', name: `Deploy ${cause} 4.1.0`, detail: '' }],
  } as unknown as RankedCause;
  return {
    verdict: 'ranked',
    incident: { from: 10n, to: 20n, given: true },
    ranking: [top],
    anomalies: [],
    alertGroups: [],
    logTemplates:
      template === undefined ? [] : [{ template, incidentCount: 9, isNew: true, score: 8 }],
    topology: {
      nodes: [],
      edges: [
        {
          source: `service:${cause}`,
          target: `database:${store}`,
          baseline: calls(0, 10),
          incident: calls(errors, 90),
        },
      ],
    },
  } as unknown as AnalysisResult;
}

const timeout = 'no connection from the pool after <*> ms';
const now = fingerprintOf(incident({ template: timeout }));

describe('similar incidents', () => {
  it('is 1 for the same looks, and tells what both have', () => {
    const [same] = nearest(now, [fingerprintOf(incident({ template: timeout }))]);
    expect(same?.score).toBeCloseTo(1);
    expect(same?.shared).toContain('probable cause order');
    expect(same?.shared).toContain('calls order → db slower');
    expect(same?.sharedCount).toBe(now.length);
  });

  it('puts the same trouble elsewhere before another trouble here', () => {
    const elsewhere = incident({ template: timeout, cause: 'basket', store: 'sessions' });
    const another = incident({ template: 'disk full', errors: 5, cause: 'pay', store: 'ledger' });
    const order = nearest(now, [fingerprintOf(another), fingerprintOf(elsewhere)]);
    expect(order.map(({ index }) => index)).toEqual([1, 0]);
    expect(order[0]?.score).toBeGreaterThan(2 * (order[1]?.score ?? 1));
  });

  it('weighs rare traits more than those that every case has', () => {
    const many = Array.from({ length: 9 }, () => fingerprintOf(incident({ template: 'usual' })));
    const rare = fingerprintOf(incident({ template: timeout, cause: 'x', store: 'y' }));
    const scores = nearest(now, [...many, rare]);
    expect(scores.find(({ index }) => index === 9)?.shared[0]).toContain('no connection');
  });

  it('names nothing of a case in its keys, and compares with nothing', () => {
    expect(now.every(({ key }) => /^[0-9a-f]+$/.test(key))).toBe(true);
    expect(nearest(now, [])).toEqual([]);
    expect(nearest(now, [[]])[0]).toMatchObject({ score: 0, sharedCount: 0 });
  });
});
