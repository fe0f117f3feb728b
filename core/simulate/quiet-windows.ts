import { pick, type Fault, type Scenario } from './fault';
import { commitOf, nextVersion } from './faults-service';
import { rollOut } from './lifecycle';
import { innerOf } from './places';
import { SEVERITY } from './recorder';
import { known, type World } from './world';

const harmless = (inject: Fault['inject']): Fault => ({
  cause: undefined,
  level: 'service',
  symptom: undefined,
  inject,
});

const quietDeploys: Scenario = {
  id: 'quiet-deploys',
  title: 'Harmless releases',
  description: 'One to four services are released within two minutes. Nothing changes by it.',
  draw(rng, system) {
    const count = 1 + rng.int(4);
    const services = Array.from({ length: count }, () => pick(rng, innerOf(system)));
    return harmless((world, names) => {
      for (const def of new Set(services)) {
        world.kernel.after(names.int(110_000), () => {
          const version = nextVersion(def.version);
          const what = { author: 'mira', commit: commitOf(names), message: 'Bump dependencies' };
          rollOut(world, { service: def.name, version, ...what }, names);
        });
      }
    });
  },
};

const quietTraffic: Scenario = {
  id: 'quiet-traffic',
  title: 'Doubled traffic',
  description: 'Twice as many requests come, and all are served as before.',
  draw: () => harmless((world) => void world.flags.set('traffic', 2)),
};

const quietEvening: Scenario = {
  id: 'quiet-evening',
  title: 'Another time of day',
  description: 'Traffic falls to two fifths within minutes, as it does every evening.',
  draw: () =>
    harmless((world) => {
      let level = 1;
      world.kernel.every(
        () => 15_000,
        () => {
          level = Math.max(0.4, level - 0.05);
          world.flags.set('traffic', level);
          return level > 0.4;
        },
      );
    }),
};

const quietLogs: Scenario = {
  id: 'quiet-logs',
  title: 'A gateway that logs errors',
  description: 'A scanner asks the gateway for pages that never were. Each leaves an error line.',
  draw: () =>
    harmless((world, rng) =>
      scan(
        world,
        () => 300 + rng.int(1200),
        () => rng.int(9000),
      ),
    ),
};

function scan(world: World, gap: () => number, page: () => number): void {
  world.kernel.every(gap, () => {
    const instance = known(world.services, world.def.entry).pick();
    if (!instance) return;
    const body = `open() "/usr/share/html/wp-admin/${page()}.php" failed (2: No such file or directory)`;
    world.recorder.log(world.kernel.now, instance.resource, SEVERITY.error, body);
  });
}

const quietNeighbour: Scenario = {
  id: 'quiet-neighbour',
  title: 'A figure that moves and means nothing',
  description: 'A backup sends and receives on one host. Its network counters rise, nobody waits.',
  draw(rng) {
    const place = rng.int(5);
    return harmless((world) => {
      const host = world.hosts[place % world.hosts.length];
      if (!host) return;
      world.kernel.every(
        () => 1000,
        () => {
          host.sentBytes += 4_000_000;
          host.receivedBytes += 600_000;
        },
      );
    });
  },
};

export const QUIET_WINDOWS: readonly Scenario[] = [
  quietDeploys,
  quietTraffic,
  quietEvening,
  quietLogs,
  quietNeighbour,
];
