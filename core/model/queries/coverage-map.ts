import { z } from 'zod';
import { DROPPED_SQL } from '../dropped';
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

/**
 * Records that are not in the case, by what they are about and the buckets in which their stretch begins and ends;
 * what no entity is known for as ''.
 */
export const droppedOverTime = defineQuery({
  id: 'sources.dropped-over-time',
  version: 1,
  title: 'Records that were dropped, entity by entity, over time',
  params: z.object({
    from: zNs,
    step: zNs,
    buckets: z.number().int().positive(),
    limit: z.number().int().positive(),
  }),
  columns: {
    entity_id: 'str',
    signal: 'str',
    why: 'str',
    first_bucket: 'i32',
    /** The last one that the stretch reaches. */
    last_bucket: 'i32',
    n: 'f64',
  },
  sql: () => `
WITH lost AS (SELECT *, ${DROPPED_SQL.why} AS why, ${DROPPED_SQL.entityId} AS named FROM coverage
  WHERE ${DROPPED_SQL.is} AND window_from < :from + :step * :buckets AND window_to > :from),
merged AS (SELECT from_id, min(resolved_id) AS into_id FROM entity_merges WHERE state = 'accepted' GROUP BY from_id)
SELECT coalesce(into_id, named) AS entity_id, signal, why,
  greatest(0, (window_from - :from) // :step)::INTEGER AS first_bucket,
  least(:buckets - 1, (window_to - 1 - :from) // :step)::INTEGER AS last_bucket,
  sum(rows_total)::DOUBLE AS n
FROM lost LEFT JOIN merged ON from_id = named GROUP BY ALL
ORDER BY first_bucket, last_bucket, entity_id, signal, why LIMIT :limit`,
});

/** Records that are not in the case and whose time can't be read, by source. */
export const droppedUnplaced = defineQuery({
  id: 'sources.dropped-unplaced',
  version: 1,
  title: "Records that were dropped and whose time can't be read",
  params: z.object({ limit: z.number().int().positive() }),
  columns: { source_id: 'i32', source: 'str', signal: 'str', why: 'str', n: 'f64' },
  sql: () => `
SELECT c.source_id AS source_id, s.name AS source, c.signal AS signal, ${DROPPED_SQL.why} AS why,
  sum(c.rows_total)::DOUBLE AS n
FROM coverage c JOIN sources s ON s.source_id = c.source_id
WHERE ${DROPPED_SQL.is} AND c.window_from IS NULL
GROUP BY ALL ORDER BY n DESC, source_id, signal, why LIMIT :limit`,
});
