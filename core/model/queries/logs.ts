import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { SUBJECT_OF } from './pieces';

/** Which log lines: a window, and what every line must and must not have. Texts are lower-case. */
const filter = {
  from: zNs,
  to: zNs,
  minSeverity: z.number().int(),
  /** Entity ids; empty means all. */
  entities: z.array(z.string()),
  contains: z.array(z.string()),
  excludes: z.array(z.string()),
  /** Attribute keys and the values they must have, pairwise; then those they must not have. */
  keys: z.array(z.string()),
  values: z.array(z.string()),
  notKeys: z.array(z.string()),
  notValues: z.array(z.string()),
  traceId: z.string(),
  /** A pattern of LIKE with the escape character \ that bodies must have; '' means all. */
  like: z.string(),
} as const;

const zFilter = z.object(filter);
export type LogFilter = z.infer<typeof zFilter>;

const at = (list: string, i: number): string => `list_extract(:${list}, ${i + 1})`;

/** An attribute of the line, else of its resource, as lower-case text. */
const attribute = (key: string): string =>
  `lower(coalesce(l.attributes[${key}], r.attributes[${key}], ''))`;

function where(p: LogFilter): string {
  const clauses = [
    'l.ts >= :from AND l.ts < :to',
    p.minSeverity > 0 ? 'l.severity >= :minSeverity' : '',
    p.entities.length > 0 ? 'list_contains(:entities, subject.entity_id)' : '',
    p.traceId === '' ? '' : 'l.trace_id = :traceId',
    p.like === '' ? '' : "l.body LIKE :like ESCAPE '\\'",
    ...p.contains.map((_, i) => `contains(lower(l.body), ${at('contains', i)})`),
    ...p.excludes.map((_, i) => `NOT contains(lower(l.body), ${at('excludes', i)})`),
    ...p.keys.map((_, i) => `${attribute(at('keys', i))} = ${at('values', i)}`),
    ...p.notKeys.map((_, i) => `${attribute(at('notKeys', i))} <> ${at('notValues', i)}`),
  ];
  return clauses.filter(Boolean).join('\n  AND ');
}

function source(p: LogFilter): string {
  const byAttribute = p.keys.length + p.notKeys.length > 0;
  return `logs l LEFT JOIN subject USING (resource_id)${
    byAttribute
      ? ' LEFT JOIN (SELECT resource_id, any_value(attributes) AS attributes FROM resources GROUP BY resource_id) r USING (resource_id)'
      : ''
  }`;
}

export const logHistogram = defineQuery({
  id: 'logs.histogram',
  version: 2,
  title: 'Log lines over time by severity',
  params: z.object({ ...filter, step: zNs }),
  columns: { bucket: 'i32', n: 'f64', errors: 'f64', warnings: 'f64' },
  sql: (p) => `
WITH subject AS (${SUBJECT_OF})
SELECT ((l.ts - :from) // :step)::INTEGER AS bucket, count(*)::DOUBLE AS n,
  count(*) FILTER (WHERE l.severity >= 17)::DOUBLE AS errors,
  count(*) FILTER (WHERE l.severity >= 13 AND l.severity < 17)::DOUBLE AS warnings
FROM ${source(p)} WHERE ${where(p)} GROUP BY bucket ORDER BY bucket`,
});

export const logPage = defineQuery({
  id: 'logs.page',
  version: 2,
  title: 'Log lines in time order',
  params: z.object({ ...filter, limit: z.number().int(), offset: z.number().int() }),
  columns: {
    source_id: 'i32',
    row_no: 'i64',
    ts: 'i64',
    severity: 'i32',
    severity_text: 'str',
    entity_id: 'str',
    body: 'str',
    trace_id: 'str',
    span_id: 'str',
  },
  sql: (p) => `
WITH subject AS (${SUBJECT_OF})
SELECT l.source_id, l.row_no, l.ts, l.severity, l.severity_text, coalesce(subject.entity_id, '') AS entity_id,
  l.body, l.trace_id, l.span_id
FROM ${source(p)} WHERE ${where(p)}
ORDER BY l.ts, l.source_id, l.row_no LIMIT :limit OFFSET :offset`,
});

export const logDetail = defineQuery({
  id: 'logs.detail',
  version: 1,
  title: 'One log line with its attributes and those of its resource',
  params: z.object({ source: z.number().int(), row: z.bigint() }),
  columns: { attributes: 'map', resource: 'map', observed_ts: 'i64', traced: 'bool' },
  sql: () => `
SELECT l.attributes, (SELECT any_value(r.attributes) FROM resources r WHERE r.resource_id = l.resource_id) AS resource,
  l.observed_ts, l.trace_id <> '' AND EXISTS (SELECT 1 FROM spans s WHERE s.trace_id = l.trace_id) AS traced
FROM logs l WHERE l.source_id = :source AND l.row_no = :row`,
});
