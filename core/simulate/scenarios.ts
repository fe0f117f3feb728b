import { cacheOutage, crashLoop, dependencyOutage } from './faults-outage';
import { badFlag, memoryLeak, slowQuery } from './faults-release';
import { SERVICE_FAULTS } from './faults-service';
import { STORE_FAULTS } from './faults-store';
import type { Scenario } from './fault';
import { cpuContention, networkLoss } from './faults-host';
import { QUIET_WINDOWS } from './quiet-windows';
import { releases } from './releases';

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
    fits: (system) => (one.fits?.(system) ?? true) && (other.fits?.(system) ?? true),
    draw(rng, system) {
      const first = one.draw(rng.fork('one'), system);
      let second = other.draw(rng.fork('other'), system);
      for (let i = 0; i < REDRAWS && second.cause?.service === first.cause?.service; i++) {
        second = other.draw(rng.fork(`other/${i}`), system);
      }
      const causes = [first.cause, second.cause].filter((cause) => cause !== undefined);
      return {
        cause: first.cause,
        causes,
        level: first.level === second.level ? first.level : 'service',
        symptom: first.symptom ?? second.symptom,
        inject(world, names, fault) {
          first.inject(world, names.fork('one'), fault);
          second.inject(world, names.fork('other'), fault);
        },
      };
    },
  };
}
