import type { EdgeStats, EntityHeat, EntityKind, Topology } from '../../../../core/model';
import { parseEntityId } from '../../../../core/model';
import { formatMs, formatPercent } from '../../ui';
import { edgeKey, type Traffic } from './traffic';

export type Tone = 'crit' | 'warn' | 'plain';
export type Change = 'appeared' | 'vanished' | 'degraded' | 'same';

export interface ViewNode {
  readonly id: string;
  readonly kind: EntityKind;
  readonly name: string;
  readonly tone: Tone;
  /** The worst figure, "p99 1.38 s  266×"; '' for a healthy one. */
  readonly figure: string;
  /** How bad it is, 0 and up; for sorting. */
  readonly badness: number;
  /** Ids that a folded node stands for; empty for a node of its own. */
  readonly members: readonly string[];
}

export interface ViewEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly kind: string;
  readonly provenance: string;
  readonly before: EdgeStats | undefined;
  readonly now: EdgeStats | undefined;
  readonly tone: Tone;
  /** Line width, px: the logarithm of calls. */
  readonly width: number;
  readonly change: Change;
  readonly figure: string;
  readonly badness: number;
}

export interface View {
  readonly nodes: readonly ViewNode[];
  readonly edges: readonly ViewEdge[];
}

const errorRatio = (stats: EdgeStats | undefined): number =>
  stats && stats.calls > 0 ? stats.errors / stats.calls : 0;

interface Worst {
  readonly tone: Tone;
  readonly figure: string;
  readonly badness: number;
}

const HEALTHY: Worst = { tone: 'plain', figure: '', badness: 0 };
const SLOWER = 2;
const SLOWER_MS = 1;
const MORE_ERRORS = 0.01;

/** What got worst between two stretches: errors are red, slower is amber. */
export function worstOf(before: EdgeStats | undefined, now: EdgeStats | undefined): Worst {
  if (!now || now.calls <= 0) return HEALTHY;
  const errors = errorRatio(now);
  if (errors - errorRatio(before) > MORE_ERRORS && errors > 2 * errorRatio(before)) {
    return { tone: 'crit', figure: `err ${formatPercent(errors)}`, badness: 2 + errors * 20 };
  }
  const ratio = before && before.p99Ms > 0 ? now.p99Ms / before.p99Ms : 1;
  if (before && ratio >= SLOWER && now.p99Ms - before.p99Ms >= SLOWER_MS) {
    const figure = `p99 ${formatMs(now.p99Ms)}  ${times(ratio)}`;
    return { tone: 'warn', figure, badness: Math.log2(ratio) };
  }
  return HEALTHY;
}

const times = (ratio: number): string => `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}×`;

export function changeOf(before: EdgeStats | undefined, now: EdgeStats | undefined): Change {
  const had = before !== undefined && before.calls > 0;
  const has = now !== undefined && now.calls > 0;
  if (!had && has) return 'appeared';
  if (had && !has) return 'vanished';
  return worstOf(before, now).tone === 'plain' ? 'same' : 'degraded';
}

const RED = 0.55;
const AMBER = 0.1;

/** Own health (0–1, of the analysis) as a tone. */
export function healthTone(health: number): Tone {
  if (health > RED) return 'crit';
  return health > AMBER ? 'warn' : 'plain';
}

/** Mean of the hotter half of an entity's heat inside a stretch: one hot bucket makes no red node. */
export function heatIn(row: EntityHeat | undefined, from: bigint, to: bigint): number {
  if (!row) return 0;
  const first = Math.max(0, Number((from - row.from) / row.step));
  const last = Math.min(row.heat.length - 1, Number((to - 1n - row.from) / row.step));
  const inside = [...row.heat.subarray(first, last + 1)].sort((a, b) => b - a);
  const half = inside.slice(0, Math.max(1, Math.ceil(inside.length / 2)));
  return half.length > 0 ? half.reduce((a, b) => a + b, 0) / half.length : 0;
}

export interface ViewInput {
  readonly topology: Topology;
  readonly before: Traffic;
  readonly now: Traffic;
  readonly health: (entityId: string) => number;
}

/** Nodes and edges with what they did before and now. */
export function viewOf({ topology, before, now, health }: ViewInput): View {
  const most = Math.max(1e-9, ...[...now.edges.values()].map(({ calls }) => calls));
  const edges = topology.edges.map((edge): ViewEdge => {
    const { source, target, kind, provenance } = edge;
    const id = edgeKey(source, target);
    const [was, is] = [before.edges.get(id), now.edges.get(id)];
    const worst = worstOf(was, is);
    const measured = was !== undefined || is !== undefined;
    return {
      id,
      source,
      target,
      kind,
      provenance,
      before: was,
      now: is,
      tone: worst.tone,
      width: is ? 1 + (3.5 * Math.log1p((is.calls / most) * 50)) / Math.log(51) : 1,
      change: measured ? changeOf(was, is) : 'same',
      figure: worst.figure,
      badness: worst.badness,
    };
  });
  const into = worstInto(edges);
  const nodes = topology.nodes.map(({ entity }): ViewNode => {
    const own = worstOf(before.nodes.get(entity.id), now.nodes.get(entity.id));
    // What records no spans of its own is known by what its callers saw.
    const worst = now.nodes.has(entity.id) ? own : (into.get(entity.id) ?? HEALTHY);
    const tone = healthTone(health(entity.id));
    return {
      ...entity,
      tone,
      figure: tone === 'plain' ? '' : worst.figure,
      badness: tone === 'plain' ? 0 : worst.badness + 1,
      members: [],
    };
  });
  return { nodes, edges };
}

function worstInto(edges: readonly ViewEdge[]): ReadonlyMap<string, Worst> {
  const found = new Map<string, Worst>();
  for (const { target, before, now } of edges) {
    const worst = worstOf(before, now);
    if (worst.badness > (found.get(target)?.badness ?? 0)) found.set(target, worst);
  }
  return found;
}

const WORSE: readonly Tone[] = ['plain', 'warn', 'crit'];

/** Without what is healthy and leads to nothing unhealthy. */
export function hideHealthy({ nodes, edges }: View): View {
  const bad = new Set(nodes.filter(({ tone }) => tone !== 'plain').map(({ id }) => id));
  for (const { source, target, tone, change } of edges) {
    if (tone === 'plain' && change === 'same') continue;
    bad.add(source);
    bad.add(target);
  }
  return {
    nodes: nodes.filter(({ id }) => bad.has(id)),
    edges: edges.filter(({ source, target }) => bad.has(source) && bad.has(target)),
  };
}

export interface Place {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
}

const plainEdge = (source: string, target: string, kind: string): ViewEdge => ({
  id: edgeKey(source, target),
  source,
  target,
  kind,
  provenance: 'resource',
  before: undefined,
  now: undefined,
  tone: 'plain',
  width: 1,
  change: 'same',
  figure: '',
  badness: 0,
});

/** Adds instances and hosts behind their services. */
export function withPlaces(
  view: View,
  places: readonly Place[],
  health: (entityId: string) => number,
): View {
  const nodes = new Map(view.nodes.map((node) => [node.id, node]));
  const edges = new Map(view.edges.map((edge) => [edge.id, edge]));
  const add = (id: string): void => {
    if (nodes.has(id)) return;
    const tone = healthTone(health(id));
    nodes.set(id, { ...parseEntityId(id), tone, figure: '', badness: 0, members: [] });
  };
  const link = (source: string, target: string, kind: string): void => {
    if (source === '' || target === '') return;
    add(source);
    add(target);
    const edge = plainEdge(source, target, kind);
    if (!edges.has(edge.id)) edges.set(edge.id, edge);
  };
  for (const { service, instance, host } of places) {
    link(service, instance, 'has_instance');
    link(instance === '' ? service : instance, host, 'hosted_on');
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

const FOLDABLE: ReadonlySet<EntityKind> = new Set(['service_instance', 'host', 'container']);
const FOLD_FROM = 2;

/** Folds instances of one service, then hosts with the same neighbours, into one node with a count. */
export function foldLeaves(view: View, open: ReadonlySet<string>): View {
  const instances = foldKind(view, open, ['service_instance', 'container'], false);
  return foldKind(instances, open, ['host'], true);
}

function foldKind(
  view: View,
  open: ReadonlySet<string>,
  kinds: readonly EntityKind[],
  all: boolean,
): View {
  const neighbours = new Map<string, string[]>();
  for (const { source, target } of view.edges) {
    neighbours.set(target, [...(neighbours.get(target) ?? []), source]);
    if (all) neighbours.set(source, [...(neighbours.get(source) ?? []), target]);
  }
  const groups = new Map<string, ViewNode[]>();
  for (const node of view.nodes) {
    if (!FOLDABLE.has(node.kind) || !kinds.includes(node.kind)) continue;
    const around = [...new Set(neighbours.get(node.id))].sort().join('\u0001');
    if (around === '') continue;
    const key = `fold:${node.kind}:${around}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const into = new Map<string, string>();
  const folded: ViewNode[] = [];
  for (const [id, members] of groups) {
    if (members.length < FOLD_FROM || open.has(id)) continue;
    for (const member of members) into.set(member.id, id);
    folded.push(foldedNode(id, members));
  }
  const edges = new Map<string, ViewEdge>();
  for (const edge of view.edges) {
    const source = into.get(edge.source) ?? edge.source;
    const target = into.get(edge.target) ?? edge.target;
    const key = edgeKey(source, target);
    if (!edges.has(key)) edges.set(key, { ...edge, id: key, source, target });
  }
  return {
    nodes: [...view.nodes.filter(({ id }) => !into.has(id)), ...folded],
    edges: [...edges.values()],
  };
}

function foldedNode(id: string, members: readonly ViewNode[]): ViewNode {
  const worst = members.reduce((a, b) => (WORSE.indexOf(b.tone) > WORSE.indexOf(a.tone) ? b : a));
  const word = worst.kind === 'host' ? 'hosts' : 'instances';
  return {
    ...worst,
    id,
    name: `${members.length} ${word}`,
    members: members.map((member) => member.id),
  };
}
