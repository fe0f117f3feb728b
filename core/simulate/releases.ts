import type { Rng } from '../base';
import { durationOf, failing, pick, slow, stepsOf, type Scenario } from './fault';
import { bearable, changed, commitOf, heavier, nextVersion } from './faults-service';
import { rollOut, rolloutTitle } from './lifecycle';
import { callersOf, callingOf, innerOf, medianOf, neededOf } from './places';
import type { OperationDef, ServiceDef, Step, SystemDef } from './system-types';

type Operations = Readonly<Record<string, OperationDef>>;

/** One way in which a release can be bad. */
interface Defect {
  readonly fails: boolean;
  able(system: SystemDef): readonly ServiceDef[];
  /** `share` of a service's instances run it: what few do has to be worse to be felt. */
  operations(system: SystemDef, def: ServiceDef, share: number): Operations;
}

const first = (def: ServiceDef, step: Step): Operations =>
  Object.fromEntries(
    Object.entries(def.operations).map(([op, operation]) => [
      op,
      { ...operation, steps: [step, ...operation.steps] },
    ]),
  );

const work = (system: SystemDef, def: ServiceDef, share: number): number =>
  bearable(system, def, Math.min(240, 80 / share));

const DEFECTS: readonly Defect[] = [
  // More of what it does anyway: no span, no line is new.
  {
    fails: false,
    able: innerOf,
    operations: (system, def, share) => first(def, { do: 'cpu', ms: work(system, def, share) }),
  },
  {
    fails: false,
    able: innerOf,
    operations: (system, def, share) => heavier(def, 2, work(system, def, share)),
  },
  {
    fails: true,
    able: neededOf,
    operations: (_, def, share) => first(def, { do: 'fail', chance: Math.min(0.7, 0.35 / share) }),
  },
  // Asks a store for what no index serves: the store is louder than who asks.
  {
    fails: false,
    able: (system) => innerOf(system).filter((def) => slowSteps(system, def) > 0),
    operations: (system, def) =>
      changed(def, (step) =>
        step.do === 'db'
          ? { ...step, statement: system.slowVariants[step.statement] ?? step.statement }
          : step,
      ),
  },
  // Asks again and again for what it could ask once: whom it calls is busier than it is itself.
  { fails: false, able: callingOf, operations: chatty },
];

const slowSteps = (system: SystemDef, def: ServiceDef): number =>
  stepsOf(def).filter((step) => step.do === 'db' && system.slowVariants[step.statement]).length;

/** Milliseconds that one request takes longer by calls that are repeated, and how often at most. */
const REPEATED_MS = 100;
const MOST_REPEATS = 25;

function chatty(system: SystemDef, def: ServiceDef, share: number): Operations {
  return changed(def, (step) => {
    if (step.do !== 'call' || step.optional) return step;
    const once = Math.max(1, medianOf(system, step.service, step.op));
    const times = Math.min(MOST_REPEATS, 1 + Math.ceil(REPEATED_MS / share / once));
    return Array.from({ length: times }, () => step);
  });
}

interface Release {
  readonly def: ServiceDef;
  readonly version: string;
  readonly commit: string;
  /** Instances that are replaced; all where it is not given. */
  readonly canary: number | undefined;
}

function releaseOf(def: ServiceDef, rng: Rng): Release {
  const partly = def.instances > 1 && rng.next() < 0.5;
  const canary = partly ? 1 + rng.int(Math.max(1, def.instances - 2)) : undefined;
  return { def, canary, version: nextVersion(def.version), commit: commitOf(rng) };
}

/** What is released beside the guilty one: about half of it waits for that, the rest is anywhere. */
function harmlessBeside(system: SystemDef, guilty: ServiceDef, rng: Rng): readonly Release[] {
  const left = system.services.filter((def) => def !== guilty);
  const waiting = callersOf(system, guilty.name);
  return Array.from({ length: Math.min(left.length, rng.int(6)) }, () => {
    const near = left.filter((def) => waiting.includes(def));
    const def = pick(rng, near.length > 0 && rng.next() < 0.5 ? near : left);
    left.splice(left.indexOf(def), 1);
    return releaseOf(def, rng);
  });
}

/** Milliseconds: the guilty release comes up to so long before the fault; the others until so long after. */
const BEFORE = 180_000;
const AFTER = 60_000;

/** How soon the defect shows: at once for a third, else after seconds to minutes. */
const leadOf = (rng: Rng): number => (rng.next() < 0.35 ? 0 : 8000 + rng.next() * (BEFORE - 8000));

export const releases: Scenario = {
  id: 'releases',
  title: 'Several releases at once, one of them bad',
  description:
    'One to six services are released within minutes, some of them on a part of their instances. One release makes its service slow, fail, or ask too much of others.',
  draw(rng, system) {
    const defect = pick(
      rng,
      DEFECTS.filter((one) => one.able(system).length > 0),
    );
    const guilty = releaseOf(pick(rng, defect.able(system)), rng);
    const others = harmlessBeside(system, guilty.def, rng);
    const { def, version, canary } = guilty;
    const cause = { service: def.name, kind: 'bad_release' };
    const change = rolloutTitle({ service: def.name, version });
    return {
      cause: defect.fails
        ? { ...cause, change }
        : { ...cause, metric: durationOf(system, def), change },
      level: 'service',
      symptom: (defect.fails ? failing : slow)(system, system.front),
      leadMs: BEFORE,
      inject(world, names, fault) {
        const { kernel } = world;
        const from = kernel.now;
        const lead = Math.min(leadOf(names), fault - from);
        const release = ({ def: { name }, ...one }: Release, more: object = {}): void =>
          rollOut(
            world,
            { service: name, ...one, ...more, author: 'mira', message: WEEKLY },
            names,
          );
        const share = (canary ?? def.instances) / def.instances;
        const operations = defect.operations(system, def, share);
        kernel.at(fault - lead, () => release(guilty, { operations, shows: fault }));
        for (const other of others) {
          kernel.after(names.next() * (fault + AFTER - from), () => release(other));
        }
      },
    };
  },
};

const WEEKLY = 'Weekly release';
