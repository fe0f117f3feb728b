import type { Facts } from '../facts';
import { addTo, clamp01, compress, median, normalised, ramp } from '../stats';

/** What a ranking method says: scores by entity (largest 1), and how much there was to go by (0–1). */
export interface MethodResult {
  readonly scores: ReadonlyMap<string, number>;
  readonly strength: number;
}

/** A ranking method: pure, versioned, cited. A new one is a line in METHODS. */
export interface RankMethod {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly cite: string;
  /** Weight in the fused ranking. */
  readonly weight: number;
  score(facts: Facts): MethodResult;
}

const NOTHING: MethodResult = { scores: new Map(), strength: 0 };

function result(raw: ReadonlyMap<string, number>, strength: number): MethodResult {
  const scores = normalised(raw);
  return scores.size === 0 ? NOTHING : { scores, strength: clamp01(strength) };
}

/**
 * Who made the added time: self time beyond the baseline's mean, per operation and as often as it was
 * called. Time spent in calls to a store counts for the store only as far as all its callers feel it;
 * the rest is the caller's own doing. Time between two spans counts half for either end.
 */
const selfTime: RankMethod = {
  id: 'rca.self-time',
  version: 1,
  title: 'Added self time',
  cite: 'critical-path counterfactual, after Zhang et al., CRISP (USENIX ATC 2022)',
  weight: 1,
  score: (facts) => {
    const raw = new Map<string, number>();
    let added = 0;
    const storeShare = feltByAllCallers(facts);
    for (const op of facts.operations) {
      if (op.excessMs <= 0 || op.z < 3) continue;
      added += op.excessMs;
      const weight = op.excessMs * ramp(op.z, 3, 8);
      const called = op.peer === null || op.peerSpoke ? undefined : op.peer;
      const share = called === undefined ? 0 : (storeShare.get(called) ?? 0);
      addTo(raw, op.service, weight * (1 - share));
      if (called !== undefined && share > 0) addTo(raw, called, weight * share);
    }
    for (const { shift } of facts.graph.edges) {
      if (!shift || shift.gapMs <= 0 || shift.gapZ < 3 || !shift.incident) continue;
      const weight = shift.gapMs * shift.incident.n * ramp(shift.gapZ, 3, 8);
      added += weight;
      addTo(raw, shift.source, weight * edgeShareOf(facts, shift.source));
      addTo(raw, shift.target, weight * edgeShareOf(facts, shift.target));
    }
    const usual = facts.operations.reduce((sum, op) => sum + Math.max(0, op.base.selfMs), 0);
    return result(raw, ramp(added / Math.max(1, usual), 0.02, 0.3));
  },
};

/**
 * How much of a store's slowness is its own: near 1 where every operation on it slowed alike, near 0 where
 * one operation slowed far more than the others (then it is that caller's doing, the rest wait behind it).
 */
function feltByAllCallers(facts: Facts): ReadonlyMap<string, number> {
  const slowdowns = new Map<string, number[]>();
  for (const op of facts.operations) {
    if (op.peer === null || op.peerSpoke || op.incident.n < 3 || op.base.n < 3) continue;
    const before = op.base.selfMs / op.base.n + 0.05;
    const now = op.incident.selfMs / op.incident.n + 0.05;
    slowdowns.set(op.peer, [
      ...(slowdowns.get(op.peer) ?? []),
      Math.log(Math.max(1, now / before)),
    ]);
  }
  const share = new Map<string, number>();
  for (const [store, logs] of slowdowns) {
    const worst = Math.max(...logs);
    const alike = worst > 0 ? median(logs) / worst : 0;
    // A store with one operation tells nothing about whose doing it is.
    share.set(store, logs.length < 2 ? 0.5 : ramp(alike, 0.55, 0.95));
  }
  return share;
}

/** Of an entity's call edges: how many carry an added gap. All of them: it is at this end. */
function edgeShareOf(facts: Facts, id: string): number {
  const edges = facts.graph.edges.filter(
    ({ shift, source, target }) => shift && (source === id || target === id),
  );
  if (edges.length === 0) return 0.5;
  const slow = edges.filter(({ shift }) => shift && shift.gapZ >= 3 && shift.gapMs > 0).length;
  return 0.2 + 0.8 * (slow / edges.length);
}

/**
 * Where errors begin: failed spans without a failed child. A failed call whose callee recorded no span
 * counts for the callee: it did not answer.
 */
const errorOrigin: RankMethod = {
  id: 'rca.error-origin',
  version: 1,
  title: 'Origin of errors',
  cite: 'deepest failed span, as in Jaeger and Tempo root-cause heuristics',
  weight: 1,
  score: (facts) => {
    const raw = new Map<string, number>();
    let extra = 0;
    let calls = 0;
    for (const op of facts.operations) {
      calls += op.incident.n;
      const ratio = op.base.n > 0 ? op.base.ownErrors / op.base.n : 0;
      const expected = ratio * op.incident.n;
      const more = op.incident.ownErrors - expected - 2 * Math.sqrt(expected + 0.25);
      if (more <= 0) continue;
      extra += more;
      const client = op.kind === 3 || op.kind === 4;
      const silent = client && op.peer !== null;
      if (silent && op.peer !== null) {
        addTo(raw, facts.fold(op.peer), 0.75 * more);
        addTo(raw, op.service, 0.25 * more);
      } else addTo(raw, op.service, more);
    }
    return result(raw, ramp(extra / Math.max(1, calls), 0.0005, 0.02) * ramp(extra, 1, 10));
  },
};

/** Metrics that say how much is asked, not how it goes: they move with the others' troubles. */
function metricScores(facts: Facts): Map<string, number> {
  const best = new Map<string, number[]>();
  const put = (id: string, z: number): void => {
    if (id === '') return;
    best.set(id, [...(best.get(id) ?? []), z]);
  };
  for (const shift of facts.metrics) {
    const z = Math.abs(shift.z);
    if (z < 3) continue;
    if (shift.source !== null && shift.destination !== null) {
      put(facts.fold(`service:${shift.destination}`), 0.7 * z);
      put(facts.fold(`service:${shift.source}`), 0.2 * z);
    } else put(facts.fold(shift.entityId), z);
  }
  const scores = new Map<string, number>();
  for (const [id, values] of best) {
    const top = values.sort((a, b) => b - a).slice(0, 3);
    scores.set(
      id,
      top.reduce((sum, z, i) => sum + compress(z - 2) / (i + 1), 0),
    );
  }
  return scores;
}

/**
 * Robust shift of an entity's own metrics, less what its callees' shifts explain (root-most rule:
 * an anomalous node with no anomalous callee is where it began).
 */
const metricRoot: RankMethod = {
  id: 'rca.metric-root',
  version: 1,
  title: 'Own metrics, root-most',
  cite: 'robust scorer: Pham et al., BARO (FSE 2024); traversal: Budhathoki et al. (ICML 2022)',
  weight: 0.8,
  score: (facts) => {
    const own = metricScores(facts);
    const raw = new Map<string, number>();
    for (const [id, score] of own) {
      const below = (facts.graph.callees.get(id) ?? []).map((callee) => own.get(callee) ?? 0);
      const worst = Math.max(0, ...below);
      raw.set(id, score * (1 - 0.6 * clamp01(worst / Math.max(score, 1e-9))));
    }
    return result(raw, ramp(Math.max(0, ...own.values()), compress(3), compress(40)));
  },
};

/** New or risen log templates, heavier for errors; a vanished one counts a little. */
const logNovelty: RankMethod = {
  id: 'rca.log-novelty',
  version: 1,
  title: 'New and risen log lines',
  cite: 'event-pattern difference, after Yu et al., Nezha (FSE 2023)',
  weight: 0.8,
  score: (facts) => {
    const raw = new Map<string, number>();
    let strongest = 0;
    for (const shift of facts.templates) {
      const entity = facts.fold(shift.entityId);
      if (entity === '') continue;
      const grave = shift.severity >= 17 ? 2 : shift.severity >= 13 ? 1.3 : 1;
      const novel = shift.isNew ? 1.5 : 1;
      const z = shift.z > 0 ? shift.z : -0.4 * shift.z;
      if (z < 2.5) continue;
      const score = compress(z - 2) * grave * novel;
      strongest = Math.max(strongest, score);
      raw.set(entity, Math.max(raw.get(entity) ?? 0, score) + 0.1 * score);
    }
    return result(raw, ramp(strongest, 1.2, 5));
  },
};

/** A change shortly before the trouble, on something that itself looks bad or on what that calls. */
const changeImpact: RankMethod = {
  id: 'rca.change-impact',
  version: 1,
  title: 'Change before onset',
  cite: 'time and dependency reach of changes; Google SRE book, ch. 12',
  weight: 0.7,
  score: (facts) => {
    const raw = new Map<string, number>();
    const bad = ownBadness(facts);
    const span = Math.max(
      300_000,
      2 * Number((facts.incident.to - facts.incident.from) / 1_000_000n),
    );
    const start = Number(facts.incident.from / 1_000_000n);
    for (const change of facts.changes) {
      const entity = facts.fold(change.entityId);
      if (entity === '') continue;
      const onset = facts.onsets.get(entity) ?? start;
      const lead = (Math.max(onset, start - span / 4) - Number(change.ts / 1_000_000n)) / span;
      // A little after the first symptom is possible: clocks and bucket edges.
      if (lead < -0.15 || lead > 1) continue;
      const near = Math.exp(-2 * Math.max(0, lead));
      const score = near * Math.max(bad.get(entity) ?? 0, drivenStores(facts, bad, entity));
      raw.set(entity, Math.max(raw.get(entity) ?? 0, score));
    }
    return result(raw, Math.max(0, ...raw.values()));
  },
};

/** Worst store that an entity itself slowed at, less than its own trouble would count. */
function drivenStores(facts: Facts, bad: ReadonlyMap<string, number>, entity: string): number {
  if ((bad.get(entity) ?? 0) < 0.2) return 0;
  const stores = facts.operations.filter(
    (op) => op.service === entity && op.peer !== null && !op.peerSpoke && op.z >= 3,
  );
  return 0.9 * Math.max(0, ...stores.map(({ peer }) => bad.get(peer ?? '') ?? 0));
}

/** How bad an entity looks by itself, 0–1: added time, own errors, metrics, logs. */
export function ownBadness(facts: Facts): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  for (const method of [selfTime, errorOrigin, metricRoot, logNovelty]) {
    const { scores, strength } = method.score(facts);
    for (const [id, score] of scores) out.set(id, Math.max(out.get(id) ?? 0, score * strength));
  }
  return out;
}

/**
 * A walk from what looks bad towards what it calls (personalised PageRank on call edges, restart at the
 * badness of each entity), so that a cause whose callers suffer gathers their votes.
 */
const graphWalk: RankMethod = {
  id: 'rca.graph-walk',
  version: 1,
  title: 'Walk on the dependency graph',
  cite: 'personalised random walk: Kim et al., MonitorRank (SIGMETRICS 2013)',
  weight: 0.5,
  score: (facts) => {
    const bad = ownBadness(facts);
    const total = [...bad.values()].reduce((a, b) => a + b, 0);
    if (total <= 0 || facts.graph.edges.length === 0) return NOTHING;
    let rank = new Map([...bad].map(([id, b]) => [id, b / total]));
    for (let step = 0; step < 30; step++) {
      const next = new Map([...bad].map(([id, b]) => [id, (0.3 * b) / total]));
      for (const [id, mass] of rank) {
        const targets = (facts.graph.callees.get(id) ?? []).map(
          (t) => [t, 0.02 + (bad.get(t) ?? 0)] as const,
        );
        const stay = 0.02 + (bad.get(id) ?? 0);
        const sum = stay + targets.reduce((s, [, w]) => s + w, 0);
        addTo(next, id, (0.7 * mass * stay) / sum);
        for (const [t, w] of targets) addTo(next, t, (0.7 * mass * w) / sum);
      }
      rank = next;
    }
    return result(rank, Math.max(0, ...bad.values()));
  },
};

/** Alerts of the incident, rare names heavier, those seen before it lighter. */
const alertRarity: RankMethod = {
  id: 'rca.alert-rarity',
  version: 1,
  title: 'Rare alerts',
  cite: 'inverse document frequency of alert names; Spärck Jones (1972)',
  weight: 0.4,
  score: (facts) => {
    const raw = new Map<string, number>();
    const byName = new Map<string, Set<string>>();
    for (const { name, entityId } of facts.alerts) {
      byName.set(name, (byName.get(name) ?? new Set()).add(entityId));
    }
    const entities = new Set(facts.alerts.map(({ entityId }) => entityId)).size;
    let during = 0;
    for (const { name, entityId, from } of facts.alerts) {
      if (entityId === '' || from < facts.incident.from || from >= facts.incident.to) continue;
      during++;
      const rarity = Math.log((1 + entities) / (byName.get(name)?.size ?? 1));
      addTo(raw, facts.fold(entityId), 0.2 + Math.max(0, rarity));
    }
    return result(raw, ramp(during, 0, 5));
  },
};

/**
 * A host where several services are worse than the same services elsewhere, and most of what runs there is:
 * the trouble is the machine's or its network's, not theirs.
 */
const hostRollUp: RankMethod = {
  id: 'rca.host-roll-up',
  version: 1,
  title: 'Everything on one host',
  cite: 'difference in differences over placement; topology roll-up as in issue trackers of fleets',
  weight: 1.4,
  score: (facts) => {
    const raw = new Map<string, number>();
    let strongest = 0;
    for (const host of new Set(facts.places.map((place) => place.host))) {
      const here = facts.places.filter((place) => place.host === host);
      const worse = here.map((place) => {
        const elsewhere = facts.places.filter(
          (other) => other.service === place.service && other.host !== host,
        );
        const usual = Math.max(0, ...elsewhere.map(({ effect }) => effect));
        const own = Math.max(0, place.effect - 1.2 * usual);
        return place.z >= 4 && own > 0.25 ? ramp(own, 0.25, 1) : 0;
      });
      const bad = worse.filter((w) => w > 0).length;
      if (bad < 2) continue;
      const score = (bad / here.length) * ramp(bad, 1, 3);
      strongest = Math.max(strongest, score);
      raw.set(host, score);
    }
    return result(raw, ramp(strongest, 0.3, 0.9));
  },
};

/** The registry: the order is the one in which methods are shown. */
export const METHODS: readonly RankMethod[] = [
  selfTime,
  errorOrigin,
  metricRoot,
  logNovelty,
  changeImpact,
  hostRollUp,
  graphWalk,
  alertRarity,
];
