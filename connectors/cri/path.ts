import type { Attributes } from '../../core/model';

/** /var/log/pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log, rotated ones with a date behind. */
const POD =
  /(?:^|[/\\])([a-z0-9.-]{1,63})_([a-z0-9.-]{1,253})_([0-9a-f-]{32,36})[/\\]([a-z0-9.-]{1,63})[/\\](\d+)\.log[^/\\]*$/;
/** /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log */
const CONTAINER =
  /(?:^|[/\\])([a-z0-9.-]{1,253})_([a-z0-9.-]{1,63})_([a-z0-9.-]{1,63})-([0-9a-f]{64})\.log[^/\\]*$/;

/** What the kubelet puts into the path of a container's log, by OpenTelemetry's names; {} for other paths. */
export function resourceOfPath(path: string): Attributes {
  const pod = POD.exec(path);
  if (pod) {
    return {
      'k8s.namespace.name': pod[1] ?? '',
      'k8s.pod.name': pod[2] ?? '',
      'k8s.pod.uid': pod[3] ?? '',
      'k8s.container.name': pod[4] ?? '',
      'k8s.container.restart_count': pod[5] ?? '',
    };
  }
  const container = CONTAINER.exec(path);
  if (!container) return {};
  return {
    'k8s.namespace.name': container[2] ?? '',
    'k8s.pod.name': container[1] ?? '',
    'k8s.container.name': container[3] ?? '',
    'container.id': container[4] ?? '',
  };
}
