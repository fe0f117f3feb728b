import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { FaultlineError, cancelled, throwIfAborted } from '../../core/base';
import type { Signal } from '../../core/model';

/** A case as Parquet in a folder: `signal=logs/date=2024-05-01/hour=10/part-0.parquet`. */
export interface LakeReport {
  readonly rows: Readonly<Partial<Record<Signal, number>>>;
  /** The files, with their rows. */
  readonly written: readonly { readonly path: string; readonly rows: number }[];
  /** 16 hexadecimal digits that no other case has. */
  readonly caseId: string;
  /** Sources that are not complete; their rows are not part of what the case says. */
  readonly partialSources: number;
}

export interface LakeOptions {
  readonly signal: AbortSignal;
  /** Rows that share statistics and are read at once: 122,880 unless said, as DuckDB has it. */
  readonly rowGroupRows?: number;
}

interface LakeTable {
  readonly name: string;
  readonly signal?: Signal;
  /** A select with `ts` (ns), which says the partition, and the columns of the file. */
  readonly select: string;
}

/** Resource and service of a row `t`, as ClickHouse's OpenTelemetry exporter names them. */
const RESOURCE = `coalesce(r.attributes['service.name'], '') AS "ServiceName",
  coalesce(r.attributes, MAP {}::MAP(VARCHAR, VARCHAR)) AS "ResourceAttributes"`;

/** A series `s` and its resource. */
const SERIES = `s.metric AS "MetricName", s.description AS "MetricDescription", s.unit AS "MetricUnit",
  s.kind AS "MetricKind", s.temporality AS "AggregationTemporality", s.step AS "MetricStep",
  ${RESOURCE}, s.labels AS "Attributes"`;
const OF_SERIES = `JOIN series s USING (series_id) LEFT JOIN res r ON r.resource_id = s.resource_id`;
const OF_RESOURCE = `LEFT JOIN res r ON r.resource_id = t.resource_id`;

const time = (ns: string, name: string): string => `make_timestamp_ns(${ns}) AS "${name}"`;
const listed = (column: string, name: string, of: string): string =>
  `coalesce(${of}.${column}, []) AS "${name}"`;

const TABLES: readonly LakeTable[] = [
  {
    name: 'logs',
    signal: 'logs',
    select: `SELECT t.ts, t.source_id, t.row_no, ${time('t.ts', 'Timestamp')},
      ${time('t.observed_ts', 'ObservedTimestamp')}, t.trace_id AS "TraceId", t.span_id AS "SpanId",
      t.severity_text AS "SeverityText", t.severity AS "SeverityNumber", t.body AS "Body", ${RESOURCE},
      t.attributes AS "LogAttributes" FROM of_logs t ${OF_RESOURCE}`,
  },
  {
    name: 'spans',
    signal: 'spans',
    select: `SELECT t.start AS ts, t.source_id, t.row_no, ${time('t.start', 'Timestamp')},
      t.trace_id AS "TraceId", t.span_id AS "SpanId", t.parent_span_id AS "ParentSpanId",
      t.name AS "SpanName", t.kind AS "SpanKind", t.duration AS "Duration", t.status AS "StatusCode",
      t.status_message AS "StatusMessage", t.adjusted_count AS "AdjustedCount", ${RESOURCE},
      t.attributes AS "SpanAttributes",
      ${listed('ts', 'Events.Timestamp', 'e')}, ${listed('name', 'Events.Name', 'e')},
      ${listed('attributes', 'Events.Attributes', 'e')}, ${listed('trace', 'Links.TraceId', 'l')},
      ${listed('span', 'Links.SpanId', 'l')}, ${listed('attributes', 'Links.Attributes', 'l')}
      FROM of_spans t ${OF_RESOURCE}
      LEFT JOIN (SELECT source_id, trace_id, span_id, list(make_timestamp_ns(ts) ORDER BY row_no) AS ts,
        list(name ORDER BY row_no) AS name, list(attributes ORDER BY row_no) AS attributes
        FROM of_span_events GROUP BY ALL) e ON e.source_id = t.source_id AND e.trace_id = t.trace_id AND e.span_id = t.span_id
      LEFT JOIN (SELECT source_id, trace_id, span_id, list(linked_trace_id ORDER BY row_no) AS trace,
        list(linked_span_id ORDER BY row_no) AS span, list(attributes ORDER BY row_no) AS attributes
        FROM of_span_links GROUP BY ALL) l ON l.source_id = t.source_id AND l.trace_id = t.trace_id AND l.span_id = t.span_id`,
  },
  {
    name: 'metrics',
    signal: 'samples',
    select: `SELECT t.ts, t.source_id, t.row_no, ${time('t.ts', 'TimeUnix')}, t.value AS "Value", ${SERIES}
      FROM of_samples t ${OF_SERIES}`,
  },
  {
    name: 'histograms',
    signal: 'samples',
    select: `SELECT t.ts, t.source_id, t.row_no, ${time('t.ts', 'TimeUnix')}, t.count AS "Count",
      t.sum AS "Sum", t.bounds AS "ExplicitBounds", t.counts AS "BucketCounts", ${SERIES}
      FROM of_histogram_samples t ${OF_SERIES}`,
  },
  {
    name: 'exemplars',
    select: `SELECT t.ts, t.source_id, t.row_no, ${time('t.ts', 'TimeUnix')}, t.value AS "Value",
      t.trace_id AS "TraceId", t.span_id AS "SpanId", t.attributes AS "FilteredAttributes", ${SERIES}
      FROM of_exemplars t ${OF_SERIES}`,
  },
  {
    name: 'alerts',
    signal: 'alerts',
    select: `SELECT t.starts_at AS ts, t.source_id, t.row_no, ${time('t.starts_at', 'Timestamp')},
      ${time('t.ends_at', 'AlertEndsAt')}, t.name AS "AlertName", t.fingerprint AS "AlertFingerprint",
      t.severity AS "AlertSeverity", ${RESOURCE}, t.labels AS "Attributes",
      t.annotations AS "AlertAnnotations" FROM of_alerts t ${OF_RESOURCE}`,
  },
  {
    name: 'changes',
    signal: 'changes',
    select: `SELECT t.ts, t.source_id, t.row_no, ${time('t.ts', 'Timestamp')}, t.kind AS "ChangeKind",
      t.title AS "ChangeTitle", t.version AS "ChangeVersion", ${RESOURCE}, t.attributes AS "Attributes"
      FROM of_changes t ${OF_RESOURCE}`,
  },
  {
    name: 'topology',
    signal: 'topology',
    select: `SELECT NULL::BIGINT AS ts, t.source_id, t.row_no, t.source AS "RelationSource",
      t.target AS "RelationTarget", t.kind AS "RelationKind", t.calls AS "RelationCalls"
      FROM of_stated_relations t`,
  },
];

const STORED = [
  'logs',
  'spans',
  'span_events',
  'span_links',
  'samples',
  'histogram_samples',
  'exemplars',
  'alerts',
  'changes',
  'stated_relations',
] as const;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Writes the complete sources of a closed case as Parquet, partitioned by signal, day and hour (UTC), in the
 * columns of ClickHouse's OpenTelemetry exporter, with statistics, compressed by zstd. The case is read by a
 * database of its own that may write into `folder` and nowhere else. What was begun is removed where it fails.
 */
export async function writeLake(
  casePath: string,
  folder: string,
  { signal, rowGroupRows = 122_880 }: LakeOptions,
): Promise<LakeReport> {
  throwIfAborted(signal);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const interrupt = (): void => connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    await connection.run(`ATTACH ${quoted(casePath)} AS c (READ_ONLY)`);
    await connection.run(`SET allowed_paths = [${quoted(folder)}]`);
    await connection.run(`SET allowed_directories = [${quoted(folder)}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const partialSources = await prepare(connection);
    const rows: Partial<Record<Signal, number>> = {};
    for (const table of TABLES) {
      throwIfAborted(signal);
      const written = await copy(connection, table, folder, rowGroupRows);
      if (table.signal && written > 0) rows[table.signal] = (rows[table.signal] ?? 0) + written;
    }
    const caseId = await caseIdOf(connection);
    return { rows, written: await filesIn(connection, folder), caseId, partialSources };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (signal.aborted) throw cancelled();
    const text = error instanceof Error ? error.message : String(error);
    throw new FaultlineError('host/io', `The case could not be written to ${folder}: ${text}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  }
}

/** By the case's own id; of a case that has none yet, by when and from what it was made. */
async function caseIdOf(connection: DuckDBConnection): Promise<string> {
  const found = await connection.runAndReadAll(
    `SELECT coalesce((SELECT value FROM c.meta WHERE key = 'id'),
      (SELECT value FROM c.meta WHERE key = 'created_at') || ' ' ||
      (SELECT arg_min(concat_ws(' ', connector, endpoint, query), source_id) FROM c.sources))`,
  );
  return createHash('sha256')
    .update(String(found.getRows()[0]?.[0] ?? ''))
    .digest('hex')
    .slice(0, 16);
}

async function filesIn(
  connection: DuckDBConnection,
  folder: string,
): Promise<LakeReport['written']> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  if (!names.some((name) => name.endsWith('.parquet'))) return [];
  const found = await connection.runAndReadAll(
    `SELECT file_name, num_rows FROM parquet_file_metadata(${quoted(`${folder}/**/*.parquet`)}) ORDER BY file_name`,
  );
  return found.getRows().map(([path, rows]) => ({ path: String(path), rows: Number(rows) }));
}

/** Rows of complete sources, resources and series once each; how many sources are left out. */
async function prepare(connection: DuckDBConnection): Promise<number> {
  const complete = "(SELECT source_id FROM c.sources WHERE state = 'complete')";
  for (const table of STORED) {
    await connection.run(
      `CREATE TEMP VIEW of_${table} AS SELECT * FROM c.${table} WHERE source_id IN ${complete}`,
    );
  }
  const once = (name: string, table: string, id: string): string =>
    `CREATE TEMP TABLE ${name} AS SELECT * EXCLUDE (source_id, row_no) FROM c.${table} WHERE source_id IN ${complete}
      QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY source_id, row_no) = 1`;
  await connection.run(once('res', 'resources', 'resource_id'));
  await connection.run(once('series', 'metric_series', 'series_id'));
  const left = await connection.runAndReadAll(
    "SELECT count(*)::INTEGER FROM c.sources WHERE state <> 'complete'",
  );
  return Number(left.getRows()[0]?.[0] ?? 0);
}

async function copy(
  connection: DuckDBConnection,
  { name, select }: LakeTable,
  folder: string,
  rowGroupRows: number,
): Promise<number> {
  const when = (format: string): string => `strftime(make_timestamp_ns(ts), '${format}')`;
  const dated = name !== 'topology';
  const partitions = dated ? 'signal, date, hour' : 'signal';
  const keys = dated ? `, ${when('%Y-%m-%d')} AS date, ${when('%H')} AS hour` : '';
  const result = await connection.runAndReadAll(
    `COPY (SELECT * EXCLUDE (ts, source_id, row_no), '${name}' AS signal${keys} FROM (${select})
      ORDER BY ts, source_id, row_no) TO ${quoted(folder)}
      (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (${partitions}), FILENAME_PATTERN 'part-{i}',
      ROW_GROUP_SIZE ${rowGroupRows},
      OVERWRITE_OR_IGNORE)`,
  );
  return Number(result.getRows()[0]?.[0] ?? 0);
}
