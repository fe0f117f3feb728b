import { z } from 'zod';
import { defineQuery } from '../query';

/** What a resource said of itself. */
const resourceOf = (id: string): string =>
  `(SELECT any_value(r.attributes) FROM resources r WHERE r.resource_id = ${id})`;

/** The sources that hold spans of a trace, and from when to when they do. */
export const tracePlaces = defineQuery({
  id: 'places.trace',
  version: 2,
  title: 'Sources of a trace',
  params: z.object({ trace: z.string(), span: z.string() }),
  columns: { source_id: 'i32', begins: 'i64', ends: 'i64' },
  sql: () => `
SELECT source_id, min(start) AS begins, max(start + duration) AS ends FROM spans WHERE trace_id = :trace
GROUP BY source_id HAVING :span = '' OR bool_or(span_id = :span) ORDER BY source_id`,
});

/** The sources that hold samples of a series, and its name and labels. */
export const seriesPlaces = defineQuery({
  id: 'places.series',
  version: 1,
  title: 'Sources of a metric series',
  params: z.object({ series: z.bigint() }),
  columns: { source_id: 'i32', metric: 'str', kind: 'str', labels: 'map', resource: 'map' },
  sql: () => `
WITH held AS (SELECT source_id FROM samples WHERE series_id = :series
  UNION SELECT source_id FROM histogram_samples WHERE series_id = :series),
m AS (SELECT any_value(metric) AS metric, any_value(kind) AS kind, any_value(labels) AS labels,
  any_value(resource_id) AS resource_id FROM metric_series WHERE series_id = :series)
SELECT held.source_id, m.metric, m.kind, m.labels, ${resourceOf('m.resource_id')} AS resource
FROM held CROSS JOIN m ORDER BY held.source_id`,
});

const oneRow = z.object({ source: z.number().int(), row: z.bigint() });

export const linePlace = defineQuery({
  id: 'places.line',
  version: 1,
  title: 'Time and resource of a log line',
  params: oneRow,
  columns: { ts: 'i64', resource: 'map' },
  sql: () => `
SELECT l.ts, ${resourceOf('l.resource_id')} AS resource
FROM logs l WHERE l.source_id = :source AND l.row_no = :row`,
});

export const alertPlace = defineQuery({
  id: 'places.alert',
  version: 2,
  title: 'Time, labels and annotations of an alert',
  params: oneRow,
  columns: { starts_at: 'i64', ends_at: 'i64', labels: 'map', annotations: 'map' },
  sql: () => `
SELECT starts_at, coalesce(ends_at, starts_at) AS ends_at, labels, annotations
FROM alerts WHERE source_id = :source AND row_no = :row`,
});

/** Rows of changes that hold an address of the web. */
export const linkedChanges = defineQuery({
  id: 'places.linked-changes',
  version: 1,
  title: 'Changes that give the address of a page',
  params: z.object({}),
  columns: { source_id: 'i32', row_no: 'i64' },
  rowsOf: ['changes'],
  sql: () => `
SELECT source_id, row_no FROM changes
WHERE regexp_matches(array_to_string(map_values(attributes), chr(10)), '(^|\\n)https?://')
ORDER BY source_id, row_no`,
});

export const changePlace = defineQuery({
  id: 'places.change',
  version: 1,
  title: 'Attributes of a change',
  params: oneRow,
  columns: { attributes: 'map' },
  sql: () => 'SELECT attributes FROM changes WHERE source_id = :source AND row_no = :row',
});
