import type { EdgeStats, Entity, Frame, FrameSpec } from '../../../../core/model';
import { parseEntityId } from '../../../../core/model';

export const edgeKey = (source: string, target: string): string => `${source}\u0001${target}`;

/** Statistics of edges and nodes over one stretch of time. */
export interface Traffic {
  /** By edgeKey. */
  readonly edges: ReadonlyMap<string, EdgeStats>;
  /** By entity id. */
  readonly nodes: ReadonlyMap<string, EdgeStats>;
}

export const NO_TRAFFIC: Traffic = { edges: new Map(), nodes: new Map() };

interface TrafficSpec extends FrameSpec {
  readonly bucket: 'i32';
  readonly source: 'str';
  readonly target: 'str';
  readonly n: 'f64';
  readonly errors: 'f64';
  readonly p50_ms: 'f64';
  readonly p99_ms: 'f64';
}

/** An address that is a known thing's name is that thing: the graph's id for what a span says it calls. */
export function resolver(entities: readonly Entity[]): (id: string) => string {
  const ids = new Set(entities.map(({ id }) => id));
  const byName = new Map<string, string>();
  for (const { id, kind, name } of entities)
    if (kind !== 'service_instance' && kind !== 'host' && !byName.has(name)) byName.set(name, id);
  return (id) => {
    if (ids.has(id)) return id;
    const { name } = parseEntityId(id);
    return byName.get(name) ?? byName.get(name.split('.')[0] ?? name) ?? id;
  };
}

/** Rows of `topology.traffic` as one traffic a bucket, in calls a second of `seconds`. */
export function trafficOf(
  frame: Frame<TrafficSpec>,
  buckets: number,
  seconds: number,
  resolve: (id: string) => string,
): readonly Traffic[] {
  const found = Array.from({ length: buckets }, () => ({
    edges: new Map<string, EdgeStats>(),
    nodes: new Map<string, EdgeStats>(),
  }));
  const { col } = frame;
  for (let i = 0; i < frame.rows; i++) {
    const at = found[col.bucket[i] ?? -1];
    if (!at) continue;
    const source = col.source[i] ?? '';
    const target = resolve(col.target[i] ?? '');
    const stats: EdgeStats = {
      calls: (col.n[i] ?? 0) / seconds,
      errors: (col.errors[i] ?? 0) / seconds,
      p50Ms: col.p50_ms[i] ?? Number.NaN,
      p99Ms: col.p99_ms[i] ?? Number.NaN,
    };
    if (source === '') at.nodes.set(target, stats);
    else if (resolve(source) !== target) {
      const key = edgeKey(resolve(source), target);
      at.edges.set(key, merged(at.edges.get(key), stats));
    }
  }
  return found;
}

/** Two names of one thing: calls add up, the slower percentile stands. */
function merged(a: EdgeStats | undefined, b: EdgeStats): EdgeStats {
  if (!a) return b;
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    p50Ms: Math.max(a.p50Ms, b.p50Ms),
    p99Ms: Math.max(a.p99Ms, b.p99Ms),
  };
}
