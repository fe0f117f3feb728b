import { badness, sharedReadings } from '../detect/metrics';
import type { Facts } from '../facts';
import { clamp01, compress, median, ramp } from '../stats';
import { defineMethod, result } from './method';

/** What an entity's metrics say: trouble that a dependency can hand up (time, errors), and what it can't. */
interface Own {
  readonly felt: number;
  readonly made: number;
}

/**
 * The largest shift that chance brings among so many series: the threshold. Where most series moved (more
 * traffic, another day's baseline), the scale of the middle one is noise; and what the middle entity's worst
 * series reaches is what heavy tails bring.
 */
function noiseOf(facts: Facts): { readonly scale: number; readonly limit: number } {
  const shifts = facts.metrics;
  if (shifts.length === 0) return { scale: 1, limit: 3 };
  const middle = median(shifts.map(({ z }) => Math.abs(z))) / 0.6745;
  const scale = shifts.length < ENOUGH ? 1 : Math.min(6, Math.max(1, middle));
  const worst = new Map<string, number>();
  for (const shift of shifts) {
    const id = facts.fold(shift.entityId);
    worst.set(id, Math.max(worst.get(id) ?? 0, badness(shift) / scale));
  }
  const usual = HEAVY * median([...worst.values()]);
  return { scale, limit: Math.max(2, Math.sqrt(2 * Math.log(shifts.length)), usual) };
}

/** Series from which on the middle one speaks for the rest. */
const ENOUGH = 12;
/** By how much the worst of many entities may exceed the middle one's worst. */
const HEAVY = 1.5;

const TOP = 3;

function sum(values: readonly number[]): number {
  const top = [...values].sort((a, b) => b - a).slice(0, TOP);
  return top.reduce((total, z, i) => total + compress(z) / (i + 1), 0);
}

/** Excess badness of each entity beyond chance, its worst metrics, compressed. */
export function ownMetrics(facts: Facts): { own: ReadonlyMap<string, Own>; worst: number } {
  const { scale, limit } = noiseOf(facts);
  const shared = sharedReadings(facts.metrics);
  const felt = new Map<string, number[]>();
  const made = new Map<string, number[]>();
  let worst = 0;
  const put = (to: Map<string, number[]>, id: string, z: number): void => {
    if (id === '' || z <= 0) return;
    to.set(id, [...(to.get(id) ?? []), z]);
    worst = Math.max(worst, z);
  };
  for (const shift of facts.metrics) {
    const z = (badness(shift) / scale - limit) / shared(shift);
    if (z <= 0) continue;
    const to = shift.role === 'latency' || shift.role === 'errors' || shift.role === 'health';
    const { source, destination } = shift;
    if (source !== null && destination !== null) {
      put(felt, facts.fold(`service:${destination}`), 0.7 * z);
      put(felt, facts.fold(`service:${source}`), 0.2 * z);
    } else put(to ? felt : made, facts.fold(shift.entityId), z);
  }
  const ids = new Set([...felt.keys(), ...made.keys()]);
  const own = new Map(
    [...ids].map((id) => [id, { felt: sum(felt.get(id) ?? []), made: sum(made.get(id) ?? []) }]),
  );
  return { own, worst };
}

/**
 * Signed robust shift of an entity's own metrics; its time and errors less what its callees' explain
 * (root-most rule: an anomalous node with no anomalous callee is where it began).
 */
export const metricRoot = defineMethod({
  id: 'rca.metric-root',
  version: 3,
  title: 'Own metrics, root-most',
  cite: 'robust scorer: Pham et al., BARO (FSE 2024); traversal: Budhathoki et al. (ICML 2022)',
  weight: 0.8,
  uses: {},
  score: (facts) => {
    const { own, worst } = ownMetrics(facts);
    const raw = new Map<string, number>();
    for (const [id, { felt, made }] of own) {
      const below = (facts.graph.callees.get(id) ?? []).map((callee) => {
        const there = own.get(callee);
        return there === undefined ? 0 : Math.max(there.felt, there.made);
      });
      const explained = clamp01(Math.max(0, ...below) / Math.max(felt, 1e-9));
      raw.set(id, Math.max(made, felt * (1 - 0.7 * explained)) + 0.5 * Math.min(made, felt));
    }
    return result(raw, ramp(compress(worst), compress(1), compress(30)));
  },
});
