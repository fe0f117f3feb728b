import type { Propagation, PropagationStep } from '../../model';
import type { Facts } from '../facts';
import type { GraphEdge } from '../shifts';

/** Ways that are told; more would be the whole graph. */
const MOST_WAYS = 3;
/** What a step costs that time speaks against, beside one that costs 1: a detour of one hop is as good. */
const BACKWARDS = 1;
/** Edges that hold things together rather than carry calls: what lies between may be undated. */
const STRUCTURAL: ReadonlySet<string> = new Set(['has_instance', 'hosted_on']);

type Known = Pick<Facts, 'graph' | 'onsets' | 'operations' | 'symptom' | 'fold'>;

interface Reached {
  readonly id: string;
  readonly cost: number;
  readonly from: Reached | undefined;
  readonly kind: string;
}

/**
 * How trouble came from a cause to where people met it: through each of its abnormal dependents the cheapest
 * way (Dijkstra 1959) against the direction of calls, over entities that became abnormal, rather later than
 * what they depend on. Ways end at the symptom that was named, else at the busiest abnormal entity that
 * nothing abnormal depends on; those over the calls that lost most come first.
 */
export function propagationOf(facts: Known, cause: string): readonly Propagation[] {
  const into = incoming(facts.graph.edges);
  const origin: Reached = { id: cause, cost: 0, from: undefined, kind: '' };
  const ways: { readonly end: Reached; readonly lost: number }[] = [];
  for (const edge of into.get(cause) ?? []) {
    const first = hop(facts.onsets, origin, edge);
    const end = first && endOf(facts, cause, spread(facts, into, first));
    if (end) ways.push({ end, lost: lostBy(edge) });
  }
  return ways
    .sort((a, b) => b.lost - a.lost || a.end.cost - b.end.cost || (a.end.id < b.end.id ? -1 : 1))
    .slice(0, MOST_WAYS)
    .map(({ end }) => ({ steps: stepsTo(facts, end) }));
}

/** Time that the calls over an edge took more than before, and its failures, each as long as a slow call, ms. */
function lostBy({ shift }: GraphEdge): number {
  if (!shift?.incident) return 0;
  const { n, errors, p50Ms, p99Ms } = shift.incident;
  return n * Math.max(0, p50Ms - (shift.base?.p50Ms ?? 0)) + errors * p99Ms;
}

type Incoming = ReadonlyMap<string, readonly GraphEdge[]>;

/** The step over an edge to who depends; undefined where that one did not become abnormal. */
function hop(
  onsets: Known['onsets'],
  at: Reached,
  { source: id, kind }: GraphEdge,
): Reached | undefined {
  const began = onsets.get(id);
  if (began === undefined && !STRUCTURAL.has(kind)) return undefined;
  const before = lastDated(at, onsets);
  const back = began !== undefined && before !== undefined && began < before;
  return { id, cost: at.cost + 1 + (back ? BACKWARDS : 0), from: at, kind };
}

/** Everything that depends on `first`, by the cheapest way from it. */
function spread({ onsets }: Known, into: Incoming, first: Reached): ReadonlyMap<string, Reached> {
  const done = new Map<string, Reached>();
  const open = [first];
  while (open.length > 0) {
    open.sort((a, b) => b.cost - a.cost || (a.id < b.id ? 1 : -1));
    const at = open.pop();
    if (!at || done.has(at.id)) continue;
    done.set(at.id, at);
    for (const edge of into.get(at.id) ?? []) {
      const next = edge.source === first.from?.id ? undefined : hop(onsets, at, edge);
      if (next && !done.has(next.id)) open.push(next);
    }
  }
  return done;
}

function incoming(edges: readonly GraphEdge[]): Incoming {
  const into = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const known = into.get(edge.target);
    if (known) known.push(edge);
    else into.set(edge.target, [edge]);
  }
  return into;
}

function lastDated(at: Reached, onsets: Known['onsets']): number | undefined {
  for (let one: Reached | undefined = at; one; one = one.from) {
    const onset = onsets.get(one.id);
    if (onset !== undefined) return onset;
  }
  return undefined;
}

function endOf(
  { graph, onsets, operations, symptom, fold }: Known,
  cause: string,
  reached: ReadonlyMap<string, Reached>,
): Reached | undefined {
  if (symptom !== undefined && fold(symptom) !== cause) {
    const named = reached.get(symptom) ?? reached.get(fold(symptom));
    if (named) return named;
  }
  const entered = new Map<string, number>();
  for (const { service, incident } of operations)
    entered.set(service, (entered.get(service) ?? 0) + incident.roots);
  const isEnd = ({ id }: Reached): boolean =>
    onsets.has(id) &&
    (graph.callers.get(id) ?? []).every((caller) => !reached.has(caller) || !onsets.has(caller));
  const [busiest] = [...reached.values()]
    .filter(isEnd)
    .sort((a, b) => (entered.get(b.id) ?? 0) - (entered.get(a.id) ?? 0) || (a.id < b.id ? -1 : 1));
  return busiest;
}

function stepsTo({ onsets }: Known, end: Reached): readonly PropagationStep[] {
  const way: Reached[] = [];
  for (let at: Reached | undefined = end; at; at = at.from) way.unshift(at);
  return way.map(({ id, kind, from }): PropagationStep => {
    const began = onsets.get(id);
    const before = from && lastDated(from, onsets);
    return {
      entityId: id,
      kind,
      onset: began === undefined ? undefined : BigInt(Math.round(began)) * 1_000_000n,
      delayMs: began === undefined || before === undefined ? undefined : began - before,
    };
  });
}
