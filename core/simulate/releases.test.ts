import { describe, expect, it } from 'vitest';
import { simulate, systems, type Simulation } from '.';
import { resourcesOf, rowsOf, type Row } from './testing/rows';

const SECOND = 1_000_000_000n;

interface Seen {
  readonly sim: Simulation;
  readonly released: readonly Row[];
  readonly tables: ReturnType<typeof rowsOf>;
}

function see(seed: number, system?: string): Seen {
  const sim = simulate({ scenario: 'releases', system, seed, sampling: 0.1, durationS: 400 });
  const tables = rowsOf(sim.batches());
  const released = tables.changes.filter(
    ({ attributes }) => (attributes as Record<string, string>)['message'] === 'Weekly release',
  );
  return { sim, released, tables };
}

/** Versions of the guilty service that answered a while after the fault. */
function versionsAfter({ sim, tables }: Seen): ReadonlySet<string | undefined> {
  const byId = resourcesOf(tables.resources);
  return new Set(
    tables.spans
      .filter(({ start }) => (start as bigint) > sim.truth.injected_at + 100n * SECOND)
      .map(({ resource_id }) => byId.get(resource_id as bigint))
      .filter((r) => r?.['service.name'] === sim.truth.root_cause?.service)
      .map((r) => r?.['service.version']),
  );
}

describe('releases at once', () => {
  const all = Array.from({ length: 12 }, (_, seed) => see(seed));

  it('are one to six of different services, one of which the truth names', () => {
    const counts = new Set<number>();
    for (const { sim, released } of all) {
      counts.add(released.length);
      expect(new Set(released.map(({ title }) => title)).size).toBe(released.length);
      const named = released.filter(({ title }) => title === sim.truth.root_cause?.change);
      expect(named).toHaveLength(1);
    }
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...counts)).toBeLessThanOrEqual(6);
    expect(counts.size).toBeGreaterThan(3);
  });

  it('come before the fault by seconds to minutes, harmless ones after it, too', () => {
    const leads = all.map(({ sim, released }) => {
      const guilty = released.find(({ title }) => title === sim.truth.root_cause?.change);
      return Number(sim.truth.injected_at - (guilty?.['ts'] as bigint)) / 1e9;
    });
    expect(Math.min(...leads)).toBeLessThan(1);
    expect(Math.max(...leads)).toBeGreaterThan(60);
    const late = all.filter(({ sim, released }) =>
      released.some(({ ts }) => (ts as bigint) > sim.truth.injected_at),
    );
    expect(late.length).toBeGreaterThan(0);
  });

  it('of a part of the instances leave the others as they were', () => {
    const versions = all.map((seen) => versionsAfter(seen).size);
    expect(versions.filter((n) => n === 2).length).toBeGreaterThan(1);
    expect(versions.filter((n) => n === 1).length).toBeGreaterThan(1);
  });

  it('spoil only what the guilty version answers, and only from the fault on', () => {
    const seen = all.filter(({ tables }) =>
      tables.spans.some(({ name }) => name === 'normalise payload'),
    );
    expect(seen.length).toBeGreaterThan(0);
    for (const { sim, tables } of seen) {
      const byId = resourcesOf(tables.resources);
      const spoilt = tables.spans.filter(({ name }) => name === 'normalise payload');
      for (const { start, resource_id } of spoilt) {
        expect(start as bigint).toBeGreaterThanOrEqual(sim.truth.injected_at);
        const { 'service.name': name, 'service.version': version } =
          byId.get(resource_id as bigint) ?? {};
        expect(`Deploy ${name} ${version}`).toBe(sim.truth.root_cause?.change);
      }
    }
  });

  it.each(systems.map(({ id }) => id))('happen in %s', (system) => {
    const { sim, released } = see(5, system);
    expect(released.map(({ title }) => title)).toContain(sim.truth.root_cause?.change);
  });
});
