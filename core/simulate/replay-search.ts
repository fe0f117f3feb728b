import type { Batch } from '../model';
import { instant, type ReplayRequest } from './replay';
import { i32, i64, maps, recordAt, texts } from './columns';

/** Documents in one _bulk request. */
const PER_REQUEST = 2000;

type Attributes = Readonly<Record<string, string>>;

/**
 * How telemetry lies in a search cluster:
 * - 'ecs': logs as Elastic's common schema has them, index shop-logs-YYYY.MM.DD;
 * - 'otel': logs and spans as the Collector's Elasticsearch exporter writes them in mapping mode otel,
 *   data streams logs-shop.otel-default and traces-shop.otel-default;
 * - 'jaeger': spans as Jaeger stores them, index jaeger-span-YYYY-MM-DD.
 */
export type SearchShape = 'ecs' | 'otel' | 'jaeger';

/** The index templates first, then the documents by _bulk. Works with Elasticsearch 7.9+ and OpenSearch. */
export function* searchRequests(
  batches: Iterable<Batch>,
  shape: SearchShape,
): Generator<ReplayRequest, void, void> {
  yield* templates(shape);
  const resources = new Map<bigint, Attributes>();
  const events = new Map<string, { ts: bigint; name: string; attributes: Attributes }[]>();
  for (const batch of batches) {
    const { rows, columns } = batch;
    if (batch.table === 'resources') {
      for (let i = 0; i < rows; i++) {
        resources.set(i64(columns[0])[i]!, recordAt(maps(columns[1]), i));
      }
    }
    if (batch.table === 'span_events') {
      for (let i = 0; i < rows; i++) {
        const event = {
          ts: i64(columns[2])[i]!,
          name: texts(columns[3])[i]!,
          attributes: recordAt(maps(columns[4]), i),
        };
        const id = texts(columns[1])[i]!;
        events.set(id, [...(events.get(id) ?? []), event]);
      }
    }
    if (batch.table === 'logs' && shape !== 'jaeger') {
      const make = shape === 'ecs' ? ecsLog : otelLog;
      yield* bulk(rows, (i) => make(batch, i, resources));
    }
    if (batch.table === 'spans' && shape !== 'ecs') {
      const make = (i: number): Document => {
        const id = texts(columns[1])[i]!;
        const document =
          shape === 'otel'
            ? otelSpan(batch, i, resources)
            : jaegerSpan(batch, i, resources, events.get(id) ?? []);
        events.delete(id);
        return document;
      };
      yield* bulk(rows, make);
    }
  }
}

interface Document {
  readonly index: string;
  readonly source: Readonly<Record<string, unknown>>;
}

function* bulk(rows: number, make: (i: number) => Document): Generator<ReplayRequest, void, void> {
  const headers = { 'content-type': 'application/x-ndjson' };
  for (let from = 0; from < rows; from += PER_REQUEST) {
    const to = Math.min(rows, from + PER_REQUEST);
    let body = '';
    for (let i = from; i < to; i++) {
      const { index, source } = make(i);
      body += `{"create":{"_index":"${index}"}}\n${JSON.stringify(source)}\n`;
    }
    yield { method: 'POST', path: '/_bulk', headers, body, rows: to - from };
  }
}

function day(ns: bigint, separator: string): string {
  return instant(ns).slice(0, 10).replaceAll('-', separator);
}

/** Nanoseconds that date_nanos and date fields both take: RFC 3339 with nine digits. */
function nanos(ns: bigint): string {
  const digits = String(ns % 1_000_000_000n).padStart(9, '0');
  return `${instant(ns).slice(0, 19)}.${digits}Z`;
}

const LEVELS: Readonly<Record<number, string>> = { 9: 'info', 13: 'warn', 17: 'error' };

function ecsLog(
  { columns }: Batch,
  i: number,
  resources: ReadonlyMap<bigint, Attributes>,
): Document {
  const ts = i64(columns[0])[i]!;
  const resource = resources.get(i64(columns[2])[i]!) ?? {};
  const trace = texts(columns[6])[i]!;
  const span = texts(columns[7])[i]!;
  const attributes = recordAt(maps(columns[8]), i);
  const error = attributes['exception.type'];
  const source = {
    '@timestamp': nanos(ts),
    ecs: { version: '8.11.0' },
    message: texts(columns[5])[i],
    log: { level: LEVELS[i32(columns[3])[i]!] },
    service: {
      name: resource['service.name'],
      version: resource['service.version'],
      environment: resource['deployment.environment.name'],
      node: node(resource['service.instance.id']),
    },
    host: node(resource['k8s.node.name'] ?? resource['host.name']),
    kubernetes: resource['k8s.pod.name'] && {
      namespace: resource['k8s.namespace.name'],
      pod: node(resource['k8s.pod.name']),
      node: node(resource['k8s.node.name']),
    },
    trace: trace === '' ? undefined : { id: trace },
    span: span === '' ? undefined : { id: span },
    error: error && { type: error },
  };
  return { index: `shop-logs-${day(ts, '.')}`, source };
}

function node(name: string | undefined): { name: string } | undefined {
  return name === undefined ? undefined : { name };
}

function stream(type: 'logs' | 'traces'): Readonly<Record<string, string>> {
  return { type, dataset: 'shop.otel', namespace: 'default' };
}

function otelLog(
  { columns }: Batch,
  i: number,
  resources: ReadonlyMap<bigint, Attributes>,
): Document {
  const source = {
    '@timestamp': nanos(i64(columns[0])[i]!),
    observed_timestamp: nanos(i64(columns[1])[i]!),
    severity_number: i32(columns[3])[i],
    severity_text: texts(columns[4])[i],
    body: { text: texts(columns[5])[i] },
    trace_id: texts(columns[6])[i] || undefined,
    span_id: texts(columns[7])[i] || undefined,
    attributes: recordAt(maps(columns[8]), i),
    resource: { attributes: resources.get(i64(columns[2])[i]!) ?? {} },
    scope: {},
    data_stream: stream('logs'),
  };
  return { index: 'logs-shop.otel-default', source };
}

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUSES = ['Unset', 'Ok', 'Error'];

function otelSpan(
  { columns }: Batch,
  i: number,
  resources: ReadonlyMap<bigint, Attributes>,
): Document {
  const code = STATUSES[i32(columns[8])[i]!];
  const source = {
    '@timestamp': nanos(i64(columns[6])[i]!),
    trace_id: texts(columns[0])[i],
    span_id: texts(columns[1])[i],
    parent_span_id: texts(columns[2])[i] || undefined,
    name: texts(columns[4])[i],
    kind: KINDS[i32(columns[5])[i]!],
    duration: Number(i64(columns[7])[i]!),
    status: { code, message: texts(columns[9])[i] || undefined },
    attributes: recordAt(maps(columns[10]), i),
    resource: { attributes: resources.get(i64(columns[3])[i]!) ?? {} },
    scope: {},
    data_stream: stream('traces'),
  };
  return { index: 'traces-shop.otel-default', source };
}

interface SpanEvent {
  readonly ts: bigint;
  readonly name: string;
  readonly attributes: Attributes;
}

function jaegerSpan(
  { columns }: Batch,
  i: number,
  resources: ReadonlyMap<bigint, Attributes>,
  events: readonly SpanEvent[],
): Document {
  const traceID = texts(columns[0])[i]!;
  const parent = texts(columns[2])[i]!;
  const start = i64(columns[6])[i]!;
  const { 'service.name': serviceName = '', ...process } = resources.get(i64(columns[3])[i]!) ?? {};
  const attributes = recordAt(maps(columns[10]), i);
  const kind = KINDS[i32(columns[5])[i]!]!.toLowerCase();
  const failed = i32(columns[8])[i] === 2;
  const message = texts(columns[9])[i]!;
  const tags = [
    ...jaegerTags(attributes),
    { key: 'span.kind', type: 'string', value: kind },
    ...(failed ? [{ key: 'error', type: 'bool', value: 'true' }] : []),
    ...(failed ? [{ key: 'otel.status_code', type: 'string', value: 'ERROR' }] : []),
    ...(message ? [{ key: 'otel.status_description', type: 'string', value: message }] : []),
  ];
  const source = {
    traceID,
    spanID: texts(columns[1])[i],
    flags: 1,
    operationName: texts(columns[4])[i],
    references: parent === '' ? [] : [{ refType: 'CHILD_OF', traceID, spanID: parent }],
    startTime: Number(start / 1000n),
    startTimeMillis: Number(start / 1_000_000n),
    duration: Number(i64(columns[7])[i]! / 1000n),
    tags,
    logs: events.map((event) => ({
      timestamp: Number(event.ts / 1000n),
      fields: [
        { key: 'event', type: 'string', value: event.name },
        ...jaegerTags(event.attributes),
      ],
    })),
    process: { serviceName, tags: jaegerTags(process) },
  };
  return { index: `jaeger-span-${day(start, '-')}`, source };
}

/** Jaeger writes every value of a tag as text and its type beside it. */
function jaegerTags(attributes: Attributes): { key: string; type: string; value: string }[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    type: /^(http\.response\.status_code|server\.port|rpc\.grpc\.status_code)$/.test(key)
      ? 'int64'
      : 'string',
    value,
  }));
}

const KEYWORD = { type: 'keyword', ignore_above: 1024 } as const;
const TAGS = {
  type: 'nested',
  dynamic: false,
  properties: { key: KEYWORD, type: KEYWORD, value: KEYWORD },
} as const;
const TEXT_AS_KEYWORD = [{ text: { match_mapping_type: 'string', mapping: KEYWORD } }] as const;

const JAEGER_SPAN = {
  traceID: KEYWORD,
  spanID: KEYWORD,
  operationName: KEYWORD,
  startTime: { type: 'long' },
  startTimeMillis: { type: 'date', format: 'epoch_millis' },
  duration: { type: 'long' },
  flags: { type: 'integer' },
  references: {
    type: 'nested',
    dynamic: false,
    properties: { refType: KEYWORD, traceID: KEYWORD, spanID: KEYWORD },
  },
  tags: TAGS,
  logs: {
    type: 'nested',
    dynamic: false,
    properties: { timestamp: { type: 'long' }, fields: TAGS },
  },
  process: { properties: { serviceName: KEYWORD, tags: TAGS } },
} as const;

function* templates(shape: SearchShape): Generator<ReplayRequest, void, void> {
  const headers = { 'content-type': 'application/json' };
  const settings = { number_of_shards: 1, number_of_replicas: 0 };
  const put = (name: string, body: unknown): ReplayRequest => ({
    method: 'PUT',
    path: `/_index_template/${name}`,
    headers,
    body: JSON.stringify(body),
    rows: 0,
  });
  const date = { '@timestamp': { type: 'date_nanos' } };
  if (shape === 'ecs') {
    const properties = { ...date, message: { type: 'text' } };
    const mappings = { properties, dynamic_templates: TEXT_AS_KEYWORD };
    const template = { settings, mappings };
    yield put('shop-logs', { index_patterns: ['shop-logs-*'], priority: 300, template });
  }
  if (shape === 'otel') {
    for (const type of ['logs', 'traces'] as const) {
      const properties = {
        ...date,
        observed_timestamp: { type: 'date_nanos' },
        body: { properties: { text: { type: 'text' } } },
        duration: { type: 'long' },
      };
      yield put(`shop-otel-${type}`, {
        index_patterns: [`${type}-shop.otel-*`],
        priority: 300,
        data_stream: {},
        template: {
          settings,
          mappings: { properties, dynamic_templates: TEXT_AS_KEYWORD },
        },
      });
    }
  }
  if (shape === 'jaeger') {
    const template = { settings, mappings: { properties: JAEGER_SPAN } };
    yield put('jaeger-span', { index_patterns: ['jaeger-span-*'], priority: 300, template });
  }
}
