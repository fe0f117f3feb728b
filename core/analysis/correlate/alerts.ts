import { z } from 'zod';
import { hashHex } from '../../base';
import type { AlertGroup, Frame } from '../../model';
import { alertRows } from '../../model/queries';
import type { AlertFact, Graph } from '../shifts';
import { defineAnalysis } from '../seam';
import { median } from '../stats';
import { graph } from '../topology/graph';

export interface Alerts {
  /** Every notification, in order of time. */
  readonly alerts: readonly AlertFact[];
  readonly groups: readonly AlertGroup[];
}

export const alerts = defineAnalysis({
  id: 'correlate.alerts',
  kind: 'correlate',
  version: 1,
  title: 'Grouping alerts',
  cite: 'adaptive gap in time, neighbourhood in the dependency graph',
  params: z.object({
    /** The gap between alerts of one trouble is this many usual gaps, */
    usualGaps: z.number().positive().default(20),
    /** but not less and not more than this, seconds. */
    leastS: z.number().positive().default(60),
    mostS: z.number().positive().default(3600),
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
  }));
}

/**
 * Groups alerts that start within an adaptive gap of each other and whose entities are the same or
 * neighbours in the topology. Notifications with one fingerprint are one alert; members stay distinct.
 */
export function groupAlerts(
  alerts: readonly AlertFact[],
  graph: Graph,
  { usualGaps, leastS, mostS }: { usualGaps: number; leastS: number; mostS: number },
): readonly AlertGroup[] {
  const gaps = alerts.slice(1).map((alert, i) => Number(alert.from - (alerts[i]?.from ?? 0n)));
  const typical = gaps.length > 0 ? median(gaps) : 0;
  const gap = BigInt(
    Math.round(Math.min(mostS * 1e9, Math.max(leastS * 1e9, usualGaps * typical))),
  );
  const groups: { members: AlertFact[]; entities: Set<string>; last: bigint }[] = [];
  for (const alert of alerts) {
    const near = neighbourhood(alert.entityId, graph);
    const group = [...groups]
      .reverse()
      .find(
        ({ last, entities }) =>
          alert.from - last <= gap && [...entities].some((id) => near.has(id)),
      );
    if (group) {
      group.members.push(alert);
      group.entities.add(alert.entityId);
      if (alert.to > group.last)
        group.last = alert.to > alert.from + gap ? alert.from + gap : alert.to;
      if (alert.from > group.last) group.last = alert.from;
    } else {
      groups.push({ members: [alert], entities: new Set([alert.entityId]), last: alert.from });
    }
  }
  return groups.map(({ members, entities }) => describeGroup(members, [...entities].sort()));
}

function neighbourhood(id: string, graph: Graph): ReadonlySet<string> {
  return new Set([id, ...(graph.callees.get(id) ?? []), ...(graph.callers.get(id) ?? [])]);
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
