import {
  asObject,
  asText,
  redactText,
  type JsonObject,
  type NoticeCounts,
  type TimeReader,
} from '../../core/connect';
import type { Attributes } from '../../core/model';

/** An event of either API, under one set of names. */
export interface KubernetesEvent {
  readonly ts: bigint;
  readonly warning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly object: { readonly kind: string; readonly name: string; readonly namespace: string };
  readonly resource: Attributes;
  readonly attributes: Attributes;
}

/**
 * Reads core/v1 (`involvedObject`, `message`, `lastTimestamp`) and events.k8s.io/v1 (`regarding`, `note`,
 * `deprecatedLastTimestamp`). Attributes as the OpenTelemetry collector's k8s_events receiver names them. Says
 * why it is none.
 */
export function eventOf(
  value: JsonObject,
  times: TimeReader,
  notices: NoticeCounts,
): KubernetesEvent | string {
  const metadata = asObject(value['metadata']);
  const about = asObject(value['involvedObject'] ?? value['regarding']);
  const reason = asText(value['reason']);
  const message = redactText(asText(value['message'] ?? value['note']).trim());
  if (reason === '' && message === '') return 'the event has neither reason nor message';
  const series = asObject(value['series']);
  const at = timeOf(value, series, metadata, times, notices);
  if (at === undefined) return 'the event has no time';
  const count = asText(value['count'] ?? value['deprecatedCount'] ?? series['count']);
  if (Number(count) > 1) {
    notices.add(
      'events-repeated',
      'info',
      (n) =>
        `${n} events stand for several occurrences (k8s.event.count); they are rows at the time of the last.`,
    );
  }
  const source = asObject(value['source'] ?? value['deprecatedSource']);
  const named = {
    kind: asText(about['kind']),
    name: asText(about['name']),
    namespace: asText(about['namespace']),
  };
  return {
    ts: at,
    warning: value['type'] === 'Warning',
    reason,
    message,
    object: named,
    resource: resourceOf(about, asText(source['host'])),
    attributes: present({
      'k8s.event.reason': reason,
      'k8s.event.action': asText(value['action']),
      'k8s.event.name': asText(metadata['name']),
      'k8s.event.uid': asText(metadata['uid']),
      'k8s.event.count': count === '0' ? '' : count,
      'k8s.event.start_time': asText(value['firstTimestamp'] ?? value['deprecatedFirstTimestamp']),
      'k8s.event.reporter': asText(
        value['reportingComponent'] || value['reportingController'] || source['component'],
      ),
      'k8s.object.fieldpath': asText(about['fieldPath']),
    }),
  };
}

/** Any of the times may be null: last, of the series, of the event, then when the object was made. */
function timeOf(
  value: JsonObject,
  series: JsonObject,
  metadata: JsonObject,
  times: TimeReader,
  notices: NoticeCounts,
): bigint | undefined {
  const given = [
    value['lastTimestamp'],
    value['deprecatedLastTimestamp'],
    series['lastObservedTime'],
    value['eventTime'],
    value['firstTimestamp'],
    value['deprecatedFirstTimestamp'],
  ];
  for (const one of given) {
    const ts = times.read(one);
    if (ts !== undefined && ts > 0n) return ts;
  }
  const made = times.read(metadata['creationTimestamp']);
  if (made !== undefined) {
    notices.add(
      'time-of-creation',
      'info',
      (n) =>
        `${n} events have no time of their own; the time at which their object was made was taken.`,
    );
  }
  return made;
}

const NAME_OF: Readonly<Record<string, string>> = {
  Pod: 'k8s.pod.name',
  Node: 'k8s.node.name',
  Deployment: 'k8s.deployment.name',
  ReplicaSet: 'k8s.replicaset.name',
  StatefulSet: 'k8s.statefulset.name',
  DaemonSet: 'k8s.daemonset.name',
  Job: 'k8s.job.name',
  CronJob: 'k8s.cronjob.name',
  HorizontalPodAutoscaler: 'k8s.hpa.name',
  Namespace: 'k8s.namespace.name',
};

function resourceOf(about: JsonObject, host: string): Attributes {
  const kind = asText(about['kind']);
  const name = asText(about['name']);
  const container = /^spec\.(?:initC|c)ontainers\{(.+)\}$/.exec(asText(about['fieldPath']))?.[1];
  return present({
    'k8s.namespace.name': asText(about['namespace']),
    'k8s.object.kind': kind,
    'k8s.object.name': name,
    'k8s.object.uid': kind === 'Pod' ? '' : asText(about['uid']),
    ...(kind === 'Pod' ? { 'k8s.pod.uid': asText(about['uid']), 'k8s.node.name': host } : {}),
    ...(container === undefined ? {} : { 'k8s.container.name': container }),
    ...(NAME_OF[kind] === undefined ? {} : { [NAME_OF[kind]]: name }),
  });
}

function present(given: Attributes): Attributes {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
