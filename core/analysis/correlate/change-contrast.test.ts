import { describe, expect, it } from 'vitest';
import { findQuery, type Frame } from '../../model';
import { facts as factsOf, type Facts } from '../facts';
import { changeImpact } from '../rca/change-impact';
import { frameOf, frameFrom } from '../testing/frames';
import { ALL, at, runOf } from '../testing/incident';
import { scored } from '../testing/methods';

import { changeContrast, usualOf, type ChangeContrast } from './change-contrast';

/** Deploys of stock, one a line: seconds, version. */
const deploys = (text: string): Frame =>
  frameFrom(
    findQuery('analysis.changes').columns,
    text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .map(([s = '', version = ''], row) => ({
        source_id: 1,
        row_no: BigInt(row),
        ts: at(Number(s)),
        kind: 'deployment',
        title: `Deploy stock ${version}`,
        version,
        entity_id: 'service:stock',
      })),
  );

/** win version born(s) n own-errors ms calls: what versions of stock answered; times spread by a tenth. */
function versions(text: string): Frame {
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([win = '', unit = '', born = '', n = '', errors = '', ms = '', calls = '1']) => {
      const [count, log, asked] = [Number(n), Math.log(Number(ms)), Math.log1p(Number(calls))];
      return {
        win,
        service: 'service:stock',
        unit,
        born: at(Number(born)),
        name: 'RESERVE',
        kind: 2,
        n,
        own_errors: errors,
        log_self: count * log,
        log_self_sq: count * (log * log + 0.01),
        log_calls: count * asked,
        log_calls_sq: count * (asked * asked + 0.01),
      };
    });
  return frameFrom(findQuery('analysis.version-shift').columns, rows);
}

async function held(changes: Frame, rows: Frame): Promise<readonly ChangeContrast[]> {
  const frames = { ...ALL, 'analysis.changes': changes, 'analysis.version-shift': rows };
  return runOf(changeContrast, frames);
}

describe('a change held against what it did not touch', () => {
  it('is guilty where its canary is slower than the versions beside it', async () => {
    const [one] = await held(
      deploys('590 v2'),
      versions(`
        0 v1   0 80 0 10
        1 v1   0 40 0 10
        1 v2 592 20 0 40`),
    );
    expect(one).toMatchObject({
      mode: 'canary',
      fresh: ['v2'],
      kept: ['v1'],
      guilt: 1,
      cleared: 0,
    });
    expect(one?.contrast?.sign).toBe('latency');
  });

  it('is guilty where its canary fails, and where it asks others more often', async () => {
    const [fails] = await held(
      deploys('590 v2'),
      versions(`
        1 v1   0 40  0 10
        1 v2 592 20 12 10`),
    );
    expect([fails?.contrast?.sign, fails?.guilt]).toEqual(['errors', 1]);
    const [asks] = await held(
      deploys('590 v2'),
      versions(`
        1 v1   0 40 0 10 1
        1 v2 592 20 0 10 9`),
    );
    expect([asks?.contrast?.sign, asks?.guilt]).toEqual(['calls', 1]);
  });

  it('is cleared where trouble strikes its canary and the others alike', async () => {
    const [one] = await held(
      deploys('590 v2'),
      versions(`
        0 v1   0 80 0 10
        1 v1   0 80 8 60
        1 v2 592 80 8 60`),
    );
    expect(one).toMatchObject({ mode: 'canary', guilt: 0, cleared: 1 });
  });

  it('is held against what was before, where all of it was replaced', async () => {
    const rows = (ms: number): Frame =>
      versions(`
        0 v1   0 80 0 10
        1 v2 592 80 0 ${ms}`);
    const [slow] = await held(deploys('590 v2'), rows(60));
    expect(slow).toMatchObject({ mode: 'before-after', guilt: 1, cleared: 0 });
    const [calm] = await held(deploys('590 v2'), rows(10));
    expect(calm).toMatchObject({ mode: 'before-after', guilt: 0, cleared: 0.6 });
  });

  it('tells of instances where there are no versions', async () => {
    const [one] = await held(
      deploys('590 -'),
      versions(`
        0 pod-a   0 80 0 10
        1 pod-a   0 40 0 10
        1 pod-b 593 40 0 50`),
    );
    expect(one).toMatchObject({ mode: 'canary', fresh: ['pod-b'], kept: ['pod-a'], guilt: 1 });
  });

  it('is not held against the version that another change brought', async () => {
    const both = await held(
      deploys('400 v2\n590 v3'),
      versions(`
        0 v1   0 80 0 10
        1 v1   0 80 0 10
        0 v2 405 30 0 10
        1 v2 405 80 0 10
        1 v3 592 80 0 50`),
    );
    expect(both.map(({ fresh, guilt }) => [fresh, guilt])).toEqual([
      [['v2'], 0],
      [['v3'], 1],
    ]);
    expect(both[0]?.cleared).toBe(1);
  });
});

const COUNTS = {
  n: 50,
  errors: 0,
  ownErrors: 0,
  selfMs: 0,
  durationMs: 0,
  p99Ms: 0,
  roots: 0,
  waits: 0,
  logN: 50,
  standsFor: 1,
};
const OPERATION = { name: 'op', kind: 2, peer: null, peerSpoke: false, z: 0, excessMs: 0 };

describe('traps', () => {
  it('a canary with few requests says nothing', async () => {
    const [one] = await held(
      deploys('590 v2'),
      versions(`
        1 v1   0 40 0 10
        1 v2 592  2 0 10`),
    );
    expect(one).toMatchObject({ mode: 'none', guilt: 0, cleared: 0 });
    const [few] = await held(
      deploys('590 v2'),
      versions(`
        0 v1   0 80 0 10
        1 v1   0 40 0 10
        1 v2 592  5 1 10`),
    );
    expect([few?.guilt, few?.cleared]).toEqual([0, 0]);
  });

  it('load that moved to a canary is no trouble of it: shares and times count, not numbers', async () => {
    const [one] = await held(
      deploys('590 v2'),
      versions(`
        0 v1   0 200 2 10
        1 v1   0  40 1 10
        1 v2 592 400 4 10`),
    );
    expect(one).toMatchObject({ mode: 'canary', guilt: 0, cleared: 1 });
  });

  it('what drifts everywhere is not what a release did', () => {
    const stats = (logSum: number) => ({
      ...COUNTS,
      logSum: 50 * logSum,
      logSq: 50 * (logSum * logSum + 0.01),
    });
    const op = (service: string, up: number) => ({
      service,
      ...OPERATION,
      base: stats(2),
      incident: stats(2 + up),
    });
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, i) => op(name, 0.3 + 0.01 * i));
    const usual = usualOf([...all, op('changed', 3)], new Set(['changed']));
    expect(usual.shift).toBeCloseTo(0.325, 2);
    expect(usual.drift).toBeLessThan(0.1);
  });

  async function impact(changes: Frame, rows: Frame, more: Partial<Facts> = {}) {
    const frames = { ...ALL, 'analysis.changes': changes, 'analysis.version-shift': rows };
    return scored(changeImpact, { ...(await runOf(factsOf, frames)), ...more });
  }

  const slowToo = versions(`
    0 v1   0 80 0 4
    1 v1   0 80 0 80
    1 v2 592 80 0 80`);
  const onsets = new Map([['service:stock', Number(at(600) / 1_000_000n)]]);

  it('a release during trouble that began before it did not do it', async () => {
    const guilty = versions(`
      0 v1   0 80 0 4
      1 v2 720 80 0 80`);
    expect((await impact(deploys('590 v2'), guilty, { onsets })).scores.size).toBe(1);
    expect((await impact(deploys('720 v2'), guilty, { onsets })).scores.size).toBe(0);
  });

  it('a service in trouble is not blamed for a release whose canary does as the others', async () => {
    const told = await impact(deploys('590 v2'), slowToo, { onsets });
    const untold = await impact(deploys('590 v2'), versions('0 v1 0 1 0 4'), { onsets });
    expect(untold.strength).toBeGreaterThan(0.5);
    expect(told.strength).toBeLessThan(0.1 * untold.strength);
  });

  it('a guilty canary is blamed though its service hardly looks bad', async () => {
    const canary = versions(`
      0 v1   0 80 0 4
      1 v1   0 80 0 4
      1 v2 460 40 0 30`);
    const calm = frameOf('analysis.operation-shift', 'win service name kind peer n\n0 a b 2 - 1');
    const frames = {
      ...ALL,
      'analysis.operation-shift': calm,
      'analysis.changes': deploys('450 v2'),
      'analysis.version-shift': canary,
    };
    const found = scored(changeImpact, { ...(await runOf(factsOf, frames)), onsets });
    expect(found.scores.get('service:stock')).toBe(1);
    expect(found.strength).toBeGreaterThan(0.5);
  });
});
