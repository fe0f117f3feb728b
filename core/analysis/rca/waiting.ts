import type { Facts } from '../facts';
import type { OperationShift } from '../shifts';
import { addTo, ramp } from '../stats';

/** Where the time went that an entity's requests take more than before. */
export interface Waiting {
  /** 0–1: how much more, against what they took. */
  readonly slowed: number;
  /** By callee: its share of what was added. What is left is its own. */
  readonly shares: ReadonlyMap<string, number>;
}

/**
 * The added time of each entity, parted by who made it: itself, or those that it called and waited for.
 * Messages are not waited for. It says where time went, not that there is anything to it: no test is made.
 */
export function waitingOf(facts: Facts): ReadonlyMap<string, Waiting> {
  const stores = shareOfSilent(facts);
  const own = new Map<string, number>();
  const usual = new Map<string, number>();
  const to = new Map<string, Map<string, number>>();
  for (const op of facts.operations) {
    const { service, kind, peer, base, incident } = op;
    if (base.n === 0 || incident.n === 0 || kind === 4 || waitsOnPurpose(op)) continue;
    addTo(usual, service, (base.selfMs / base.n) * incident.n);
    const called = kind === 3 ? peer : null;
    if (called === null) {
      addTo(own, service, Math.max(0, op.excessMs));
      continue;
    }
    const added = Math.max(
      0,
      (incident.durationMs / incident.n - base.durationMs / base.n) * incident.n,
    );
    addTo(usual, service, ((base.durationMs - base.selfMs) / base.n) * incident.n);
    const share = op.peerSpoke ? 1 : (stores.get(called) ?? 0);
    const callees = to.get(service) ?? new Map<string, number>();
    addTo(callees, facts.fold(called), added * share);
    to.set(service, callees);
    if (!op.peerSpoke) addTo(own, service, added * (1 - share));
  }
  return new Map(
    [...to].map(([service, callees]) => {
      const waited = [...callees.values()].reduce((sum, ms) => sum + ms, 0);
      const added = waited + (own.get(service) ?? 0);
      const slowed = ramp(added / Math.max(1e-9, usual.get(service) ?? 0), 0.1, 0.5);
      const shares = new Map([...callees].map(([id, ms]) => [id, added > 0 ? ms / added : 0]));
      return [service, { slowed, shares }];
    }),
  );
}

/** How much a longest time may differ and still be the same limit. */
const SAME_LIMIT = 1.1;

/**
 * Waiting for something to do is no latency: spans that say so, and requests of nobody in this case that are
 * held open up to a limit (long polls): longer in the middle where there is less to do, and no longer at
 * most. They wait all the time, whatever the middle one takes.
 */
export function waitsOnPurpose({ base, incident }: OperationShift): boolean {
  if (base.waits + incident.waits > 0) return true;
  const roots = base.roots === base.n && incident.roots === incident.n;
  const held = incident.durationMs / incident.n > HELD * incident.p99Ms;
  return roots && held && incident.p99Ms <= SAME_LIMIT * base.p99Ms;
}

/** Share of the longest time that the mean of what is held open up to a limit comes to. */
const HELD = 0.5;

/**
 * Of what records no span of its own, how much of its slowness is its own. A store: near 1 where every
 * operation on it takes as much longer, or as many times as long; near 0 where one takes far more than the
 * others (then it is that caller's doing, and the others wait behind it: what they wait is common to all).
 * An outside party answers to others as well: what it takes is its own.
 */
export function shareOfSilent(facts: Facts): ReadonlyMap<string, number> {
  const slowdowns = new Map<string, { readonly added: number[]; readonly times: number[] }>();
  for (const op of facts.operations) {
    if (op.peer === null || op.peerSpoke || !isCompared(op)) continue;
    const before = op.base.selfMs / op.base.n + 0.05;
    const now = op.incident.selfMs / op.incident.n + 0.05;
    const list = slowdowns.get(op.peer) ?? { added: [], times: [] };
    list.added.push(Math.max(0, now - before));
    list.times.push(Math.max(0, now / before - 1));
    slowdowns.set(op.peer, list);
  }
  const share = new Map<string, number>();
  for (const [id, { added, times }] of slowdowns) {
    const kind = facts.graph.entities.get(id)?.kind ?? id.split(':')[0];
    // One operation tells nothing about whose doing it is.
    const single = kind === 'external' ? 1 : 0.5;
    const alike = Math.max(likeness(added), likeness(times));
    share.set(id, added.length < 2 ? single : ramp(alike, 0.35, 0.75));
  }
  return share;
}

/** The middle one, of two the smaller, by the largest. */
function likeness(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const worst = sorted.at(-1) ?? 0;
  return worst > 0 ? (sorted[(sorted.length - 1) >> 1] ?? 0) / worst : 0;
}

const isCompared = ({ peer, base, incident }: OperationShift): boolean =>
  peer?.startsWith('external:') ? base.n >= 1 && incident.n >= 1 : base.n >= 3 && incident.n >= 3;
