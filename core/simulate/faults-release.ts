import type { Rng } from '../base';
import {
  durationOf,
  failing,
  mapSteps,
  pick,
  requestsOf,
  serviceDef,
  slow,
  type Scenario,
} from './fault';
import { AUTHORS, commitOf, nextVersion } from './faults-service';
import { rollOut, rolloutTitle } from './lifecycle';
import { innerOf, neededOf, rateOf } from './places';
import type { OperationDef, SlowRelease, SystemDef } from './system-types';
import { known } from './world';

/** The operation with one statement replaced by its slow variant. */
function slowOperation(system: SystemDef, release: SlowRelease): OperationDef {
  const { service, op, statement } = release;
  const operation = serviceDef(system, service).operations[op]!;
  const steps = mapSteps(operation.steps, (step) =>
    step.do === 'db' && step.statement === statement
      ? { ...step, statement: system.slowVariants[statement]! }
      : step,
  );
  return { ...operation, steps };
}

/** What of a system's statements can become slow, with the release that does it. */
function slowReleasesOf(system: SystemDef, rng: Rng): readonly SlowRelease[] {
  if (system.slowReleases) return system.slowReleases;
  const [author, commit] = [pick(rng, AUTHORS), commitOf(rng)];
  const message = 'Match what is written in another case';
  return innerOf(system).flatMap((def) =>
    Object.entries(def.operations).flatMap(([op, { steps }]) => {
      const found: string[] = [];
      mapSteps(steps, (step) => {
        if (step.do === 'db' && system.slowVariants[step.statement]) found.push(step.statement);
        return step;
      });
      const version = nextVersion(def.version);
      const release = { service: def.name, version, op, author, commit, message };
      return found.map((statement) => ({ ...release, statement }));
    }),
  );
}

export const slowQuery: Scenario = {
  id: 'slow-query',
  title: 'Slow query after a deploy',
  description:
    'A release of a service asks its database for something that no index serves. The database saturates, callers time out and try again.',
  fits: (system) => Object.keys(system.slowVariants).length > 0,
  draw(rng, system) {
    const release = pick(rng, slowReleasesOf(system, rng));
    const { service, version, op, author, commit, message } = release;
    return {
      cause: {
        service,
        kind: 'slow_query',
        metric: durationOf(system, serviceDef(system, service)),
        change: rolloutTitle({ service, version }),
      },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world, names) {
        const operations = { [op]: slowOperation(system, release) };
        rollOut(world, { service, version, operations, author, commit, message }, names);
      },
    };
  },
};

const KEPT = [
  'Remember answers for the history',
  'Keep parsed documents',
  'Register listeners per request',
] as const;

const MEMORY_METRIC = {
  prometheus: 'container_memory_working_set_bytes',
  micrometer: 'jvm_memory_used_bytes',
  gauges: 'service_memory_megabytes',
} as const;

export const memoryLeak: Scenario = {
  id: 'memory-leak',
  title: 'Memory leak after a deploy',
  description:
    'A release of a service keeps what it should forget. Its collections grow longer until the kernel kills one instance after the other.',
  draw(rng, system) {
    const { name, version: before } = pick(rng, innerOf(system));
    const version = nextVersion(before);
    const message = pick(rng, KEPT);
    return {
      cause: {
        service: name,
        kind: 'memory_leak',
        metric: MEMORY_METRIC[system.telemetry.metrics],
        change: rolloutTitle({ service: name, version }),
      },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world, names) {
        const service = known(world.services, name);
        // Full within about two fifths of what is left, whatever the size of the run.
        const room = service.def.memory.limit - service.def.memory.base;
        const left = Math.max(60_000, world.end - world.kernel.now) / 1000;
        const scale = world.perSecond / system.telemetry.perSecond;
        const perInstance = (rateOf(system, name) * scale) / service.instances.length;
        world.flags.set(`${name}/leak`, room / (left * 0.4 * perInstance));
        const release = { author: 'sefa', commit: '90ab3d2', message };
        rollOut(world, { service: name, version, ...release }, names);
      },
    };
  },
};

const FLAGS = ['tiered-lookup', 'short-sessions', 'localised-texts', 'new-parser', 'fast-path'];

export const badFlag: Scenario = {
  id: 'bad-flag',
  title: 'A feature flag with a defect',
  description:
    'A flag switches a service to new code that fails for a share of its requests. Whoever needs it fails with it.',
  fits: (system) => neededOf(system).length > 0,
  draw(rng, system) {
    const def = pick(rng, neededOf(system));
    const flag = `${def.name}.${pick(rng, FLAGS)}`;
    const title = `Flag ${flag} to 100 %`;
    return {
      cause: {
        service: def.name,
        kind: 'bad_flag',
        metric: requestsOf(system, def),
        change: title,
      },
      level: 'service',
      symptom: failing(system, system.front),
      inject(world) {
        world.flags.set(`${def.name}/fail`, 0.45);
        world.recorder.change(
          world.kernel.now,
          { kind: 'flag', title, version: '' },
          { service: def.name, namespace: world.def.namespace },
          { flag, value: '1', author: 'noor' },
        );
      },
    };
  },
};
