import { isMap, isNode } from 'yaml';
import { listAt, mapAt, textAt, type Definition, type YamlDocument } from './documents';

/** What can't be a definition: where, and why. */
export interface Refused {
  readonly where: string;
  readonly reason: string;
  /** What stands there. */
  readonly item?: unknown;
}

export interface Found {
  readonly definitions: readonly Definition[];
  readonly refused: readonly Refused[];
  /** Objects that define nothing to be measured (data sources, targets of notifications). */
  readonly leftOut: number;
}

const NOTHING: Found = { definitions: [], refused: [], leftOut: 0 };

/**
 * Rules of Prometheus (also of Thanos, Mimir and Loki), in a rule file or a PrometheusRule of Kubernetes.
 * Source: prometheus.io/docs/prometheus/latest/configuration/recording_rules.
 */
export function rulesIn({ map, where }: YamlDocument): Found {
  const spec = mapAt(map, 'spec');
  const groups = listAt(map, 'groups') ?? listAt(spec, 'groups');
  const at = listAt(map, 'groups') ? 'groups' : 'spec.groups';
  if (!groups) return { ...NOTHING, refused: [{ where, reason: 'it has no groups of rules' }] };
  const definitions: Definition[] = [];
  const refused: Refused[] = [];
  for (const [g, group] of groups.entries()) {
    const rules = listAt(group, 'rules');
    const place = `${prefixed(where)}${at}[${g}]`;
    if (!rules) {
      refused.push({ where: place, reason: 'the group has no list of rules', item: group });
      continue;
    }
    for (const [r, rule] of rules.entries()) {
      const alert = textAt(rule, 'alert');
      const name = alert || textAt(rule, 'record');
      const ruleAt = `${place}.rules[${r}]`;
      if (!isMap(rule) || name === '' || textAt(rule, 'expr') === '') {
        const reason = 'the rule has no name (alert or record) or no expression (expr)';
        refused.push({ where: ruleAt, reason, item: rule });
        continue;
      }
      definitions.push({
        kind: alert === '' ? 'recording-rule' : 'alerting-rule',
        name,
        where: ruleAt,
        node: rule,
        attributes: present({
          'prometheus.group': textAt(group, 'name'),
          'prometheus.interval': textAt(group, 'interval'),
          service: textAt(mapAt(rule, 'labels'), 'service'),
        }),
      });
    }
  }
  return { definitions, refused, leftOut: 0 };
}

/** Kinds of OpenSLO that say what is measured and when it alerts. */
const OPENSLO: Readonly<Record<string, string>> = {
  SLO: 'slo',
  SLI: 'sli',
  Service: 'service',
  AlertPolicy: 'alert-policy',
  AlertCondition: 'alert-condition',
};

/** Objects of OpenSLO, one a document. Source: github.com/OpenSLO/OpenSLO. */
export function openSloIn({ map, where }: YamlDocument): Found {
  const given = textAt(map, 'kind');
  if (given === 'DataSource' || given === 'AlertNotificationTarget') {
    return { ...NOTHING, leftOut: 1 };
  }
  const kind = OPENSLO[given];
  const metadata = mapAt(map, 'metadata');
  const name = textAt(metadata, 'name');
  if (!textAt(map, 'apiVersion').startsWith('openslo/') || kind === undefined || name === '') {
    const reason = 'it has no apiVersion, kind or name of OpenSLO';
    return { ...NOTHING, refused: [{ where: where || 'the document', reason }] };
  }
  const service = kind === 'service' ? name : textAt(mapAt(map, 'spec'), 'service');
  const attributes = present({ 'openslo.version': textAt(map, 'apiVersion'), service });
  return {
    definitions: [{ kind, name, where: where || 'the document', node: map, attributes }],
    refused: [],
    leftOut: 0,
  };
}

/** Objectives of Sloth, in its own form or as a PrometheusServiceLevel of Kubernetes. Source: sloth.dev. */
export function slothIn({ map, where }: YamlDocument): Found {
  const top = listAt(map, 'slos') ? map : mapAt(map, 'spec');
  const slos = listAt(top, 'slos');
  const service = textAt(top, 'service');
  if (!slos) return { ...NOTHING, refused: [{ where, reason: 'it has no list of slos' }] };
  const definitions: Definition[] = [];
  const refused: Refused[] = [];
  for (const [i, slo] of slos.entries()) {
    const place = `${prefixed(where)}${top === map ? '' : 'spec.'}slos[${i}]`;
    const name = textAt(slo, 'name');
    const objective = textAt(slo, 'objective');
    if (!isNode(slo) || name === '' || objective === '') {
      refused.push({
        where: place,
        reason: 'the objective has no name or no objective',
        item: slo,
      });
      continue;
    }
    const attributes = present({ service, 'sloth.objective': objective });
    definitions.push({ kind: 'slo', name, where: place, node: slo, attributes });
  }
  return { definitions, refused, leftOut: 0 };
}

const prefixed = (where: string): string => (where === '' ? '' : `${where}, `);

function present(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
