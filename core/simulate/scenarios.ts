import type { Rng } from '../base';
import { durationOf, failing, pick, serviceDef, slow, type Scenario } from './fault';
import { SERVICE_FAULTS } from './faults-service';
import { STORE_FAULTS } from './faults-store';
import { kill, rollOut, rolloutTitle } from './lifecycle';
import { QUIET_WINDOWS } from './quiet-windows';
import { SEVERITY } from './recorder';
import { releases } from './releases';
import { SHOP } from './system';
import { SLOW_VARIANTS } from './system-stores';
import type { OperationDef } from './system-types';
import { externalOf, known, type World } from './world';

const BAD_RELEASES = [
  {
    service: 'order',
    version: '4.13.0',
    op: 'create',
    statement: 'findDuplicate',
    author: 'tilda',
    commit: 'c41d09e',
    message: 'Detect duplicate orders by customer, not by cart',
  },
  {
    service: 'inventory',
    version: '2.31.0',
    op: 'check',
    statement: 'stock',
    author: 'ruben',
    commit: '5e80a1b',
    message: 'Count stock over all warehouses',
  },
  {
    service: 'review',
    version: '1.8.0',
    op: 'list',
    statement: 'reviews',
    author: 'ines',
    commit: 'e1129f4',
    message: 'Show the most helpful reviews first',
  },
] as const;

/** The operation with one statement replaced by its slow variant. */
function slowOperation(service: string, op: string, statement: string): OperationDef {
  const operation = serviceDef(service).operations[op]!;
  const steps = operation.steps.map((step) =>
    step.do === 'db' && step.statement === statement
      ? { ...step, statement: SLOW_VARIANTS[statement]! }
      : step,
  );
  return { ...operation, steps };
}

const slowQuery: Scenario = {
  id: 'slow-query',
  title: 'Slow query after a deploy',
  description:
    'A release of a service asks its database for something that no index serves. The database saturates, callers time out and try again.',
  draw(rng) {
    const { service, version, op, statement, ...change } = pick(rng, BAD_RELEASES);
    return {
      cause: {
        service,
        kind: 'slow_query',
        metric: durationOf(service),
        change: rolloutTitle({ service, version }),
      },
      level: 'service',
      symptom: slow('storefront'),
      inject(world, names) {
        const operations = { [op]: slowOperation(service, op, statement) };
        rollOut(world, { service, version, operations, ...change }, names);
      },
    };
  },
};

const LEAKY_RELEASES = [
  { service: 'pricing', version: '5.3.0', message: 'Remember quotes for price history' },
  { service: 'catalog', version: '3.10.0', message: 'Keep parsed product sheets' },
] as const;

const memoryLeak: Scenario = {
  id: 'memory-leak',
  title: 'Memory leak after a deploy',
  description:
    'A release of a service keeps what it should forget. Its collections grow longer until the kernel kills one instance after the other.',
  draw(rng) {
    const { service: name, version, message } = pick(rng, LEAKY_RELEASES);
    return {
      cause: {
        service: name,
        kind: 'memory_leak',
        metric: 'container_memory_working_set_bytes',
        change: rolloutTitle({ service: name, version }),
      },
      level: 'service',
      symptom: slow('storefront'),
      inject(world, names) {
        const service = known(world.services, name);
        // Full within about two fifths of what is left, whatever the size of the run.
        const room = service.def.memory.limit - service.def.memory.base;
        const left = Math.max(60_000, world.end - world.kernel.now) / 1000;
        const perInstance = (world.perSecond * 0.6) / service.instances.length;
        world.flags.set(`${name}/leak`, room / (left * 0.4 * perInstance));
        rollOut(
          world,
          { service: name, version, author: 'sefa', commit: '90ab3d2', message },
          names,
        );
      },
    };
  },
};

const dependencyOutage: Scenario = {
  id: 'dependency-outage',
  title: 'Outage of an outside provider',
  description:
    'An outside party hangs or answers 503. Calls wait for their time-out, are tried again, and hold the workers of everyone before them.',
  draw(rng) {
    const service = pick(rng, ['api.paywell.example', 'rates.parcelway.example']);
    return {
      cause: { service, kind: 'dependency_outage' },
      level: 'service',
      symptom: failing('storefront'),
      inject(world) {
        const external = externalOf(world, service);
        external.failing = 0.35;
        external.hanging = 0.5;
      },
    };
  },
};

const cacheOutage: Scenario = {
  id: 'cache-outage',
  title: 'Outage of the session cache',
  description:
    'The cache stops answering. Every read waits for its time-out and goes to a database instead, carts can not be read at all.',
  draw: () => ({
    cause: { service: 'session-cache', kind: 'cache_outage', metric: 'redis_up' },
    level: 'service',
    symptom: failing('gateway'),
    inject(world) {
      const cache = known(world.caches, 'session-cache');
      cache.up = false;
      const resource = world.recorder.resources.intern({
        'host.name': cache.def.host,
        'service.name': cache.def.name,
      });
      const body = "Can't save in background: fork: Cannot allocate memory";
      world.recorder.log(world.kernel.now, resource, SEVERITY.error, body);
    },
  }),
};

/** A worker host; the first few are there in every size. */
function drawHost(rng: Rng): string {
  return `worker-${1 + rng.int(SHOP.hosts.count)}`;
}

const networkLoss: Scenario = {
  id: 'network-loss',
  title: 'Packet loss on a host',
  description:
    'The network card of one worker host loses packets. Whatever goes to and from its pods is sent again after 200 ms or more.',
  draw(rng) {
    const name = drawHost(rng);
    return {
      cause: {
        service: name,
        kind: 'network_loss',
        metric: 'node_netstat_Tcp_RetransSegs_total',
      },
      level: 'host',
      symptom: slow('gateway'),
      inject(world) {
        const host = world.hosts.find((h) => h.name === name);
        if (host) host.loss = 0.12;
      },
    };
  },
};

const cpuContention: Scenario = {
  id: 'cpu-contention',
  title: 'Processor contention on a host',
  description:
    'A process outside the cluster takes the processors of one worker host. Every pod on it is slow.',
  draw(rng) {
    const name = drawHost(rng);
    return {
      cause: { service: name, kind: 'cpu_contention', metric: 'node_cpu_seconds_total' },
      level: 'host',
      symptom: slow('gateway'),
      inject(world) {
        const host = world.hosts.find((h) => h.name === name);
        if (host) host.stress = host.cores * 14;
      },
    };
  },
};

const BAD_FLAGS = [
  { service: 'pricing', flag: 'tiered-discounts' },
  { service: 'identity', flag: 'short-sessions' },
  { service: 'catalog', flag: 'localised-sheets' },
] as const;

const badFlag: Scenario = {
  id: 'bad-flag',
  title: 'A feature flag with a defect',
  description:
    'A flag switches a service to new code that fails for a share of its requests. Whoever needs it fails with it.',
  draw(rng) {
    const { service, flag } = pick(rng, BAD_FLAGS);
    const title = `Flag ${service}.${flag} to 100 %`;
    const grpc = serviceDef(service).transport === 'grpc';
    return {
      cause: {
        service,
        kind: 'bad_flag',
        metric: grpc ? 'rpc_server_requests_total' : 'http_server_requests_total',
        change: title,
      },
      level: 'service',
      symptom: failing('storefront'),
      inject(world) {
        world.flags.set(`${service}/fail`, 0.45);
        world.recorder.change(
          world.kernel.now,
          { kind: 'flag', title, version: '' },
          { service, namespace: world.def.namespace },
          { flag: `${service}.${flag}`, value: '1', author: 'noor' },
        );
      },
    };
  },
};

const crashLoop: Scenario = {
  id: 'crash-loop',
  title: 'A service that crashes again and again',
  description:
    'A corrupt file crashes each instance of a service soon after its start. Callers find nobody to ask.',
  draw(rng) {
    const name = pick(rng, ['shipping', 'cart', 'inventory']);
    return {
      cause: {
        service: name,
        kind: 'crash_loop',
        metric: 'kube_pod_container_status_restarts_total',
      },
      level: 'service',
      symptom: failing('storefront'),
      inject: (world, names) => startCrashing(world, name, names),
    };
  },
};

function startCrashing(world: World, name: string, rng: Rng): void {
  const service = known(world.services, name);
  const crash = (): void => {
    for (const instance of service.instances) {
      if (!instance.up) continue;
      const body = 'FATAL: config/zones.json: unexpected end of input at line 1812';
      world.recorder.log(world.kernel.now, instance.resource, SEVERITY.error, body);
      kill(world, instance, 'Error', 10_000 + rng.int(20_000));
    }
  };
  crash();
  world.kernel.every(() => 14_000 + rng.int(9000), crash);
}

const quiet: Scenario = {
  id: 'quiet',
  title: 'Nothing is wrong',
  description: 'Traffic, deploys, a nightly report, alerts that mean nothing. No fault at all.',
  draw: () => ({ cause: undefined, level: 'service', symptom: undefined, inject: () => {} }),
};

/** All scenarios; those of one fault come first, quiet ones and releases last. */
export const SCENARIOS: readonly Scenario[] = [
  slowQuery,
  memoryLeak,
  dependencyOutage,
  cacheOutage,
  networkLoss,
  cpuContention,
  badFlag,
  crashLoop,
  ...SERVICE_FAULTS,
  ...STORE_FAULTS,
  quiet,
  ...QUIET_WINDOWS,
  releases,
];

/** Those that can strike beside another one. */
export const PAIRED: readonly Scenario[] = SCENARIOS.filter(
  ({ id }) => id !== 'releases' && !id.startsWith('quiet'),
);

/** A scenario by its name; `one+other` is both at once. Undefined where there is none. */
export function scenarioOf(id: string): Scenario | undefined {
  const single = SCENARIOS.find((scenario) => scenario.id === id);
  if (single || !id.includes('+')) return single;
  const parts = id.split('+').map((part) => PAIRED.find((scenario) => scenario.id === part));
  const [one, other] = parts;
  if (!one || !other || parts.length !== 2 || one === other) return undefined;
  return both(id, one, other);
}

/** How often the second is drawn anew when both strike the same place. */
const REDRAWS = 20;

function both(id: string, one: Scenario, other: Scenario): Scenario {
  return {
    id,
    title: `${one.title}, and: ${other.title}`,
    description: `${one.description} ${other.description}`,
    draw(rng) {
      const first = one.draw(rng.fork('one'));
      let second = other.draw(rng.fork('other'));
      for (let i = 0; i < REDRAWS && second.cause?.service === first.cause?.service; i++) {
        second = other.draw(rng.fork(`other/${i}`));
      }
      const causes = [first.cause, second.cause].filter((cause) => cause !== undefined);
      return {
        cause: first.cause,
        causes,
        level: first.level === second.level ? first.level : 'service',
        symptom: first.symptom ?? second.symptom,
        inject(world, names) {
          first.inject(world, names.fork('one'));
          second.inject(world, names.fork('other'));
        },
      };
    },
  };
}
