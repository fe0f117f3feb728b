import type { View } from './model';
import type { Point } from './paths';

/** How an edge leaves and enters: to the right, to the left, or out and back in on the same side. */
export type Course = 'ahead' | 'back' | 'beside';

export interface Curve {
  readonly course: Course;
  /** Control points along the line between the end points (0–1) and across it (px), as Cytoscape takes them. */
  readonly weights: string;
  readonly distances: string;
}

/** Half the width of a node, px. */
export const HALF = { plain: 11, unhealthy: 13 };
const SAME_COLUMN = 24;
const BEND = 0.45;
const BULGE = 26;

/** An S from the side of one node to the side of the other; nodes above each other are joined by an arc. */
export function curveOf(source: Point, target: Point, halves: readonly [number, number]): Curve {
  const dx = target.x - source.x;
  const course: Course = Math.abs(dx) < SAME_COLUMN ? 'beside' : dx > 0 ? 'ahead' : 'back';
  const out = course === 'back' ? -1 : 1;
  const into = course === 'ahead' ? -1 : 1;
  const from = { x: source.x + out * halves[0], y: source.y };
  const to = { x: target.x + into * halves[1], y: target.y };
  const reach = course === 'beside' ? BULGE : Math.abs(to.x - from.x) * BEND;
  const controls = [
    { x: from.x + out * reach, y: from.y },
    { x: to.x + into * reach, y: to.y },
  ];
  const line = { x: to.x - from.x, y: to.y - from.y };
  const length = Math.max(1e-6, Math.hypot(line.x, line.y));
  const along = controls.map(
    ({ x, y }) => ((x - from.x) * line.x + (y - from.y) * line.y) / length ** 2,
  );
  const across = controls.map(
    ({ x, y }) => ((y - from.y) * line.x - (x - from.x) * line.y) / length,
  );
  return { course, weights: text(along, 4), distances: text(across, 2) };
}

const text = (values: readonly number[], digits: number): string =>
  values.map((value) => value.toFixed(digits)).join(' ');

/** Curves of all edges whose ends have a place, by edge id. */
export function curvesOf(
  { nodes, edges }: View,
  positions: ReadonlyMap<string, Point>,
): ReadonlyMap<string, Curve> {
  const half = new Map(
    nodes.map(({ id, tone }) => [id, tone === 'plain' ? HALF.plain : HALF.unhealthy]),
  );
  const found = new Map<string, Curve>();
  for (const { id, source, target } of edges) {
    const [from, to] = [positions.get(source), positions.get(target)];
    if (!from || !to || source === target) continue;
    found.set(id, curveOf(from, to, [half.get(source) ?? 0, half.get(target) ?? 0]));
  }
  return found;
}
