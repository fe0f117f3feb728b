import { entityId, type Attributes, type Entity, type EntityKind } from '../model';

/** One resource as one thing in one role: it belongs to a service, an instance and a host at once. */
export interface Membership {
  readonly entity: Entity;
  readonly role: EntityKind;
  /** The attribute that says so. */
  readonly provenance: string;
}

const SERVICE_KEYS = [
  'service.name',
  'service',
  'app.kubernetes.io/name',
  'k8s.deployment.name',
  'app',
  'job',
] as const;
const INSTANCE_KEYS = ['k8s.pod.name', 'pod', 'service.instance.id'] as const;
const HOST_KEYS = ['k8s.node.name', 'host.name', 'node', 'host', 'nodename'] as const;

function first(attributes: Attributes, keys: readonly string[]): [string, string] | undefined {
  for (const key of keys) {
    const value = attributes[key];
    if (value !== undefined && value !== '') return [key, value];
  }
  return undefined;
}

const MACHINE_JOB = /(^|[-_/])(node|host|kubelet|cadvisor|windows|machine)([-_]?exporter)?$/i;

/** A pod's name without the suffixes that its replica set and the scheduler gave it. */
export function podOwner(pod: string): string {
  return pod.replace(/-[a-f0-9]{6,10}-[a-z0-9]{5}$/, '').replace(/-\d+$/, '');
}

/**
 * The entities that a resource belongs to, by OpenTelemetry's semantic conventions, Prometheus' target
 * labels and what alerts and changes name (`entity`, `entity.kind`).
 */
export function membershipsOf(attributes: Attributes): readonly Membership[] {
  const found: Membership[] = [];
  const add = (role: EntityKind, name: string, provenance: string): void => {
    if (found.some((m) => m.role === role)) return;
    found.push({ entity: { id: entityId(role, name), kind: role, name }, role, provenance });
  };
  const stated = attributes['entity'];
  if (stated !== undefined && stated !== '') {
    const kind = (attributes['entity.kind'] ?? 'service') as EntityKind;
    add(kind, stated, 'entity');
  }
  const service = first(attributes, SERVICE_KEYS);
  const pod = first(attributes, INSTANCE_KEYS);
  const host = first(attributes, HOST_KEYS);
  // A job that scrapes machines is not a service of the system: its metrics are the machine's.
  const ofMachine = host !== undefined && service?.[0] === 'job' && MACHINE_JOB.test(service[1]);
  if (service && !ofMachine) add('service', service[1], service[0]);
  else if (pod && stated === undefined)
    add('service', podOwner(pod[1]), `${pod[0]} without suffix`);
  if (pod) add('service_instance', pod[1], pod[0]);
  if (host) add('host', host[1], host[0]);
  const container = attributes['k8s.container.name'] ?? attributes['container'];
  if (container && !service && !pod) add('container', container, 'container');
  return found;
}

export interface MergeProposal {
  readonly from: Entity;
  readonly into: Entity;
  readonly reason: string;
  /** Certain enough to be accepted without asking; still reversible. */
  readonly certain: boolean;
}

/** A name without what teams put around it: namespace, case, separators, "-service", "-exporter". */
function bareName(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  return last.replace(/[-_. ]/g, '').replace(/(service|svc|exporter|app|server)$/, '');
}

/** More specific kinds win: a database that an exporter calls a service is a database. */
const MERGEABLE: readonly EntityKind[] = [
  'database',
  'cache',
  'queue',
  'client',
  'external',
  'container',
  'service',
];

/** Kinds that only an equal name ties to another: their names are often those of what they stand before. */
const BY_EQUAL_NAME: readonly EntityKind[] = ['client', 'external', 'container'];

/**
 * Names that look like one thing. `hasSpans` tells which services speak for themselves: a service with
 * spans is never merged into a database of the same name without being asked.
 */
export function proposeMerges(
  entities: readonly Entity[],
  hasSpans: (entityId: string) => boolean,
): readonly MergeProposal[] {
  const mergeable = entities.filter(({ kind }) => MERGEABLE.includes(kind));
  const proposals: MergeProposal[] = [];
  const heads: Entity[] = [];
  for (const [into, ...others] of groupsOf(mergeable, ({ name }) => name, hasSpans)) {
    heads.push(into);
    for (const from of others) {
      const reason = `Both are called "${from.name}"; one came in as ${from.kind}, the other as ${into.kind}.`;
      proposals.push({ from, into, reason, certain: !hasSpans(from.id) });
    }
  }
  const alike = heads.filter(
    ({ kind, name }) => !BY_EQUAL_NAME.includes(kind) && bareName(name).length > 1,
  );
  for (const [into, ...others] of groupsOf(alike, ({ name }) => bareName(name), hasSpans)) {
    for (const from of others) {
      const reason = `"${from.name}" and "${into.name}" differ only in prefix, suffix or separators.`;
      proposals.push({ from, into, reason, certain: false });
    }
  }
  return proposals;
}

/** Entities with the same key, the one that the others are merged into first. */
function groupsOf(
  entities: readonly Entity[],
  keyOf: (entity: Entity) => string,
  hasSpans: (id: string) => boolean,
): readonly [Entity, ...Entity[]][] {
  const groups = new Map<string, [Entity, ...Entity[]]>();
  for (const entity of entities) {
    const group = groups.get(keyOf(entity));
    if (group) group.push(entity);
    else groups.set(keyOf(entity), [entity]);
  }
  for (const group of groups.values()) {
    group.sort(
      (a, b) => preference(a, hasSpans) - preference(b, hasSpans) || (a.id < b.id ? -1 : 1),
    );
  }
  return [...groups.values()];
}

function preference(entity: Entity, hasSpans: (id: string) => boolean): number {
  const kind = MERGEABLE.indexOf(entity.kind);
  return kind + (entity.kind === 'service' && hasSpans(entity.id) ? -10 : 0);
}
