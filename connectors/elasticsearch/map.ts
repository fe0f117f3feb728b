import type { JsonObject } from '../../core/connect';
import { mapApmSpan } from './map-apm';
import { mapDataPrepperSpan } from './map-data-prepper';
import { mapJaegerSpan } from './map-jaeger';
import { mapLog } from './map-logs';
import { mapOtelLog, mapOtelMetrics, mapOtelSpan } from './map-otel';
import type { RecordSink } from './records';
import { isAlerts, type AlertProfile, type Mapping, type Profile } from './spec';

type Mapper = (doc: JsonObject, ts: bigint, mapping: Mapping, sink: RecordSink) => string;

const MAPPERS: Readonly<Record<Exclude<Profile, AlertProfile>, Mapper>> = {
  'ecs-logs': mapLog,
  'guessed-logs': mapLog,
  'apm-spans': mapApmSpan,
  'otel-logs': mapOtelLog,
  'otel-spans': mapOtelSpan,
  'otel-metrics': mapOtelMetrics,
  'raw-otel-logs': mapOtelLog,
  'raw-otel-spans': mapOtelSpan,
  'jaeger-spans': mapJaegerSpan,
  'data-prepper-spans': mapDataPrepperSpan,
};

/** Puts what a document holds into the sink; says why, where it can't be read ('' where it can). */
export function mapDocument(
  doc: JsonObject,
  ts: bigint,
  mapping: Mapping,
  sink: RecordSink,
): string {
  const { profile } = mapping;
  if (isAlerts(profile)) return 'it is an alert';
  return MAPPERS[profile](doc, ts, mapping, sink);
}
