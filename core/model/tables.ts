/**
 * The tables of a case, as data: the DDL, the ingest and the documentation are derived from here.
 * Times are nanoseconds since the epoch, UTC (BIGINT); durations are nanoseconds.
 */
export type ColumnType = 'i32' | 'i64' | 'f64' | 'bool' | 'utf8' | 'map' | 'f64[]' | 'i64[]';

/** Tables that hold telemetry. The store puts `source_id INTEGER, row_no BIGINT` before these columns. */
export const TELEMETRY = {
  resources: { resource_id: 'i64', attributes: 'map' },
  metric_series: {
    series_id: 'i64',
    metric: 'utf8',
    /** gauge | counter | histogram | summary | unknown */
    kind: 'utf8',
    unit: 'utf8',
    description: 'utf8',
    /** cumulative | delta | '' */
    temporality: 'utf8',
    /** Nanoseconds between points where it is known, else 0. */
    step: 'i64',
    resource_id: 'i64',
    labels: 'map',
  },
  samples: { series_id: 'i64', ts: 'i64', value: 'f64' },
  histogram_samples: {
    series_id: 'i64',
    ts: 'i64',
    count: 'i64',
    sum: 'f64',
    /** Upper bounds of the buckets without +Inf; `counts` has one element more. */
    bounds: 'f64[]',
    counts: 'i64[]',
  },
  exemplars: {
    series_id: 'i64',
    ts: 'i64',
    value: 'f64',
    trace_id: 'utf8',
    span_id: 'utf8',
    attributes: 'map',
  },
  logs: {
    ts: 'i64',
    observed_ts: 'i64',
    resource_id: 'i64',
    /** OpenTelemetry severity number, 1–24; 0 where unknown. */
    severity: 'i32',
    severity_text: 'utf8',
    body: 'utf8',
    trace_id: 'utf8',
    span_id: 'utf8',
    attributes: 'map',
  },
  spans: {
    trace_id: 'utf8',
    span_id: 'utf8',
    /** '' for a root. */
    parent_span_id: 'utf8',
    resource_id: 'i64',
    name: 'utf8',
    /** OpenTelemetry SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
    kind: 'i32',
    start: 'i64',
    duration: 'i64',
    /** OpenTelemetry status code: 0 unset, 1 ok, 2 error. */
    status: 'i32',
    status_message: 'utf8',
    attributes: 'map',
    /**
     * How many spans of the system this one stands for, by the rate at which it was sampled (OpenTelemetry's
     * adjusted count); null where nothing says so, and it stands for itself.
     */
    adjusted_count: 'f64',
  },
  span_events: {
    trace_id: 'utf8',
    span_id: 'utf8',
    ts: 'i64',
    name: 'utf8',
    attributes: 'map',
  },
  span_links: {
    trace_id: 'utf8',
    span_id: 'utf8',
    linked_trace_id: 'utf8',
    linked_span_id: 'utf8',
    attributes: 'map',
  },
  alerts: {
    fingerprint: 'utf8',
    name: 'utf8',
    starts_at: 'i64',
    /** Null where it is not known to have ended. */
    ends_at: 'i64',
    severity: 'utf8',
    resource_id: 'i64',
    labels: 'map',
    annotations: 'map',
  },
  changes: {
    ts: 'i64',
    /** deployment | config | flag | scale | rollback | … */
    kind: 'utf8',
    title: 'utf8',
    version: 'utf8',
    resource_id: 'i64',
    attributes: 'map',
  },
  /** Edges and nodes that a source states (a topology file, Jaeger's dependencies), by entity id. */
  stated_relations: {
    source: 'utf8',
    target: 'utf8',
    /** calls | data | has_instance | hosted_on | … ; '' with an empty target states a node only. */
    kind: 'utf8',
    /** Calls counted over the source's window, where it says so, else null. */
    calls: 'i64',
  },
  /** Rules and objectives as they were written. They have no time. */
  definitions: {
    /** alerting-rule | recording-rule | slo | sli | service | alert-policy | … */
    kind: 'utf8',
    name: 'utf8',
    /** As it stands in its file. */
    text: 'utf8',
    attributes: 'map',
  },
} as const satisfies Record<string, Record<string, ColumnType>>;

/** Columns that a reader may leave out for all rows of a batch: they are null, and the store fills them. */
export const FILLED_COLUMNS: Readonly<Partial<Record<TelemetryTable, readonly string[]>>> = {
  spans: ['adjusted_count'],
};

export type TelemetryTable = keyof typeof TELEMETRY;
export type ColumnsOf<T extends TelemetryTable> = (typeof TELEMETRY)[T];

export const TELEMETRY_TABLES = Object.keys(TELEMETRY) as readonly TelemetryTable[];

/** What a person calls the content of a table; the `signal` of reports, budgets and coverage. */
export type Signal =
  'spans' | 'logs' | 'samples' | 'alerts' | 'changes' | 'topology' | 'definitions';

export const SIGNALS: readonly Signal[] = [
  'spans',
  'logs',
  'samples',
  'alerts',
  'changes',
  'topology',
  'definitions',
];

/** The signal whose row count a table carries; undefined for tables that only accompany one. */
export const SIGNAL_OF: Readonly<Partial<Record<TelemetryTable, Signal>>> = {
  spans: 'spans',
  logs: 'logs',
  samples: 'samples',
  histogram_samples: 'samples',
  alerts: 'alerts',
  changes: 'changes',
  stated_relations: 'topology',
  definitions: 'definitions',
};
