import { fieldOf, firstOf, numberOf, scalarText } from './document';
import type { JsonObject } from '../../core/connect';
import type { FieldCaps } from './api';
import type { LogFields, Mapping, Profile, QueryField } from './spec';
import { unitByMagnitude, type TimeField } from './time-field';

/** What a person set in place of what would be guessed. */
export interface Overrides {
  readonly time?: string;
  readonly message?: string;
  readonly service?: string;
  readonly severity?: string;
}

export interface Recognised {
  readonly mapping: Mapping;
  readonly guessed: boolean;
}

const words = (list: string): readonly string[] => list.split(' ');

const TIMES = words(
  '@timestamp timestamp time ts datetime date event_time eventTime log_time logtime created_at ' +
    'createdAt time_local published received_at start_time startTime',
);
const MESSAGES = words(
  'message msg log body text event.original log_message logMessage short_message full_message ' +
    '@message message_text content line log.original',
);
const SEVERITIES = words(
  'log.level level severity loglevel log_level severity_text levelname level_name lvl ' +
    'log.syslog.severity.name syslog_severity severity_number priority status_level',
);
const SERVICES = words(
  'service.name service serviceName service_name app application app_name appName appname ' +
    'application_name kubernetes.labels.app_kubernetes_io/name kubernetes.labels.app ' +
    'kubernetes.container.name container.name fields.service component program process.name source',
);
const HOSTS = words(
  'host.name host.hostname hostname host agent.hostname beat.hostname node server',
);
const TRACES = words(
  'trace.id trace_id traceId traceid traceID TraceId dd.trace_id mdc.traceId mdc.trace_id contextMap.trace_id',
);
const SPANS = words(
  'span.id span_id spanId spanid spanID SpanId dd.span_id mdc.spanId mdc.span_id contextMap.span_id',
);

const NUMBERS = new Set(
  words('long integer short byte double float half_float scaled_float unsigned_long'),
);

/** One field that holds an object's leaves as keywords. */
const FLAT = ['flattened', 'flat_object'];

const ROLES = new Set([TIMES, MESSAGES, SEVERITIES, SERVICES, HOSTS, TRACES, SPANS].flat());

export class Fields {
  constructor(
    private readonly caps: FieldCaps,
    private readonly samples: readonly JsonObject[],
  ) {}

  has(name: string): boolean {
    const kinds = this.caps[name];
    if (kinds === undefined) return this.above(name, FLAT) !== undefined;
    return !('object' in kinds) && !('nested' in kinds);
  }

  types(name: string): readonly string[] {
    const own = Object.keys(this.caps[name] ?? {}).filter((type) => type !== 'unmapped');
    const flat = own.length > 0 ? undefined : this.above(name, FLAT);
    return flat === undefined ? own : [flat];
  }

  /** The type of a field above this one, where it is one of these. */
  private above(name: string, types: readonly string[]): string | undefined {
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      const kinds = this.caps[name.slice(0, dot)];
      const type = kinds && types.find((one) => one in kinds);
      if (type !== undefined) return type;
    }
    return undefined;
  }

  /** Whether the index keeps the field's values in columns, too. */
  inColumns(name: string): boolean {
    return Object.values(this.caps[name] ?? {}).some(({ aggregatable }) => aggregatable);
  }

  /** Fields that may have a role first. */
  byRole(names: readonly string[]): readonly string[] {
    const rank = (name: string): number => (ROLES.has(name.replace(/\.keyword$/, '')) ? 0 : 1);
    return [...names].sort((a, b) => rank(a) - rank(b));
  }

  firstWith(names: readonly string[]): string | undefined {
    return names.find((name) => this.has(name));
  }

  /** Names of leaf fields in order, without those of the index itself. */
  *names(): Iterable<string> {
    for (const name of Object.keys(this.caps).sort()) {
      if (!name.startsWith('_') && this.has(name)) yield name;
    }
  }

  counters(): readonly string[] {
    return Object.entries(this.caps)
      .filter(([, kinds]) => Object.values(kinds).some((k) => k.time_series_metric === 'counter'))
      .map(([name]) => name.replace(/^metrics\./, ''));
  }

  /** The field, or its keyword beside a text, as queries use it. */
  query(name: string | undefined): QueryField | undefined {
    // What lies in nested documents is found by queries of their own alone.
    if (name === undefined || this.above(name, ['nested']) !== undefined) return undefined;
    const types = this.types(name);
    if (types.some((type) => NUMBERS.has(type))) return { name, type: 'number' };
    if (types.some((type) => /keyword|wildcard|flat/.test(type))) return { name, type: 'keyword' };
    const beside = `${name}.keyword`;
    if (this.types(beside).includes('keyword')) return { name: beside, type: 'keyword' };
    return types.length > 0 ? { name, type: 'text' } : undefined;
  }

  /** A keyword that traces can be counted by. */
  aggregatable(name: string | undefined): string | undefined {
    const field = this.query(name);
    return field?.type === 'keyword' && this.inColumns(field.name) ? field.name : undefined;
  }

  values(name: string): readonly unknown[] {
    return this.samples
      .map((document) => firstOf(fieldOf(document, name)))
      .filter((value) => value !== undefined && value !== null);
  }

  time(name: string): TimeField | undefined {
    const types = this.types(name);
    if (types.includes('date_nanos')) return { name, kind: 'date_nanos', unitNs: 1 };
    if (types.includes('date')) return { name, kind: 'date', unitNs: 1_000_000 };
    if (!types.some((type) => NUMBERS.has(type))) return undefined;
    const units = this.values(name).map((value) => unitByMagnitude(numberOf(value) ?? 0));
    const unit = units[0];
    return unit !== undefined && units.every((other) => other === unit)
      ? { name, kind: 'number', unitNs: unit }
      : undefined;
  }
}

/** Whether the documents of an index are of a known form, by the fields that it maps. */
export function profileOf(fields: Fields): Profile | undefined {
  const all = (...names: readonly string[]): boolean => names.every((name) => fields.has(name));
  const any = (prefix: string): boolean => {
    for (const name of fields.names()) if (name.startsWith(prefix)) return true;
    return false;
  };
  if (all('traceID', 'spanID', 'startTime', 'operationName')) return 'jaeger-spans';
  if (all('traceId', 'spanId', 'startTime') && (all('durationInNanos') || all('endTime'))) {
    return 'data-prepper-spans';
  }
  if (all('TraceId', 'SpanId', 'Duration')) return 'raw-otel-spans';
  if (all('SeverityText') || all('SeverityNumber')) return 'raw-otel-logs';
  if (all('trace_id', 'span_id', 'duration') && !all('severity_number')) return 'otel-spans';
  if (all('observed_timestamp') || all('severity_number', 'severity_text')) return 'otel-logs';
  if (any('metrics.') && any('resource.attributes.')) return 'otel-metrics';
  const event = fields.values('processor.event').map(scalarText);
  if (event.some((word) => word === 'transaction' || word === 'span')) return 'apm-spans';
  if (all('trace.id', 'transaction.duration.us')) return 'apm-spans';
  if (all('trace.id', 'span.duration.us')) return 'apm-spans';
  if (all('@timestamp', 'message') && (all('ecs.version') || all('log.level'))) return 'ecs-logs';
  return undefined;
}

/** The mapping of an index, or why there can be none. */
export function recognise(fields: Fields, overrides: Overrides): Recognised | string {
  const told = Object.values(overrides).some((value) => value !== undefined);
  const found = profileOf(fields);
  if (found === undefined || (found === 'ecs-logs' && told)) return guess(fields, overrides);
  const time = fields.time(overrides.time ?? TIME_OF[found] ?? '@timestamp');
  if (time === undefined) return guess(fields, overrides);
  const base = { profile: found, time, fields: {} };
  const mapping: Mapping =
    found === 'ecs-logs' ? ecs(fields, time) : { ...base, ...known(found, fields) };
  const serviceIn = fields.aggregatable(fields.firstWith(SERVICE_IN[found] ?? ['service.name']));
  return { mapping: { ...mapping, serviceIn }, guessed: false };
}

/** Where forms keep the service's name, other than in `service.name`. */
const SERVICE_IN: Readonly<Partial<Record<Profile, readonly string[]>>> = {
  'jaeger-spans': ['process.serviceName'],
  'data-prepper-spans': ['serviceName'],
  'otel-logs': ['resource.attributes.service.name'],
  'otel-spans': ['resource.attributes.service.name'],
  'raw-otel-logs': ['Resource.service.name'],
  'raw-otel-spans': ['Resource.service.name'],
};

const TIME_OF: Readonly<Partial<Record<Profile, string>>> = {
  'jaeger-spans': 'startTime',
  'data-prepper-spans': 'startTime',
};

function ecs(fields: Fields, time: TimeField): Mapping {
  const named = (...names: readonly string[]): string | undefined => fields.firstWith(names);
  const of: LogFields = {
    message: 'message',
    service: named('service.name'),
    severity: named('log.level'),
    host: named('host.name'),
    traceId: named('trace.id'),
    spanId: named('span.id', 'transaction.id'),
  };
  return {
    profile: 'ecs-logs',
    time,
    fields: of,
    severity: fields.query(of.severity),
    http: fields.query(named('http.response.status_code')),
    trace: fields.aggregatable(of.traceId),
  };
}

/** The fields for queries of the profiles whose names are fixed. */
function known(profile: Profile, fields: Fields): Partial<Mapping> {
  const query = (...names: readonly string[]): QueryField | undefined =>
    fields.query(fields.firstWith(names));
  const httpIn = (prefix: string, separator = '.'): QueryField | undefined =>
    query(
      `${prefix}http${separator}response${separator}status_code`,
      `${prefix}http${separator}status_code`,
    );
  switch (profile) {
    case 'jaeger-spans':
      return { trace: fields.aggregatable('traceID') };
    case 'data-prepper-spans':
      return {
        severity: query('status.code'),
        http: httpIn('span.attributes.', '@') ?? httpIn('attributes.'),
        trace: fields.aggregatable('traceId'),
      };
    case 'otel-spans':
      return {
        severity: query('status.code'),
        http: httpIn('attributes.'),
        trace: fields.aggregatable('trace_id'),
      };
    case 'raw-otel-spans':
      return {
        severity: query('TraceStatus'),
        http: httpIn('Attributes.'),
        trace: fields.aggregatable('TraceId'),
      };
    case 'apm-spans':
      return {
        severity: query('event.outcome'),
        http: query('http.response.status_code'),
        trace: fields.aggregatable('trace.id'),
      };
    case 'otel-logs':
      return { severity: query('severity_number', 'severity_text') };
    case 'raw-otel-logs':
      return { severity: query('SeverityNumber', 'SeverityText') };
    case 'otel-metrics':
      return { counters: [...fields.counters()] };
    default:
      return {};
  }
}

/** Any other index as logs: fields by the names that people give them, and by their types. */
function guess(fields: Fields, overrides: Overrides): Recognised | string {
  const time = guessTime(fields, overrides.time);
  if (typeof time === 'string') return time;
  const of: LogFields = {
    message: overrides.message ?? fields.firstWith(MESSAGES) ?? longestText(fields),
    service: overrides.service ?? fields.firstWith(SERVICES),
    severity: overrides.severity ?? fields.firstWith(SEVERITIES),
    host: fields.firstWith(HOSTS),
    traceId: fields.firstWith(TRACES),
    spanId: fields.firstWith(SPANS),
  };
  const http = fields.firstWith(['http.response.status_code', 'http.status_code', 'status_code']);
  const mapping: Mapping = {
    profile: 'guessed-logs',
    time,
    fields: of,
    severity: fields.query(of.severity),
    http: fields.query(http),
    trace: fields.aggregatable(of.traceId),
    serviceIn: fields.aggregatable(of.service),
  };
  return { mapping, guessed: true };
}

function guessTime(fields: Fields, told: string | undefined): TimeField | string {
  if (told !== undefined) return fields.time(told) ?? `its field ${told} is no time`;
  const isDate = (name: string): boolean => fields.types(name).some((t) => t.startsWith('date'));
  for (const name of TIMES) if (isDate(name)) return fields.time(name) ?? '';
  const named: string[] = [];
  const others: string[] = [];
  for (const name of fields.names()) {
    if (isDate(name) && !fields.types(name).includes('date_range')) {
      (/time|date|stamp/i.test(name) ? named : others).push(name);
    }
  }
  for (const name of [...named, ...TIMES, ...others]) {
    const time = fields.time(name);
    if (time) return time;
  }
  return 'it has no field with a time';
}

/** The text field with the longest values in the samples. */
function longestText(fields: Fields): string | undefined {
  let best: string | undefined;
  let length = 20;
  for (const name of fields.names()) {
    if (!fields.types(name).some((type) => type.endsWith('text'))) continue;
    const texts = fields.values(name).map(scalarText);
    const mean = texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length);
    if (mean > length) [best, length] = [name, mean];
  }
  return best;
}
