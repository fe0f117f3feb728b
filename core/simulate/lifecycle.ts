import type { Rng } from '../base';
import type { Attributes } from '../model';
import { newInstance, replicaSetHash, uuid } from './build-world';
import { SEVERITY } from './recorder';
import type { OperationDef } from './system-types';
import { known, resourceOf, type Instance, type Outcome, type Service, type World } from './world';

const RESET: Outcome = {
  status: 503,
  error: { type: 'connection_reset', message: 'connection reset by peer' },
};

export interface Rollout {
  readonly service: string;
  readonly version: string;
  /** What the new version does differently. */
  readonly operations?: Readonly<Record<string, OperationDef>>;
  /** When it begins to do so, in milliseconds of simulated time; at once where it is not given. */
  readonly shows?: number;
  readonly author: string;
  readonly commit: string;
  readonly message: string;
  /** A canary: so many instances are replaced, the others stay as they are. All where it is not given. */
  readonly canary?: number;
}

/** The title of a deployment's change, by which truth names it. */
export function rolloutTitle(rollout: Pick<Rollout, 'service' | 'version'>): string {
  return `Deploy ${rollout.service} ${rollout.version}`;
}

/** A rolling update: pod after pod is replaced; old ones finish what they have begun. */
export function rollOut(world: World, rollout: Rollout, rng: Rng): void {
  const { kernel, recorder } = world;
  const service = known(world.services, rollout.service);
  const hash = replicaSetHash(rng);
  const old = service.instances.filter((instance) => !instance.draining).slice(0, rollout.canary);
  const before = service.version;
  if (rollout.canary === undefined) service.version = rollout.version;
  const fresh = old.map((gone) => {
    const instance = newInstance(world, service, hash, gone.host, rng);
    instance.version = rollout.version;
    instance.resource = recorder.resources.intern(resourceOf(instance, world.def));
    kernel.at(rollout.shows ?? 0, () => {
      instance.operations = { ...instance.operations, ...rollout.operations };
    });
    return instance;
  });
  recorder.change(
    kernel.now,
    { kind: 'deployment', title: rolloutTitle(rollout), version: rollout.version },
    { service: service.def.name, namespace: world.def.namespace },
    {
      'version.before': before,
      'pods.added': JSON.stringify(fresh.map((i) => i.pod)),
      'pods.removed': JSON.stringify(old.map((i) => i.pod)),
      author: rollout.author,
      commit: rollout.commit,
      message: rollout.message,
    },
  );
  fresh.forEach((instance, i) => {
    kernel.after(4000 + i * 12_000, () => {
      instance.startedAt = kernel.now;
      service.instances.push(instance);
      startLog(world, instance, 1800 + rng.int(4000));
      retire(world, service, old[i]!);
    });
  });
}

function retire(world: World, service: Service, instance: Instance): void {
  instance.draining = true;
  world.kernel.after(20_000, () => {
    instance.retired = true;
    service.instances = service.instances.filter((other) => other !== instance);
  });
}

function startLog(world: World, instance: Instance, ms: number): void {
  const { name } = instance.service;
  const seconds = (ms / 1000).toFixed(3);
  const body = world.def.texts.started(name, instance.version, seconds);
  world.recorder.log(world.kernel.now, instance.resource, SEVERITY.info, body);
}

/** The process dies: work in progress and its spans are lost, callers see a reset; it starts again. */
export function kill(world: World, instance: Instance, reason: string, downMs: number): void {
  const { kernel } = world;
  if (!instance.up) return;
  instance.up = false;
  instance.epoch++;
  const waiting = [...instance.inFlight];
  instance.inFlight.clear();
  instance.workers.drain();
  instance.workers.busy = 0;
  instance.connections.clear();
  for (const reply of waiting) reply.fire(RESET);
  killLog(world, instance, reason);
  kernel.after(downMs, () => restart(world, instance));
}

/** What the cluster, or the machine's init system, writes when a process dies. */
function killLog(world: World, instance: Instance, reason: string): void {
  const { recorder, kernel, def } = world;
  const { name, memory } = instance.service;
  const onPods = def.telemetry.resource === 'kubernetes';
  const place: Attributes = onPods
    ? {
        'k8s.namespace.name': def.namespace,
        'k8s.pod.name': instance.pod,
        'k8s.node.name': instance.host.name,
      }
    : { 'host.name': instance.host.name, 'service.name': name };
  const body = onPods
    ? `${reason}: container ${name} of pod ${instance.pod}, memory limit ${memory.limit}Mi, back-off restarting`
    : `systemd[1]: ${name}.service: Main process exited, code=${reason}, scheduled restart job`;
  recorder.log(kernel.now, recorder.resources.intern(place), SEVERITY.warn, body);
}

function restart(world: World, instance: Instance): void {
  const rng = world.noise.fork(`restart/${instance.pod}/${instance.restarts}`);
  instance.up = true;
  instance.restarts++;
  instance.leaked = 0;
  instance.pausedUntil = 0;
  instance.stats = new Map();
  instance.cpuMs = 0;
  instance.gcMs = 0;
  instance.gcCount = 0;
  instance.rejected = 0;
  instance.startedAt = world.kernel.now;
  instance.instanceId = uuid(rng);
  instance.resource = world.recorder.resources.intern(resourceOf(instance, world.def));
  startLog(world, instance, 4000 + rng.int(6000));
}

/** MiB in use, with a saw-tooth of short-lived garbage. */
export function memoryOf(instance: Instance, now: number): number {
  const { base } = instance.service.memory;
  const age = (now - instance.startedAt) / 1000;
  const period = 20 + (instance.pod.charCodeAt(instance.pod.length - 1) % 17);
  const garbage = base * 0.12 * ((age % period) / period);
  return base + garbage + instance.workers.busy * 1.5 + instance.leaked;
}

/** Garbage collection pauses of the Java services, longer as the heap fills, and the kernel's limit for all. */
export function startMemory(world: World): void {
  const { kernel } = world;
  const rng = world.noise.fork('memory');
  kernel.every(
    () => 1000,
    () => {
      for (const service of world.services.values()) {
        for (const instance of service.instances) {
          if (instance.up) collect(world, instance, rng);
        }
      }
    },
  );
}

function collect(world: World, instance: Instance, rng: Rng): void {
  const { limit } = instance.service.memory;
  const { now } = world.kernel;
  const used = memoryOf(instance, now) / limit;
  if (used >= 1) {
    kill(world, instance, 'OOMKilled', 9000 + rng.int(5000));
    return;
  }
  if (instance.service.language !== 'java') return;
  let pause = 0;
  if (rng.next() < 0.08) pause = 4 + 16 * rng.next();
  if (rng.next() < 0.004) pause = 120 + 220 * rng.next();
  // A heap that is nearly full is collected again and again, and in vain.
  if (used > 0.8 && rng.next() < (used - 0.8) * 4) pause = 350 + 1400 * rng.next();
  if (pause === 0) return;
  instance.pausedUntil = Math.max(instance.pausedUntil, now + pause);
  instance.gcMs += pause;
  instance.gcCount++;
  if (pause > 300) {
    const body = `GC(${instance.gcCount}) Pause Full (Allocation Failure) ${Math.round(used * limit)}M->${Math.round(used * limit * 0.99)}M(${limit}M) ${pause.toFixed(3)}ms`;
    world.recorder.log(now, instance.resource, SEVERITY.warn, body);
  }
}
