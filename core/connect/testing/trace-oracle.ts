import type { TimeWindow } from '../../base';
import { simulate } from '../../simulate';
import { tablesOf, type Row } from './import';
import type { Tables } from './pulled';

const SECOND = 1_000_000_000n;
export const START = 1_790_000_000n * SECOND;

/** Telemetry of a service that fails, about 2,000 spans over ten minutes: what stores of traces are filled with. */
export const simulation = simulate({
  scenario: 'bad-flag',
  seed: 28,
  size: 0.05,
  start: START,
  durationS: 600,
});

export const windows: readonly TimeWindow[] = [
  { from: START + 400n * SECOND, to: START + 600n * SECOND },
  { from: START + 60n * SECOND, to: START + 260n * SECOND },
];

export const oracle = tablesOf([...simulation.batches()]);

const resources = new Map(
  (oracle.resources ?? []).map((row) => [row['resource_id'], row['attributes']]),
);

/** Attributes of the resource of a row of the oracle. */
export const resourceOf = (row: Row): Record<string, string> =>
  (resources.get(row['resource_id']) ?? {}) as Record<string, string>;

export const serviceOf = (row: Row): string => resourceOf(row)['service.name'] ?? '';

const within = (row: Row, { from, to }: TimeWindow): boolean =>
  (row['start'] as bigint) >= from && (row['start'] as bigint) < to;

/** Spans that start in the windows, of the oracle. */
export const spans = (oracle.spans ?? []).filter((row) =>
  windows.some((window) => within(row, window)),
);

/** Cut to microseconds, as stores that keep no more do. */
export const micros = (ns: unknown): bigint => ((ns as bigint) / 1000n) * 1000n;

/** Entries of a map in the order of its keys. */
export const sorted = (map: unknown): unknown =>
  Object.entries(map as object).sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * Calls between services over whole traces that touch a window, as stores count them: `["a","b"] 3`. `counts` tells
 * the called spans that a store looks at.
 */
export function calls(counts: (called: Row) => boolean = () => true): readonly string[] {
  const all = oracle.spans ?? [];
  const byId = new Map(all.map((row) => [row['span_id'], row]));
  const sums = new Map<string, number>();
  for (const { from, to } of windows) {
    const touching = new Set(
      all
        .filter((row) => (row['start'] as bigint) > from && (row['start'] as bigint) < to)
        .map((row) => row['trace_id']),
    );
    for (const row of all) {
      const parent = byId.get(row['parent_span_id']);
      if (
        !counts(row) ||
        !touching.has(row['trace_id']) ||
        !parent ||
        serviceOf(parent) === serviceOf(row)
      ) {
        continue;
      }
      const key = JSON.stringify([serviceOf(parent), serviceOf(row)]);
      sums.set(key, (sums.get(key) ?? 0) + 1);
    }
  }
  return [...sums].map(([key, count]) => `${key} ${count}`);
}

/** Rows of stated_relations as `calls` writes them. */
export function callKeys(tables: Tables): readonly string[] {
  const name = (id: unknown): string => (id as string).replace('service:', '');
  return (tables.stated_relations ?? []).map(
    (row) =>
      `${JSON.stringify([name(row['source']), name(row['target'])])} ${row['calls'] as bigint}`,
  );
}

export function failedTraces(rows: readonly Row[]): ReadonlySet<unknown> {
  return new Set(rows.filter((row) => row['status'] === 2).map((row) => row['trace_id']));
}

/**
 * What discover() says of each service: traces that a query for it finds, by window, through its spans there or
 * through the start of the whole trace; null above 100.
 */
export function traceCounts(foundBy: 'span' | 'start'): Readonly<Record<string, number | null>> {
  const names = [...new Set(spans.map(serviceOf))];
  const all = oracle.spans ?? [];
  const roots = new Map(
    all.filter((row) => row['parent_span_id'] === '').map((row) => [row['trace_id'], row]),
  );
  const countOf = (service: string): number =>
    windows.reduce((sum, window) => {
      const here = all.filter(
        (row) =>
          serviceOf(row) === service &&
          within(foundBy === 'span' ? row : (roots.get(row['trace_id']) ?? row), window),
      );
      return sum + new Set(here.map((row) => row['trace_id'])).size;
    }, 0);
  return Object.fromEntries(
    names.map((name) => [`service:${name}`, countOf(name) > 100 ? null : countOf(name)]),
  );
}
