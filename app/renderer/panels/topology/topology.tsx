import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { TimeWindow } from '../../../../core/base';
import type { AnalysisResult } from '../../../../core/model';
import { parseEntityId } from '../../../../core/model';
import { hoverEntity, select, selectEntity, useApp } from '../../state';
import { Empty, entityMenu, formatCount, openMenu, plural, Skeleton, type Graph } from '../../ui';
import { EdgeCard } from './edge-card';
import { FindBox, matching } from './find';
import { Outline } from './outline';
import { spreadOf, stepNode } from './paths';
import { Scrubber } from './scrubber';
import { Tools } from './tools';
import './topology.css';
import { edgeKey } from './traffic';
import { useGraph } from './use-graph';
import { useView, type AsOf, type ViewOptions } from './use-view';
import type { View } from './model';

export default function Topology() {
  const analysis = useApp((state) => state.analysis);
  const running = useApp((state) =>
    state.jobs.some((job) => job.kind === 'analyze' && job.state === 'running'),
  );
  if (!analysis) {
    if (running) return <Skeleton lines={8} />;
    return (
      <Empty title="No dependency graph yet">
        It is drawn from traces, metric labels and topology files as soon as the case is analysed.
      </Empty>
    );
  }
  if (analysis.topology.nodes.length === 0) {
    return (
      <Empty title="Nothing says what depends on what">
        Bring in traces, or a topology file: edges are drawn from calls between spans, from metric
        labels that name caller and callee, and from files that state them.
      </Empty>
    );
  }
  return <Panel analysis={analysis} />;
}

/** A graph of more nodes begins with what is not healthy: all of it at once answers nothing. */
const MANY_NODES = 300;

const WORD: Readonly<Record<AsOf, string>> = {
  incident: 'incident',
  baseline: 'baseline',
  selection: 'selection',
  moment: 'moment',
};

function summaryOf({ nodes, edges }: View): string {
  const fresh = edges.filter(({ change }) => change === 'appeared').length;
  const gone = edges.filter(({ change }) => change === 'vanished').length;
  return [
    plural(nodes.length, 'node'),
    plural(edges.length, 'edge'),
    ...(fresh > 0 ? [`${fresh} new`] : []),
    ...(gone > 0 ? [`${gone} gone`] : []),
  ].join(' · ');
}

/** What is asked of the graph, and the view that answers it. */
function useAsked(analysis: AnalysisResult) {
  const [chosen, setChosen] = useState<ViewOptions>({
    asOf: 'incident',
    moment: 0,
    places: false,
    unhealthyOnly: analysis.topology.nodes.length > MANY_NODES,
    opened: new Set(),
  });
  const range = useApp((state) => state.selection.range);
  const asOf = chosen.asOf === 'selection' && !range ? 'incident' : chosen.asOf;
  const options: ViewOptions = { ...chosen, asOf };
  return {
    options,
    hasRange: range !== undefined,
    ...useView(analysis, options),
    change: (change: Partial<ViewOptions>): void =>
      setChosen((before) => ({ ...before, ...change })),
    open: (id: string): void =>
      setChosen((before) => {
        const opened = new Set(before.opened);
        if (id.startsWith('fold:') && !opened.delete(id)) opened.add(id);
        return { ...before, opened };
      }),
  };
}

/** Edges that the trouble came over, of the selected finding or else the first, with the delay on each. */
function useSpread({ ranking }: AnalysisResult): ReadonlyMap<string, string> {
  const entityId = useApp((state) => state.selection.entityId);
  const cause = ranking.find(({ entity }) => entity.id === entityId) ?? ranking[0];
  return useMemo(() => spreadOf(cause?.propagation ?? []), [cause]);
}

/** The node that the keyboard is on, and the keys that move it. */
function useFocus(view: View, { graph, links }: ReturnType<typeof useGraph>) {
  const [focused, setFocused] = useState<string>();
  const focus = (id: string | undefined): void => {
    setFocused(id);
    graph?.mark('focus', id === undefined ? [] : [id]);
    hoverEntity(id);
    if (id !== undefined) graph?.reveal(id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const start =
      focused ?? view.nodes.find(({ tone }) => tone === 'crit')?.id ?? view.nodes[0]?.id;
    if (start === undefined || !graph) return;
    if (event.key === 'Enter') selectEntity(start);
    else if (!event.key.startsWith('Arrow')) return;
    else
      focus(
        focused === undefined
          ? start
          : (stepNode(start, event.key, links, graph.positions()) ?? start),
      );
    event.preventDefault();
    event.stopPropagation();
  };
  return { focused, onKeyDown, onBlur: () => focus(undefined) };
}

function Panel({ analysis }: { readonly analysis: AnalysisResult }) {
  const { options, hasRange, view, stretch, grid, left, change, open } = useAsked(analysis);
  const [diff, setDiff] = useState(false);
  const [finding, setFinding] = useState(false);
  const container = useRef<HTMLDivElement>(null);
  const spread = useSpread(analysis);
  const drawn = useGraph(container, view, {
    diff,
    spread,
    variant: options.places ? 'places' : 'services',
    menu: (id, event) => graphMenu(view, id, event),
    open,
  });
  const { graph } = drawn;
  const { focused, ...keys } = useFocus(view, drawn);
  return (
    <div className="panel topo">
      <Tools
        options={options}
        diff={diff}
        finding={finding}
        hasRange={hasRange}
        hasBaseline={analysis.baseline !== null}
        onOptions={change}
        onDiff={setDiff}
        onFind={setFinding}
        onFit={() => graph?.fit()}
        onZoom={(factor) => graph?.zoomBy(factor)}
        onLayout={drawn.layOutAgain}
      />
      {finding && <Find view={view} graph={graph} onClose={() => setFinding(false)} />}
      <div
        ref={container}
        className="topo-graph"
        role="application"
        tabIndex={0}
        aria-label={`Dependency graph: ${summaryOf(view)}. Arrow keys follow edges, Enter selects.`}
        {...keys}
        onContextMenu={(event) => event.preventDefault()}
      />
      <p className="visually-hidden" aria-live="polite">
        {focused === undefined ? '' : describe(view, focused)}
      </p>
      <Outline view={view} />
      <PickedEdge view={view} stretch={stretch} asOf={WORD[options.asOf]} />
      <LeftOut view={view} left={left} hidden={options.unhealthyOnly} analysis={analysis} />
      {grid && (
        <Scrubber
          grid={grid}
          moment={options.moment}
          active={options.asOf === 'moment'}
          summary={summaryOf(view)}
          onChange={(moment) => change({ asOf: 'moment', moment })}
        />
      )}
    </div>
  );
}

function Find({
  view,
  graph,
  onClose,
}: {
  readonly view: View;
  readonly graph: Graph | undefined;
  readonly onClose: () => void;
}) {
  return (
    <FindBox
      view={view}
      onFound={(text, id) => {
        graph?.mark('found', matching(view, text));
        if (id !== undefined) graph?.reveal(id);
      }}
      onPick={(id) => selectEntity(id)}
      onClose={onClose}
    />
  );
}

function PickedEdge({
  view,
  stretch,
  asOf,
}: {
  readonly view: View;
  readonly stretch: TimeWindow;
  readonly asOf: string;
}) {
  const edge = useApp((state) => state.selection.edge);
  const picked = edge && view.edges.find(({ id }) => id === edgeKey(edge.source, edge.target));
  return picked && <EdgeCard edge={picked} stretch={stretch} asOf={asOf} />;
}

/** What the graph doesn't show, with its count. */
function LeftOut({
  view,
  left,
  hidden,
  analysis,
}: {
  readonly view: View;
  readonly left: number;
  readonly hidden: boolean;
  readonly analysis: AnalysisResult;
}) {
  const all = analysis.topology.nodes.length;
  return (
    <>
      {left > 0 && <p className="topo-left small warn">{plural(left, 'placement')} not drawn.</p>}
      {hidden && all > MANY_NODES && (
        <p className="topo-left small second">
          {formatCount(view.nodes.length)} of {plural(all, 'node')}: healthy ones are hidden.
        </p>
      )}
      {view.nodes.length === 0 && (
        <p className="topo-left small second">Nothing is unhealthy at this time.</p>
      )}
    </>
  );
}

function describe({ nodes }: View, id: string): string {
  const node = nodes.find((one) => one.id === id);
  return node ? `${node.name}${node.figure ? `, ${node.figure}` : ''}` : '';
}

function graphMenu(view: View, id: string | undefined, event: MouseEvent): void {
  const node = view.nodes.find((one) => one.id === id);
  const edge = view.edges.find((one) => one.id === id);
  if (node && node.members.length === 0) openMenu(event, entityMenu(parseEntityId(node.id)));
  if (edge) {
    const { source, target } = edge;
    openMenu(event, [
      { title: 'Select this edge', run: () => select({ edge: { source, target } }) },
      ...entityMenu(parseEntityId(source)),
      ...entityMenu(parseEntityId(target)),
    ]);
  }
}
