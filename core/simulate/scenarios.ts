import type { Rng } from '../base';
import { kill, rollOut, rolloutTitle } from './lifecycle';
import { SEVERITY } from './recorder';
import { SHOP } from './system';
import { SLOW_DUPLICATE_CHECK } from './system-stores';
import type { OperationDef, ServiceDef } from './system-types';
import { externalOf, known, type World } from './world';

/** What broke, as the benchmark sets' truth.json states it. */
export interface RootCause {
  /** The entity at fault: a service, or the host, cache or outside party where it is one. */
  readonly service: string;
  readonly instance?: string;
  readonly kind: string;
  readonly metric?: string;
  /** Title of the change that did it. */
  readonly change?: string;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly cause: RootCause | undefined;
  readonly level: 'service' | 'host';
  readonly symptom:
    { readonly service: string; readonly metric: string; readonly direction: string } | undefined;
  /** Starts the fault; called at its time. */
  inject(world: World, rng: Rng): void;
}

function serviceDef(name: string): ServiceDef {
  const def = SHOP.services.find((s) => s.name === name);
  if (!def) throw new Error(`the system has no service ${name}`);
  return def;
}

const LATENCY = 'service:request_duration_seconds:p99_1m';
const ERRORS = 'service:request_errors:ratio_1m';
const SLOW_RELEASE = { service: 'order', version: '4.13.0' };

function slowCreate(): OperationDef {
  const { create } = serviceDef('order').operations;
  const steps = create!.steps.map((step) =>
    step.do === 'db' && step.statement === 'findDuplicate'
      ? { ...step, statement: SLOW_DUPLICATE_CHECK }
      : step,
  );
  return { ...create!, steps };
}

const badDeploy: Scenario = {
  id: 'slow-query',
  title: 'Slow query after a deploy',
  description:
    'A release of order looks for duplicates with a statement that no index serves. The orders database saturates, checkouts time out and are retried.',
  cause: {
    service: 'order',
    kind: 'slow_query',
    metric: 'http_server_request_duration_seconds',
    change: rolloutTitle(SLOW_RELEASE),
  },
  level: 'service',
  symptom: { service: 'storefront', metric: LATENCY, direction: 'up' },
  inject(world, rng) {
    rollOut(
      world,
      {
        ...SLOW_RELEASE,
        operations: { create: slowCreate() },
        author: 'tilda',
        commit: 'c41d09e',
        message: 'Detect duplicate orders by customer, not by cart',
      },
      rng,
    );
  },
};

const memoryLeak: Scenario = {
  id: 'memory-leak',
  title: 'Memory leak after a deploy',
  description:
    'A release of pricing keeps every quote. Its collections grow longer until the kernel kills one instance after the other.',
  cause: {
    service: 'pricing',
    kind: 'memory_leak',
    metric: 'container_memory_working_set_bytes',
    change: rolloutTitle({ service: 'pricing', version: '5.3.0' }),
  },
  level: 'service',
  symptom: { service: 'storefront', metric: LATENCY, direction: 'up' },
  inject(world, rng) {
    const service = known(world.services, 'pricing');
    // Full within about two fifths of what is left, whatever the size of the run.
    const room = service.def.memory.limit - service.def.memory.base;
    const left = Math.max(60_000, world.end - world.kernel.now) / 1000;
    const perInstance = world.perSecond / service.instances.length / 2;
    world.flags.set('pricing/leak', room / (left * 0.4 * perInstance));
    rollOut(
      world,
      {
        service: 'pricing',
        version: '5.3.0',
        author: 'sefa',
        commit: '90ab3d2',
        message: 'Remember quotes for price history',
      },
      rng,
    );
  },
};

const dependencyOutage: Scenario = {
  id: 'dependency-outage',
  title: 'Outage of the payment provider',
  description:
    'The outside payment provider hangs or answers 503. Payments wait for their time-out, are retried, and hold the workers of payment and checkout.',
  cause: { service: 'api.paywell.example', kind: 'dependency_outage' },
  level: 'service',
  symptom: { service: 'storefront', metric: ERRORS, direction: 'up' },
  inject(world) {
    const external = externalOf(world, 'api.paywell.example');
    external.failing = 0.35;
    external.hanging = 0.5;
  },
};

const cacheOutage: Scenario = {
  id: 'cache-outage',
  title: 'Outage of the session cache',
  description:
    'The cache stops answering. Every read waits for its time-out and goes to a database instead, carts can not be read at all.',
  cause: { service: 'session-cache', kind: 'cache_outage', metric: 'redis_up' },
  level: 'service',
  symptom: { service: 'gateway', metric: ERRORS, direction: 'up' },
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
};

const FAULTY_HOST = 'worker-3';

const networkLoss: Scenario = {
  id: 'network-loss',
  title: 'Packet loss on a host',
  description:
    'The network card of one worker host loses packets. Whatever goes to and from its pods is sent again after 200 ms or more.',
  cause: {
    service: FAULTY_HOST,
    kind: 'network_loss',
    metric: 'node_netstat_Tcp_RetransSegs_total',
  },
  level: 'host',
  symptom: { service: 'gateway', metric: LATENCY, direction: 'up' },
  inject(world) {
    const host = world.hosts.find((h) => h.name === FAULTY_HOST);
    if (host) host.loss = 0.12;
  },
};

const cpuContention: Scenario = {
  id: 'cpu-contention',
  title: 'Processor contention on a host',
  description:
    'A process outside the cluster takes the processors of one worker host. Every pod on it is slow.',
  cause: { service: FAULTY_HOST, kind: 'cpu_contention', metric: 'node_cpu_seconds_total' },
  level: 'host',
  symptom: { service: 'gateway', metric: LATENCY, direction: 'up' },
  inject(world) {
    const host = world.hosts.find((h) => h.name === FAULTY_HOST);
    if (host) host.stress = host.cores * 14;
  },
};

const badFlag: Scenario = {
  id: 'bad-flag',
  title: 'A feature flag with a defect',
  description:
    'A flag switches pricing to a new discount engine, which fails for customers without a tier. Product pages and checkouts fail with it.',
  cause: {
    service: 'pricing',
    kind: 'bad_flag',
    metric: 'rpc_server_requests_total',
    change: 'Flag pricing.tiered-discounts to 100 %',
  },
  level: 'service',
  symptom: { service: 'storefront', metric: ERRORS, direction: 'up' },
  inject(world) {
    world.flags.set('pricing/fail', 0.45);
    world.recorder.change(
      world.kernel.now,
      { kind: 'flag', title: 'Flag pricing.tiered-discounts to 100 %', version: '' },
      { service: 'pricing', namespace: world.def.namespace },
      { flag: 'pricing.tiered-discounts', value: '1', author: 'noor' },
    );
  },
};

const crashLoop: Scenario = {
  id: 'crash-loop',
  title: 'A service that crashes again and again',
  description:
    'A corrupt rules file crashes each instance of shipping soon after its start. Checkouts find nobody to ask.',
  cause: {
    service: 'shipping',
    kind: 'crash_loop',
    metric: 'kube_pod_container_status_restarts_total',
  },
  level: 'service',
  symptom: { service: 'storefront', metric: ERRORS, direction: 'up' },
  inject(world, rng) {
    const service = known(world.services, 'shipping');
    const crash = (): void => {
      for (const instance of service.instances) {
        if (!instance.up) continue;
        const body = 'FATAL: rules/zones.json: unexpected end of input at line 1812';
        world.recorder.log(world.kernel.now, instance.resource, SEVERITY.error, body);
        kill(world, instance, 'Error', 10_000 + rng.int(20_000));
      }
    };
    crash();
    world.kernel.every(() => 14_000 + rng.int(9000), crash);
  },
};

const quiet: Scenario = {
  id: 'quiet',
  title: 'Nothing is wrong',
  description: 'Traffic, deploys, a nightly report, alerts that mean nothing. No fault at all.',
  cause: undefined,
  level: 'service',
  symptom: undefined,
  inject: () => {},
};

export const SCENARIOS: readonly Scenario[] = [
  badDeploy,
  memoryLeak,
  dependencyOutage,
  cacheOutage,
  networkLoss,
  cpuContention,
  badFlag,
  crashLoop,
  quiet,
];
