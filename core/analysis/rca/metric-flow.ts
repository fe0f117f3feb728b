import { badDirection, countsRequests } from '../detect/metric-roles';
import type { Facts } from '../facts';
import type { MetricShift } from '../shifts';
import { addTo, clamp01, ramp } from '../stats';
import { NOTHING, defineMethod, result } from './method';

/** The symptom's trouble at one entity: added time or failures over all its requests, and how sure. */
interface Trouble {
  readonly volume: number;
  readonly z: number;
}

/**
 * From the symptom down its dependencies, in its own metric: each entity's excess is weighed by its requests
 * (added seconds, failed calls), and counts only as far as its dependencies' excess does not explain it and
 * as far as it is large enough to explain the symptom's.
 */
export const metricFlow = defineMethod({
  id: 'rca.metric-flow',
  version: 2,
  title: "The symptom's excess, followed down",
  cite: 'anomaly graph: Budhathoki et al. (ICML 2022), Hardt et al., PetShop (CLeaR 2024); weighed by requests',
  weight: 1.6,
  uses: {},
  score: (facts) => {
    const { symptom, graph } = facts;
    if (symptom === undefined) return NOTHING;
    const troubles = troubleOf(facts);
    const start = troubles.get(symptom);
    if (!start || troubles.size < 2) return NOTHING;
    const reached = reachedFrom(symptom, graph.callees, troubles);
    const hard = hardTrouble(facts);
    const raw = new Map<string, number>();
    for (const id of reached) {
      const { volume, z } = troubles.get(id) ?? start;
      const below = (graph.callees.get(id) ?? []).reduce(
        (sum, callee) =>
          sum + (id !== callee && reached.has(callee) ? (troubles.get(callee)?.volume ?? 0) : 0),
        0,
      );
      const left = clamp01((volume - below) / volume);
      const mine = left * clamp01(volume / start.volume) * ramp(z, 0, 3);
      // What it uses may not report the symptom's metric at all, and be down or full.
      const [broken] = (graph.callees.get(id) ?? [])
        .filter((callee) => !reached.has(callee) && (hard.get(callee) ?? 0) > 0)
        .sort((a, b) => (hard.get(b) ?? 0) - (hard.get(a) ?? 0) || (a < b ? -1 : 1));
      const passed = broken === undefined ? 0 : PASSED_ON * (hard.get(broken) ?? 0) * mine;
      if (broken !== undefined) addTo(raw, broken, passed);
      addTo(raw, id, mine - passed);
    }
    return result(raw, ramp(start.z, 0.5, 3) * ramp(Math.max(0, ...raw.values()), 0, 0.3));
  },
});

/** The most that an entity passes on to a dependency that is down or full. */
const PASSED_ON = 0.8;

/** By entity, 0–1: errors, failing health or saturation of its own, beyond what chance brings. */
function hardTrouble(facts: Facts): ReadonlyMap<string, number> {
  const limit = Math.max(2, Math.sqrt(2 * Math.log(Math.max(1, facts.metrics.length))));
  const out = new Map<string, number>();
  for (const shift of facts.metrics) {
    if (shift.role === 'latency' || shift.role === 'traffic' || shift.role === 'other') continue;
    const id = facts.fold(shift.entityId);
    const one = ramp(badDirection(shift.role) * shift.z, limit, 2 * limit);
    out.set(id, Math.max(out.get(id) ?? 0, one));
  }
  return out;
}

/** Entities on a path from the symptom on which every one has trouble of the same sort. */
function reachedFrom(
  symptom: string,
  callees: ReadonlyMap<string, readonly string[]>,
  troubles: ReadonlyMap<string, Trouble>,
): ReadonlySet<string> {
  const seen = new Set([symptom]);
  for (const id of seen) {
    for (const callee of callees.get(id) ?? []) {
      if ((troubles.get(callee)?.z ?? 0) > 0.5) seen.add(callee);
    }
  }
  return seen;
}

/** By entity, in the symptom's metric: excess in its bad direction, times its requests where they are counted. */
function troubleOf(facts: Facts): ReadonlyMap<string, Trouble> {
  const same = facts.metrics.filter(({ metric }) => metric === facts.symptomMetric);
  const mine = same.filter(({ entityId }) => facts.fold(entityId) === facts.symptom);
  const sign = mine[0] && (badDirection(mine[0].role) || Math.sign(mine[0].z));
  const out = new Map<string, Trouble>();
  if (!sign) return out;
  const requests = requestsOf(facts);
  for (const shift of same) {
    const id = facts.fold(shift.entityId);
    const z = sign * shift.z;
    const excess = sign * (shift.incident - shift.base);
    if (!(z > 0 && excess > 0)) continue;
    const one = { volume: excess * (requests.get(id) ?? requests.get(ANY) ?? 1), z };
    if (one.volume > (out.get(id)?.volume ?? 0)) out.set(id, one);
  }
  return out;
}

const ANY = '';

/** Requests of each entity in the incident, by the metric that most entities have; the middle under ''. */
function requestsOf(facts: Facts): ReadonlyMap<string, number> {
  const families = new Map<string, MetricShift[]>();
  for (const shift of facts.metrics) {
    if (!countsRequests(shift.metric)) continue;
    families.set(shift.metric, [...(families.get(shift.metric) ?? []), shift]);
  }
  const [best] = [...families].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  const out = new Map<string, number>();
  for (const shift of best?.[1] ?? []) addTo(out, facts.fold(shift.entityId), shift.incident);
  const values = [...out.values()].sort((a, b) => a - b);
  const middle = values[values.length >> 1];
  if (middle !== undefined) out.set(ANY, middle);
  return out;
}
