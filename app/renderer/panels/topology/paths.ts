import { delayText, type Propagation } from '../../../../core/model';
import type { View } from './model';
import { edgeKey } from './traffic';

export interface Links {
  readonly out: ReadonlyMap<string, readonly string[]>;
  readonly into: ReadonlyMap<string, readonly string[]>;
}

export function linksOf({ edges }: Pick<View, 'edges'>): Links {
  const out = new Map<string, string[]>();
  const into = new Map<string, string[]>();
  const push = (map: Map<string, string[]>, key: string, value: string): void => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  for (const { source, target } of edges) {
    push(out, source, target);
    push(into, target, source);
  }
  return { out, into };
}

function reach(from: string, links: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set([from]);
  const queue = [from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const next of links.get(id) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return seen;
}

/** Everything upstream and downstream of a node: who calls it, whom it calls, all the way. */
export function pathThrough(
  view: Pick<View, 'edges'>,
  links: Links,
  id: string,
): { readonly nodes: ReadonlySet<string>; readonly edges: ReadonlySet<string> } {
  const up = reach(id, links.into);
  const down = reach(id, links.out);
  const edges = new Set<string>();
  for (const edge of view.edges) {
    if (up.has(edge.source) && up.has(edge.target)) edges.add(edge.id);
    if (down.has(edge.source) && down.has(edge.target)) edges.add(edge.id);
  }
  return { nodes: new Set([...up, ...down]), edges };
}

/** Edges of the ways that trouble took (caller to callee: against the way), with the delay on each. */
export function spreadOf(ways: readonly Propagation[]): ReadonlyMap<string, string> {
  const delays = new Map<string, string>();
  for (const { steps } of ways) {
    for (const [i, { entityId, delayMs }] of steps.entries()) {
      const before = steps[i - 1];
      if (before)
        delays.set(
          edgeKey(entityId, before.entityId),
          delayMs === undefined || delayMs === 0 ? '' : delayText(delayMs),
        );
    }
  }
  return delays;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The node that an arrow key leads to: along edges sideways, up and down within the column. */
export function stepNode(
  from: string,
  key: string,
  links: Links,
  positions: ReadonlyMap<string, Point>,
): string | undefined {
  const at = positions.get(from);
  if (!at) return undefined;
  const nearest = (ids: Iterable<string>, distance: (p: Point) => number): string | undefined => {
    let best: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const id of ids) {
      const point = positions.get(id);
      const away = point && id !== from ? distance(point) : Number.POSITIVE_INFINITY;
      if (away < least) [best, least] = [id, away];
    }
    return best;
  };
  const level = ({ y }: Point): number => Math.abs(y - at.y);
  const column = (down: boolean) => (p: Point) =>
    (down ? p.y > at.y : p.y < at.y) ? Math.abs(p.y - at.y) + 4 * Math.abs(p.x - at.x) : Infinity;
  switch (key) {
    case 'ArrowRight':
      return nearest(links.out.get(from) ?? [], level);
    case 'ArrowLeft':
      return nearest(links.into.get(from) ?? [], level);
    case 'ArrowDown':
      return nearest(positions.keys(), column(true));
    case 'ArrowUp':
      return nearest(positions.keys(), column(false));
    default:
      return undefined;
  }
}
