import { describe, expect, it } from 'vitest';
import { groupAlerts } from '../correlate/alerts';
import { logTemplates } from '../logs/shifts';
import { Runner } from '../runner';
import { fetchFrom, frameOf } from '../testing/frames';
import { ALL, T0, at, runOf, scope } from '../testing/incident';
import { graph } from '../topology/graph';
import { heaviestSegment, windows } from '../windows';
import { metrics } from './metrics';
import { edges, operations } from './spans';

describe('detectors', () => {
  it('finds the operation that slowed, by its own time', async () => {
    const found = await runOf(operations, ALL);
    const slow = found.filter(({ z }) => z > 3);
    expect(slow.map(({ service, name }) => [service, name])).toEqual([
      ['service:stock', 'RESERVE'],
    ]);
    expect(slow[0]?.excessMs).toBeCloseTo(76 * 50);
  });

  it('sees no shift where calls are alike, and one where the way to the callee is slower', async () => {
    const same = await runOf(edges, ALL);
    expect(same.map(({ gapZ }) => gapZ)).toEqual([0, 0]);
    const slower = frameOf(
      'analysis.edge-shift',
      `win source target n errors p50_ms p99_ms gap_ms gap_log gap_log_sq log_n
       0 service:web service:cart 100 0 10 20  1 0 0.01 100
       1 service:web service:cart  50 0 30 60 20 3 9.01  50`,
    );
    const [edge] = await runOf(edges, { 'analysis.edge-shift': slower });
    expect(edge?.gapZ).toBeGreaterThan(20);
    expect(edge?.gapMs).toBe(19);
  });

  it('counts of a metric only what is news, and leaves out what has no baseline', async () => {
    const found = await runOf(metrics, ALL);
    const z = Object.fromEntries(found.map((shift) => [shift.entityId, shift.z]));
    expect(z['service:stock']).toBeGreaterThan(10);
    expect(z['service:web']).toBe(0);
    // As high just before the incident as in it: that is not the incident's.
    expect(Math.abs(z['service:cart'] ?? 9)).toBeLessThan(3);
    expect(z).not.toHaveProperty('service:pay');
  });

  it('takes parameters of the request and refuses those that are none', async () => {
    const asked = { parameters: { 'detect.metrics': { leastSamples: 1 } } };
    expect(await runOf(metrics, ALL, asked)).toHaveLength(4);
    const wrong = runOf(metrics, ALL, { parameters: { 'detect.metrics': { leastSamples: -1 } } });
    await expect(wrong).rejects.toMatchObject({ code: 'usage' });
  });

  it('cuts the incident out of the stretch that stands out', async () => {
    const found = await runOf(windows, ALL);
    expect(found.incident.given).toBe(false);
    expect(Number(found.incident.from - T0) / 1e9).toBeCloseTo(600, -1);
    expect(Number(found.incident.to - T0) / 1e9).toBeCloseTo(750, -1);
    expect(found.baseline?.to).toBe(found.incident.from);
    expect(heaviestSegment(Float64Array.of(-1, 3, -1, 4, -9, 2))).toEqual({ from: 1, to: 4 });
  });
});

describe('log templates', () => {
  it('finds the line that is new, and says so where it left lines out', async () => {
    const found = await runOf(logTemplates, ALL);
    const fresh = found.filter(({ isNew }) => isNew);
    expect(new Set(fresh.map(({ template }) => template))).toEqual(
      new Set(['timeout after <*> ms waiting for lock']),
    );
    expect(fresh.every(({ z }) => z > 2)).toBe(true);
    const request = { parameters: { 'logs.lines': { limit: 25 } } };
    const lines = ALL['analysis.log-lines'] ?? frameOf('analysis.log-lines', '');
    const col = { ...lines.col, all_lines: new Float64Array(60).fill(100) };
    const some = { ...ALL, 'analysis.log-lines': { ...lines, col } };
    const runner = new Runner(fetchFrom(some), { ...scope, request });
    await runner.output(logTemplates);
    expect(runner.notices).toMatchObject([{ code: 'logs-thinned', count: 40 }]);
    expect(runner.notices[0]?.message).toContain('60 of the 100 log lines');
  });
});

describe('alert groups', () => {
  const alert = (name: string, entity: string, s: number) => ({
    sourceId: 1,
    rowNo: BigInt(s),
    fingerprint: `${name}/${entity}`,
    name,
    severity: 'warning',
    from: at(s),
    to: at(s + 60),
    entityId: `service:${entity}`,
    about: 'metrics' as const,
    caller: '',
    direction: '',
  });
  const params = { groupCost: 3, mostS: 3600, leastRepeats: 5, explained: 0.5 };

  it('puts neighbours in time and topology together, strangers and later ones apart', async () => {
    const { graph: built } = await runOf(graph, ALL);
    const groups = groupAlerts(
      [
        alert('Slow', 'stock', 0),
        alert('Slow', 'cart', 20),
        alert('Slow', 'pay', 25),
        alert('Slow', 'stock', 9000),
      ],
      built,
      [],
      params,
    );
    expect(groups.map(({ entityIds }) => entityIds)).toEqual([
      ['service:cart', 'service:stock'],
      ['service:pay'],
      ['service:stock'],
    ]);
    expect(groups[0]).toMatchObject({
      notifications: 2,
      fingerprints: 2,
      title: 'Slow on stock and cart',
    });
    expect(groups[0]?.members).toHaveLength(2);
  });
});
