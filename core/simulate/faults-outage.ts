import type { Rng } from '../base';
import { failing, pick, type Scenario } from './fault';
import { kill } from './lifecycle';
import { cachesOf, externalsOf, neededOf } from './places';
import { SEVERITY } from './recorder';
import { externalOf, known, type World } from './world';

export const dependencyOutage: Scenario = {
  id: 'dependency-outage',
  title: 'Outage of an outside provider',
  description:
    'An outside party hangs or answers 503. Calls wait for their time-out, are tried again, and hold the workers of everyone before them.',
  fits: (system) => externalsOf(system).length > 0,
  draw(rng, system) {
    const service = pick(rng, externalsOf(system));
    return {
      cause: { service, kind: 'dependency_outage' },
      level: 'service',
      symptom: failing(system, system.front),
      inject(world) {
        const external = externalOf(world, service);
        external.failing = 0.35;
        external.hanging = 0.5;
      },
    };
  },
};

export const cacheOutage: Scenario = {
  id: 'cache-outage',
  title: 'Outage of a cache',
  description:
    'A cache stops answering. Every read waits for its time-out and goes to a database instead; what has no other place can not be read at all.',
  fits: (system) => cachesOf(system).length > 0,
  draw(rng, system) {
    const name = pick(rng, cachesOf(system));
    return {
      cause: { service: name, kind: 'cache_outage', metric: 'redis_up' },
      level: 'service',
      symptom: failing(system, system.entry),
      inject(world) {
        const cache = known(world.caches, name);
        cache.up = false;
        const resource = world.recorder.resources.intern({
          'host.name': cache.def.host,
          'service.name': cache.def.name,
        });
        const body = "Can't save in background: fork: Cannot allocate memory";
        world.recorder.log(world.kernel.now, resource, SEVERITY.error, body);
      },
    };
  },
};

export const crashLoop: Scenario = {
  id: 'crash-loop',
  title: 'A service that crashes again and again',
  description:
    'A corrupt file crashes each instance of a service soon after its start. Callers find nobody to ask.',
  fits: (system) => neededOf(system).length > 0,
  draw(rng, system) {
    const { name } = pick(rng, neededOf(system));
    const { metrics } = system.telemetry;
    return {
      cause: {
        service: name,
        kind: 'crash_loop',
        metric: metrics === 'prometheus' ? 'kube_pod_container_status_restarts_total' : undefined,
      },
      level: 'service',
      symptom: failing(system, system.front),
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
