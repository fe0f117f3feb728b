import type { Signal } from '../../model';
import type { Column } from './column-rows';

/** Names in lower case without marks: SpanName, span_name and spanName are one. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9.]/g, '');

/**
 * Columns by what they are, the likeliest name first: of our own export and ClickHouse's OpenTelemetry
 * exporter (Timestamp, SpanName, ResourceAttributes …), and in the words of OTLP (time_unix_nano, trace_id …).
 */
const NAMES = {
  time: ['timestamp', 'timeunix', 'timeunixnano', 'starttimeunixnano', 'starttime'],
  observed: ['observedtimestamp', 'observedtimeunixnano'],
  body: ['body'],
  severity: ['severitynumber'],
  severityText: ['severitytext'],
  trace: ['traceid'],
  span: ['spanid'],
  parent: ['parentspanid'],
  service: ['servicename'],
  resource: ['resourceattributes', 'resource'],
  scope: ['scopename'],
  scopeVersion: ['scopeversion'],
  logAttributes: ['logattributes', 'attributes'],
  spanAttributes: ['spanattributes', 'attributes'],
  attributes: ['attributes'],
  spanName: ['spanname', 'name'],
  kind: ['spankind', 'kind'],
  duration: ['duration', 'durationnano', 'durationtimeunixnano'],
  end: ['endtimeunixnano', 'endtime'],
  status: ['statuscode'],
  statusMessage: ['statusmessage'],
  traceState: ['tracestate'],
  adjustedCount: ['adjustedcount'],
  eventTimes: ['events.timestamp'],
  eventNames: ['events.name'],
  eventAttributes: ['events.attributes'],
  linkTraces: ['links.traceid'],
  linkSpans: ['links.spanid'],
  linkAttributes: ['links.attributes'],
  metric: ['metricname'],
  description: ['metricdescription'],
  unit: ['metricunit'],
  metricKind: ['metrickind'],
  monotonic: ['ismonotonic'],
  temporality: ['aggregationtemporality'],
  step: ['metricstep'],
  value: ['value'],
  count: ['count'],
  sum: ['sum'],
  bounds: ['explicitbounds'],
  counts: ['bucketcounts'],
  alert: ['alertname'],
  alertEnd: ['alertendsat'],
  fingerprint: ['alertfingerprint'],
  alertSeverity: ['alertseverity'],
  annotations: ['alertannotations'],
  change: ['changetitle'],
  changeKind: ['changekind'],
  version: ['changeversion'],
  filtered: ['filteredattributes'],
  from: ['relationsource'],
  to: ['relationtarget'],
  relation: ['relationkind'],
  calls: ['relationcalls'],
} as const;
export type OtelName = keyof typeof NAMES;

export const OTEL_NAMES = Object.keys(NAMES) as readonly OtelName[];

/** The column of a file that says this; undefined where it has none. */
export function columnOf(columns: readonly Column[], name: OtelName): Column | undefined {
  for (const one of NAMES[name]) {
    const column = columns.find((c) => plainName(c.name) === one);
    if (column) return column;
  }
  return undefined;
}

/** Names of the columns that are known, as the file has them. */
export function knownColumns(columns: readonly Column[]): readonly string[] {
  const names = OTEL_NAMES.flatMap((name) => columnOf(columns, name)?.name ?? []);
  return [...new Set(names)];
}

/** Which rows a file has; undefined where its columns are not OpenTelemetry's. */
export type Shape =
  'logs' | 'spans' | 'samples' | 'histograms' | 'exemplars' | 'alerts' | 'changes' | 'topology';

export const SIGNAL_OF_SHAPE: Readonly<Record<Shape, Signal>> = {
  logs: 'logs',
  spans: 'spans',
  samples: 'samples',
  histograms: 'samples',
  exemplars: 'samples',
  alerts: 'alerts',
  changes: 'changes',
  topology: 'topology',
};

export function shapeOf(columns: readonly Column[]): Shape | undefined {
  const names = new Set(columns.map(({ name }) => plainName(name)));
  const has = (...wanted: readonly OtelName[]): boolean =>
    wanted.every((name) => NAMES[name].some((one) => names.has(one)));
  if (has('from', 'to', 'relation')) return 'topology';
  if (!has('time')) return undefined;
  if (has('alert')) return 'alerts';
  if (has('change', 'changeKind')) return 'changes';
  if (has('metric', 'bounds', 'counts')) return 'histograms';
  if (has('metric', 'value', 'trace', 'span')) return 'exemplars';
  if (has('metric', 'value')) return 'samples';
  if (has('trace', 'span', 'spanName') && (has('duration') || has('end'))) return 'spans';
  if (has('body') && (has('severity') || has('severityText'))) return 'logs';
  return undefined;
}
