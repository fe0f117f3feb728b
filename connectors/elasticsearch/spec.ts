import { z } from 'zod';
import type { Signal } from '../../core/model';

/** Forms of documents that are alerts. */
export const ALERT_PROFILES = [
  'kibana-alerts',
  'opensearch-alerts',
  'elastalert',
  'watcher-history',
] as const;
export type AlertProfile = (typeof ALERT_PROFILES)[number];

export const PROFILES = [
  'ecs-logs',
  'guessed-logs',
  'apm-spans',
  'otel-logs',
  'otel-spans',
  'otel-metrics',
  'raw-otel-logs',
  'raw-otel-spans',
  'jaeger-spans',
  'data-prepper-spans',
  ...ALERT_PROFILES,
] as const;
export type Profile = (typeof PROFILES)[number];

const queryField = z.object({ name: z.string(), type: z.enum(['keyword', 'text', 'number']) });
/** A field as queries use it: `level.keyword` for a text with a keyword beside it. */
export type QueryField = z.output<typeof queryField>;

const fields = z.object({
  message: z.string().optional(),
  service: z.string().optional(),
  severity: z.string().optional(),
  host: z.string().optional(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
});
/** Which field of a log document means what. */
export type LogFields = z.output<typeof fields>;

/**
 * How the documents of one item are read: plain data, so that a cursor can carry it and a resumed pull
 * reads on as the first one did, whatever has been written to the index since.
 */
export const mappingSchema = z.object({
  profile: z.enum(PROFILES),
  time: z.object({
    name: z.string(),
    kind: z.enum(['date', 'date_nanos', 'number']),
    unitNs: z.number(),
  }),
  fields,
  /** For queries: the severity or status, an HTTP status, the trace's id. */
  severity: queryField.optional(),
  http: queryField.optional(),
  trace: z.string().optional(),
  /** Ids of traces as the index may spell them: nothing but their documents is read. */
  named: z.array(z.string()).optional(),
  /** The service, where documents can be counted by it. */
  serviceIn: z.string().optional(),
  /** Fields under `metrics.` that are counters. */
  counters: z.array(z.string()).optional(),
});
export type Mapping = z.output<typeof mappingSchema>;

export function isAlerts(profile: Profile): profile is AlertProfile {
  return (ALERT_PROFILES as readonly string[]).includes(profile);
}

export function signalOf(profile: Profile): Signal {
  if (isAlerts(profile)) return 'alerts';
  if (profile.endsWith('spans')) return 'spans';
  return profile.endsWith('metrics') ? 'samples' : 'logs';
}

const PROFILE_WORDS: Readonly<Record<Profile, string>> = {
  'ecs-logs': 'ECS logs',
  'guessed-logs': 'guessed',
  'apm-spans': 'Elastic APM transactions and spans',
  'otel-logs': 'OpenTelemetry logs',
  'otel-spans': 'OpenTelemetry spans',
  'otel-metrics': 'OpenTelemetry metrics',
  'raw-otel-logs': 'OpenTelemetry logs, unmapped',
  'raw-otel-spans': 'OpenTelemetry spans, unmapped',
  'jaeger-spans': 'Jaeger spans',
  'data-prepper-spans': 'Data Prepper spans',
  'kibana-alerts': 'alerts of Kibana',
  'opensearch-alerts': 'alerts of OpenSearch',
  elastalert: 'what ElastAlert sent',
  'watcher-history': 'executions of watches, met ones as alerts',
};

/** "ECS logs; time: @timestamp, message: message, service: service.name, …" */
export function mappingWords({ profile, time, fields: named }: Mapping): string {
  const unit = { 1: 'ns', 1000: 'µs', 1000000: 'ms', 1000000000: 's' }[time.unitNs];
  const timeWord = time.kind === 'number' ? `${time.name} (${unit ?? ''})` : time.name;
  const pairs = Object.entries({ time: timeWord, ...named }).filter(([, name]) => name);
  const list = pairs.map(([role, name]) => `${role}: ${name}`).join(', ');
  return `${PROFILE_WORDS[profile]}; ${list}`;
}
