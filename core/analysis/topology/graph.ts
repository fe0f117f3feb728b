import { z } from 'zod';
import { parseEntityId, type Entity } from '../../model';
import { metricEdges, statedRelations } from '../../model/queries';
import { edges, operations } from '../detect/spans';
import {
  standsForOf,
  type EdgeShift,
  type Graph,
  type GraphEdge,
  type OperationShift,
} from '../shifts';
import { instanceFolder } from '../fold';
import { defineAnalysis } from '../seam';
import { entityResolver } from './names';

export interface FoldedGraph {
  readonly graph: Graph;
  /** Folds an instance, pod or container into what it is an instance of. */
  readonly fold: (entityId: string) => string;
}

export const graph = defineAnalysis({
  id: 'topology.graph',
  kind: 'topology',
  version: 1,
  title: 'Drawing the dependency graph',
  cite: 'calls between spans, call edges named by metrics, relations that sources state',
  params: z.object({}),
  uses: { operations, edges },
  inputs: () => ({ named: metricEdges({}), stated: statedRelations({}) }),
  run: ({ scope, frames, given }): FoldedGraph => {
    const { named, stated } = frames;
    const built = buildGraph(
      scope.entities,
      given.edges,
      given.operations,
      Array.from({ length: named.rows }, (_, i) => ({
        source: named.col.source[i] ?? '',
        target: named.col.target[i] ?? '',
      })),
      Array.from({ length: stated.rows }, (_, i) => ({
        source: stated.col.source[i] ?? '',
        target: stated.col.target[i] ?? '',
        kind: stated.col.kind[i] ?? '',
      })),
    );
    return { graph: built, fold: instanceFolder(built, scope.entities) };
  },
});

interface Stated {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
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
        standsFor: standsForOf(ops, which),
      };
    };
    return { source, target, base: side('base'), incident: side('incident'), gapZ: 0, gapMs: 0 };
  });
}
