import { hashHex } from '../../base';
import {
  parseEntityId,
  type AnalysisResult,
  type Anomaly,
  type Trait,
  type TopologyEdge,
} from '../../model';
import { maskLine } from '../logs/mask';

/** Most traits of one signal: a case with a thousand new log lines is no more like another for it. */
const MOST_A_SIGNAL = 40;
/** An edge is slower from this factor on, failing from this share of calls more. */
const SLOWER = 2;
const FAILING = 0.05;
/** Deviations from which an anomaly is a trait. */
const ABNORMAL = 6;

/**
 * What an incident looked like: the mix of log templates, what became of calls, which metrics moved which way,
 * alerts, changes and the probable cause. Each symptom stands in it twice, with the names of entities and with
 * their kinds, so that the same trouble elsewhere is recognised, and in the same place more so.
 */
export function fingerprintOf(result: AnalysisResult): readonly Trait[] {
  const all = [
    ...logTraits(result),
    ...edgeTraits(result.topology.edges),
    ...anomalyTraits(result.anomalies),
    ...alertTraits(result),
    ...causeTraits(result),
  ];
  const heaviest = new Map<string, Trait>();
  for (const { key, ...trait } of all) {
    const known = heaviest.get(key);
    if (!known || known.weight < trait.weight) heaviest.set(key, { key: hashHex(key), ...trait });
  }
  return [...heaviest.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function strongest<T>(items: readonly T[], weight: (item: T) => number): readonly T[] {
  return [...items].sort((a, b) => weight(b) - weight(a)).slice(0, MOST_A_SIGNAL);
}

function logTraits({ logTemplates }: AnalysisResult): readonly Trait[] {
  const risen = logTemplates.filter(({ incidentCount, score }) => incidentCount > 0 && score > 0);
  return strongest(risen, ({ score }) => score).map(({ template, isNew }) => {
    const text = maskLine(template).text;
    return { key: `log ${text}`, text: `log line: ${text}`, weight: isNew ? 1 : 0.5 };
  });
}

function edgeTraits(edges: readonly TopologyEdge[]): readonly Trait[] {
  const changed = edges.flatMap(({ source, target, baseline, incident }) => {
    const became = incident && baseline ? changeOf(baseline, incident) : undefined;
    return became === undefined ? [] : [{ source, target, became, calls: incident?.calls ?? 0 }];
  });
  return strongest(changed, ({ calls }) => calls).flatMap(({ source, target, became }) => {
    const [from, to] = [parseEntityId(source), parseEntityId(target)];
    return [
      {
        key: `edge ${source} ${target} ${became}`,
        text: `calls ${from.name} → ${to.name} ${became}`,
        weight: 1,
      },
      {
        key: `edge-kind ${from.kind} ${to.kind} ${became}`,
        text: `calls from a ${from.kind} to a ${to.kind} ${became}`,
        weight: 0.5,
      },
    ];
  });
}

type Stats = NonNullable<TopologyEdge['baseline']>;

function changeOf(before: Stats, now: Stats): string | undefined {
  const share = ({ calls, errors }: Stats): number => errors / Math.max(calls, 1e-9);
  if (share(now) > share(before) + FAILING) return 'failing';
  return now.p99Ms > SLOWER * before.p99Ms ? 'slower' : undefined;
}

function anomalyTraits(anomalies: readonly Anomaly[]): readonly Trait[] {
  const metrics = anomalies.filter(
    ({ signal, score }) => signal === 'metric' && Math.abs(score) >= ABNORMAL,
  );
  return strongest(metrics, ({ score }) => Math.abs(score)).flatMap(({ entityId, name, score }) => {
    const way = score > 0 ? 'up' : 'down';
    const entity = parseEntityId(entityId);
    return [
      {
        key: `metric ${entityId} ${name} ${way}`,
        text: `${name} of ${entity.name} ${way}`,
        weight: 0.5,
      },
      { key: `metric-name ${name} ${way}`, text: `${name} ${way}`, weight: 0.5 },
    ];
  });
}

function alertTraits({ alertGroups, incident }: AnalysisResult): readonly Trait[] {
  const during = alertGroups.filter(({ from, to }) => to >= incident.from && from < incident.to);
  return strongest(during, ({ notifications }) => notifications).map(({ title, names }) => {
    // Not the title: that also says where, and older runs say so in other words.
    const [name = title, ...others] = names ?? [];
    const what = others.length > 0 ? `${name} and ${others.length} more` : name;
    return { key: `alert ${maskLine(what).text}`, text: `alert group ${title}`, weight: 1 };
  });
}

function causeTraits({ verdict, ranking }: AnalysisResult): readonly Trait[] {
  const [top] = ranking;
  if (verdict !== 'ranked' || !top) return [];
  const { entity, culprits } = top;
  const changes = culprits.filter(({ kind }) => kind === 'change').map(({ name }) => name);
  return [
    { key: `cause ${entity.id}`, text: `probable cause ${entity.name}`, weight: 2 },
    { key: `cause-kind ${entity.kind}`, text: `a ${entity.kind} as probable cause`, weight: 1 },
    ...changes.slice(0, 1).map((title) => ({
      key: `change ${maskLine(title).text}`,
      text: `after ${maskLine(title).text}`,
      weight: 1,
    })),
    ...(changes.length > 0
      ? [{ key: 'after-change', text: 'right after a change', weight: 1 }]
      : []),
  ];
}
