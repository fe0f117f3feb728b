import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { parseEntityId } from '../../../../core/model';
import { hoverEntity, select, selectEntity, useApp, usePointer } from '../../state';
import { Graph, useColors, type GraphPoint } from '../../ui';
import { arranged, crowded } from './arrange';
import { curvesOf } from './curves';
import { elementsOf, withFigures } from './elements';
import { keptPositions, layered } from './layout';
import type { View } from './model';
import { linksOf, pathThrough } from './paths';
import { styleOf } from './style';
import { edgeKey } from './traffic';

/** Up to here, columns that fill the panel and curved edges; above, layers as tall as they come. */
const READABLE = 120;
const MANY_NODES = 300;

/** Where people and layouts have put the nodes, per case: a refresh leaves them there. */
const known = new Map<string, ReadonlyMap<string, GraphPoint>>();

interface GraphOptions {
  readonly diff: boolean;
  /** Edges on the way of the trouble that is shown, with the delay on each. */
  readonly spread: ReadonlyMap<string, string>;
  /** Which graph of the case it is: each keeps its own places. */
  readonly variant: string;
  readonly menu: (id: string | undefined, event: MouseEvent) => void;
  readonly open: (id: string) => void;
}

/** The graph in its container: elements, places, light and selection. */
export function useGraph(
  container: RefObject<HTMLDivElement | null>,
  view: View,
  { diff, spread, variant, menu, open }: GraphOptions,
) {
  const links = useMemo(() => linksOf(view), [view]);
  const caseId = useApp((state) => state.info?.id) ?? '';
  const place = `${caseId} ${variant}`;
  const newest = useRef({ view, diff, spread, menu, open, place });
  useLayoutEffect(() => {
    newest.current = { view, diff, spread, menu, open, place };
  });
  const many = view.nodes.length > MANY_NODES;

  const graph = useMade(container, many, newest);
  const fitted = useRef<string>(undefined);
  useEffect(() => {
    if (!graph?.alive) return;
    show(graph, view, { diff, spread }, place);
    if (fitted.current !== place) graph.fit();
    fitted.current = place;
  }, [graph, view, diff, spread, place]);
  useMarks(graph, view, links);

  return {
    graph,
    links,
    layOutAgain: () => {
      known.delete(place);
      if (graph) show(graph, view, { diff, spread }, place);
    },
  };
}

interface Newest extends GraphOptions {
  readonly view: View;
  readonly place: string;
}

/** A graph in the container, in the colours of the theme; it goes with the container. */
function useMade(
  container: RefObject<HTMLDivElement | null>,
  many: boolean,
  newest: RefObject<Omit<Newest, 'variant'>>,
): Graph | undefined {
  const [graph, setGraph] = useState<Graph>();
  const colors = useColors();
  const style = useRef(colors);
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const made = new Graph(element, styleOf(style.current), many, {
      hover: (id) => {
        element.title = hoverOver(made, newest.current, id);
      },
      tap: (id) => tapped(newest.current.view, id),
      doubleTap: (id) => id !== undefined && newest.current.open(id),
      menu: (id, event) => newest.current.menu(id, event),
      moved: () => {
        const { view: shown, diff: differs, spread: way, place: at } = newest.current;
        const positions = made.positions();
        known.set(at, new Map([...(known.get(at) ?? []), ...positions]));
        draw(made, shown, { diff: differs, spread: way }, positions);
      },
    });
    setGraph(made);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      setGraph(undefined);
    };
  }, [container, many, newest]);
  useLayoutEffect(() => {
    style.current = colors;
    if (graph?.alive) graph.restyle(styleOf(colors));
  }, [graph, colors]);
  return graph;
}

type Look = Pick<GraphOptions, 'diff' | 'spread'>;

/** Puts the view on the canvas: known nodes stay, a graph that is new is laid out and fitted. */
function show(graph: Graph, view: View, look: Look, place: string): void {
  const before = known.get(place);
  const kept = before && keptPositions(view, before);
  const positions = kept ?? layoutOf(view, graph.size());
  known.set(place, new Map([...(before ?? []), ...positions]));
  draw(graph, view, look, positions);
  if (!kept) graph.fit();
}

const layoutOf = (view: View, size: { readonly width: number; readonly height: number }) =>
  view.nodes.length <= READABLE ? arranged(view, size) : layered(view);

function draw(
  graph: Graph,
  view: View,
  look: Look,
  positions: ReadonlyMap<string, GraphPoint>,
): void {
  const readable = view.nodes.length <= READABLE;
  const curves = readable ? curvesOf(view, positions) : undefined;
  const quiet = !readable || crowded(view, graph.size());
  graph.update(elementsOf(view, { ...look, curves, quiet }), withFigures(positions));
}

/** Lights what the pointer is over and answers with its name, for the tooltip. */
function hoverOver(
  graph: Graph,
  { view }: { readonly view: View },
  id: string | undefined,
): string {
  const node = view.nodes.find((one) => one.id === id);
  const edge = view.edges.find((one) => one.id === id);
  hoverEntity(node && node.members.length === 0 ? node.id : undefined);
  if (edge) graph.light(new Set([edge.id, edge.source, edge.target]));
  else if (!node) graph.light(undefined);
  if (node) return [node.name, node.figure].filter(Boolean).join(', ');
  return edge ? `${parseEntityId(edge.source).name} → ${parseEntityId(edge.target).name}` : '';
}

function tapped(view: View, id: string | undefined): void {
  const edge = view.edges.find((one) => one.id === id);
  const node = view.nodes.find((one) => one.id === id);
  if (edge) select({ edge: { source: edge.source, target: edge.target } });
  else if (node && node.members.length === 0) selectEntity(node.id);
  else if (id === undefined) select({ edge: undefined, entityId: undefined });
}

/** Selection and hover, from wherever they come. */
function useMarks(graph: Graph | undefined, view: View, links: ReturnType<typeof linksOf>): void {
  const entityId = useApp((state) => state.selection.entityId);
  const edge = useApp((state) => state.selection.edge);
  useEffect(() => {
    const ids = edge ? [edgeKey(edge.source, edge.target)] : [];
    if (graph?.alive) graph.mark('selected', entityId === undefined ? ids : [...ids, entityId]);
  }, [graph, view, entityId, edge]);
  useEffect(() => {
    if (!graph?.alive) return;
    let frame: number | undefined;
    const light = (): void => {
      frame = undefined;
      const id = usePointer.getState().entityId;
      if (id === undefined || !view.nodes.some((node) => node.id === id))
        return graph.light(undefined);
      const path = pathThrough(view, links, id);
      graph.light(new Set([...path.nodes, ...path.edges]));
    };
    const off = usePointer.subscribe((state, before) => {
      if (state.entityId !== before.entityId) frame ??= requestAnimationFrame(light);
    });
    return () => {
      off();
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [graph, view, links]);
}
