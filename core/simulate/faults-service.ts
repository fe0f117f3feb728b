import type { Rng } from '../base';
import { durationOf, failing, mapSteps, pick, slow, stepsOf, type Scenario } from './fault';
import { rollOut, rolloutTitle } from './lifecycle';
import { busyOf, callingOf, consumersOf, innerOf, medianOf, neededOf, rateOf } from './places';
import { SEVERITY } from './recorder';
import type { OperationDef, ServiceDef, Step, SystemDef } from './system-types';
import { known, type World } from './world';

export const AUTHORS = ['ines', 'ruben', 'tilda', 'sefa', 'noor'] as const;

export function nextVersion(version: string): string {
  const [major = '0', minor = '0'] = version.split('.');
  return `${major}.${Number(minor) + 1}.0`;
}

export function commitOf(rng: Rng): string {
  return rng.int(0x1000_0000).toString(16).padStart(7, '0');
}

/** Every operation of a service with its steps changed. */
export function changed(
  def: ServiceDef,
  change: (step: Step) => Step | readonly Step[],
): Readonly<Record<string, OperationDef>> {
  return Object.fromEntries(
    Object.entries(def.operations).map(([op, operation]) => [
      op,
      { ...operation, steps: mapSteps(operation.steps, change) },
    ]),
  );
}

/** The service's own processor time, so many times over and at least so many milliseconds a request. */
export function heavier(
  def: ServiceDef,
  factor: number,
  atLeastMs: number,
): Readonly<Record<string, OperationDef>> {
  return Object.fromEntries(
    Object.entries(
      changed(def, (step) => (step.do === 'cpu' ? { ...step, ms: step.ms * factor } : step)),
    ).map(([op, operation]) => [
      op,
      {
        ...operation,
        steps: [
          { do: 'span', name: 'normalise payload', steps: [{ do: 'cpu', ms: atLeastMs }] },
          ...operation.steps,
        ] satisfies readonly Step[],
      },
    ]),
  );
}

/** Added work per request that leaves most of a core of each instance free for the rest. */
export function bearable(def: SystemDef, { name, instances }: ServiceDef, ms: number): number {
  return Math.min(ms, (700 * instances) / Math.max(0.1, rateOf(def, name)));
}

const CPU_METRIC = {
  prometheus: 'container_cpu_usage_seconds_total',
  micrometer: 'process_cpu_usage',
  gauges: 'service_cpu_percent',
} as const;

const cpuSaturation: Scenario = {
  id: 'cpu-saturation',
  title: 'A release that burns processor time',
  description:
    'A release of a service does far more work for each request. It is slow by itself, and so is what waits for it.',
  draw(rng, system) {
    const def = pick(rng, innerOf(system));
    const version = nextVersion(def.version);
    const change = {
      service: def.name,
      version,
      author: pick(rng, AUTHORS),
      commit: commitOf(rng),
    };
    return {
      cause: {
        service: def.name,
        kind: 'cpu_saturation',
        metric: CPU_METRIC[system.telemetry.metrics],
        change: rolloutTitle(change),
      },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world, names) {
        const message = 'Normalise the payload before it is read';
        rollOut(
          world,
          { ...change, message, operations: heavier(def, 2, bearable(system, def, 45)) },
          names,
        );
      },
    };
  },
};

const errorRelease: Scenario = {
  id: 'error-release',
  title: 'A release that answers with errors',
  description:
    'A release of a service fails for two fifths of its requests, at once and by itself.',
  fits: (system) => neededOf(system).length > 0,
  draw(rng, system) {
    const def = pick(rng, neededOf(system));
    const version = nextVersion(def.version);
    const change = {
      service: def.name,
      version,
      author: pick(rng, AUTHORS),
      commit: commitOf(rng),
    };
    return {
      cause: { service: def.name, kind: 'error_release', change: rolloutTitle(change) },
      level: 'service',
      symptom: failing(system, system.front),
      inject(world, names) {
        world.flags.set(`${def.name}/fail`, 0.4);
        rollOut(world, { ...change, message: 'Read prices through the new client' }, names);
      },
    };
  },
};

/** Records a change of a service's configuration. */
function configure(world: World, service: string, key: string, value: string): void {
  const attributes = { key, value, author: 'platform-bot' };
  const what = { kind: 'config', title: configTitle(service, key, value), version: '' };
  world.recorder.change(
    world.kernel.now,
    what,
    { service, namespace: world.def.namespace },
    attributes,
  );
}

const configTitle = (service: string, key: string, value: string): string =>
  `Set ${key} of ${service} to ${value}`;

/** Milliseconds in which hardly any of a service's calls are answered. */
function tooShort(system: SystemDef, def: ServiceDef): number {
  const times = stepsOf(def).flatMap((step) =>
    step.do === 'call' && !step.optional ? [medianOf(system, step.service, step.op)] : [],
  );
  return Math.max(1, Math.round(0.7 * Math.min(...times)));
}

const badTimeout: Scenario = {
  id: 'bad-timeout',
  title: 'A configuration with a time-out far too short',
  description:
    'A service is told to wait a few milliseconds for what it calls. It gives up on answers that would have come, and tries again.',
  fits: (system) => callingOf(system).length > 0,
  draw(rng, system) {
    const def = pick(rng, callingOf(system));
    const timeout = tooShort(system, def);
    const [key, value] = ['client.timeout', `${timeout}ms`];
    return {
      cause: { service: def.name, kind: 'bad_config', change: configTitle(def.name, key, value) },
      level: 'service',
      symptom: failing(system, system.front),
      inject(world) {
        const operations = changed(def, (step) =>
          step.do === 'call' ? { ...step, timeout } : step,
        );
        for (const instance of known(world.services, def.name).instances) {
          instance.operations = operations;
        }
        configure(world, def.name, key, value);
      },
    };
  },
};

const workerStarvation: Scenario = {
  id: 'worker-starvation',
  title: 'A configuration with too few workers',
  description:
    'A service is told to work on one request at a time in each instance. The others wait before it, and then are turned away.',
  fits: (system) => busyOf(system).length > 0,
  draw(rng, system) {
    const def = pick(rng, busyOf(system));
    const perInstance = rateOf(system, def.name) / def.instances;
    const work = Math.min(400, Math.max(60, 900 / perInstance));
    const [key, value] = ['server.workers', '1'];
    return {
      cause: {
        service: def.name,
        kind: 'worker_starvation',
        metric: durationOf(system, def),
        change: configTitle(def.name, key, value),
      },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world) {
        const service = known(world.services, def.name);
        for (const instance of service.instances) {
          instance.workers.resize(1);
          instance.operations = heavier(def, 1, work);
        }
        configure(world, def.name, key, value);
      },
    };
  },
};

const stalledInstance: Scenario = {
  id: 'stalled-instance',
  title: 'One instance that stalls',
  description:
    'One instance of a service stands still for seconds at a time; its siblings are well. What it is asked waits, a share of all requests.',
  fits: (system) => innerOf(system).some(({ instances }) => instances > 1),
  draw(rng, system) {
    const def = pick(
      rng,
      innerOf(system).filter(({ instances }) => instances > 1),
    );
    return {
      cause: { service: def.name, kind: 'stalled_instance', metric: durationOf(system, def) },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world, names) {
        const [instance] = known(world.services, def.name).instances;
        if (!instance) return;
        world.kernel.every(
          () => 900 + names.int(900),
          () => {
            instance.pausedUntil = world.kernel.now + 600 + names.int(1800);
          },
        );
      },
    };
  },
};

function lagOf(system: SystemDef, { consumes }: ServiceDef): string {
  const topic = system.topics.find(({ name }) => name === consumes?.topic);
  return topic?.system === 'rabbitmq' ? 'rabbitmq_queue_messages_ready' : 'kafka_consumergroup_lag';
}

const consumerStall: Scenario = {
  id: 'consumer-stall',
  title: 'A queue whose consumer hangs',
  description:
    'The consumers of a topic hold on to one message each and take no others. Nobody fails; the queue grows.',
  fits: (system) => consumersOf(system).length > 0,
  draw(rng, system) {
    const def = pick(rng, consumersOf(system));
    return {
      cause: { service: def.name, kind: 'consumer_stall', metric: lagOf(system, def) },
      level: 'service',
      symptom: undefined,
      inject(world) {
        for (const instance of known(world.services, def.name).instances) {
          instance.workers.resize(0);
          const body = `consumer group ${def.name}: rebalance in progress, partitions revoked`;
          world.recorder.log(world.kernel.now, instance.resource, SEVERITY.warn, body);
        }
      },
    };
  },
};

export const SERVICE_FAULTS: readonly Scenario[] = [
  cpuSaturation,
  errorRelease,
  badTimeout,
  workerStarvation,
  stalledInstance,
  consumerStall,
];
