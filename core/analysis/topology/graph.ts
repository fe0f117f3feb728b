import { parseEntityId, type Entity, type EdgeStats, type Topology } from '../../model';
import type { EdgeShift, Graph, GraphEdge, OperationShift } from '../facts';

interface Stated {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
}

/** An address that is a known thing's name is that thing. */
export function entityResolver(entities: readonly Entity[]): (id: string) => string {
  const byName = new Map<string, string>();
  for (const { id, kind, name } of entities) {
    if (kind !== 'service_instance' && kind !== 'host' && !byName.has(name)) byName.set(name, id);
  }
  const ids = new Set(entities.map(({ id }) => id));
  return (id) => {
    if (ids.has(id)) return id;
    const { name } = parseEntityId(id);
    return byName.get(name) ?? byName.get(name.split('.')[0] ?? name) ?? id;
  };
}

/** The dependency graph: calls from spans, calls that metrics name, and what sources state. */
export function buildGraph(
  entities: readonly Entity[],
  edgeShifts: readonly EdgeShift[],
  operations: readonly OperationShift[],
  metricEdges: readonly { readonly source: string; readonly target: string }[],
  stated: readonly Stated[],
): Graph {
  const resolve = entityResolver(entities);
  const edges = new Map<string, GraphEdge>();
  const add = (edge: GraphEdge): void => {
    if (edge.source === edge.target || edge.source === '' || edge.target === '') return;
    const key = `${edge.source}\u0001${edge.target}`;
    if (!edges.has(key)) edges.set(key, edge);
  };
  for (const shift of edgeShifts) {
    const { source, target } = shift;
    add({ source, target, kind: 'calls', provenance: 'spans', shift });
  }
  for (const shift of storeEdges(operations, resolve)) {
    const { source, target } = shift;
    add({ source, target, kind: 'calls', provenance: 'spans', shift });
  }
  for (const { source, target } of metricEdges) {
    const from = resolve(`service:${source}`);
    const to = resolve(`service:${target}`);
    add({ source: from, target: to, kind: 'calls', provenance: 'metrics', shift: null });
  }
  for (const { source, target, kind } of stated) {
    const [from, to] = [resolve(source), target === '' ? '' : resolve(target)];
    add({ source: from, target: to, kind, provenance: 'file', shift: null });
  }
  const known = new Map(entities.map((entity) => [entity.id, entity]));
  const callees = new Map<string, string[]>();
  const callers = new Map<string, string[]>();
  for (const { source, target } of edges.values()) {
    for (const id of [source, target]) if (!known.has(id)) known.set(id, parseEntityId(id));
    callees.set(source, [...(callees.get(source) ?? []), target]);
    callers.set(target, [...(callers.get(target) ?? []), source]);
  }
  return { entities: known, edges: [...edges.values()], callees, callers };
}

/** Calls to things that record no spans of their own (databases, caches, queues), as edges. */
function storeEdges(
  operations: readonly OperationShift[],
  resolve: (id: string) => string,
): readonly EdgeShift[] {
  const merged = new Map<string, { source: string; target: string; ops: OperationShift[] }>();
  for (const op of operations) {
    if (op.peer === null || op.peerSpoke) continue;
    const target = resolve(op.peer);
    const key = `${op.service}\u0001${target}`;
    const edge = merged.get(key) ?? { source: op.service, target, ops: [] };
    edge.ops.push(op);
    merged.set(key, edge);
  }
  return [...merged.values()].map(({ source, target, ops }) => {
    const side = (which: 'base' | 'incident') => {
      const n = ops.reduce((sum, op) => sum + op[which].n, 0);
      if (n === 0) return null;
      const total = ops.reduce((sum, op) => sum + op[which].durationMs, 0);
      return {
        n,
        errors: ops.reduce((sum, op) => sum + op[which].errors, 0),
        p50Ms: total / n,
        p99Ms: Math.max(...ops.map((op) => op[which].p99Ms)),
      };
    };
    return { source, target, base: side('base'), incident: side('incident'), gapZ: 0, gapMs: 0 };
  });
}

export interface Covered {
  /** Seconds with spans in them, by window. */
  readonly base: number;
  readonly incident: number;
}

/** The topology as the views draw it: rates per covered second. */
export function topologyOf(
  graph: Graph,
  operations: readonly OperationShift[],
  health: ReadonlyMap<string, number>,
  covered: Covered,
): Topology {
  const rate = (
    w: { n: number; errors: number; p50Ms: number; p99Ms: number } | null,
    s: number,
  ) =>
    w && s > 0 ? { calls: w.n / s, errors: w.errors / s, p50Ms: w.p50Ms, p99Ms: w.p99Ms } : null;
  const own = (id: string, which: 'base' | 'incident', seconds: number): EdgeStats | null => {
    const ops = operations.filter((op) => op.service === id && op.kind !== 3 && op.kind !== 4);
    const n = ops.reduce((sum, op) => sum + op[which].n, 0);
    if (n === 0 || seconds === 0) return null;
    return {
      calls: n / seconds,
      errors: ops.reduce((sum, op) => sum + op[which].errors, 0) / seconds,
      p50Ms: ops.reduce((sum, op) => sum + op[which].durationMs, 0) / n,
      p99Ms: Math.max(...ops.map((op) => op[which].p99Ms)),
    };
  };
  const inGraph = new Set(graph.edges.flatMap(({ source, target }) => [source, target]));
  const nodes = [...graph.entities.values()].filter(
    ({ id, kind }) => inGraph.has(id) || (kind === 'service' && health.has(id)),
  );
  return {
    nodes: nodes
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((entity) => ({
        entity,
        health: health.get(entity.id) ?? 0,
        baseline: own(entity.id, 'base', covered.base),
        incident: own(entity.id, 'incident', covered.incident),
      })),
    edges: graph.edges.map(({ source, target, kind, provenance, shift }) => ({
      source,
      target,
      kind,
      provenance,
      baseline: rate(shift?.base ?? null, covered.base),
      incident: rate(shift?.incident ?? null, covered.incident),
    })),
  };
}
