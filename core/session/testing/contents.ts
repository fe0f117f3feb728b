import type { CaseStore } from '../../store';

const WITH_RESOURCE = (table: string): string =>
  `SELECT t.* EXCLUDE (source_id, row_no, resource_id), r.attributes AS resource FROM ${table} t
    LEFT JOIN resources r USING (resource_id)`;
const WITH_SERIES = (table: string, columns: string): string =>
  `SELECT s.metric, s.kind, s.unit, s.description, s.temporality, s.labels, r.attributes AS resource, ${columns}
    FROM ${table} t JOIN metric_series s USING (series_id)
    LEFT JOIN resources r ON r.resource_id = s.resource_id`;

/** The rows of a table with what their ids stand for, in an order of their own. */
const CONTENTS: Readonly<Record<string, string>> = {
  logs: WITH_RESOURCE('logs'),
  spans: WITH_RESOURCE('spans'),
  alerts: WITH_RESOURCE('alerts'),
  changes: WITH_RESOURCE('changes'),
  samples: WITH_SERIES('samples', 't.ts, t.value'),
  histogram_samples: WITH_SERIES('histogram_samples', 't.ts, t.count, t.sum, t.bounds, t.counts'),
  exemplars: WITH_SERIES('exemplars', 't.ts, t.value, t.trace_id, t.span_id, t.attributes'),
  span_events: 'SELECT * EXCLUDE (source_id, row_no) FROM span_events',
  span_links: 'SELECT * EXCLUDE (source_id, row_no) FROM span_links',
  stated_relations: 'SELECT * EXCLUDE (source_id, row_no) FROM stated_relations',
};

/** A table's rows as sorted texts; values of maps that are empty are left out. */
export async function contents(store: CaseStore, table: string): Promise<readonly string[]> {
  const { data, rows } = await store.sql(CONTENTS[table] ?? '', 1_000_000);
  const text = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.entries(value)
      .filter(([, of]) => of !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1));
  };
  return Array.from({ length: rows }, (_, row) =>
    JSON.stringify(
      data.map((column) => column[row]),
      text,
    ),
  ).sort();
}
