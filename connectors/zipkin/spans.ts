import {
  asObject,
  isJsonObject,
  jsonText,
  type JsonObject,
  type RowSink,
  type TimeReader,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { clientHalf, serviceOf, spanIdOf, traceIdOf, type SharedIds } from './shared';

const KINDS: Readonly<Record<string, number>> = { SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 };

/** Tags that OpenTelemetry's Zipkin exporter writes for what our model has columns for. */
const COLUMNS: ReadonlySet<string> = new Set(['otel.status_code', 'otel.status_description']);
const SCOPE: Readonly<Record<string, string>> = {
  'otel.library.name': 'otel.scope.name',
  'otel.library.version': 'otel.scope.version',
};

/** Where rows and what is to be said of them go. */
type SpanSink = Pick<RowSink, 'span' | 'drop'> & {
  readonly notices: Pick<RowSink['notices'], 'add'>;
};

/** Rows of Zipkin's spans in our model. */
export class ZipkinRows {
  private readonly resources = new Map<string, Attributes>();

  constructor(
    private readonly sink: SpanSink,
    private readonly times: TimeReader,
    private readonly shared: SharedIds,
  ) {}

  /** What stands in a list of traces and is none: a span alone, or nothing that can be taken. */
  beside(list: unknown): void {
    if (!Array.isArray(list)) return;
    for (const [i, item] of list.entries()) {
      if (Array.isArray(item)) continue;
      const reason = this.add(item);
      if (reason) this.sink.drop('spans', `[${i}]`, jsonText(item), reason);
    }
  }

  /** A span; why it can't be taken, or ''. */
  add(span: unknown): string {
    if (!isJsonObject(span)) return 'it is not an object';
    const traceId = traceIdOf(span['traceId']);
    if (traceId === '') return 'the span has no valid trace id';
    const id = spanIdOf(span['id']);
    if (id === '') return 'the span has no valid id';
    const start = this.times.read(span['timestamp']);
    if (start === undefined || start <= 0n) return 'the span has no start time';
    const duration = this.duration(span['duration']);
    if (duration === undefined) return 'the duration of the span is not a number of microseconds';
    const service = serviceOf(span['localEndpoint']);
    const shared = this.shared.isShared(traceId, id);
    const isClient = shared && span['shared'] !== true;
    const parent = spanIdOf(span['parentId']);
    const tags = asObject(span['tags']);
    const status = statusOf(tags);
    const kind = typeof span['kind'] === 'string' ? span['kind'].toUpperCase() : '';
    this.sink.span({
      traceId,
      spanId: isClient ? this.ownId(traceId, id) : id,
      parentSpanId:
        shared && !isClient
          ? clientHalf(traceId, id)
          : this.shared.parentOf(traceId, parent, service),
      name: typeof span['name'] === 'string' ? span['name'] : '',
      kind: KINDS[kind] ?? 0,
      start,
      duration,
      status,
      statusMessage: status === 2 ? messageOf(tags) : '',
      resource: this.resource(span['localEndpoint']),
      attributes: attributesOf(span, tags, isClient ? id : ''),
      events: this.events(span['annotations'], start),
    });
    return '';
  }

  private ownId(traceId: string, id: string): string {
    this.sink.notices.add(
      'shared-spans',
      'info',
      (n) =>
        `${n} client spans share their id with the span of their server; each got an id of its own and is its parent.`,
    );
    return clientHalf(traceId, id);
  }

  /** Nanoseconds; Zipkin leaves out a duration that is not known. */
  private duration(value: unknown): bigint | undefined {
    if (value === undefined || value === null) {
      this.sink.notices.add(
        'duration-unknown',
        'warning',
        (n) => `${n} spans have no duration (they were not finished); it stands as 0.`,
      );
      return 0n;
    }
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return undefined;
    return BigInt(Math.round(number)) * 1000n;
  }

  private events(annotations: unknown, start: bigint) {
    if (!Array.isArray(annotations)) return [];
    return annotations.filter(isJsonObject).map(({ timestamp, value }) => {
      const ts = this.times.read(timestamp);
      if (ts === undefined) {
        this.sink.notices.add(
          'event-without-time',
          'info',
          (n) => `${n} span events have no time; they stand at their span's start.`,
        );
      }
      return { ts: ts ?? start, ...eventOf(jsonText(value ?? '')) };
    });
  }

  private resource(endpoint: unknown): Attributes {
    const { serviceName, ipv4, ipv6 } = asObject(endpoint);
    const key = jsonText([serviceName, ipv4, ipv6]);
    let resource = this.resources.get(key);
    if (!resource) {
      const ips = [ipv4, ipv6].filter((ip) => typeof ip === 'string' && ip !== '');
      resource = {
        ...(serviceName ? { 'service.name': jsonText(serviceName) } : {}),
        ...(ips.length > 0 ? { 'host.ip': ips.join(',') } : {}),
      };
      this.resources.set(key, resource);
    }
    return resource;
  }
}

/** The exporter of OpenTelemetry writes an event's attributes behind its name, as JSON. */
function eventOf(value: string): { name: string; attributes: Attributes } {
  const m = /^"([^"]*)":(\{.*\})$/s.exec(value);
  if (!m) return { name: value, attributes: {} };
  try {
    const parsed: unknown = JSON.parse(m[2] ?? '');
    if (isJsonObject(parsed)) {
      const entries = Object.entries(parsed).map(([key, of]) => [key, jsonText(of)] as const);
      return { name: m[1] ?? '', attributes: Object.fromEntries(entries) };
    }
  } catch {
    // Then it is a name like any other.
  }
  return { name: value, attributes: {} };
}

/** What OpenTelemetry's exporter said, else Zipkin's `error` tag, whose value tells what went wrong. */
function statusOf(tags: JsonObject): number {
  const said = jsonText(tags['otel.status_code'] ?? '').toUpperCase();
  if (said === 'ERROR') return 2;
  if (said === 'OK') return 1;
  const { error } = tags;
  return error !== undefined && error !== null && jsonText(error) !== 'false' ? 2 : 0;
}

function messageOf(tags: JsonObject): string {
  const text = jsonText(tags['otel.status_description'] ?? tags['error'] ?? '');
  return text === 'true' ? '' : text;
}

function attributesOf(span: JsonObject, tags: JsonObject, sharedId: string): Attributes {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(tags)) {
    if (value === null || COLUMNS.has(key)) continue;
    out[SCOPE[key] ?? key] = jsonText(value);
  }
  const remote = asObject(span['remoteEndpoint']);
  const asked = span['kind'] === 'CLIENT' || span['kind'] === 'PRODUCER';
  const side = asked ? 'server' : 'client';
  const address = remote['ipv4'] ?? remote['ipv6'];
  putNew(out, 'peer.service', remote['serviceName']);
  putNew(out, `${side}.address`, address);
  putNew(out, `${side}.port`, remote['port']);
  if (span['kind'] === 'SERVER' && isJsonObject(span['localEndpoint'])) {
    putNew(out, 'server.port', span['localEndpoint']['port']);
  }
  putNew(out, 'zipkin.debug', span['debug'] === true ? 'true' : undefined);
  if (sharedId !== '') out['zipkin.shared_id'] = sharedId;
  return out;
}

function putNew(out: Record<string, string>, key: string, value: unknown): void {
  if (value === undefined || value === null || value === '' || value === 0) return;
  out[key] ??= jsonText(value);
}
