import type { Facts } from '../facts';
import { timelinessOf } from './change-impact';
import { hostExcess } from './host-roll-up';
import { kindOf, rankable } from './candidates';
import { handOn } from './hand-on';
import type { MethodResult } from './method';

type Move = (from: string, to: string, share: number) => void;

/**
 * Moves score from an effect to what explains it: a store to the caller that changed just before and slowed
 * most at it; a caller to a callee that did not answer, where the caller's errors are just that; a service
 * to the host on which alone it is slow; an address to the service beside it that is as abnormal; what is slow because it waits, to whom it waits for.
 */
export function explainAway(
  facts: Facts,
  results: ReadonlyMap<string, MethodResult>,
  totals: Map<string, number>,
): void {
  const move: Move = (from, to, share) => {
    const amount = share * (totals.get(from) ?? 0);
    if (amount <= 0 || from === to || !rankable(facts, to)) return;
    totals.set(from, (totals.get(from) ?? 0) - amount);
    totals.set(to, (totals.get(to) ?? 0) + amount);
  };
  drivenStores(facts, results.get('rca.change-impact'), move);
  silentCallees(facts, move);
  handOn(facts, results, totals);
  slowHosts(facts, results.get('rca.host-roll-up'), move);
  addresses(facts, totals, move);
}

function drivenStores(facts: Facts, changed: MethodResult | undefined, move: Move): void {
  const slowed = facts.operations
    .filter((op) => op.peer !== null && !op.peerSpoke && op.z >= 3 && op.excessMs > 0)
    .sort((a, b) => b.excessMs - a.excessMs);
  for (const [entity, score] of changed?.scores ?? []) {
    const mine = slowed.filter((op) => op.service === entity);
    for (const store of new Set(mine.map((op) => op.peer))) {
      const worst = slowed.find(({ peer }) => peer === store);
      if (store !== null && worst?.service === entity) {
        move(store, entity, 0.5 * score * (changed?.strength ?? 0));
      }
    }
  }
}

function silentCallees(facts: Facts, move: Move): void {
  const silent = new Map<string, { from: string; to: string; errors: number }>();
  const own = new Map<string, number>();
  for (const { service, peer, peerSpoke, base, incident } of facts.operations) {
    own.set(service, (own.get(service) ?? 0) + incident.ownErrors);
    if (peer === null || peerSpoke || incident.ownErrors < 3) continue;
    const to = facts.fold(peer);
    const key = `${service}\u0001${to}`;
    const pair = silent.get(key) ?? { from: service, to, errors: 0 };
    const usual = base.n > 0 ? (base.ownErrors / base.n) * incident.n : 0;
    pair.errors += incident.ownErrors - usual;
    silent.set(key, pair);
  }
  for (const { from, to, errors } of silent.values()) {
    const share = errors / Math.max(1, own.get(from) ?? 0);
    // A caller that was just changed may well be asking for the wrong thing.
    const changes = facts.changes.filter(({ entityId }) => facts.fold(entityId) === from);
    const own0 = Math.max(0, ...changes.map(({ ts }) => timelinessOf(facts, from, ts)));
    if (share > 0.6) move(from, to, 0.6 * share * (1 - own0 * own0));
  }
}

/** A service's trouble as far as it is only on a host that is bad as a whole. */
function slowHosts(facts: Facts, rolled: MethodResult | undefined, move: Move): void {
  if (!rolled || rolled.strength === 0) return;
  const hosts = hostExcess(facts);
  const all = new Map<string, number>();
  for (const places of hosts.values()) {
    for (const { service, z } of places) all.set(service, (all.get(service) ?? 0) + z);
  }
  for (const [host, score] of rolled.scores) {
    for (const { service, z } of hosts.get(host) ?? []) {
      const share = z / Math.max(1e-9, all.get(service) ?? 0);
      move(service, host, 0.6 * score * rolled.strength * share);
    }
  }
}

/**
 * What is known only as an address, from who calls it, may well be the address of something that they call
 * under its own name, too: where that is as abnormal, it explains the address.
 */
function addresses(facts: Facts, totals: ReadonlyMap<string, number>, move: Move): void {
  const { graph } = facts;
  const before = new Map(totals);
  for (const [id, score] of before) {
    if (kindOf(facts, id) !== 'external' || (graph.callees.get(id) ?? []).length > 0) continue;
    const beside = (graph.callers.get(id) ?? [])
      .flatMap((caller) => graph.callees.get(caller) ?? [])
      .filter((other) => kindOf(facts, other) === 'service')
      .sort((a, b) => (before.get(b) ?? 0) - (before.get(a) ?? 0) || (a < b ? -1 : 1));
    const [likely] = beside;
    const ratio = likely === undefined ? 0 : (before.get(likely) ?? 0) / Math.max(1e-9, score);
    if (likely !== undefined && ratio > 0.4) move(id, likely, 0.5 * Math.min(1, ratio));
  }
}
