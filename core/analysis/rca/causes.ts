import { parseEntityId, secondsText, type Bucket, type RankedCause } from '../../model';
import type { Coverage } from '../detect/coverage';
import type { Facts } from '../facts';
import type { FetchFrames } from '../seam';
import { gatherEvidence, type Case } from './evidence';
import { propagationOf } from './propagation';
import type { Fused, Fusion } from './fuse';
import { clock, digits, list, ms, nameOf, percent } from './words';

/** Causes that get their evidence gathered; those below are listed with their scores. */
const WITH_EVIDENCE = 6;
const LISTED = 12;

export async function describeCauses(
  facts: Facts,
  coverage: Coverage,
  fetch: FetchFrames,
  fusion: Fusion,
): Promise<readonly RankedCause[]> {
  const causes: RankedCause[] = [];
  const changed: string[] = [];
  for (const [i, fused] of fusion.ranking.slice(0, LISTED).entries()) {
    const { entityId, score, confidence, methods } = fused;
    const found =
      i < WITH_EVIDENCE
        ? await gatherEvidence(facts, coverage, fetch, entityId)
        : { evidence: [], culprits: [], ...NO_DETAIL };
    const onset = facts.onsets.get(entityId);
    const bucket = bucketOf(facts, fused, changed);
    if (bucket === 'state-change') changed.push(entityId);
    causes.push({
      rank: i + 1,
      entity: facts.graph.entities.get(entityId) ?? parseEntityId(entityId),
      score,
      confidence,
      bucket,
      sentence: sentenceOf(facts, entityId, found, bucket),
      onset: onset === undefined ? undefined : BigInt(Math.round(onset)) * 1_000_000n,
      methods,
      culprits: found.culprits,
      evidence: found.evidence,
      propagation: i < WITH_EVIDENCE ? propagationOf(facts, entityId) : [],
    });
  }
  return causes;
}

const NO_DETAIL = { operation: undefined, change: undefined, errors: undefined, metric: undefined };

/** As likely a cause as not. */
const EVEN = 0.5;

/**
 * State change: where it began: the first of the ranking, and another that is as likely as not, neither calls
 * one that changed nor is called by it. First symptom: what the cause touches directly and was bad as early.
 * Impact: the rest (Datadog Watchdog's three buckets: a symptom is never called a cause).
 */
export function bucketOf(
  facts: Pick<Facts, 'graph' | 'onsets'>,
  { entityId, confidence }: Pick<Fused, 'entityId' | 'confidence'>,
  changed: readonly string[],
): Bucket {
  const { callers, callees } = facts.graph;
  const [top] = changed;
  if (top === undefined) return 'state-change';
  const reached = new Set([...reach(entityId, callees), ...reach(entityId, callers)]);
  if (confidence >= EVEN && !changed.some((id) => reached.has(id))) return 'state-change';
  const near = [...(callers.get(top) ?? []), ...(callees.get(top) ?? [])];
  const [mine, first] = [facts.onsets.get(entityId), facts.onsets.get(top)];
  const early = mine !== undefined && first !== undefined && mine <= first + 30_000;
  return near.includes(entityId) && early ? 'first-symptom' : 'impact';
}

/** An entity and everything that can be reached from it along the edges, nearest first. */
function reach(from: string, edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set([from]);
  for (const id of seen) for (const next of edges.get(id) ?? []) seen.add(next);
  return seen;
}

function sentenceOf(facts: Facts, id: string, found: Case, bucket: Bucket): string {
  const name = nameOf(id);
  const onset = facts.onsets.get(id);
  const at = onset === undefined ? '' : ` at ${clock(onset)}`;
  const isCause = bucket === 'state-change';
  const what = whatHappened(name, found, isCause);
  const change = found.change;
  const after = change ? `, ${sinceChange(onset, change.ts)} ${change.title || change.kind}` : '';
  const victims = isCause ? victimsOf(facts, id) : [];
  const took = victims.length > 0 ? `, and took ${list(victims, 2)} with it` : '';
  return `${what}${at}${after}${took}.`;
}

function sinceChange(onset: number | undefined, ts: bigint): string {
  if (onset === undefined) return 'after';
  const lead = onset - Number(ts / 1_000_000n);
  return lead > 0 ? `${secondsText(lead)} after` : 'with';
}

function whatHappened(
  name: string,
  { operation, errors, metric, evidence }: Case,
  isCause: boolean,
): string {
  if (errors && errors.incident > 0.02 && (!operation || errors.incident > 5 * errors.base)) {
    const by = isCause ? ' by itself' : '';
    return `${name} began to fail${by}, ${percent(errors.incident)} of its spans`;
  }
  if (operation && operation.base.n > 0) {
    const base = operation.base.durationMs / operation.base.n;
    const now = operation.incident.durationMs / operation.incident.n;
    return `${name} became ${digits(now / Math.max(base, 1e-9))}× slower in ${operation.name} (${ms(base)} → ${ms(now)})`;
  }
  const calls = evidence.find(({ claim }) => claim.startsWith('Calls to it'));
  if (calls) return `${name}: ${calls.claim.charAt(0).toLowerCase()}${calls.claim.slice(1)}`;
  if (metric) {
    const way = metric.incident > metric.base ? 'rose' : 'fell';
    return `${name}: ${metric.metric} ${way} from ${digits(metric.base)} to ${digits(metric.incident)}`;
  }
  const log = evidence.find(({ signal, stance }) => signal === 'logs' && stance === 'for');
  if (log) return `${name} logs what it did not before`;
  return `${name} looks abnormal beside its neighbours`;
}

/** Callers, transitively, that became abnormal no earlier. */
function victimsOf({ graph, onsets }: Facts, id: string): string[] {
  const start = onsets.get(id) ?? 0;
  return [...reach(id, graph.callers)]
    .filter((caller) => caller !== id && (onsets.get(caller) ?? -Infinity) >= start - 15_000)
    .map(nameOf);
}
