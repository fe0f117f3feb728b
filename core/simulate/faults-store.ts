import { failing, pick, slow, type Scenario } from './fault';
import { SEVERITY } from './recorder';
import { connectedOf, databasesOf, externalsOf } from './places';
import { externalOf, known, type World } from './world';

function say(world: World, database: string, body: string): void {
  const { def } = known(world.databases, database);
  const resource = world.recorder.resources.intern({
    'host.name': def.host,
    'service.name': def.name,
  });
  world.recorder.log(world.kernel.now, resource, SEVERITY.error, body);
}

const PENDING_METRIC = {
  prometheus: 'db_client_connections_pending',
  micrometer: 'hikaricp_connections_pending',
  gauges: undefined,
} as const;

const poolExhaustion: Scenario = {
  id: 'pool-exhaustion',
  title: 'Connections that are never given back',
  description:
    'A service loses a connection of its pool now and then. In the end each statement waits for one in vain.',
  fits: (system) => connectedOf(system).length > 0,
  draw(rng, system) {
    const { name } = pick(rng, connectedOf(system));
    const metric = PENDING_METRIC[system.telemetry.metrics];
    return {
      cause: { service: name, kind: 'pool_exhaustion', metric },
      level: 'service',
      symptom: failing(system, system.front),
      inject(world) {
        world.kernel.every(
          () => 6000,
          () => {
            for (const instance of known(world.services, name).instances) {
              for (const pool of instance.connections.values()) {
                pool.resize(Math.max(0, pool.capacity - 1));
              }
            }
          },
        );
      },
    };
  },
};

const lockContention: Scenario = {
  id: 'lock-contention',
  title: 'A lock that nobody lets go of',
  description:
    'A session that was forgotten holds a table lock in a database, again and again. Statements queue behind it.',
  fits: (system) => databasesOf(system).length > 0,
  draw(rng, system) {
    const name = pick(rng, databasesOf(system));
    return {
      cause: { service: name, kind: 'lock_contention' },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world, names) {
        const { slots, def } = known(world.databases, name);
        const { capacity } = slots;
        world.kernel.every(
          () => 2500 + names.int(1500),
          () => {
            slots.resize(0);
            say(world, def.name, 'process 4711 still waiting for AccessExclusiveLock on relation');
            world.kernel.after(900 + names.int(900), () => slots.resize(capacity));
          },
        );
      },
    };
  },
};

const diskFull: Scenario = {
  id: 'disk-full',
  title: 'A database without disk space',
  description: 'The volume of a database is full. It stops, and refuses whoever connects.',
  fits: (system) => databasesOf(system).length > 0,
  draw(rng, system) {
    const name = pick(rng, databasesOf(system));
    return {
      cause: { service: name, kind: 'disk_full' },
      level: 'service',
      symptom: failing(system, system.front),
      inject(world) {
        known(world.databases, name).up = false;
        say(world, name, 'PANIC: could not write to log file: No space left on device');
      },
    };
  },
};

const slowDependency: Scenario = {
  id: 'slow-dependency',
  title: 'An outside provider that answers late',
  description: 'An outside party takes many times as long as before, up to the time-out.',
  fits: (system) => externalsOf(system).length > 0,
  draw(rng, system) {
    const service = pick(rng, externalsOf(system));
    return {
      cause: { service, kind: 'dependency_latency' },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world) {
        externalOf(world, service).factor = 12;
      },
    };
  },
};

export const STORE_FAULTS: readonly Scenario[] = [
  poolExhaustion,
  lockContention,
  diskFull,
  slowDependency,
];
