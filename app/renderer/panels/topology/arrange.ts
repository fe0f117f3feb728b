import { orderLayers, ranksOf } from './layout';
import type { View, ViewNode } from './model';
import { linksOf, type Links, type Point } from './paths';

/** Layout of a graph of a size that a person reads: columns that fill the panel, names that don't touch. */

/** A name is as wide at most, px at zoom 1. */
const PITCH = { least: 82, most: 150 };
const MARGIN = { x: 44, top: 22, bottom: 56 };
/** Share of all room between columns that nodes may take; above it the drawing grows and is zoomed out. */
const FULL = 0.86;
const GROWTH = 1.1;
/** Cost of an edge inside a column, and of a node's height that doesn't fit, in edges between columns. */
const UNHEALTHY_EDGE = 5;
const OVERFLOW = 0.08;

/** What a node needs above its centre, and below it for its name and figure, px. */
export interface Room {
  readonly above: number;
  readonly below: number;
}

const QUIET: Room = { above: 14, below: 14 };

export function roomOf({ tone, figure }: Pick<ViewNode, 'tone' | 'figure'>): Room {
  if (figure !== '') return { above: 17, below: 47 };
  return tone === 'plain' ? { above: 14, below: 29 } : { above: 17, below: 33 };
}

const tallness = ({ above, below }: Room): number => above + below;

/** Above this growth, names of healthy nodes wait until someone points at them or zooms in. */
const CROWDED = 1.2;

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Frame extends Size {
  readonly columns: number;
  readonly growth: number;
}

/** The panel, or something of its shape that is large enough for all nodes. */
function frameFor(rooms: number, panel: Size): Frame {
  let growth = 1;
  let width = Math.max(PITCH.least, panel.width - 2 * MARGIN.x);
  let height = Math.max(80, panel.height - MARGIN.top - MARGIN.bottom);
  for (;;) {
    const columns = Math.floor(width / PITCH.least) + 1;
    if (rooms <= columns * (height + 30) * FULL) return { columns, width, height, growth };
    width *= GROWTH;
    height *= GROWTH;
    growth *= GROWTH;
  }
}

interface Work {
  readonly view: View;
  readonly links: Links;
  readonly room: (id: string) => Room;
  readonly frame: Frame;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Neighbouring ranks joined into as many columns as there are, so that few edges stay inside one. */
function columnOfRank(rank: ReadonlyMap<string, number>, work: Work): readonly number[] {
  const { view, room, frame } = work;
  const ranks = Math.max(0, ...rank.values()) + 1;
  const heights = Array.from({ length: ranks }, () => 0);
  for (const [id, r] of rank) heights[r] = (heights[r] ?? 0) + tallness(room(id));
  const spans = view.edges.map(({ source, target, tone }) => {
    const [a, b] = [rank.get(source) ?? 0, rank.get(target) ?? 0];
    const weight = tone === 'plain' ? 1 : UNHEALTHY_EDGE;
    return { low: Math.min(a, b), high: Math.max(a, b), weight };
  });
  const cost = (from: number, to: number): number =>
    sum(spans.map(({ low, high, weight }) => (low >= from && high < to ? weight : 0))) +
    OVERFLOW * Math.max(0, sum(heights.slice(from, to)) - frame.height);
  // best[k][r]: least cost of ranks below r in k columns.
  const most = Math.min(frame.columns, ranks);
  const best = [[0, ...Array.from({ length: ranks }, () => Infinity)]];
  const cut: number[][] = [];
  for (let k = 1; k <= most; k++) {
    const row = [Infinity];
    const cuts = [0];
    for (let r = 1; r <= ranks; r++) {
      let [least, at] = [Infinity, 0];
      for (let q = k - 1; q < r; q++) {
        const total = (best[k - 1]?.[q] ?? Infinity) + cost(q, r);
        if (total < least) [least, at] = [total, q];
      }
      row.push(least);
      cuts.push(at);
    }
    best.push(row);
    cut.push(cuts);
  }
  const column: number[] = Array.from({ length: ranks }, () => 0);
  for (let [k, r] = [most, ranks]; k > 0; k--) {
    const from = cut[k - 1]?.[r] ?? 0;
    column.fill(k - 1, from, r);
    r = from;
  }
  return column;
}

/** Moves nodes that are free to move out of columns that are too tall: first to the right, then back. */
function balance(column: Map<string, number>, { view, links, room, frame }: Work): void {
  const tall = (c: number): number =>
    sum(view.nodes.map(({ id }) => (column.get(id) === c ? tallness(room(id)) : 0)));
  const pass = (c: number, step: 1 | -1): void => {
    const ahead = step === 1 ? links.out : links.into;
    const free = view.nodes
      .filter(({ id }) => column.get(id) === c)
      .filter(({ id }) =>
        (ahead.get(id) ?? []).every((other) => ((column.get(other) ?? 0) - c) * step > 1),
      )
      .sort(
        (a, b) =>
          Number(a.tone !== 'plain') - Number(b.tone !== 'plain') ||
          (links.into.get(a.id)?.length ?? 0) - (links.into.get(b.id)?.length ?? 0) ||
          (a.id < b.id ? -1 : 1),
      );
    for (const { id } of free) {
      if (tall(c) <= frame.height) return;
      column.set(id, c + step);
    }
  };
  for (let c = 0; c < frame.columns - 1; c++) pass(c, 1);
  for (let c = frame.columns - 1; c > 0; c--) pass(c, -1);
}

/**
 * Heights as near to the wanted ones as the rooms of nodes allow, in the given order, inside 0…height:
 * isotonic regression by pooling adjacent violators, so that a crowd stays centred on where it wants to be.
 */
export function spaced(
  wanted: readonly number[],
  rooms: readonly Room[],
  height: number,
): readonly number[] {
  const offset: number[] = [];
  let at = 0;
  for (const [i, { above }] of rooms.entries()) {
    if (i > 0) at += (rooms[i - 1]?.below ?? 0) + above;
    offset.push(at);
  }
  const blocks: { total: number; count: number }[] = [];
  for (const [i, y] of wanted.entries()) {
    let block = { total: y - (offset[i] ?? 0), count: 1 };
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      if (last.total / last.count <= block.total / block.count) break;
      blocks.pop();
      block = { total: last.total + block.total, count: last.count + block.count };
    }
    blocks.push(block);
  }
  const slack = Math.max(0, height - at);
  const base = blocks.flatMap(({ total, count }) =>
    Array.from({ length: count }, () => Math.min(slack, Math.max(0, total / count))),
  );
  return base.map((y, i) => y + (offset[i] ?? 0));
}

const roomIn = (node: ViewNode, quiet: boolean): Room =>
  quiet && node.tone === 'plain' ? QUIET : roomOf(node);

/** Whether names of healthy nodes would have to be too small to read for all to fit the panel. */
export function crowded({ nodes }: Pick<View, 'nodes'>, panel: Size): boolean {
  return frameFor(sum(nodes.map((node) => tallness(roomOf(node)))), panel).growth > CROWDED;
}

/** Layered left to right from the entry points to the stores; the same for the same graph and panel. */
export function arranged(view: View, panel: Size): ReadonlyMap<string, Point> {
  const nodes = [...view.nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const links = linksOf({ edges: [...view.edges].sort((a, b) => (a.id < b.id ? -1 : 1)) });
  const quiet = crowded(view, panel);
  const rooms = new Map(nodes.map((node) => [node.id, roomIn(node, quiet)]));
  const frame = frameFor(sum([...rooms.values()].map(tallness)), panel);
  const room = (id: string): Room => rooms.get(id) ?? QUIET;
  const work: Work = { view: { ...view, nodes }, links, room, frame };
  const ids = nodes.map(({ id }) => id);
  const rank = ranksOf(ids, links);
  const columns = columnOfRank(rank, work);
  const column = new Map(ids.map((id) => [id, columns[rank.get(id) ?? 0] ?? 0]));
  balance(column, work);
  const layers: string[][] = Array.from({ length: frame.columns }, () => []);
  for (const id of ids) layers[column.get(id) ?? 0]?.push(id);
  return placed(
    layers.filter((layer) => layer.length > 0),
    work,
  );
}

function placed(layers: string[][], { links, room, frame }: Work): ReadonlyMap<string, Point> {
  orderLayers(layers, links);
  const pitch = Math.min(PITCH.most, frame.width / Math.max(1, layers.length - 1));
  const points = new Map<string, Point>();
  layers.forEach((layer, c) => {
    const wanted = layer.map((id, i) => {
      const even = ((i + 0.5) / layer.length) * frame.height;
      const callers = (links.into.get(id) ?? []).flatMap((other) => points.get(other)?.y ?? []);
      return callers.length > 0 ? (even + sum(callers) / callers.length) / 2 : even;
    });
    spaced(wanted, layer.map(room), frame.height).forEach((y, i) =>
      points.set(layer[i] ?? '', { x: Math.round(c * pitch), y: Math.round(y) }),
    );
  });
  return points;
}
