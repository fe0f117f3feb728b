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

/** The service of each resource. */
export const SERVICE_OF = `SELECT resource_id, min(entity_id) AS entity_id
  FROM resource_entities WHERE role = 'service' GROUP BY resource_id`;

/**
 * The one entity that a metric, alert or change is about: its service, else what it names, else its
 * instance, else its host.
 */
export const SUBJECT_OF = `SELECT resource_id, arg_min(entity_id, CASE role
    WHEN 'service' THEN 0 WHEN 'database' THEN 1 WHEN 'cache' THEN 1 WHEN 'queue' THEN 1
    WHEN 'external' THEN 2 WHEN 'service_instance' THEN 3 WHEN 'host' THEN 4 ELSE 5 END || entity_id) AS entity_id
  FROM resource_entities GROUP BY resource_id`;

/** Rates of counters (resets count from zero) and values of gauges, one row a sample. */
export const METRIC_VALUES = `SELECT s.series_id, s.ts, CASE WHEN m.kind <> 'counter' THEN s.value
    WHEN lag(s.value) OVER w IS NULL OR s.ts = lag(s.ts) OVER w THEN NULL
    WHEN s.value < lag(s.value) OVER w THEN s.value / ((s.ts - lag(s.ts) OVER w) / 1e9)
    ELSE (s.value - lag(s.value) OVER w) / ((s.ts - lag(s.ts) OVER w) / 1e9) END AS v
  FROM samples s JOIN metric_series m USING (series_id)
  WINDOW w AS (PARTITION BY s.series_id ORDER BY s.ts)`;

/** The same of the series in :series only: what is not asked for is not worked out. */
export const ASKED_METRIC_VALUES = METRIC_VALUES.replace(
  'FROM samples s',
  'FROM (SELECT * FROM samples WHERE list_contains(:series, series_id)) s',
);
