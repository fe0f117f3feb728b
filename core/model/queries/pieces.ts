/** SQL that several named queries share. */

/** Who a client or producer span calls, by its attributes, as an entity id; NULL where it doesn't say. */
export const PEER_SQL = `CASE
  WHEN attributes['messaging.system'] IS NOT NULL THEN 'queue:' || coalesce(
    attributes['messaging.destination.name'], attributes['server.address'], attributes['messaging.system'])
  WHEN coalesce(attributes['db.system.name'], attributes['db.system']) IS NOT NULL THEN
    CASE WHEN coalesce(attributes['db.system.name'], attributes['db.system'])
      IN ('redis', 'memcached', 'valkey', 'hazelcast') THEN 'cache:' ELSE 'database:' END
    || coalesce(attributes['server.address'], attributes['peer.service'], attributes['net.peer.name'],
      attributes['db.namespace'], attributes['db.name'], attributes['db.system.name'], attributes['db.system'])
  WHEN attributes['peer.service'] IS NOT NULL THEN 'service:' || attributes['peer.service']
  WHEN coalesce(attributes['server.address'], attributes['net.peer.name']) IS NOT NULL THEN
    'external:' || coalesce(attributes['server.address'], attributes['net.peer.name'])
END`;

/**
 * False where a span's attributes surely do not name an entity: what PEER_SQL makes is the value of one of them
 * behind a kind. A look through the values costs a tenth of the lookups by key.
 */
export const MAY_NAME = (attributes: string, entity: string): string =>
  `(list_contains(map_values(${attributes}), substr(${entity}, strpos(${entity}, ':') + 1))
    OR list_contains(map_values(${attributes}), split_part(${entity}, ':', 2)))`;

/**
 * True where a span's time is spent waiting for something to do: taking from a queue or a list until there is
 * something in it (OpenTelemetry's messaging and database conventions).
 */
export const WAITS_SQL = `(coalesce(attributes['messaging.operation.type'], attributes['messaging.operation'], '')
    IN ('receive', 'poll')
  OR regexp_full_match(upper(coalesce(attributes['db.operation.name'], attributes['db.operation'], '')),
    'BLPOP|BRPOP|BRPOPLPUSH|BLMOVE|BLMPOP|BZPOPMIN|BZPOPMAX|BZMPOP|XREAD|XREADGROUP|LISTEN'))`;

/** The service of each resource. */
export const SERVICE_OF = `SELECT resource_id, min(entity_id) AS entity_id
  FROM resource_entities WHERE role = 'service' GROUP BY resource_id`;

/**
 * The one entity that a metric, alert or change is about: its service, else what it names, else its
 * instance, else its host.
 */
export const subjectOf = (
  memberships: string,
): string => `SELECT resource_id, arg_min(entity_id, CASE role
    WHEN 'service' THEN 0 WHEN 'database' THEN 1 WHEN 'cache' THEN 1 WHEN 'queue' THEN 1
    WHEN 'external' THEN 2 WHEN 'service_instance' THEN 3 WHEN 'host' THEN 4 ELSE 5 END || entity_id) AS entity_id
  FROM ${memberships} GROUP BY resource_id`;

/** The same of what can be seen. */
export const SUBJECT_OF = subjectOf('resource_entities');

/** The rate of a counter over the window w of one series in time order; a reset counts from zero. */
export const RATE_SQL = `CASE WHEN lag(value) OVER w IS NULL OR ts = lag(ts) OVER w THEN NULL
    WHEN value < lag(value) OVER w THEN value / ((ts - lag(ts) OVER w) / 1e9)
    ELSE (value - lag(value) OVER w) / ((ts - lag(ts) OVER w) / 1e9) END`;

/**
 * Rates of counters (resets count from zero) and values of the rest, one row a sample, of the series that
 * `series` selects from metric_series. Only counters are put in order: that is what costs.
 */
export const metricValues = (
  series: string,
): string => `SELECT series_id, ts, value AS v FROM samples
  WHERE series_id IN (SELECT series_id FROM (${series}) WHERE kind <> 'counter')
UNION ALL SELECT series_id, ts, ${RATE_SQL} AS v
  FROM samples WHERE series_id IN (SELECT series_id FROM (${series}) WHERE kind = 'counter')
  WINDOW w AS (PARTITION BY series_id ORDER BY ts)`;

export const METRIC_VALUES = metricValues('SELECT series_id, kind FROM metric_series');

/** The same of the series in :series only: what is not asked for is not worked out. */
export const ASKED_METRIC_VALUES = metricValues(
  'SELECT series_id, kind FROM metric_series WHERE list_contains(:series, series_id)',
);

/** 1 in the incident, 0 in the baseline, NULL elsewhere; the incident wins where they overlap. */
export const WIN = (ts: string): string =>
  `CASE WHEN ${ts} >= :from AND ${ts} < :to THEN 1 WHEN ${ts} >= :baseFrom AND ${ts} < :baseTo THEN 0 END`;

/** Buckets of classic histograms say nothing by themselves. */
export const NO_BUCKETS = "kind <> 'histogram' OR NOT contains(metric, '_bucket')";
