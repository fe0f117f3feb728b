import { describe, expect, it } from 'vitest';
import { pairOf, scenarios, simulate, type Simulation } from '.';
import { rowsOf, seriesOf } from './testing/rows';

const SECOND = 1_000_000_000n;
const at = (scenario: string, seed = 3, size = 0.1): Simulation =>
  simulate({ scenario, seed, size, durationS: 600 });

/** Mean of a recorded figure of a service from a minute after the fault, over that before it. */
function growthOf(sim: Simulation, metric: string, service: string): number {
  const series = seriesOf(rowsOf(sim.batches()));
  const found = series.find((s) => s.metric === metric && s.labels['service'] === service);
  const mean = (pick: (ts: bigint) => boolean): number => {
    const values = (found?.points ?? []).filter(({ ts }) => pick(ts)).map(({ value }) => value);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const fault = sim.truth.injected_at;
  const before = mean((ts) => ts < fault - 30n * SECOND);
  return mean((ts) => ts > fault + 75n * SECOND) / Math.max(before, 1e-3);
}

const P99 = 'service:request_duration_seconds:p99_1m';
const RATIO = 'service:request_errors:ratio_1m';

describe('a fault of a service or a store', () => {
  it.each([
    ['cpu-saturation', P99],
    ['worker-starvation', P99],
    ['stalled-instance', P99],
    ['error-release', RATIO],
    ['bad-timeout', RATIO],
    ['pool-exhaustion', RATIO],
  ])('%s shows in the figures of the service at fault', (scenario, metric) => {
    const sim = at(scenario);
    expect(growthOf(sim, metric, sim.truth.root_cause?.service ?? '')).toBeGreaterThan(2);
  });

  it.each([
    ['lock-contention', P99],
    ['disk-full', RATIO],
  ])('%s shows before the users', (scenario, metric) => {
    expect(growthOf(at(scenario), metric, 'storefront')).toBeGreaterThan(1.5);
  });

  it('strikes many places, drawn', () => {
    const places = (scenario: string): number => {
      const struck = new Set<string | undefined>();
      for (let seed = 0; seed < 60; seed++) {
        struck.add(simulate({ scenario, seed }).truth.root_cause?.service);
      }
      return struck.size;
    };
    expect(places('cpu-saturation')).toBeGreaterThan(8);
    expect(places('stalled-instance')).toBeGreaterThan(6);
    expect(places('error-release')).toBeGreaterThan(5);
    expect(scenarios.length).toBeGreaterThanOrEqual(20);
  });

  it('consumer-stall: messages pile up and nobody takes them', () => {
    const sim = at('consumer-stall');
    const group = sim.truth.root_cause?.service ?? '';
    const lag = seriesOf(rowsOf(sim.batches())).filter(
      ({ metric, labels }) =>
        metric === 'kafka_consumergroup_lag' && Object.values(labels).includes(group),
    );
    expect(lag.map(({ points }) => points.at(-1)?.value ?? 0)[0]).toBeGreaterThan(60);
  });
});

describe('two faults at once', () => {
  it('are drawn, are both true, and strike two places', () => {
    for (let seed = 0; seed < 30; seed++) {
      const { root_cause, root_causes } = simulate({ scenario: pairOf(seed), seed }).truth;
      expect(root_causes).toHaveLength(2);
      expect(root_causes?.[0]).toEqual(root_cause);
      expect(root_causes?.[0]?.service).not.toBe(root_causes?.[1]?.service);
    }
  });

  it('both show', () => {
    const sim = at('cpu-saturation+disk-full', 4);
    const [busy, full] = sim.truth.root_causes ?? [];
    expect(growthOf(sim, P99, busy?.service ?? '')).toBeGreaterThan(2);
    const panic = rowsOf(sim.batches()).logs.filter((row) =>
      (row['body'] as string).includes('PANIC'),
    );
    expect(panic).toHaveLength(1);
    expect(full?.kind).toBe('disk_full');
  });

  it('refuses pairs that cannot be', () => {
    for (const scenario of ['disk-full+disk-full', 'quiet+disk-full', 'disk-full+none']) {
      expect(() => simulate({ scenario, seed: 1 })).toThrow('No scenario');
    }
  });
});
