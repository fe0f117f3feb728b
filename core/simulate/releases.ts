import { durationOf, pick, slow, type Scenario } from './fault';
import { commitOf, heavier, nextVersion } from './faults-service';
import { rollOut, rolloutTitle } from './lifecycle';
import { innerOf } from './places';

/** One of them slows its service down; which one, how many and how far each is rolled out is drawn. */
export const releases: Scenario = {
  id: 'releases',
  title: 'Several releases at once, one of them bad',
  description:
    'One to six services are released within two minutes, some of them on one instance first. One release makes its service slow.',
  draw(rng, system) {
    const left = [...innerOf(system)];
    const chosen = Array.from({ length: Math.min(left.length, 1 + rng.int(6)) }, () => {
      const def = pick(rng, left);
      left.splice(left.indexOf(def), 1);
      const canary = def.instances > 1 && rng.next() < 0.5 ? 1 : undefined;
      return { def, canary, version: nextVersion(def.version), commit: commitOf(rng) };
    });
    const guilty = chosen[rng.int(chosen.length)] ?? pick(rng, chosen);
    const service = guilty.def.name;
    return {
      cause: {
        service,
        kind: 'bad_release',
        metric: durationOf(system, guilty.def),
        change: rolloutTitle({ service, version: guilty.version }),
      },
      level: 'service',
      symptom: slow(system, system.front),
      inject(world, names) {
        for (const release of chosen) {
          const { def, canary, version, commit } = release;
          const operations = release === guilty ? heavier(def, 2, 60) : undefined;
          const what = { author: 'mira', commit, message: 'Weekly release' };
          const rollout = { service: def.name, version, canary, operations, ...what };
          // The fault begins with the guilty one; the others fall around it.
          const wait = release === guilty ? 0 : names.int(40_000);
          world.kernel.after(wait, () => rollOut(world, rollout, names));
        }
      },
    };
  },
};
