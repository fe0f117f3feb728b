import { z } from 'zod';
import { hashHex } from '../../base';
import type { AlertGroup, Frame } from '../../model';
import { alertRows } from '../../model/queries';
import type { AlertFact, Graph } from '../shifts';
import { defineAnalysis } from '../seam';
import { graph } from '../topology/graph';
import { groupByTrouble, type GroupingParams } from './group-alerts';

export interface Alerts {
  /** Every notification, in order of time. */
  readonly alerts: readonly AlertFact[];
  readonly groups: readonly AlertGroup[];
}

export const alerts = defineAnalysis({
  id: 'correlate.alerts',
  kind: 'correlate',
  version: 2,
  title: 'Grouping alerts',
  cite: 'pauses and repeats of fingerprints in each connected part of the topology; two-part code: Rissanen (1978)',
  params: z.object({
    groupCost: z.number().positive().default(3),
    mostS: z.number().positive().default(3600),
    leastRepeats: z.number().int().positive().default(5),
    explained: z.number().min(0).max(1).default(0.5),
  }),
  uses: { graph },
  inputs: () => ({ alerts: alertRows({}) }),
  run: ({ frames, given, params }): Alerts => {
    const facts = alertFacts(frames.alerts);
    return { alerts: facts, groups: groupAlerts(facts, given.graph.graph, params) };
  },
});

function alertFacts(frame: Frame<(typeof alertRows)['def']['columns']>): AlertFact[] {
  const { col } = frame;
  return Array.from({ length: frame.rows }, (_, i) => ({
    sourceId: col.source_id[i] ?? 0,
    rowNo: col.row_no[i] ?? 0n,
    fingerprint: col.fingerprint[i] ?? '',
    name: col.name[i] ?? '',
    from: col.starts_at[i] ?? 0n,
    to: col.ends_at[i] ?? 0n,
    severity: col.severity[i] ?? '',
    entityId: col.entity_id[i] ?? '',
    about: aboutOf(col.about[i]),
    caller: col.caller[i] ?? '',
    direction: col.direction[i] ?? '',
  }));
}

const aboutOf = (about: string | null | undefined): AlertFact['about'] =>
  about === 'calls' || about === 'logs' ? about : 'metrics';

const ms = (ns: bigint): number => Number(ns / 1000n) / 1000;

/** Notifications with one fingerprint are one alert of a group; members stay distinct. */
export function groupAlerts(
  alerts: readonly AlertFact[],
  graph: Graph,
  params: GroupingParams,
): readonly AlertGroup[] {
  const points = alerts.map(({ fingerprint, entityId, from, to }) => ({
    fingerprint,
    entity: entityId,
    fromMs: ms(from),
    toMs: ms(to),
  }));
  return groupByTrouble(points, graph.edges, params).map((group) => {
    const members = group.flatMap((index) => alerts[index] ?? []);
    const entities = new Set(members.map(({ entityId }) => entityId));
    return describeGroup(members, [...entities].sort());
  });
}

const SEVERITIES = ['critical', 'error', 'page', 'high', 'warning', 'medium', 'info', 'low'];

function describeGroup(members: readonly AlertFact[], entityIds: readonly string[]): AlertGroup {
  const rank = (severity: string): number => {
    const at = SEVERITIES.indexOf(severity.toLowerCase());
    return at < 0 ? SEVERITIES.length : at;
  };
  const names = new Map<string, number>();
  for (const { name } of members) names.set(name, (names.get(name) ?? 0) + 1);
  const [title = ''] = [...names].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
  const worst = [...members].sort((a, b) => rank(a.severity) - rank(b.severity))[0];
  const first = members[0];
  const from = first?.from ?? 0n;
  return {
    groupId: hashHex(`${first?.fingerprint ?? ''}\u0001${String(from)}\u0001${members.length}`),
    title: names.size > 1 ? `${title} and ${names.size - 1} more` : title,
    severity: worst?.severity ?? '',
    from,
    to: members.reduce((max, { to }) => (to > max ? to : max), from),
    entityIds,
    fingerprints: new Set(members.map(({ fingerprint }) => fingerprint)).size,
    notifications: members.length,
    members: members.map(({ sourceId, rowNo }) => ({ sourceId, rowNo })),
  };
}
