import type { EpochNs, Rng } from '../base';
import { Kernel } from './kernel';
import { Recorder } from './recorder';
import { runSteps, serve } from './serve';
import type { SystemDef } from './system-types';
import { Cache, Database, Host, Instance, Service, Topic, resourceOf, type World } from './world';

const POD_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
/** What Kubernetes' encoding makes of a decimal template hash. */
const HASH_LETTERS = '456789bcdf';

export interface WorldOptions {
  readonly def: SystemDef;
  readonly rng: Rng;
  /** Simulated time 0. */
  readonly origin: EpochNs;
  /** Milliseconds: when writing starts, and the end. */
  readonly from: number;
  readonly end: number;
  readonly perSecond: number;
  readonly sampling: number;
  /** Multiplies instances, hosts and database slots. */
  readonly scale: number;
}

/** The system with its instances placed on hosts. */
export function buildWorld(options: WorldOptions): World {
  const { def, rng, scale } = options;
  const names = rng.fork('names');
  const hosts = Array.from(
    { length: Math.max(def.hosts.count, Math.round(def.hosts.count * scale)) },
    (_, i) => new Host(`${def.hosts.name}${i + 1}`, `10.0.1.${i + 11}`, def.hosts.cores),
  );
  const world: World = {
    def,
    behaviour: { runSteps, serve },
    kernel: new Kernel(),
    recorder: new Recorder(options.origin, rng.fork('ids'), options.from, def.telemetry.hasLogs),
    rng: rng.fork('requests'),
    noise: rng.fork('noise'),
    hosts: [...hosts],
    services: new Map(def.services.map((s) => [s.name, new Service(s, s.version)])),
    databases: new Map(
      def.databases.map((d, i) => [
        d.name,
        new Database(d, new Host(d.host, `10.0.2.${i + 11}`, d.slots), scale),
      ]),
    ),
    caches: new Map(
      def.caches.map((c, i) => [c.name, new Cache(c, new Host(c.host, `10.0.2.${i + 31}`, 2))]),
    ),
    topics: new Map(def.topics.map((t) => [t.name, topicOf(t.name, def)])),
    externals: new Map(),
    breakers: new Map(),
    flags: new Map(),
    perSecond: options.perSecond,
    sampling: options.sampling,
    from: options.from,
    end: options.end,
  };
  let place = 0;
  for (const service of world.services.values()) {
    const replicaSet = replicaSetHash(names);
    const count = Math.max(1, Math.round(service.def.instances * Math.max(1, scale)));
    for (let i = 0; i < count; i++) {
      const host = hosts[place++ % hosts.length]!;
      service.instances.push(newInstance(world, service, replicaSet, host, names));
    }
  }
  return world;
}

function topicOf(name: string, def: SystemDef): Topic {
  const topic = new Topic(def.topics.find((t) => t.name === name)!);
  for (const service of def.services) {
    if (service.consumes?.topic === name) {
      topic.groups.set(service.name, { waiting: [], consumed: 0 });
    }
  }
  return topic;
}

function letters(rng: Rng, length: number, from: string): string {
  let text = '';
  for (let i = 0; i < length; i++) text += from[rng.int(from.length)];
  return text;
}

export function replicaSetHash(rng: Rng): string {
  return letters(rng, 10, HASH_LETTERS);
}

export function uuid(rng: Rng): string {
  const part = (): string => rng.int(0x1_0000_0000).toString(16).padStart(8, '0');
  const [a, b, c, d] = [part(), part(), part(), part()];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** A new instance of a service's current version. It isn't in the service's list yet. */
export function newInstance(
  world: World,
  service: Service,
  replicaSet: string,
  host: Host,
  names: Rng,
): Instance {
  const letter = letters(names, 5, POD_LETTERS);
  const onPods = world.def.telemetry.resource === 'kubernetes';
  const pod = onPods
    ? `${service.def.name}-${replicaSet}-${letter}`
    : `${service.def.name}@${host.name}-${letter}`;
  const address = `10.244.${world.hosts.indexOf(host) + 1}.${10 + names.int(220)}`;
  const id = uuid(names);
  const { now } = world.kernel;
  const instance = new Instance(service.def, service.version, pod, address, id, host, now);
  instance.resource = world.recorder.resources.intern(resourceOf(instance, world.def));
  return instance;
}
