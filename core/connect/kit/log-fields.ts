import type { TimeUnit } from '../format';
import { isJsonObject, type JsonObject } from '../import-json';
import { guessTimeUnit } from './times';

/** What a field of a log record of unknown make means, by its name. */
export interface FieldRole {
  readonly role:
    'time' | 'observed' | 'level' | 'message' | 'trace' | 'span' | 'context' | 'resource';
  /** Of several fields of one role, the lowest that can be read is taken. */
  readonly rank: number;
  /** The resource attribute that it is, by OpenTelemetry's semantic conventions. */
  readonly as?: string;
  /** A number's unit, where the name says it. */
  readonly unit?: TimeUnit;
}

/** Names are in lower case without "_" and "-", by dotted path; the surest first. */
const words = (list: string): readonly string[] => list.trim().split(/\s+/);

const TIMES = words(`
  @timestamp @t timestamp time ts instant timemillis eventtime datetime asctime date logtime
  logtimestamp timestampms timestampmillis epochms epochmillis epochtime unixtime t t.$date created
  createdat time.repr time.timestamp eventtimestamp timegenerated starttime published when @time`);
const OBSERVED = words(
  'observedtimestamp receivetimestamp event.created ingestiontime event.ingested',
);
const LEVELS = words(`
  log.level @l severitytext levelname level.name level severity loglevel lvl logseverity
  log.syslog.severity.name priority severitynumber levelno levelvalue level.no syslog.severity
  severitylevel detectedlevel status s`);
const MESSAGES = words(`
  message @m msg renderedmessage textpayload shortmessage fullmessage body text log event rawmessage
  logmessage messagetext content line event.original`);
/** Said where there is no message; they stay attributes, too. */
const INSTEAD = words(`
  err.message error.message error exception.message exception @x reason description`);
/** Members that hold a whole record of the application. */
const WITHIN = words('jsonpayload. fields. json. logprocessed. record. parsed. payload. data.');
const WITHIN_RANK = 4;
const INSTEAD_RANK = 60;

/** `as` and the names, surest first. */
const RESOURCE: Readonly<Record<string, string>> = {
  'service.name': `service.name service servicename dd.service otelservicename servicecontext.service
    app application appname applicationname fields.service jsonpayload.service jsonpayload.servicecontext.service
    resource.service.name resource.attributes.service.name resources.service.name
    kubernetes.labels.app.kubernetes.io/name kubernetes.labels.appkubernetes.io/name
    kubernetes.labels.appkubernetesio/name kubernetes.labels.app labels.k8spod/app`,
  'service.version': 'service.version serviceversion servicecontext.version dd.version appversion',
  'service.namespace': 'service.namespace',
  'service.instance.id': 'service.instance.id service.node.name',
  'deployment.environment.name':
    'deployment.environment.name deployment.environment service.environment dd.env environment env',
  'host.name': 'host.name hostname host host.hostname machinename agent.hostname beat.hostname',
  'k8s.pod.name':
    'k8s.pod.name kubernetes.pod.name kubernetes.podname resource.labels.podname podname pod',
  'k8s.pod.uid': 'k8s.pod.uid kubernetes.pod.uid kubernetes.podid',
  'k8s.namespace.name': `k8s.namespace.name kubernetes.namespacename kubernetes.namespace
    kubernetes.namespace.name resource.labels.namespacename namespacename namespace`,
  'k8s.node.name': 'k8s.node.name kubernetes.node.name kubernetes.host nodename node',
  'k8s.container.name': `k8s.container.name kubernetes.container.name kubernetes.containername
    resource.labels.containername containername`,
  'k8s.deployment.name': 'k8s.deployment.name kubernetes.deployment.name',
  'k8s.cluster.name':
    'k8s.cluster.name resource.labels.clustername clustername orchestrator.cluster.name',
  'container.id': 'container.id kubernetes.dockerid kubernetes.containerid containerid',
  'container.image.name': 'container.image.name kubernetes.containerimage',
  'cloud.region': 'cloud.region resource.labels.location awsregion',
  'cloud.account.id': 'cloud.account.id resource.labels.projectid',
};

const UNITS: readonly (readonly [RegExp, TimeUnit])[] = [
  [/(?:millis|ms)$/, 'ms'],
  [/(?:micros|us)$/, 'µs'],
  [/(?:nanos|ns)$/, 'ns'],
];

const TABLE = tableOf();

function tableOf(): ReadonlyMap<string, FieldRole> {
  const table = new Map<string, FieldRole>();
  const put = (names: readonly string[], role: FieldRole['role'], from = 0, as?: string): void => {
    for (const [i, name] of names.entries()) {
      const unit = role === 'time' ? UNITS.find(([end]) => end.test(name))?.[1] : undefined;
      const of = { role, rank: from + i, ...(as ? { as } : {}), ...(unit ? { unit } : {}) };
      if (!table.has(name)) table.set(name, of);
    }
  };
  put(TIMES, 'time');
  put(OBSERVED, 'observed');
  put(LEVELS, 'level');
  put(MESSAGES, 'message');
  for (const [as, names] of Object.entries(RESOURCE)) put(words(names), 'resource', 0, as);
  for (const within of WITHIN) {
    put(
      TIMES.map((name) => within + name),
      'time',
      WITHIN_RANK + 20,
    );
    put(
      LEVELS.map((name) => within + name),
      'level',
      WITHIN_RANK + 20,
    );
    put(
      MESSAGES.map((name) => within + name),
      'message',
      WITHIN_RANK,
    );
  }
  put(INSTEAD, 'message', INSTEAD_RANK);
  return table;
}

/** True for fields that give a message only where nothing else does, and stay attributes beside it. */
export const isInstead = ({ rank }: FieldRole): boolean => rank >= INSTEAD_RANK;

/** What a field means by its dotted path; undefined where it is an attribute like any other. */
export function logRoleOf(path: string): FieldRole | undefined {
  const name = path.toLowerCase().replace(/[_-]/g, '');
  const known = TABLE.get(name);
  if (known) return known;
  if (name === 'traceparent' || name.endsWith('.traceparent')) return { role: 'context', rank: 9 };
  // The first spellings are the likeliest to be OpenTelemetry's own, should several stand there.
  if (/^(?:trace\.?id|@tr)$/.test(name)) return { role: 'trace', rank: 0 };
  if (/^(?:span\.?id|@sp)$/.test(name)) return { role: 'span', rank: 0 };
  if (
    /^(?:otel|mdc\.|contextmap\.|contextdata\.|logging\.googleapis\.com\/)trace(?:id)?$/.test(name)
  ) {
    return { role: 'trace', rank: 1 };
  }
  if (/^(?:otel|mdc\.|contextmap\.|contextdata\.|logging\.googleapis\.com\/)spanid$/.test(name)) {
    return { role: 'span', rank: 1 };
  }
  if (/parent|link|root/.test(name)) return undefined;
  if (/(?:^|[./a-z0-9])trace\.?id$/.test(name) || name === 'trace')
    return { role: 'trace', rank: 5 };
  if (/(?:^|[./a-z0-9])span\.?id$/.test(name)) return { role: 'span', rank: 5 };
  return undefined;
}

/** What describes who wrote a record, not the record: under which name it belongs to the resource. */
export function resourceNameOf(path: string): string | undefined {
  const labels = /^kubernetes\.(label|annotation)s\.(.+)$/.exec(path);
  if (labels) return `k8s.pod.${labels[1] ?? ''}.${labels[2] ?? ''}`;
  if (path.startsWith('kubernetes.')) return `k8s.${path.slice(11)}`;
  return /^(?:k8s|host|cloud|agent|container|service|orchestrator)\./.test(path) ? path : undefined;
}

/** Calls `put` for each field of a record that a name gives a role, and not more than a few objects deep. */
function eachRole(
  object: JsonObject,
  put: (role: FieldRole, value: unknown) => void,
  prefix = '',
  depth = 0,
): void {
  for (const key in object) {
    const value = object[key];
    if (value === null || value === undefined) continue;
    const role = logRoleOf(prefix + key);
    if (role) put(role, value);
    if (isJsonObject(value) && depth < 3) eachRole(value, put, `${prefix}${key}.`, depth + 1);
  }
}

/** Which of a log record's parts a JSON object has, for sniffing. */
export function logShapeOf(doc: JsonObject): {
  readonly time: boolean;
  readonly level: boolean;
  readonly message: boolean;
} {
  let [time, level, message] = [false, false, typeof doc['@mt'] === 'string'];
  eachRole(doc, ({ role, rank }, value) => {
    if (role === 'time') time ||= isTimeLike(value);
    else if (role === 'level') level ||= typeof value === 'string' || typeof value === 'number';
    else if (role === 'message' && rank < INSTEAD_RANK) message ||= typeof value === 'string';
  });
  return { time, level, message };
}

function isTimeLike(value: unknown): boolean {
  if (typeof value === 'number') return guessTimeUnit(value) !== undefined;
  if (typeof value !== 'string')
    return isJsonObject(value) && ('seconds' in value || 'epochSecond' in value);
  return /^\d{9,20}(?:\.\d+)?$|\d\d:\d\d/.test(value.slice(0, 60));
}

/** How the times of log records stand in a file, by its first records. */
export function timeWritten(docs: readonly JsonObject[]): {
  readonly time: TimeUnit | 'text' | null;
  readonly zone: string;
  readonly guessed: boolean;
} {
  let best:
    { readonly rank: number; readonly value: unknown; readonly unit?: TimeUnit } | undefined;
  for (const doc of docs.slice(0, 20)) {
    eachRole(doc, ({ role, rank, unit }, value) => {
      if (role !== 'time' || !isTimeLike(value) || (best && best.rank <= rank)) return;
      best = { rank, value, ...(unit ? { unit } : {}) };
    });
  }
  if (!best) return { time: null, zone: 'unknown', guessed: true };
  const { value, unit } = best;
  if (typeof value !== 'string' || /^\d+(?:\.\d+)?$/.test(value)) {
    const guess = isJsonObject(value) ? 's' : guessTimeUnit(Number(value));
    return {
      time: unit ?? guess ?? null,
      zone: 'UTC',
      guessed: unit === undefined && !isJsonObject(value),
    };
  }
  const stated = /(?:[Zz]|UTC|GMT|[+-]\d\d:?\d\d)\s*$/.test(value);
  return { time: 'text', zone: stated ? 'stated' : 'unknown', guessed: !stated };
}
