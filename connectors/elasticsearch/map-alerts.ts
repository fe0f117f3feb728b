import { parseRfc3339 } from '../../core/base';
import {
  alertFingerprint,
  isJsonObject,
  type AlertRecord,
  type JsonObject,
} from '../../core/connect';
import { attributesOf, fieldOf, firstOf, integerOf, scalarText, valueText } from './document';
import type { AlertProfile } from './spec';

/** What an alert's document says: its record, or why there is none. */
type Mapped = AlertRecord | string;

const text = (doc: JsonObject, path: string): string => scalarText(fieldOf(doc, path));

/** RFC 3339, or milliseconds since the epoch. */
export function instantOf(value: unknown): bigint | undefined {
  const first = firstOf(value);
  if (typeof first === 'string' && !/^\d+$/.test(first)) return parseRfc3339(first);
  const ms = integerOf(first);
  return ms === undefined ? undefined : ms * 1_000_000n;
}

/** Texts that are there, by name. */
function some(pairs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== ''));
}

/** Where a document says that its alert belongs. */
function placesOf(doc: JsonObject): Record<string, string> {
  return some({
    service: text(doc, 'service.name'),
    host: text(doc, 'host.name'),
    namespace: text(doc, 'kubernetes.namespace'),
    pod: text(doc, 'kubernetes.pod.name'),
    container: text(doc, 'kubernetes.container.name') || text(doc, 'container.name'),
  });
}

function record(
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
  startsAt: bigint,
  endsAt: bigint | undefined,
): AlertRecord {
  return { fingerprint: alertFingerprint(labels), startsAt, endsAt, labels, annotations };
}

/**
 * An alert of Kibana (`.alerts-*`): one document an alert from its start to its end, written anew while it
 * lasts. Alerts of detection rules have no start of their own; theirs is when they were found.
 */
function kibanaAlert(doc: JsonObject): Mapped {
  const at = (name: string): unknown => fieldOf(doc, `kibana.alert.${name}`);
  const written = instantOf(fieldOf(doc, '@timestamp'));
  const startsAt = instantOf(at('start')) ?? instantOf(at('original_time')) ?? written;
  if (startsAt === undefined) return 'it has neither kibana.alert.start nor @timestamp';
  const alertname = scalarText(at('rule.name'));
  if (alertname === '') return 'it has no kibana.alert.rule.name';
  const status = scalarText(at('status'));
  const ended =
    instantOf(at('end')) ?? (/^(recovered|untracked)$/.test(status) ? written : undefined);
  const group = at('group');
  const labels = some({
    ...placesOf(doc),
    ...Object.fromEntries(
      (Array.isArray(group) ? group : []).filter(isJsonObject).map((one) => {
        return [scalarText(one['field']) || 'group', scalarText(one['value'])];
      }),
    ),
    alertname,
    severity: scalarText(at('severity')),
    rule_uuid: scalarText(at('rule.uuid')),
    category: scalarText(at('rule.category')),
    instance: scalarText(at('instance.id')) || scalarText(at('instance')),
  });
  const annotations = some({
    summary: scalarText(at('reason')),
    status,
    action_group: scalarText(at('action_group')),
    value: valueOr(at('evaluation.value') ?? at('evaluation.values')),
    threshold: valueOr(at('evaluation.threshold')),
    workflow_status: scalarText(at('workflow_status')),
    flapping: scalarText(at('flapping')),
    uuid: scalarText(at('uuid')),
    url: scalarText(at('url')),
  });
  return record(labels, annotations, startsAt, ended);
}

const valueOr = (value: unknown): string =>
  value === undefined || value === null ? '' : valueText(value);

/** An alert of OpenSearch Alerting; 1 is its highest severity. */
function openSearchAlert(doc: JsonObject): Mapped {
  const startsAt = instantOf(doc['start_time']);
  if (startsAt === undefined) return 'it has no start_time';
  const severity = text(doc, 'severity');
  const bucket = fieldOf(doc, 'agg_alert_content.bucket_keys');
  const labels = some({
    alertname: text(doc, 'trigger_name') || text(doc, 'monitor_name'),
    severity: /^\d$/.test(severity) ? `sev-${severity}` : severity,
    monitor: text(doc, 'monitor_name'),
    monitor_id: text(doc, 'monitor_id'),
    trigger_id: text(doc, 'trigger_id'),
    bucket: valueOr(bucket),
  });
  if (labels['alertname'] === undefined) return 'it has neither trigger_name nor monitor_name';
  const acknowledged = instantOf(doc['acknowledged_time']);
  const annotations = some({
    summary: text(doc, 'error_message'),
    status: text(doc, 'state'),
    acknowledged_at: acknowledged === undefined ? '' : String(acknowledged),
    id: text(doc, 'id'),
  });
  return record(labels, annotations, startsAt, instantOf(doc['end_time']));
}

/** What ElastAlert sent (`elastalert_status`): it says when, and never that it is over. */
function elastAlert(doc: JsonObject): Mapped {
  const startsAt = instantOf(doc['match_time']) ?? instantOf(doc['alert_time']);
  if (startsAt === undefined) return 'it has neither match_time nor alert_time';
  const alertname = text(doc, 'rule_name');
  if (alertname === '') return 'it has no rule_name';
  const match = isJsonObject(doc['match_body']) ? doc['match_body'] : {};
  const labels = some({ ...placesOf(match), alertname, key: text(match, 'key') });
  const annotations = some({
    ...attributesOf(doc['alert_info'], 'alert_info.'),
    sent: text(doc, 'alert_sent'),
    alert_time: text(doc, 'alert_time'),
    error: text(doc, 'alert_exception'),
    match: JSON.stringify(match).slice(0, 4000),
  });
  return record(labels, annotations, startsAt, undefined);
}

/** One alert for each document; watches are put together by `Watches`. */
export const ALERT_MAPPERS: Readonly<
  Record<Exclude<AlertProfile, 'watcher-history'>, (doc: JsonObject) => Mapped>
> = {
  'kibana-alerts': kibanaAlert,
  'opensearch-alerts': openSearchAlert,
  elastalert: elastAlert,
};

interface Execution {
  readonly at: bigint;
  readonly met: boolean;
  readonly doc: JsonObject;
}

/**
 * Watcher's history has a document for each execution of a watch. A run of executions whose condition was met
 * is one alert: from the first of them to the first that was not.
 */
export class Watches {
  private readonly byWatch = new Map<string, Execution[]>();
  /** Alerts that were on at the first execution that is known: they may have begun before. */
  begunBefore = 0;

  /** Says why, where a document can't be read ('' where it can). */
  add(doc: JsonObject): string {
    const watch = text(doc, 'watch_id');
    if (watch === '') return 'it has no watch_id';
    const at =
      instantOf(fieldOf(doc, 'result.execution_time')) ??
      instantOf(fieldOf(doc, 'trigger_event.triggered_time'));
    if (at === undefined) return 'it has neither result.execution_time nor triggered_time';
    const met = fieldOf(doc, 'result.condition.met');
    // Executions that failed before their condition say nothing about it.
    if (typeof met !== 'boolean') return '';
    const executions = this.byWatch.get(watch) ?? [];
    executions.push({ at, met, doc });
    this.byWatch.set(watch, executions);
    return '';
  }

  alerts(): readonly AlertRecord[] {
    const out: AlertRecord[] = [];
    for (const [watch, executions] of this.byWatch) {
      executions.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
      let first: Execution | undefined;
      executions.forEach((execution, i) => {
        if (execution.met && !first) {
          first = execution;
          if (i === 0) this.begunBefore++;
        }
        if (!execution.met && first) {
          out.push(watchAlert(watch, first, execution.at));
          first = undefined;
        }
      });
      if (first) out.push(watchAlert(watch, first, undefined));
    }
    return out;
  }
}

function watchAlert(
  watch: string,
  { at, doc }: Execution,
  endsAt: bigint | undefined,
): AlertRecord {
  const metadata = attributesOf(fieldOf(doc, 'metadata'));
  const labels = some({
    alertname: metadata['name'] ?? watch,
    severity: metadata['severity'] ?? '',
    service: metadata['service'] ?? '',
    watch_id: watch,
  });
  const actions = fieldOf(doc, 'result.actions');
  const done = (Array.isArray(actions) ? actions : []).filter(isJsonObject).map((action) => {
    return `${scalarText(action['id'])}: ${scalarText(action['status'])}`;
  });
  const annotations = some({
    status: text(doc, 'state'),
    actions: done.join(', '),
    condition: valueOr(fieldOf(doc, 'result.condition')),
  });
  return record(labels, annotations, at, endsAt);
}
