import type { ChangeRow } from '../../core/connect';
import type { KubernetesEvent } from './event';

/** Reasons that say that somebody or something changed the system, and what kind of change that is. */
const KINDS: Readonly<Record<string, string>> = {
  // deployment controller, horizontal pod autoscaler
  ScalingReplicaSet: 'scale',
  SuccessfulRescale: 'scale',
  DeploymentRollback: 'rollback',
  // kubelet: a container is stopped by a rollout, an eviction or a probe
  Killing: 'restart',
  // node lifecycle controller, kubelet, kubectl cordon and drain
  NodeNotReady: 'node',
  NodeReady: 'node',
  NodeNotSchedulable: 'node',
  NodeSchedulable: 'node',
  RegisteredNode: 'node',
  RemovingNode: 'node',
  DeletingNode: 'node',
  Rebooted: 'node',
  Shutdown: 'node',
  NodeHasDiskPressure: 'node',
  NodeHasInsufficientMemory: 'node',
  NodeHasInsufficientPID: 'node',
  Evicted: 'eviction',
  EvictionThresholdMet: 'eviction',
  TaintManagerEviction: 'eviction',
  Preempted: 'eviction',
};

const PULLED = /^Successfully pulled image "?([^"\s]+)"?/;

/** The change that an event tells of; undefined where it is a log line. */
export function changeOf(event: KubernetesEvent): ChangeRow | undefined {
  const { reason, message, object, ts, resource, attributes } = event;
  const image = reason === 'Pulled' ? PULLED.exec(message)?.[1] : undefined;
  const kind = image === undefined ? KINDS[reason] : 'deployment';
  if (kind === undefined) return undefined;
  const where = [object.kind, object.name].filter((part) => part !== '').join(' ');
  return {
    ts,
    kind,
    title: where === '' ? `${reason}: ${message}` : `${where}: ${message || reason}`,
    version: image === undefined ? '' : versionOf(image),
    resource,
    attributes: {
      ...attributes,
      'k8s.event.type': event.warning ? 'Warning' : 'Normal',
      ...(image === undefined ? {} : { 'container.image.name': image }),
    },
  };
}

/** The tag of an image, or the start of its digest; '' where it has neither. */
export function versionOf(image: string): string {
  const [name = '', digest] = image.split('@', 2);
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return tag ?? digest?.slice(0, 'sha256:'.length + 12) ?? '';
}
