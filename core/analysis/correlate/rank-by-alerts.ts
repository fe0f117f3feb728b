import { addTo } from '../stats';
import type { AlertHistory, Surprise } from './alert-history';
import type { AlertTopology } from './alert-topology';

/** Each further family of alerts of an entity counts this much of the one before it. */
const DISCOUNT = 0.9;
/** A line of a log says more than one of many measurements; the source's severity weighs on top. */
const LOG_WEIGHT = 2;
const SEVERITY: Readonly<Record<string, number>> = {
  critical: 2,
  fatal: 2,
  error: 2,
  warning: 1.5,
  warn: 1.5,
  info: 0.5,
  debug: 0.5,
};
/** What stays with a caller of what its callees could have caused, at least. */
const KEPT = 0.2;
/** A walk goes back to where alerts fired with this probability, and takes this many steps. */
const RESTART = 0.5;
const STEPS = 6;
/** A call that was seen in this trouble weighs this much more than one of the topology. */
const SEEN_CALL = 2;
/** What has no alert of its own stands behind what has. */
const SILENT = 1e-6;

/** Entity → what speaks for it → nats. */
type Evidence = Map<string, Map<string, number>>;

/**
 * How much an incident's alerts speak against each entity. One family of alerts counts once; what a callee's
 * alerts could have caused in its callers is passed down to it (calls by the alerts on its own calls; logs and
 * alerts of a service by those of the services that it calls); entities without an alert follow by a random walk
 * with restart from those that have some (Tong et al. 2006), if alerts are raised on their kind at all.
 */
export function rankByAlerts(
  surprises: readonly Surprise[],
  history: Pick<AlertHistory, 'alertedKinds'>,
  topology: AlertTopology,
): ReadonlyMap<string, number> {
  const evidence: Evidence = new Map();
  for (const { alert, family, nats } of surprises) {
    if (alert.about === 'calls') continue;
    const logs = alert.about === 'logs';
    const weight = logs ? LOG_WEIGHT * (SEVERITY[alert.severity.toLowerCase()] ?? 1) : 1;
    most(evidence, alert.entity, logs ? LOGS : family, weight * nats);
  }
  passDownCalls(surprises, evidence);
  passDownService(evidence, topology);
  const scores = new Map<string, number>();
  for (const [entity, found] of evidence) scores.set(entity, discounted([...found.values()]));
  const kinds = new Set(history.alertedKinds);
  for (const { alert } of surprises) kinds.add(topology.kindOf(alert.entity));
  const least = SILENT * Math.max(0, ...scores.values());
  for (const [entity, mass] of walk(scores, surprises, topology)) {
    if (kinds.has(topology.kindOf(entity))) addTo(scores, entity, least * mass);
  }
  return scores;
}

const LOGS = 'logs';
const CALLS = 'calls\u0001';
const CALLERS = 'from callers';

function most(evidence: Evidence, entity: string, what: string, nats: number): void {
  const found = evidence.get(entity);
  if (found) found.set(what, Math.max(found.get(what) ?? 0, nats));
  else evidence.set(entity, new Map([[what, nats]]));
}

function discounted(values: readonly number[]): number {
  let weight = 1;
  let sum = 0;
  for (const value of Float64Array.from(values).sort().reverse()) {
    sum += weight * value;
    weight *= DISCOUNT;
  }
  return sum;
}

/** Alerts on calls count for the callee, and go on to its own callees as far as calls to those have alerts, too. */
function passDownCalls(surprises: readonly Surprise[], evidence: Evidence): void {
  const byName = new Map<string, Map<string, Map<string, number>>>();
  for (const { alert, nats } of surprises) {
    if (alert.about !== 'calls') continue;
    const calls = byName.get(alert.name) ?? new Map<string, Map<string, number>>();
    byName.set(alert.name, calls);
    const callees = calls.get(alert.caller) ?? new Map<string, number>();
    calls.set(alert.caller, callees);
    callees.set(alert.entity, Math.max(callees.get(alert.entity) ?? 0, nats));
  }
  for (const [name, calls] of byName) {
    const sums = new Map<string, number>();
    for (const [caller, callees] of calls) {
      for (const [callee, nats] of callees) {
        for (const [entity, share] of reached(calls, caller, callee, nats)) {
          addTo(sums, entity, share * nats);
        }
      }
    }
    for (const [entity, nats] of sums) most(evidence, entity, CALLS + name, nats);
  }
}

function reached(
  calls: ReadonlyMap<string, ReadonlyMap<string, number>>,
  caller: string,
  callee: string,
  nats: number,
): ReadonlyMap<string, number> {
  const shares = new Map([[callee, 1]]);
  const todo = [callee];
  for (let at = todo.shift(); at !== undefined; at = todo.shift()) {
    const further = [...(calls.get(at) ?? [])].filter(
      ([next]) => !shares.has(next) && next !== caller,
    );
    const sum = further.reduce((total, [, own]) => total + own, 0);
    if (sum <= 0) continue;
    const share = shares.get(at) ?? 0;
    const stays = Math.max(KEPT, 1 - sum / (sum + nats));
    for (const [next, own] of further) {
      shares.set(next, (share * (1 - stays) * own) / sum);
      todo.push(next);
    }
    shares.set(at, share * stays);
  }
  return shares;
}

/** Logs, and alerts of a service as such, are about its serving: what it calls may be behind them. */
function passDownService(evidence: Evidence, topology: AlertTopology): void {
  const serving = new Map<string, Map<string, Map<string, number>>>();
  const sums = new Map<string, number>();
  for (const [entity, found] of evidence) {
    const service = topology.serviceOf(entity);
    if (service === undefined) continue;
    for (const [what, nats] of found) {
      if (what.startsWith(CALLS) || (what !== LOGS && entity !== service)) continue;
      const entities = serving.get(service) ?? new Map<string, Map<string, number>>();
      serving.set(service, entities);
      const own = entities.get(entity) ?? new Map<string, number>();
      entities.set(entity, own.set(what, nats));
      addTo(sums, service, nats);
    }
  }
  const gains = new Map<string, number>();
  for (const [service, entities] of serving) {
    const callees = new Set(
      topology.calleesOf(service).filter((id) => id !== service && sums.has(id)),
    );
    const below = [...callees].reduce((total, id) => total + (sums.get(id) ?? 0), 0);
    if (below <= 0) continue;
    for (const [entity, own] of entities) {
      for (const [what, nats] of own) {
        const goes = Math.min(1 - KEPT, below / (below + nats));
        evidence.get(entity)?.set(what, nats * (1 - goes));
        for (const callee of callees) {
          for (const [target, its] of serving.get(callee) ?? []) {
            const share = [...its.values()].reduce((total, value) => total + value, 0) / below;
            addTo(gains, target, nats * goes * share);
          }
        }
      }
    }
  }
  for (const [entity, nats] of gains) most(evidence, entity, CALLERS, nats);
}

/** Where a walk from the alerts ends up, over the topology and the calls seen in this trouble. */
function walk(
  scores: ReadonlyMap<string, number>,
  surprises: readonly Surprise[],
  topology: AlertTopology,
): Iterable<readonly [string, number]> {
  const seen = new Map<string, Map<string, number>>();
  const see = (a: string, b: string): void => {
    const known = seen.get(a);
    if (known) known.set(b, SEEN_CALL);
    else seen.set(a, new Map([[b, SEEN_CALL]]));
  };
  for (const { alert } of surprises) {
    if (alert.about !== 'calls' || alert.caller === '' || alert.caller === alert.entity) continue;
    see(alert.entity, alert.caller);
    see(alert.caller, alert.entity);
  }
  const entities = [...scores.keys()];
  const numbers = new Map(entities.map((entity, i) => [entity, i]));
  const ways: { readonly to: number[]; readonly share: number[] }[] = [];
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i] ?? '';
    const [stated, called] = [topology.besides.get(entity), seen.get(entity)];
    const merged = called ? new Map([...(stated ?? []), ...called]) : (stated ?? NOWHERE);
    const way = { to: [] as number[], share: [] as number[] };
    let sum = 0;
    for (const weight of merged.values()) sum += weight;
    for (const [neighbour, weight] of merged) {
      const number = numbers.get(neighbour) ?? entities.length;
      if (number === entities.length) {
        numbers.set(neighbour, number);
        entities.push(neighbour);
      }
      way.to.push(number);
      way.share.push(weight / sum);
    }
    ways.push(way);
  }
  return [...walked(scores, entities, ways)].map((mass, i) => [entities[i] ?? '', mass]);
}

const NOWHERE: ReadonlyMap<string, number> = new Map();

function walked(
  scores: ReadonlyMap<string, number>,
  entities: readonly string[],
  ways: readonly { readonly to: readonly number[]; readonly share: readonly number[] }[],
): Float64Array {
  const start = Float64Array.from(entities, (entity) => scores.get(entity) ?? 0);
  const total = start.reduce((sum, value) => sum + value, 0);
  if (total <= 0) return new Float64Array(start.length);
  for (let i = 0; i < start.length; i++) start[i] = (start[i] ?? 0) / total;
  let mass = start;
  for (let step = 0; step < STEPS; step++) {
    const next = new Float64Array(start.length);
    for (const [i, { to, share }] of ways.entries()) {
      const leaves = (1 - RESTART) * (mass[i] ?? 0);
      next[i] = (next[i] ?? 0) + RESTART * (start[i] ?? 0) + (to.length > 0 ? 0 : leaves);
      for (const [k, target] of to.entries()) {
        next[target] = (next[target] ?? 0) + leaves * (share[k] ?? 0);
      }
    }
    mass = next;
  }
  return mass;
}
