import type { GraphElement, GraphPoint } from '../../ui';
import type { Curve } from './curves';
import type { View, ViewEdge, ViewNode } from './model';

/** Figures under nodes that are shown at most: the worst ones; more would be a wall of red. */
const FIGURES = 24;
/** Numbers on edges of a diff: the worst ones, as more would cover the graph. */
const EDGE_FIGURES = 8;
const MANY_EDGES = 400;
const MANY_NODES = 300;
const FIGURE_BELOW = 31;

export const figureId = (id: string): string => `figure:${id}`;

function nodeElement(node: ViewNode, many: boolean, quiet: boolean): GraphElement {
  // Among thousands, healthy nodes are plain squares: glyph, ring and name cost most of the drawing.
  if (many && node.tone === 'plain')
    return { id: node.id, data: { label: '', kind: node.kind }, classes: ['many'] };
  return {
    id: node.id,
    data: { label: node.name, kind: node.kind },
    classes: [
      node.kind,
      node.tone,
      ...(node.members.length > 0 ? ['fold'] : []),
      ...(quiet && node.tone === 'plain' ? ['quiet'] : []),
    ],
  };
}

interface EdgeLook {
  readonly diff: boolean;
  readonly many: boolean;
  readonly figure: boolean;
  readonly curve: Curve | undefined;
  /** Delay on the way of the trouble that is shown, where it runs over this edge. */
  readonly spread: string | undefined;
}

function edgeElement(
  edge: ViewEdge,
  { diff, many, figure, curve, spread }: EdgeLook,
): GraphElement {
  const stated = edge.provenance !== 'spans';
  const tone = diff ? [`diff-${edge.change}`] : [edge.tone];
  return {
    id: edge.id,
    source: edge.source,
    target: edge.target,
    data: {
      width: edge.width,
      ...(figure && { figure: edge.figure }),
      ...(spread !== undefined && { figure: spread }),
      ...(curve && { weights: curve.weights, distances: curve.distances }),
    },
    classes: [
      ...tone,
      ...(stated ? ['stated'] : []),
      ...(many ? ['many'] : []),
      ...(curve ? [curve.course] : []),
      ...(spread === undefined ? [] : ['spread']),
    ],
  };
}

export interface GraphLook {
  readonly diff: boolean;
  /** How edges run, by id; straight where it isn't said. */
  readonly curves?: ReadonlyMap<string, Curve> | undefined;
  /** Edges that the trouble of the shown finding came over, and the delay on each. */
  readonly spread?: ReadonlyMap<string, string>;
  /** Names of healthy nodes wait until someone points at them or zooms in. */
  readonly quiet?: boolean;
}

/** The graph's elements, in a fixed order: nodes, the worst figures under them, edges. */
export function elementsOf(
  { nodes, edges }: View,
  { diff, curves, spread, quiet = false }: GraphLook,
): readonly GraphElement[] {
  const many = edges.length > MANY_EDGES;
  const sorted = [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const worst = sorted
    .filter(({ figure }) => figure !== '')
    .sort((a, b) => b.badness - a.badness)
    .slice(0, FIGURES);
  const figures = worst.map(({ id, figure }): GraphElement => ({
    id: figureId(id),
    data: { label: figure, owner: id },
    classes: ['passive'],
    passive: true,
  }));
  const lines = [...edges].sort((a, b) => (a.id < b.id ? -1 : 1));
  const numbered = new Set(
    diff
      ? lines
          .filter(({ change }) => change === 'degraded')
          .sort((a, b) => b.badness - a.badness)
          .slice(0, EDGE_FIGURES)
          .map(({ id }) => id)
      : [],
  );
  return [
    ...sorted.map((node) => nodeElement(node, sorted.length > MANY_NODES, quiet)),
    ...figures,
    ...lines.map((edge) =>
      edgeElement(edge, {
        diff,
        many,
        figure: numbered.has(edge.id),
        curve: curves?.get(edge.id),
        spread: diff ? undefined : spread?.get(edge.id),
      }),
    ),
  ];
}

/** Positions of figures: below the name of the node that they belong to. */
export function withFigures(
  positions: ReadonlyMap<string, GraphPoint>,
): ReadonlyMap<string, GraphPoint> {
  const all = new Map(positions);
  for (const [id, { x, y }] of positions) all.set(figureId(id), { x, y: y + FIGURE_BELOW });
  return all;
}
