import { z } from 'zod';
import { nsToMs } from '../../base';
import type { AlertGroup, Frame } from '../../model';
import { alertLabels, alertRows } from '../../model/queries';
import type { AlertFact, Graph } from '../shifts';
import { defineAnalysis } from '../seam';
import { graph } from '../topology/graph';
import { describeGroup, groupSurroundings } from './describe-group';
import { groupByTrouble, type GroupingParams } from './group-alerts';

export interface Alerts {
  /** Every notification, in order of time. */
  readonly alerts: readonly AlertFact[];
  readonly groups: readonly AlertGroup[];
}

export const alerts = defineAnalysis({
  id: 'correlate.alerts',
  kind: 'correlate',
  version: 3,
  title: 'Grouping alerts',
  cite: 'pauses, repeats and clocks of fingerprints in each connected part of the topology; two-part code: Rissanen (1978)',
  params: z.object({
    groupCost: z.number().positive().default(3),
    mostS: z.number().positive().default(3600),
    leastRepeats: z.number().int().positive().default(5),
    explained: z.number().min(0).max(1).default(0.5),
  }),
  uses: { graph },
  inputs: () => ({ alerts: alertRows({}), labels: alertLabels({}) }),
  run: ({ frames, given, params }): Alerts => {
    const facts = alertFacts(frames.alerts);
    const labels = labelRows(frames.labels);
    return { alerts: facts, groups: groupAlerts(facts, given.graph.graph, labels, params) };
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

/** Notifications with one fingerprint are one alert of a group; members stay distinct. */
export function groupAlerts(
  alerts: readonly AlertFact[],
  { edges }: Pick<Graph, 'edges'>,
  labels: Parameters<typeof groupSurroundings>[1],
  params: GroupingParams,
): readonly AlertGroup[] {
  const points = alerts.map(({ fingerprint, entityId, from, to }) => ({
    fingerprint,
    entity: entityId,
    fromMs: nsToMs(from),
    toMs: nsToMs(to),
  }));
  const around = groupSurroundings(edges, labels);
  return groupByTrouble(points, edges, params).map((trouble) => {
    const members = Array.from(trouble.members).flatMap((index) => alerts[index] ?? []);
    return describeGroup(members, trouble, around);
  });
}

function* labelRows(
  frame: Frame<(typeof alertLabels)['def']['columns']>,
): Generator<readonly [string, string, string]> {
  const { fingerprint, key, value } = frame.col;
  for (let i = 0; i < frame.rows; i++) yield [fingerprint[i] ?? '', key[i] ?? '', value[i] ?? ''];
}
