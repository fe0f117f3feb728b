import { createRng } from '../../base';
import { createRenaming } from '../root-cause/rename';
import { shuffled } from '../shuffle';
import type { Stream } from './alert-streams';

export interface ScrambledStream {
  readonly stream: Stream;
  readonly rename: (entity: string) => string;
}

/**
 * The same alerts under other names of entities and other fingerprints, at another time, those of one instant
 * and the edges in another order. Names of alerts are no names of the system and stay, as do faults.
 */
export function scrambleStream(stream: Stream, seed: number): ScrambledStream {
  const rng = createRng(`scramble/${seed}`);
  const { alerts, edges, kinds, faults } = stream;
  const { name: rename } = createRenaming(
    [...kinds.keys(), ...alerts.flatMap(({ entity, caller }) => [entity, caller])],
    seed,
  );
  const shiftMs = 86_400_000 * (rng.fork('time').int(40) - 20);
  const prints = shuffled([...new Set(alerts.map(({ fingerprint }) => fingerprint))], rng);
  const numbers = new Map(prints.map((fingerprint, i) => [fingerprint, `f${i}`]));
  const renamed = shuffled(alerts, rng)
    .sort((a, b) => a.fromMs - b.fromMs)
    .map((alert) => ({
      ...alert,
      entity: rename(alert.entity),
      caller: rename(alert.caller),
      fingerprint: numbers.get(alert.fingerprint) ?? '',
      atMs: alert.atMs + shiftMs,
      fromMs: alert.fromMs + shiftMs,
      toMs: alert.toMs + shiftMs,
    }));
  return {
    rename,
    stream: {
      ...stream,
      alerts: renamed,
      edges: shuffled(edges, rng).map(({ source, target, kind }) => ({
        source: rename(source),
        target: rename(target),
        kind,
      })),
      kinds: new Map(shuffled([...kinds], rng).map(([id, kind]) => [rename(id), kind])),
      faults: faults.map((fault) => ({
        ...fault,
        root_cause: { ...fault.root_cause, entity: rename(fault.root_cause.entity) },
      })),
    },
  };
}
