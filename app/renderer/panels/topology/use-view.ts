import { useMemo } from 'react';
import { windowDuration, type TimeWindow } from '../../../../core/base';
import type { AnalysisResult, EdgeStats } from '../../../../core/model';
import { placement, traffic } from '../../../../core/model/queries';
import { caseRange, useApp, useQuery } from '../../state';
import {
  foldLeaves,
  heatIn,
  hideHealthy,
  viewOf,
  withPlaces,
  type Place,
  type View,
} from './model';
import { edgeKey, NO_TRAFFIC, resolver, trafficOf, type Traffic } from './traffic';

export type AsOf = 'incident' | 'baseline' | 'selection' | 'moment';

export interface ViewOptions {
  readonly asOf: AsOf;
  /** Bucket of the scrubber, where it is 'moment'. */
  readonly moment: number;
  readonly places: boolean;
  readonly unhealthyOnly: boolean;
  readonly opened: ReadonlySet<string>;
}

const FEW = 60;
const FEWER = 24;
const MANY_EDGES = 500;
const PLACES = 5000;

/** What the analysis found in its own windows. */
function analysed(analysis: AnalysisResult, which: 'baseline' | 'incident'): Traffic {
  const edges = new Map<string, EdgeStats>();
  const nodes = new Map<string, EdgeStats>();
  for (const edge of analysis.topology.edges) {
    const stats = edge[which];
    if (stats) edges.set(edgeKey(edge.source, edge.target), stats);
  }
  for (const node of analysis.topology.nodes) {
    const stats = node[which];
    if (stats) nodes.set(node.entity.id, stats);
  }
  return { edges, nodes };
}

/** The buckets that the scrubber plays. */
export function momentsOf(range: TimeWindow, edges: number) {
  const buckets = edges > MANY_EDGES ? FEWER : FEW;
  const step = windowDuration(range) / BigInt(buckets) + 1n;
  return { from: range.from, step, buckets };
}

function useResolver(analysis: AnalysisResult) {
  return useMemo(() => resolver(analysis.topology.nodes.map(({ entity }) => entity)), [analysis]);
}

/** Traffic of every moment of the scrubber, in one query; undefined until it is asked and there. */
function useMoments(analysis: AnalysisResult, grid: Moments | undefined, asked: boolean) {
  const { data } = useQuery(asked && grid ? traffic(grid) : undefined);
  const resolve = useResolver(analysis);
  return useMemo(
    () =>
      data && grid ? trafficOf(data, grid.buckets, Number(grid.step) / 1e9, resolve) : undefined,
    [data, grid, resolve],
  );
}

function useSelected(analysis: AnalysisResult, range: TimeWindow | undefined) {
  const step = range && windowDuration(range);
  const { data } = useQuery(
    range && step !== undefined ? traffic({ from: range.from, step, buckets: 1 }) : undefined,
  );
  const resolve = useResolver(analysis);
  return useMemo(
    () =>
      data && step !== undefined ? trafficOf(data, 1, Number(step) / 1e9, resolve)[0] : undefined,
    [data, step, resolve],
  );
}

/** The stretch that is shown, in time. */
export function stretchOf(
  { asOf, moment }: Pick<ViewOptions, 'asOf' | 'moment'>,
  analysis: AnalysisResult,
  range: TimeWindow | undefined,
  grid: Moments | undefined,
): TimeWindow {
  if (asOf === 'baseline') return analysis.baseline ?? analysis.incident;
  if (asOf === 'selection' && range) return range;
  if (asOf === 'moment' && grid) {
    const from = grid.from + grid.step * BigInt(moment);
    return { from, to: from + grid.step };
  }
  return analysis.incident;
}

/** The graph as of the chosen time. */
export function useView(analysis: AnalysisResult, options: ViewOptions) {
  const { asOf, moment, places, unhealthyOnly, opened } = options;
  const range = useApp((state) => state.selection.range);
  const whole = useApp(caseRange);
  const grid = useMemo(
    () => whole && momentsOf(whole, analysis.topology.edges.length),
    [whole, analysis],
  );
  const moments = useMoments(analysis, grid, asOf === 'moment');
  const selected = useSelected(analysis, asOf === 'selection' ? range : undefined);
  const placed = useQuery(places ? placement({ limit: PLACES }) : undefined).data;
  const before = useMemo(() => analysed(analysis, 'baseline'), [analysis]);
  const incident = useMemo(() => analysed(analysis, 'incident'), [analysis]);
  const stretch = useMemo(
    () => stretchOf({ asOf, moment }, analysis, range, grid),
    [asOf, moment, analysis, range, grid],
  );
  const now = trafficAsOf(asOf, { incident, before, selected, moment: moments?.[moment] });
  const view = useMemo(() => {
    const health = healthAsOf(analysis, asOf, stretch);
    const base = viewOf({ topology: analysis.topology, before, now, health });
    const shown = unhealthyOnly ? hideHealthy(base) : base;
    if (!places || !placed) return shown;
    return foldLeaves(withPlaces(shown, placesOf(placed, shown), health), opened);
  }, [analysis, asOf, stretch, before, now, unhealthyOnly, places, placed, opened]);
  const total = placed?.col.total[0] ?? 0;
  return { view, stretch, grid, left: Math.max(0, total - PLACES) };
}

export type Moments = ReturnType<typeof momentsOf>;

function trafficAsOf(
  asOf: AsOf,
  all: {
    readonly incident: Traffic;
    readonly before: Traffic;
    readonly selected: Traffic | undefined;
    readonly moment: Traffic | undefined;
  },
): Traffic {
  switch (asOf) {
    case 'incident':
      return all.incident;
    case 'baseline':
      return all.before;
    case 'selection':
      return all.selected ?? NO_TRAFFIC;
    case 'moment':
      return all.moment ?? NO_TRAFFIC;
  }
}

/** Own health in the stretch: the analysis's verdict for the incident, else how hot it was then. */
function healthAsOf(
  { topology, heat }: AnalysisResult,
  asOf: AsOf,
  stretch: TimeWindow,
): (id: string) => number {
  if (asOf === 'baseline') return () => 0;
  const rows = new Map(heat.map((row) => [row.entityId, row]));
  const known = new Map(topology.nodes.map(({ entity, health }) => [entity.id, health]));
  return (id) => {
    const verdict = asOf === 'incident' ? known.get(id) : undefined;
    return verdict ?? heatIn(rows.get(id), stretch.from, stretch.to);
  };
}

type Placement = NonNullable<ReturnType<typeof useQuery<typeof placement.def.columns>>['data']>;

function placesOf({ rows, col }: Placement, shown: View): readonly Place[] {
  const services = new Set(shown.nodes.map(({ id }) => id));
  return Array.from({ length: rows }, (_, i) => ({
    service: col.service[i] ?? '',
    instance: col.instance[i] ?? '',
    host: col.host[i] ?? '',
  })).filter(({ service }) => services.has(service));
}
