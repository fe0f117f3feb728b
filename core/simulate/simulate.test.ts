import { describe, expect, it } from 'vitest';
import { hashHex } from '../base';
import type { Batch } from '../model';
import { defaultScenario, scenarios, simulate, type Simulation } from '.';
import { resourcesOf, rowText, rowsOf, seriesOf, type Row, type SeriesOf } from './testing/rows';

const SECOND = 1_000_000_000n;

/** A hash of every cell of every batch in order. */
function hashOf(batches: Iterable<Batch>): string {
  let hash = '';
  for (const [table, rows] of Object.entries(rowsOf(batches))) {
    hash = hashHex(hash + table + rows.map(rowText).join('\n'));
  }
  return hash;
}

const small = (scenario: string, seed = 3): Simulation =>
  simulate({ scenario, seed, size: 'small' });

/** The first seed with which the scenario strikes there. */
function seedOf(scenario: string, service: string): number {
  for (let seed = 0; seed < 200; seed++) {
    if (simulate({ scenario, seed }).truth.root_cause?.service === service) return seed;
  }
  throw new Error(`${scenario} never strikes ${service}`);
}

describe('a simulation', () => {
  it('is the same for the same seed, each time it runs, and another for another seed', () => {
    const one = small('slow-query');
    const hash = hashOf(one.batches());
    expect(hashOf(one.batches())).toBe(hash);
    expect(hashOf(small('slow-query').batches())).toBe(hash);
    expect(hashOf(small('slow-query', 4).batches())).not.toBe(hash);
  });

  it.each(scenarios.map(({ id }) => id))('of %s stays in its window, with hints in order', (id) => {
    const sim = small(id);
    const { window, incident, baseline } = sim.hints;
    const tables = rowsOf(sim.batches());
    expect(tables.spans.length).toBeGreaterThan(3500);
    expect(tables.spans.length).toBeLessThan(8000);
    const early = tables.spans.filter((row) => (row['start'] as bigint) < window.from);
    expect(early).toEqual([]);
    expect(tables.spans.filter((row) => (row['duration'] as bigint) < 0n)).toEqual([]);
    for (const table of ['samples', 'logs', 'changes'] as const) {
      const outside = tables[table].filter(
        (row) => (row['ts'] as bigint) < window.from || (row['ts'] as bigint) >= window.to,
      );
      expect(outside).toEqual([]);
    }
    expect(baseline!.to).toBeLessThan(sim.truth.injected_at);
    expect(incident.from).toBeGreaterThan(sim.truth.injected_at);
    expect(incident.to).toBe(window.to);
  });

  it('grows with its size: traces first, then the system', () => {
    const spans = (size: number): number =>
      rowsOf(simulate({ scenario: 'quiet', seed: 1, size, durationS: 240 }).batches()).spans.length;
    const [quarter, half, all] = [spans(0.25), spans(0.5), spans(10)];
    expect(half / quarter).toBeGreaterThan(1.6);
    expect(half / quarter).toBeLessThan(2.4);
    expect(all / half).toBeGreaterThan(16);
    expect(simulate({ scenario: 'quiet', seed: 1, size: 10 }).options.sampling).toBe(1);
  });

  it('strikes elsewhere with other seeds', () => {
    const struck = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      struck.add(simulate({ scenario: 'slow-query', seed }).truth.root_cause!.service);
    }
    expect([...struck].sort()).toEqual(['inventory', 'order', 'review']);
  });

  it('refuses what it does not know', () => {
    expect(() => simulate({ ...defaultScenario, scenario: 'none' })).toThrow('No scenario');
    expect(() => simulate({ ...defaultScenario, size: 0 })).toThrow('Not a size');
    expect(() => simulate({ ...defaultScenario, durationS: 5 })).toThrow('at least 120 s');
  });
});

describe('conservation, with every trace kept', () => {
  const sim = simulate({ scenario: 'slow-query', seed: 5, durationS: 240, sampling: 1 });
  const tables = rowsOf(sim.batches());
  const resources = resourcesOf(tables.resources);
  const spans = new Map(tables.spans.map((row) => [row['span_id'] as string, row]));
  const endOf = (row: Row): bigint => (row['start'] as bigint) + (row['duration'] as bigint);

  it('has every span once, under a parent of its own trace', () => {
    expect(spans.size).toBe(tables.spans.length);
    const children = tables.spans.filter((row) => row['parent_span_id'] !== '');
    const elsewhere = children.filter((row) => {
      const parent = spans.get(row['parent_span_id'] as string);
      return parent && parent['trace_id'] !== row['trace_id'];
    });
    expect(elsewhere).toEqual([]);
    const orphans = children.filter((row) => !spans.has(row['parent_span_id'] as string));
    expect(orphans.length).toBeLessThan(tables.spans.length / 50);
    // A parent that is missing was still under way when the telemetry ended.
    const lost = orphans.filter((row) => endOf(row) < sim.hints.window.to - 15n * SECOND);
    expect(lost).toEqual([]);
  });

  it('has every synchronous child within its parent, unless the parent gave up', () => {
    const pairs = tables.spans.flatMap((row) => {
      const parent = spans.get(row['parent_span_id'] as string);
      return parent && row['kind'] !== 5 && row['kind'] !== 4 ? [{ row, parent }] : [];
    });
    expect(pairs.length).toBeGreaterThan(30_000);
    const early = pairs.filter(
      ({ row, parent }) => (row['start'] as bigint) < (parent['start'] as bigint),
    );
    expect(early).toEqual([]);
    const outlived = pairs.filter(({ row, parent }) => endOf(row) > endOf(parent));
    expect(outlived.length).toBeGreaterThan(0);
    const patient = outlived.filter(({ parent }) => {
      const { 'error.type': error } = parent['attributes'] as Record<string, string>;
      return parent['kind'] !== 3 || error !== 'timeout';
    });
    expect(patient).toEqual([]);
  });

  it('has as many server and consumer spans as the pods counted requests', () => {
    const last = new Map<string, bigint>();
    const counted = new Map<string, number>();
    for (const series of seriesOf(tables)) {
      if (!/^(http_server|rpc_server|messaging_processed).*_total$/.test(series.metric)) continue;
      const pod = series.labels['pod']!;
      const { points } = series;
      last.set(pod, points[points.length - 1]!.ts);
      // A series that begins later began at 0.
      const start = points[0]!.ts === sim.hints.window.from ? points[0]!.value : 0;
      counted.set(pod, (counted.get(pod) ?? 0) + points[points.length - 1]!.value - start);
    }
    const traced = new Map<string, number>();
    for (const row of tables.spans) {
      if (row['kind'] !== 2 && row['kind'] !== 5) continue;
      const pod = resources.get(row['resource_id'] as bigint)!['k8s.pod.name']!;
      const end = endOf(row);
      if (end > sim.hints.window.from && end <= last.get(pod)!) {
        traced.set(pod, (traced.get(pod) ?? 0) + 1);
      }
    }
    expect(counted.size).toBeGreaterThan(30);
    // Traces that began before the telemetry have no spans, yet their requests are counted.
    const missing = [...counted].map(([pod, count]) => count - (traced.get(pod) ?? 0));
    expect(Math.min(...missing)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...missing)).toBeLessThanOrEqual(12);
  });

  it('counts up, but for restarts', () => {
    const falling = seriesOf(tables).filter(
      ({ kind, points }) =>
        (kind === 'counter' || kind === 'histogram') &&
        points.some(({ value }, i) => i > 0 && value < points[i - 1]!.value),
    );
    expect(falling.map(({ metric }) => metric)).toEqual([]);
  });
});

interface Shift {
  readonly before: number;
  readonly after: number;
}

/** Medians of a recorded figure of a service before and after the fault. */
function shiftOf(sim: Simulation, series: readonly SeriesOf[], metric: string, service: string) {
  const found = series.find((s) => s.metric === metric && s.labels['service'] === service)!;
  const median = (pick: (ts: bigint) => boolean): number => {
    const values = found.points.filter(({ ts }) => pick(ts)).map(({ value }) => value);
    return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  };
  const at = sim.truth.injected_at;
  return {
    before: median((ts) => ts < at - 30n * SECOND),
    after: median((ts) => ts > at + 90n * SECOND),
  } satisfies Shift;
}

const P99 = 'service:request_duration_seconds:p99_1m';
const RATIO = 'service:request_errors:ratio_1m';

describe('a fault', () => {
  it('slow-query: slow at the cause, in the database, and upstream; not downstream or beside', () => {
    const sim = small('slow-query', seedOf('slow-query', 'order'));
    const tables = rowsOf(sim.batches());
    const series = seriesOf(tables);
    const factor = (service: string): number => {
      const { before, after } = shiftOf(sim, series, P99, service);
      return after / before;
    };
    const above = ['order', 'checkout', 'storefront', 'gateway'].map(factor);
    expect(Math.min(...above)).toBeGreaterThan(4);
    const beside = ['inventory', 'shipping', 'catalog', 'search', 'pricing', 'review'].map(factor);
    expect(Math.max(...beside)).toBeLessThan(1.6);
    const slow = tables.spans.filter((row) =>
      (row['attributes'] as Record<string, string>)['db.query.text']?.includes('lower('),
    );
    expect(slow.length).toBeGreaterThan(3);
    const resources = resourcesOf(tables.resources);
    for (const row of slow) {
      expect(resources.get(row['resource_id'] as bigint)!['service.version']).toBe('4.13.0');
    }
    const rates = shiftOf(sim, series, 'service:requests:rate_1m', 'order');
    expect(rates.after / rates.before).toBeGreaterThan(1.15);
  });

  it('memory-leak: memory climbs to the limit, pods restart, counters begin anew', () => {
    const sim = simulate({
      scenario: 'memory-leak',
      seed: seedOf('memory-leak', 'pricing'),
      size: 0.1,
    });
    const series = seriesOf(rowsOf(sim.batches()));
    const restarts = series.filter((s) => s.metric === 'kube_pod_container_status_restarts_total');
    const restarted = restarts.filter(({ points }) => points[points.length - 1]!.value > 0);
    expect(restarted.length).toBeGreaterThan(0);
    for (const { labels } of restarted) expect(labels['container']).toBe('pricing');
    const pod = restarted[0]!.labels['pod'];
    const memory = series.find(
      (s) => s.metric === 'container_memory_working_set_bytes' && s.labels['pod'] === pod,
    )!;
    expect(Math.max(...memory.points.map(({ value }) => value))).toBeGreaterThan(
      1280 * 0.85 * 2 ** 20,
    );
    const calls = series.find(
      (s) => s.metric === 'rpc_server_duration_seconds_count' && s.labels['pod'] === pod,
    )!;
    const resets = calls.points.filter(
      ({ value }, i) => i > 0 && value < calls.points[i - 1]!.value,
    );
    expect(resets.length).toBeGreaterThan(0);
  });

  it.each([
    ['dependency-outage', 'api.paywell.example', 'payment', 'gateway', 'order'],
    ['cache-outage', 'session-cache', 'cart', 'gateway', 'review'],
    ['bad-flag', 'pricing', 'pricing', 'storefront', 'catalog'],
    ['crash-loop', 'shipping', 'checkout', 'storefront', 'catalog'],
  ])('%s of %s: %s and %s fail, %s does not', (scenario, service, near, far, untouched) => {
    const sim = small(scenario, seedOf(scenario, service));
    const series = seriesOf(rowsOf(sim.batches()));
    expect(shiftOf(sim, series, RATIO, near).after).toBeGreaterThan(0.15);
    expect(shiftOf(sim, series, RATIO, far).after).toBeGreaterThan(0.015);
    expect(shiftOf(sim, series, RATIO, near).before).toBeLessThan(0.01);
    expect(shiftOf(sim, series, RATIO, untouched).after).toBeLessThan(0.02);
  });

  it.each([
    ['network-loss', 'node_netstat_Tcp_RetransSegs_total'],
    ['cpu-contention', 'node_load1'],
  ])('%s: %s of the host stands out, and its callers are slow', (scenario, metric) => {
    const sim = small(scenario);
    const series = seriesOf(rowsOf(sim.batches()));
    const highest = series
      .filter((s) => s.metric === metric)
      .map(({ labels, points }) => ({ node: labels['node'], value: points.at(-1)!.value }))
      .sort((a, b) => b.value - a.value);
    expect(highest[0]!.node).toBe(sim.truth.root_cause!.service);
    const { before, after } = shiftOf(sim, series, P99, 'gateway');
    expect(after / before).toBeGreaterThan(1.3);
  });

  it('quiet: nothing fails and no service alert fires, but there are changes and noise', () => {
    const sim = small('quiet');
    const tables = rowsOf(sim.batches());
    const series = seriesOf(tables);
    const ratios = ['gateway', 'checkout', 'order'].map(
      (service) => shiftOf(sim, series, RATIO, service).after,
    );
    expect(ratios).toEqual([0, 0, 0]);
    expect(sim.truth.root_cause).toBeUndefined();
    const names = new Set(tables.alerts.map((row) => row['name']));
    expect([...names].map(String).sort()).toEqual(['FilesystemFillsUpIn4Days', 'GeoDatabaseStale']);
    expect(tables.changes).toHaveLength(4);
  });
});

describe('decoys and alerts', () => {
  const sim = simulate({ ...defaultScenario, size: 0.1 });
  const tables = rowsOf(sim.batches());

  it('has changes that did nothing near the fault, and an error that is always there', () => {
    const changes = tables.changes.map((row) => row['title']);
    expect(sim.truth.root_cause!.change).toBe('Deploy order 4.13.0');
    expect(changes).toContain(sim.truth.root_cause!.change);
    expect(changes).toContain('Flag ads.new-ranking to 20 %');
    expect(changes.filter((title) => (title as string).startsWith('Deploy '))).toHaveLength(2);
    const at = sim.truth.injected_at;
    const always = tables.logs.filter(
      (row) => row['severity'] === 17 && (row['body'] as string).includes('geo database failed'),
    );
    expect(always.some((row) => (row['ts'] as bigint) < at - 600n * SECOND)).toBe(true);
    expect(always.some((row) => (row['ts'] as bigint) > at + 300n * SECOND)).toBe(true);
  });

  it('fires for what the metrics show, for as long as they show it', () => {
    const series = seriesOf(tables);
    const rules = [
      { name: 'ServiceErrorRatioHigh', metric: RATIO, limit: 0.05 },
      { name: 'ServiceLatencyHigh', metric: P99, limit: 1 },
    ];
    const wrong: string[] = [];
    let checked = 0;
    for (const { name, metric, limit } of rules) {
      for (const alert of tables.alerts.filter((row) => row['name'] === name)) {
        const service = (alert['labels'] as Record<string, string>)['service'];
        const { points } = series.find(
          (s) => s.metric === metric && s.labels['service'] === service,
        )!;
        const starts = alert['starts_at'] as bigint;
        const ends = (alert['ends_at'] as bigint | null) ?? sim.hints.window.to;
        for (const { ts, value } of points) {
          if (ts < starts - 60n * SECOND || ts > ends) continue;
          checked++;
          // True for a minute before it fires, true until it ends, and false then.
          if (value > limit !== ts < ends) wrong.push(`${name} ${service} at ${ts}: ${value}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(100);
    const fingerprints = tables.alerts.map((row) => row['fingerprint'] as string);
    for (const fingerprint of fingerprints) expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });
});
