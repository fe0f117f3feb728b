import type { EdgeStats, Topology } from '../../model';
import type { Covered } from '../detect/coverage';
import { standsForOf, type EdgeWindow, type Graph, type OperationShift } from '../shifts';

/** The topology as the views draw it: rates per covered second. */
export function topologyOf(
  graph: Graph,
  operations: readonly OperationShift[],
  health: ReadonlyMap<string, number>,
  covered: Covered,
): Topology {
  const rate = (w: EdgeWindow | null, s: number): EdgeStats | null =>
    w && s > 0 ? statsOf(w, w.p50Ms, w.p99Ms, s) : null;
  const own = (id: string, which: 'base' | 'incident', seconds: number): EdgeStats | null => {
    const ops = operations.filter((op) => op.service === id && op.kind !== 3 && op.kind !== 4);
    const n = ops.reduce((sum, op) => sum + op[which].n, 0);
    if (n === 0 || seconds === 0) return null;
    const errors = ops.reduce((sum, op) => sum + op[which].errors, 0);
    const mean = ops.reduce((sum, op) => sum + op[which].durationMs, 0) / n;
    const p99Ms = Math.max(...ops.map((op) => op[which].p99Ms));
    return statsOf({ n, errors, standsFor: standsForOf(ops, which) }, mean, p99Ms, seconds);
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

/** Rates of what the counted calls stand for. */
function statsOf(
  { n, errors, standsFor }: Pick<EdgeWindow, 'n' | 'errors' | 'standsFor'>,
  p50Ms: number,
  p99Ms: number,
  seconds: number,
): EdgeStats {
  return { calls: (n * standsFor) / seconds, errors: (errors * standsFor) / seconds, p50Ms, p99Ms };
}
