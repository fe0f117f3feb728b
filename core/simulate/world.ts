import type { Rng } from '../base';
import type { Attributes } from '../model';
import { Pool, type Gate, type Kernel, type Process } from './kernel';
import type { OpenSpan, Recorder, Trace } from './recorder';
import type {
  CacheDef,
  DatabaseDef,
  OperationDef,
  ServiceDef,
  StatementDef,
  Step,
  SystemDef,
  TopicDef,
} from './system-types';

/** How a request or a part of it went. Status is HTTP's; `error` is there where it failed. */
export interface Outcome {
  readonly status: number;
  readonly error?: { readonly type: string; readonly message: string };
}
export const OK: Outcome = { status: 200 };

/** Bounds of the duration histograms, in seconds. */
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counters of one operation of one instance, as its metrics end point shows them. */
export class OperationStats {
  readonly byStatus = new Map<number, number>();
  readonly buckets = new Float64Array(BOUNDS.length + 1);
  readonly sumByStatus = new Map<number, number>();
  sum = 0;
  count = 0;
  /** Longest since somebody set it to 0, in seconds. */
  max = 0;

  observe(ms: number, status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    const seconds = ms / 1000;
    let i = 0;
    while (i < BOUNDS.length && seconds > BOUNDS[i]!) i++;
    this.buckets[i] = this.buckets[i]! + 1;
    this.sumByStatus.set(status, (this.sumByStatus.get(status) ?? 0) + seconds);
    this.max = Math.max(this.max, seconds);
    this.sum += seconds;
    this.count++;
  }
}

export class Host {
  /** CPU segments that run now, and what others (outside the system) run beside them. */
  running = 0;
  stress = 0;
  busyMs = 0;
  /** Share of packets that are lost on the way to and from it. */
  loss = 0;
  retransmits = 0;
  receivedBytes = 0;
  sentBytes = 0;
  constructor(
    readonly name: string,
    readonly address: string,
    readonly cores: number,
  ) {}
}

export class Instance {
  up = true;
  /** Takes no new requests; goes away when it is idle. */
  draining = false;
  retired = false;
  /** Changes when the process dies: what it was doing is lost. */
  epoch = 0;
  pausedUntil = 0;
  /** MiB beyond the base. */
  leaked = 0;
  restarts = 0;
  cpuMs = 0;
  gcMs = 0;
  gcCount = 0;
  rejected = 0;
  startedAt: number;
  resource = 0n;
  readonly workers: Pool;
  readonly connections = new Map<string, Pool>();
  stats = new Map<string, OperationStats>();
  /** Callers that wait for a reply of it. */
  readonly inFlight = new Set<Gate<Outcome>>();
  operations: Readonly<Record<string, OperationDef>>;

  constructor(
    readonly service: ServiceDef,
    public version: string,
    readonly pod: string,
    readonly address: string,
    public instanceId: string,
    readonly host: Host,
    now: number,
  ) {
    this.workers = new Pool(service.workers, service.queue);
    this.operations = service.operations;
    this.startedAt = now;
  }

  statsOf(op: string): OperationStats {
    let stats = this.stats.get(op);
    if (!stats) this.stats.set(op, (stats = new OperationStats()));
    return stats;
  }

  connectionsTo(db: string): Pool {
    let pool = this.connections.get(db);
    if (!pool) this.connections.set(db, (pool = new Pool(this.service.connections)));
    return pool;
  }
}

export class Service {
  instances: Instance[] = [];
  /** Over all instances that ever were, by operation: what a recording rule would sum up. */
  readonly totals = new OperationStats();
  private turn = 0;
  constructor(
    readonly def: ServiceDef,
    public version: string,
  ) {}

  /** The next instance that takes requests, round robin; undefined where there is none. */
  pick(): Instance | undefined {
    const { instances } = this;
    for (let i = 0; i < instances.length; i++) {
      const instance = instances[this.turn++ % instances.length]!;
      if (instance.up && !instance.draining) return instance;
    }
    return undefined;
  }
}

export class Database {
  readonly slots: Pool;
  busyMs = 0;
  rowsRead = 0;
  commits = 0;
  /** Connections that are inside a statement, waiting or running. */
  active = 0;
  up = true;
  constructor(
    readonly def: DatabaseDef,
    readonly host: Host,
    scale: number,
  ) {
    this.slots = new Pool(Math.max(1, Math.round(def.slots * scale)));
  }
  statement(id: string): StatementDef {
    const found = this.def.statements[id];
    if (!found) throw new Error(`no statement ${id} in ${this.def.name}`);
    return found;
  }
}

export class Cache {
  up = true;
  hits = 0;
  misses = 0;
  commands = 0;
  constructor(
    readonly def: CacheDef,
    readonly host: Host,
  ) {}
}

export interface Message {
  /** The producer's span; '' where it is not kept. */
  readonly spanId: string;
  readonly trace: Trace;
  readonly attempts: number;
}

/** A topic with one consumer group per consuming service. */
export class Topic {
  produced = 0;
  readonly groups = new Map<string, { waiting: Message[]; consumed: number }>();
  constructor(readonly def: TopicDef) {}
}

/** A party outside the system. `share` of its calls fail, or never answer. */
export class External {
  factor = 1;
  failing = 0;
  hanging = 0;
  constructor(readonly host: string) {}
}

/** Fails fast while a dependency is down: open for ten seconds when over half of the last calls failed. */
export class Breaker {
  private outcomes: boolean[] = [];
  openUntil = 0;
  note(ok: boolean, now: number): void {
    this.outcomes.push(ok);
    if (this.outcomes.length < 20) return;
    const failed = this.outcomes.filter((good) => !good).length;
    this.outcomes = this.outcomes.slice(-19);
    if (failed > 10) {
      this.openUntil = now + 10_000;
      this.outcomes = [];
    }
  }
}

export interface Arrival {
  readonly trace: Trace;
  /** Span id of the caller; '' for a root. */
  readonly parent: string;
  readonly op: string;
  /** Where it is a message: the topic, and the producer's span where the consumer begins a trace of its own. */
  readonly topic?: TopicDef;
  readonly link?: { readonly trace: string; readonly span: string };
}

/** Where in which request a step runs. */
export interface Place {
  readonly world: World;
  readonly instance: Instance;
  /** Of the instance when the request came: another one means that the process has died since. */
  readonly epoch: number;
  readonly trace: Trace;
  readonly span: OpenSpan | undefined;
  readonly op: string;
}

/** What instances do; in the world so that calls and services can know each other without a cycle. */
export interface Behaviour {
  runSteps(place: Place, steps: readonly Step[]): Process<Outcome>;
  serve(world: World, instance: Instance, arrival: Arrival, reply: Gate<Outcome>): Process;
}

/** Everything that has state while the system runs. */
export interface World {
  readonly def: SystemDef;
  readonly behaviour: Behaviour;
  readonly kernel: Kernel;
  readonly recorder: Recorder;
  /** Service times, choices and network of requests. */
  readonly rng: Rng;
  readonly noise: Rng;
  readonly hosts: readonly Host[];
  readonly services: ReadonlyMap<string, Service>;
  readonly databases: ReadonlyMap<string, Database>;
  readonly caches: ReadonlyMap<string, Cache>;
  readonly topics: ReadonlyMap<string, Topic>;
  readonly externals: Map<string, External>;
  readonly breakers: Map<string, Breaker>;
  /** Feature flags that faults and decoys turn. */
  readonly flags: Map<string, number>;
  /** Mean requests per second from outside. */
  readonly perSecond: number;
  /** Share of requests whose spans are kept. */
  readonly sampling: number;
  /** Milliseconds: nothing before is written. */
  readonly from: number;
  /** Simulated end, in milliseconds. */
  readonly end: number;
}

export function known<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new Error(`the system has no "${key}"`);
  return value;
}

/** Resource attributes of an instance, as an OpenTelemetry SDK in a pod or on a machine states them. */
export function resourceOf(instance: Instance, { namespace, telemetry }: SystemDef): Attributes {
  const { service, pod, host } = instance;
  const own = { 'service.name': service.name, 'service.instance.id': instance.instanceId };
  if (telemetry.resource === 'bare') return { ...own, 'host.name': host.name };
  const attributes: Record<string, string> = {
    'service.name': service.name,
    'service.namespace': namespace,
    'service.version': instance.version,
    'service.instance.id': instance.instanceId,
    ...(telemetry.resource === 'kubernetes'
      ? {
          'k8s.namespace.name': namespace,
          'k8s.deployment.name': service.name,
          'k8s.pod.name': pod,
          'k8s.node.name': host.name,
        }
      : { 'host.name': host.name, 'os.type': 'linux' }),
    'deployment.environment.name': 'production',
    'telemetry.sdk.language': service.language,
  };
  // In a container, the host's name is the pod's.
  if (service.language === 'java' && telemetry.resource === 'kubernetes')
    attributes['host.name'] = pod;
  return attributes;
}

export function externalOf(world: World, host: string): External {
  let external = world.externals.get(host);
  if (!external) world.externals.set(host, (external = new External(host)));
  return external;
}
