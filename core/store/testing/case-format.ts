import { FORMAT_VERSION, tableShapes } from '../schema';

const TABLES: Readonly<Record<string, string>> = {
  resources: 'Who sent telemetry, as it was received. Immutable.',
  metric_series: 'One row a series.',
  samples: 'Points of gauges, counters and of the parts of classic histograms.',
  histogram_samples: 'Points of histograms that came whole.',
  exemplars: 'Traces that stand for a point.',
  logs: 'Log records.',
  spans: 'Spans of traces.',
  span_events: 'Events within spans.',
  span_links: 'Links from spans to others.',
  alerts: 'Alert notifications.',
  changes: 'Deployments, flags, configuration, scaling.',
  stated_relations: 'Edges and nodes that a source states (a topology file).',
  definitions:
    'Rules and objectives (alerting rules, SLOs) as they were written. They have no time.',
  meta: 'Facts about the case: format_version, id (of the case and its copies), name, created_at, data_version, request (windows and symptom); clocks (raw where times are shown as they came, whatever is applied); while a source grows: shown (its rows that can be seen, by table), passing_run (the run that the next one replaces).',
  sources: 'Where rows come from. Rows of a source that is not complete are to be passed over.',
  cursors: 'How far a partial source is; it goes on from there.',
  notices: 'What a person must know: truncated, skipped, sampled, defaulted.',
  coverage:
    'What there was and what was kept, by signal and window. Dropped records stand here, too, with none kept: `how` is then the word dropped, why (unreadable, refused, ring) and the entity id where it is known; the window is null where their time can not be read.',
  clock_offsets:
    'By how much the clock of a source is shown shifted. Times in all other tables are as they came.',
  entities: 'Things with a name.',
  resource_entities: 'Which resource belongs to which entity, in which role.',
  entity_merges: 'Names that are one thing: proposed, accepted or rejected.',
  runs: 'Analyses that ran, with their whole result.',
  anomalies: 'What was abnormal in a run.',
  log_templates: 'Log templates of a run with their counts.',
  alert_groups: 'Groups of alerts of a run.',
  alert_group_members: 'Which alert is in which group.',
  rankings: 'Probable causes of a run.',
  evidence:
    'What speaks for and against them. query_id, version and parameters recompute the value.',
  edits: 'What people add, append-only. Reserved: nothing writes it yet.',
};

const COLUMNS: Readonly<Record<string, string>> = {
  source_id: 'the source (`sources`)',
  row_no: 'place in the source, from 0, by table',
  resource_id: 'the resource (`resources`)',
  attributes: 'attributes; what is not text as JSON text',
  labels: 'labels',
  annotations: 'annotations',
  series_id: 'the series (`metric_series`)',
  metric: 'name',
  unit: 'unit, where it is known',
  description: 'description, where there is one',
  temporality: "cumulative, delta or ''",
  step: 'ns between points where it is known, else 0',
  ts: 'time, ns since the epoch, UTC',
  value: 'value',
  count: 'how many',
  sum: 'sum of the observations',
  bounds: 'upper bounds of the buckets without +Inf',
  counts: 'observations by bucket, one more than bounds',
  trace_id: "32 hexadecimal digits; '' where there is none",
  span_id: "16 hexadecimal digits; '' where there is none",
  parent_span_id: "the parent; '' for a root",
  linked_trace_id: 'trace of the other span',
  linked_span_id: 'the other span',
  observed_ts: 'when it was collected, ns; null where unknown',
  severity: 'severity',
  'logs.severity': 'OpenTelemetry severity number, 1–24; 0 where unknown',
  'log_templates.severity': 'highest OpenTelemetry severity number of its lines',
  severity_text: 'as the source wrote it',
  body: 'the message',
  text: 'as it stands in its file',
  name: 'name',
  kind: 'kind',
  'definitions.kind': 'alerting-rule, recording-rule, slo, sli, service, …',
  'metric_series.kind': 'gauge, counter, histogram, summary or unknown',
  'spans.kind':
    'OpenTelemetry SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer',
  start: 'start, ns since the epoch, UTC',
  duration: 'ns',
  status: 'OpenTelemetry status: 0 unset, 1 ok, 2 error',
  status_message: 'its text',
  adjusted_count:
    'how many spans of the system this one stands for, by its sampling rate; null where nothing says so: one',
  fingerprint: 'identifies the alert without its time',
  starts_at: 'ns since the epoch, UTC',
  ends_at: 'ns; null where it is not known to have ended',
  title: 'title',
  version: 'version',
  source: 'entity id of the caller or dependent',
  target: "entity id of what is called; '' states a node only",
  calls: 'calls counted by the source; null where it does not say',
  key: 'key',
  connector: 'connector or format id',
  endpoint: "address without credentials; '' for files",
  query: 'what was asked, as JSON text',
  window_from: 'ns; null where there is no window',
  window_to: 'ns, exclusive',
  rows: 'rows',
  sha256: 'SHA-256 of a file',
  pulled_at: 'when it was read, ns',
  state:
    'partial or complete; removed or discarded: such a one that was taken out and can still be brought back',
  'entity_merges.state': 'proposed, accepted or rejected',
  cursor: 'where to go on, in the words of the connector',
  row_numbers: 'next row_no by table, as JSON text',
  code: 'what kind of notice, stable',
  'notices.severity': 'info, warning or error',
  message: 'one sentence',
  detail: 'small facts as JSON text',
  signal: 'spans, logs, samples, …',
  rows_total: 'rows that there were; null where unknown',
  rows_kept: 'rows that were taken',
  sampled: 'true where not all were taken',
  how: 'how they were chosen',
  entity_id: '`kind:name`',
  role: 'service, service_instance, host, database, …',
  provenance: 'the attribute that says so',
  merge_id: 'the merge',
  from_id: 'entity id of the other name',
  into_id: 'entity id that it is another name of',
  reason: 'why',
  resolved_id: 'where the chain of accepted merges ends',
  run_id: 'the run (`runs`)',
  started_at: 'ns',
  methods: 'analyses with version and parameters, as JSON text',
  'rankings.methods': 'rank and score by method, as JSON text',
  parameters: 'parameters, as JSON text',
  data_version: 'state of the data that it ran on',
  incident_from: 'ns',
  incident_to: 'ns, exclusive',
  verdict: 'ranked or insufficient-evidence',
  headline: 'the verdict in a sentence',
  result: 'everything that was found, as JSON text',
  ts_from: 'ns',
  ts_to: 'ns, exclusive',
  score: 'robust standard deviations, signed',
  'rankings.score': 'fused score',
  tail: 'probability of at least this where nothing is wrong',
  baseline_value: 'before',
  incident_value: 'in the incident',
  query_id: "named query; '' where no single figure stands for it",
  template_id: 'the template',
  template: 'tokens, `<*>` for what varies',
  baseline_count: 'lines in the baseline',
  incident_count: 'lines in the incident',
  first_seen: 'first line in the incident, ns',
  is_new: 'true where the baseline has none',
  group_id: 'the group',
  notifications: 'members',
  rank: 'from 1',
  confidence: 'estimated probability that it is a true cause, 0–1',
  bucket: 'state-change, first-symptom or impact',
  sentence: 'the finding in one sentence',
  evidence_id: 'unique within the entity',
  stance: 'for, against or missing',
  claim: 'one sentence',
  'evidence.version': 'version of the query',
  'evidence.value': 'the figure it rests on, as text',
  'evidence.rows': 'rows of telemetry that it rests on',
  edit_id: 'content hash',
  author: 'who',
  parents: 'edits before it, as JSON text',
  shift: 'ns to add to the times of the source',
  lower: 'least that it may be, ns',
  upper: 'most that it may be, ns',
  anchors: 'events in two sources that it rests on; 0 where a person gave it',
  'clock_offsets.confidence': 'high, low or none',
  applied: 'true where it is in use',
  'clock_offsets.how': 'where the figure comes from, in words',
  set_at: 'when it was set, ns',
  at: 'ns',
  operation: 'what was done, as JSON text',
};

/** docs/case-format.md, from the schema. Throws where a table or column has no words. */
export function caseFormatMarkdown(): string {
  const say = (text: string | undefined, what: string): string => {
    if (text === undefined) throw new Error(`no words for ${what}`);
    return text.replaceAll('|', '\\|');
  };
  const tables = tableShapes().map(({ name, columns }) => {
    const rows = columns.map(
      (column) =>
        `| \`${column.name}\` | ${column.type} | ${say(COLUMNS[`${name}.${column.name}`] ?? COLUMNS[column.name], `${name}.${column.name}`)} |`,
    );
    const head = [`## ${name}`, '', say(TABLES[name], name), '', '| column | type | what it is |'];
    return [...head, '| --- | --- | --- |', ...rows].join('\n');
  });
  return `${INTRODUCTION}\n${tables.join('\n\n')}\n`;
}

const INTRODUCTION = `# The case file

A case is one DuckDB database, \`name.faultline\`, format version ${FORMAT_VERSION}. Any DuckDB client from 1.0 on opens it:

\`\`\`sh
duckdb incident.faultline -readonly "SELECT name, count(*) FROM spans GROUP BY name"
\`\`\`

- Times are nanoseconds since the Unix epoch, UTC, as BIGINT: \`make_timestamp_ns(ts)\` shows them. Windows are half-open.
- Attributes and labels are \`MAP(VARCHAR, VARCHAR)\`: \`attributes['http.route']\`.
- Rows of sources whose \`state\` is not \`complete\` are not part of what the case says; Faultline passes over them.
- There are tables and nothing else: no views, macros, defaults, constraints, indexes, own types. Faultline refuses to
  open a file that holds more, and names what it found. Nothing stored in a case is ever executed.
- A file of an older format is migrated when it is opened for writing; one of a newer format is refused.

The tables are made from \`core/model/tables.ts\` and \`core/store/schema.ts\`; this page is written by
\`FAULTLINE_WRITE_DOCS=1 npx vitest run --project node core/store/case-format\`.
`;
