import { describe, expect, it } from 'vitest';
import type { Frame } from '../../model';
import { metrics } from '../detect/metrics';
import { frameOf } from '../testing/frames';
import { runOf } from '../testing/incident';
import { metricFlow } from './metric-flow';
import { metricRoot } from './metric-root';

const HEAD =
  'series_id metric unit kind entity_id source destination n0 med0 mad0 lo0 hi0 n1 med1 mean1 min_before max_before';

function levels(rows: string): Record<string, Frame> {
  return { 'analysis.metric-shift': frameOf('analysis.metric-shift', `${HEAD}\n${rows}`) };
}

const RELATIONS = frameOf(
  'analysis.stated-relations',
  `source target kind
   service:web   service:cart  calls
   service:cart  service:stock calls
   service:web   service:pay   calls`,
);

const ASKED = { symptom: 'service:web', symptomMetric: 'latency_avg_seconds' };

const top = (scores: ReadonlyMap<string, number>): string | undefined =>
  [...scores].sort((a, b) => b[1] - a[1])[0]?.[0];

describe("the symptom's excess, followed down", () => {
  const latency = `
    1 latency_avg_seconds s gauge service:web   - - 40 0.10 0.01 0.08 0.12 5 0.5 0.5 0.09 0.11
    2 latency_avg_seconds s gauge service:cart  - - 40 0.05 0.01 0.04 0.06 5 0.45 0.45 0.05 0.06
    3 latency_avg_seconds s gauge service:stock - - 40 0.01 0.001 0.008 0.012 5 0.41 0.41 0.01 0.011
    4 latency_avg_seconds s gauge service:pay   - - 40 0.01 0.001 0.008 0.012 5 9 9 0.01 0.011`;
  const requests = (pay: number): string => `
    5 requests - gauge service:web   - - 40 100 5 90 110 5 100 100 95 105
    6 requests - gauge service:cart  - - 40 100 5 90 110 5 100 100 95 105
    7 requests - gauge service:stock - - 40 100 5 90 110 5 100 100 95 105
    8 requests - gauge service:pay   - - 40 ${pay} 0.1 ${pay} ${pay} 5 ${pay} ${pay} ${pay} ${pay}`;

  it('ends at the deepest entity whose added time over all its requests explains it', async () => {
    const frames = { ...levels(latency + requests(1)), 'analysis.stated-relations': RELATIONS };
    const { scores, strength } = await runOf(metricFlow, frames, ASKED);
    expect(top(scores)).toBe('service:stock');
    expect(strength).toBeGreaterThan(0.9);
    // Slower by far, but in one request of a hundred.
    expect(scores.get('service:pay') ?? 0).toBeLessThan(0.5);
  });

  it('follows the requests: the same slowness in every request is the cause', async () => {
    const frames = { ...levels(latency + requests(100)), 'analysis.stated-relations': RELATIONS };
    expect(top((await runOf(metricFlow, frames, ASKED)).scores)).toBe('service:pay');
  });

  it('says nothing without a symptom', async () => {
    const frames = { ...levels(latency), 'analysis.stated-relations': RELATIONS };
    expect((await runOf(metricFlow, frames)).strength).toBe(0);
  });
});

describe('shifts of metrics', () => {
  it('knows which way is bad', async () => {
    const rows = `
      1 availability_ratio - gauge service:web  - - 40 1 0 0.99 1 5 0.9 0.9 0.99 1
      2 cpu_usage          - gauge service:cart - - 40 0.5 0.01 0.48 0.52 5 0.1 0.1 0.49 0.51
      3 cpu_usage          - gauge service:pay  - - 40 0.5 0.01 0.48 0.52 5 0.5 0.5 0.49 0.51`;
    const { scores } = await runOf(metricRoot, levels(rows));
    expect([...scores.keys()]).toEqual(['service:web']);
  });

  it('does not call it news where twice the requests need twice the processor', async () => {
    const doubled = ['web', 'cart', 'stock', 'pay'].map(
      (name, i) => `
      ${2 * i + 1} requests  - gauge service:${name} - - 40 100 5 90 110 5 200 200 95 105
      ${2 * i + 2} cpu_usage - gauge service:${name} - - 40 0.2 0.01 0.18 0.22 5 0.4 0.4 0.19 0.21`,
    );
    const found = await runOf(metrics, levels(doubled.join('')));
    for (const { z } of found) expect(Math.abs(z)).toBeLessThan(1);
    expect((await runOf(metricRoot, levels(doubled.join('')))).strength).toBe(0);
  });

  it('leans on the other series of a metric where a series has two samples', async () => {
    const rows = `
      1 latency_seconds s gauge service:web   - - 2 0.100 0.001 0.099 0.101 3 0.11 0.11 - -
      2 latency_seconds s gauge service:cart  - - 2 0.100 0.010 0.090 0.110 3 0.11 0.11 - -
      3 latency_seconds s gauge service:stock - - 2 0.100 0.010 0.090 0.110 3 0.50 0.50 - -`;
    const z = (await runOf(metrics, levels(rows))).map((shift) => shift.z);
    expect(z[0]).toBeLessThan(2);
    expect(z[2]).toBeGreaterThan(2 * (z[0] ?? 9));
  });

  it('does not take what a series lacks for zero', async () => {
    const rows = `
      1 latency_seconds s gauge service:web  - - 40 0.1 0.01 0.09 0.11 5 0.1 0.1 0.1 0.1
      2 latency_seconds s gauge service:cart - - 40 0.1 0.01 0.09 0.11 0 -   -   0.1 0.1`;
    expect((await runOf(metrics, levels(rows))).map(({ entityId }) => entityId)).toEqual([
      'service:web',
    ]);
  });
});
