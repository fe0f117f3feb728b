import type { TimeWindow } from '../../../core/base';
import type { UpstreamRequest } from '../../../core/connect';
import type { ConnectorSubject } from '../../../core/connect/testing/connector-subject';
import type { Row } from '../../../core/connect/testing/import';
import type { Tables } from '../../../core/connect/testing/pulled';
import type { TelemetryTable } from '../../../core/model';
import { prometheus } from '..';
import { BOUNDS, START_MS, families, type Sample } from './backfill';

export const MINUTE = 60_000;

export const window = (fromMinute: number, toMinute: number): TimeWindow => ({
  from: BigInt(START_MS + fromMinute * MINUTE) * 1_000_000n,
  to: BigInt(START_MS + toMinute * MINUTE) * 1_000_000n,
});
/** The second begins while an alert fires, and its end cuts a scrape off that is 123 ms late. */
export const WINDOWS = [window(45, 55), window(10, 25)];
export const all = families().flatMap(({ samples }) => samples);
const inside = ({ ms }: Sample): boolean =>
  WINDOWS.some(({ from, to }) => BigInt(ms) * 1_000_000n >= from && BigInt(ms) * 1_000_000n < to);

const BUCKETS = 'request_duration_seconds_bucket';
const isSample = ({ metric, labels }: Sample): boolean =>
  !/^(ALERTS|prometheus_)/.test(metric) && metric !== BUCKETS && labels['job'] !== 'prometheus';

export const key = (metric: unknown, labels: object, ms: unknown, value: unknown): string =>
  JSON.stringify([
    metric,
    Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)),
    String(ms),
    String(value),
  ]);

function expectedSamples(held: readonly Sample[]): readonly string[] {
  return held
    .filter((s) => isSample(s) && inside(s))
    .map(({ metric, labels, ms, value }) => key(metric, labels, ms, value));
}

/** Histograms from the generator's own cumulative counts. */
function expectedHistograms(): readonly string[] {
  const groups = new Map<string, { labels: Record<string, string>; ms: number; upTo: number[] }>();
  for (const { metric, labels, ms, value } of all.filter((s) => inside(s))) {
    if (metric !== BUCKETS) continue;
    const { le: _, ...rest } = labels;
    const id = `${rest['job']} ${ms}`;
    const group = groups.get(id) ?? { labels: rest, ms, upTo: [] };
    group.upTo.push(value);
    groups.set(id, group);
  }
  return [...groups.values()].map(({ labels, ms, upTo }) => {
    const counts = upTo.map((n, i) => n - (upTo[i - 1] ?? 0));
    const count = upTo.at(-1) ?? 0;
    return key('request_duration_seconds', labels, ms, [count, count * 0.25, BOUNDS, counts]);
  });
}

export function keysOf(table: TelemetryTable, tables: Tables): readonly string[] {
  const resources = new Map(
    tables.resources?.map((row) => [row['resource_id'], row['attributes']]),
  );
  const series = new Map(tables.metric_series?.map((row) => [row['series_id'], row]));
  const labelsOf = (row: Row | undefined): object => ({
    ...(resources.get(row?.['resource_id'] ?? null) as object),
    ...(row?.['labels'] as object),
  });
  return (tables[table] ?? []).map((row) => {
    const of = series.get(row['series_id'] ?? null);
    const ms = Number((row['ts'] as bigint) / 1_000_000n);
    const value =
      table === 'samples' ? row['value'] : [row['count'], row['sum'], row['bounds'], row['counts']];
    return key(of?.['metric'], labelsOf(of), ms, value);
  });
}

const about = (text: string) => (request: UpstreamRequest) =>
  typeof request.body === 'string' && decodeURIComponent(request.body).includes(text);

/** What the contract needs to know of the recorded incident, of which the server holds these samples. */
export function incidentSubject(
  held: readonly Sample[] = all,
): Omit<ConnectorSubject, 'upstream' | 'product' | 'version' | 'wrong' | 'dead' | 'secrets'> {
  const samples = expectedSamples(held);
  const histograms = expectedHistograms();
  return {
    factory: prometheus,
    windows: WINDOWS,
    counts: {
      http_requests_total: 8,
      [BUCKETS]: 20,
      queue_depth: 4,
      go_goroutines: 5,
      prometheus_build_info: 1,
      ALERTS: 1,
    },
    expected: { samples, histogram_samples: histograms },
    keysOf,
    budget: {
      rows: 2500,
      signal: 'samples',
      total: samples.length + histograms.length,
      tolerance: 1,
      coarser: true,
    },
    failing: {
      request: about('queue_depth'),
      missing: 'queue_depth',
      kept: {
        samples: samples.filter((text) => !text.includes('queue_depth')),
        histogram_samples: histograms,
      },
    },
  };
}
