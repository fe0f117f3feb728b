import type { View } from './model';
import { linksOf, type Links, type Point } from './paths';

const COLUMN = 120;
const ROW = 66;
/** A layer with more nodes than this is folded into several columns. */
const TALL = 40;
const SWEEPS = 6;

/** Edges that lead back, found depth first in a fixed order; without them the graph has no cycle. */
function backEdges(ids: readonly string[], { out, into }: Links): ReadonlySet<string> {
  const back = new Set<string>();
  const state = new Map<string, 'open' | 'done'>();
  const roots = ids.filter((id) => (into.get(id)?.length ?? 0) === 0);
  for (const start of [...roots, ...ids]) {
    if (state.has(start)) continue;
    const stack: { readonly id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = out.get(top.id)?.[top.next++];
      if (child === undefined) {
        state.set(top.id, 'done');
        stack.pop();
      } else if (state.get(child) === 'open') back.add(`${top.id}\u0001${child}`);
      else if (!state.has(child)) {
        state.set(child, 'open');
        stack.push({ id: child, next: 0 });
      }
    }
  }
  return back;
}

/** The longest way from an entry point to each node. */
export function ranksOf(ids: readonly string[], links: Links): ReadonlyMap<string, number> {
  const back = backEdges(ids, links);
  const forward = (id: string): readonly string[] =>
    (links.out.get(id) ?? []).filter((next) => !back.has(`${id}\u0001${next}`));
  const waiting = new Map(ids.map((id) => [id, 0]));
  for (const id of ids)
    for (const next of forward(id)) waiting.set(next, (waiting.get(next) ?? 0) + 1);
  const rank = new Map(ids.map((id) => [id, 0]));
  const ready = ids.filter((id) => waiting.get(id) === 0);
  for (let i = 0; i < ready.length; i++) {
    const id = ready[i] ?? '';
    for (const next of forward(id)) {
      rank.set(next, Math.max(rank.get(next) ?? 0, (rank.get(id) ?? 0) + 1));
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return rank;
}

/** Orders each layer by the mean place of its neighbours, back and forth: fewer crossings, always the same. */
export function orderLayers(layers: string[][], links: Links): void {
  const place = new Map<string, number>();
  const note = (layer: readonly string[]): void =>
    layer.forEach((id, i) => place.set(id, (i + 0.5) / layer.length));
  for (const layer of layers) note(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    for (const layer of forward ? layers : [...layers].reverse()) {
      const key = new Map(
        layer.map((id) => {
          const around = (forward ? links.into : links.out).get(id) ?? [];
          const sum = around.reduce((total, other) => total + (place.get(other) ?? 0.5), 0);
          return [id, around.length > 0 ? sum / around.length : (place.get(id) ?? 0.5)];
        }),
      );
      layer.sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0) || (a < b ? -1 : 1));
      note(layer);
    }
  }
}

/**
 * A layered layout, left to right from the entry points to the stores: deterministic, and linear enough for
 * thousands of nodes in one frame.
 */
export function layered(view: View): ReadonlyMap<string, Point> {
  const ids = view.nodes.map(({ id }) => id).sort();
  const links = linksOf(view);
  const rank = ranksOf(ids, links);
  const layers: string[][] = [];
  for (const id of ids) (layers[rank.get(id) ?? 0] ??= []).push(id);
  const filled = layers.filter((layer) => layer.length > 0);
  orderLayers(filled, links);
  const positions = new Map<string, Point>();
  let x = 0;
  for (const layer of filled) {
    const columns = Math.ceil(layer.length / TALL);
    const rows = Math.ceil(layer.length / columns);
    layer.forEach((id, i) => {
      const column = Math.floor(i / rows);
      const tall = Math.min(rows, layer.length - column * rows);
      positions.set(id, { x: x + column * COLUMN, y: ((i % rows) - (tall - 1) / 2) * ROW });
    });
    x += columns * COLUMN;
  }
  return positions;
}

/**
 * Where nodes stand after the graph has changed: known ones stay, new ones come beside their neighbours.
 * Undefined where too much is new, so that a fresh layout reads better.
 */
export function keptPositions(
  view: View,
  known: ReadonlyMap<string, Point>,
): ReadonlyMap<string, Point> | undefined {
  const fresh = view.nodes.filter(({ id }) => !known.has(id));
  if (fresh.length > view.nodes.length * 0.3) return undefined;
  const positions = new Map<string, Point>();
  for (const { id } of view.nodes) {
    const point = known.get(id);
    if (point) positions.set(id, point);
  }
  const links = linksOf(view);
  let lowest = Math.max(0, ...[...positions.values()].map(({ y }) => y));
  for (const { id } of fresh) {
    const before = (links.into.get(id) ?? []).map((other) => positions.get(other)).find(Boolean);
    const after = (links.out.get(id) ?? []).map((other) => positions.get(other)).find(Boolean);
    lowest += ROW;
    const x = before ? before.x + COLUMN : after ? after.x - COLUMN : 0;
    positions.set(id, { x, y: lowest });
  }
  return positions;
}
