import { z } from 'zod';
import { defineQuery, zNs } from '../query';
import { SUBJECT_OF } from './pieces';

/** A log line that was taken up over a minute after it was written came late. */
const LATE_NS = 60_000_000_000;

/** One signal, by what it is about and bucket. */
const counted = (signal: string, table: string, ts: string, late = '0'): string => `
  SELECT coalesce(about.entity_id, '') AS entity_id, '${signal}' AS signal,
    ((${ts} - :from) // :step)::INTEGER AS bucket, count(*)::DOUBLE AS n, (${late})::DOUBLE AS late
  FROM ${table} LEFT JOIN about USING (resource_id)
  WHERE ${ts} >= :from AND ${ts} < :from + :step * :buckets GROUP BY ALL`;

/**
 * Rows of every signal about every entity over time, what no entity is known for as ''. Only buckets that have
 * rows; the `most` entities with the most rows, '' always.
 */
export const coverageMap = defineQuery({
  id: 'sources.coverage-map',
  version: 1,
  title: 'What there is of each signal, entity by entity, over time',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.number().int().positive(),
    most: z.number().int().positive(),
  }),
  columns: {
    entity_id: 'str',
    signal: 'str',
    bucket: 'i32',
    n: 'f64',
    late: 'f64',
    /** Entities in all, those left out among them. */
    entities: 'f64',
  },
  sql: () => `
WITH about AS (${SUBJECT_OF}),
  sampled AS (SELECT metric_series.resource_id AS resource_id, samples.ts AS ts
    FROM samples JOIN metric_series USING (series_id)),
  cells AS (${[
    counted('spans', 'spans', 'start'),
    counted('logs', 'logs', 'ts', `count(*) FILTER (WHERE observed_ts - ts > ${LATE_NS})`),
    counted('samples', 'sampled', 'ts'),
    counted('alerts', 'alerts', 'starts_at'),
    counted('changes', 'changes', 'ts'),
  ].join(' UNION ALL')}),
  ranked AS (SELECT entity_id, row_number() OVER (ORDER BY entity_id <> '', sum(n) DESC, entity_id) AS place,
    count(*) OVER () AS entities FROM cells GROUP BY entity_id)
SELECT entity_id, signal, bucket, n, late, entities::DOUBLE AS entities
FROM cells JOIN ranked USING (entity_id) WHERE place <= :most
ORDER BY place, signal, bucket`,
});
