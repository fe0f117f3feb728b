import { describe, expect, it } from 'vitest';
import type { Frame } from '../../model';
import { places } from '../detect/places';
import { facts as factsOf, type Facts } from '../facts';
import { frameOf } from '../testing/frames';
import { ALL, at, ops, runOf } from '../testing/incident';
import { scored, topOf } from '../testing/methods';
import { brokenOrder } from './broken-order';
import { changeImpact, timelinessOf } from './change-impact';
import { errorOrigin } from './error-origin';
import { hostRollUp } from './host-roll-up';
import { selfTime } from './self-time';
import { symptomTrace } from './symptom-trace';

async function factsFrom(
  frames: Readonly<Record<string, Frame>>,
  more: Partial<Facts> = {},
): Promise<Facts> {
  return { ...(await runOf(factsOf, frames)), ...more };
}

describe('ranking methods', () => {
  it('self time: blames who made the time, not who waited', async () => {
    const found = scored(selfTime, await factsFrom(ALL));
    expect([...found.scores.keys()]).toEqual(['service:stock']);
    expect(found.strength).toBeGreaterThan(0.9);
  });

  it('error origin: blames a silent callee more than its caller', async () => {
    const failing = ops(`
      0 cart ADD  2 -                0 100  0  0 8
      1 cart ADD  2 -                0 100 40  0 8
      0 cart pay  3 external:payco   0 100  0  0 9
      1 cart pay  3 external:payco   0 100 40 40 9`);
    const found = scored(errorOrigin, await factsFrom({ 'analysis.operation-shift': failing }));
    expect(topOf(found)).toBe('external:payco');
    expect(found.scores.get('service:cart')).toBeLessThan(0.5);
  });

  it('broken order: blames who leaves its usual way, not who goes on where it used to end', async () => {
    const traces = { n0: 20, n1: 20, fresh: 20, singles: 0 };
    const n = { n0: 20, n1: 20, fresh: 20, surprise: 8, traces };
    const facts = await factsFrom(ALL, {
      callOrder: [],
      lineOrder: [
        { ...n, service: 'service:pay', a: 'Pay#1', lost: '', won: 'Pay#2' },
        { ...n, service: 'service:cart', a: 'Cart#1', lost: 'Cart#2', won: '' },
      ],
    });
    const found = scored(brokenOrder, facts);
    expect(topOf(found)).toBe('service:cart');
    expect(found.scores.get('service:pay')).toBeLessThan(0.5);
    expect(found.strength).toBe(1);
  });

  it('symptom trace: follows the abnormal ones down to the last', async () => {
    const facts = await factsFrom(ALL, { symptom: 'service:web', symptomMetric: undefined });
    const spoiled = {
      ...facts,
      operations: facts.operations.map((op) =>
        op.name === 'ADD' ? { ...op, z: 9, excessMs: 900 } : op,
      ),
    };
    expect(topOf(scored(symptomTrace, spoiled))).toBe('service:stock');
    expect(scored(symptomTrace, { ...facts, symptom: undefined }).scores.size).toBe(0);
  });

  it('host roll-up: needs several services that are worse there than elsewhere', async () => {
    const place = (host: string, service: string, z: number, effect: number) => ({
      host,
      service,
      z,
      effect,
    });
    const calm = ['a', 'b', 'c', 'd'].flatMap((s) => [
      place('host:2', s, 0.4, 0.05),
      place('host:3', s, 0.2, 0.02),
    ]);
    const facts = await factsFrom({});
    const bad = ['a', 'b', 'c', 'd'].map((s) => place('host:1', s, 5, 0.8));
    expect(topOf(scored(hostRollUp, { ...facts, places: [...calm, ...bad] }))).toBe('host:1');
    const one = [
      place('host:1', 'a', 40, 3),
      ...['b', 'c', 'd'].map((s) => place('host:1', s, 0.3, 0.02)),
    ];
    expect(scored(hostRollUp, { ...facts, places: [...calm, ...one] }).scores.size).toBe(0);
    const everywhere = calm.map((p) => ({ ...p, z: 5, effect: 0.8 }));
    expect(scored(hostRollUp, { ...facts, places: [...everywhere, ...bad] }).scores.size).toBe(0);
  });

  it('change impact: the sooner the trouble after a change, the less it is chance', async () => {
    const change = (s: number, entity: string) => ({
      sourceId: 1,
      rowNo: 1n,
      ts: at(s),
      kind: 'deployment',
      title: `Deploy ${entity}`,
      version: '2',
      entityId: `service:${entity}`,
    });
    const onsets = new Map([['service:stock', Number(at(600) / 1_000_000n)]]);
    const base = await factsFrom(ALL, { onsets });
    const facts = { ...base, changes: [change(590, 'stock'), change(100, 'web')] };
    expect(timelinessOf(facts, 'service:stock', at(590))).toBeGreaterThan(0.9);
    expect(timelinessOf(facts, 'service:stock', at(100))).toBeLessThan(0.5);
    expect(timelinessOf(facts, 'service:stock', at(800))).toBe(0);
    expect(topOf(scored(changeImpact, facts))).toBe('service:stock');
  });

  it('places: compares a service with itself on each host', async () => {
    const found = await runOf(places, {
      'analysis.place-shift': frameOf(
        'analysis.place-shift',
        `win service host n log_ms log_sq gaps gap_log gap_sq
         0 service:a host:1 50  50  51 0 0 0
         1 service:a host:1 50 100 201 0 0 0`,
      ),
    });
    expect(found[0]?.effect).toBeCloseTo(1);
    expect(found[0]?.z).toBeGreaterThan(20);
  });
});
