import { valueText, type Leaves } from './document';

/** ECS's names for what OpenTelemetry has other names for. */
const RENAMED: Readonly<Record<string, string>> = {
  'service.environment': 'deployment.environment.name',
  'service.node.name': 'service.instance.id',
  'kubernetes.namespace': 'k8s.namespace.name',
  'kubernetes.namespace_name': 'k8s.namespace.name',
  'kubernetes.pod.name': 'k8s.pod.name',
  'kubernetes.pod_name': 'k8s.pod.name',
  'kubernetes.pod.uid': 'k8s.pod.uid',
  'kubernetes.pod_id': 'k8s.pod.uid',
  'kubernetes.node.name': 'k8s.node.name',
  'kubernetes.host': 'k8s.node.name',
  'kubernetes.container.name': 'k8s.container.name',
  'kubernetes.container_name': 'k8s.container.name',
  'kubernetes.deployment.name': 'k8s.deployment.name',
};

/** What describes who wrote a record rather than the record. */
const OF_RESOURCE = /^(service|host|cloud|agent|kubernetes|container|orchestrator)\./;

/** Where a document lies in the cluster and by which version of a schema it was written. */
const ENVELOPE = /^(data_stream|ecs)\./;

/** Splits what is left of a document into its resource, under OpenTelemetry's names, and attributes. */
export function resourceAttributes(leaves: Leaves): {
  resource: Record<string, string>;
  attributes: Record<string, string>;
} {
  const resource: Record<string, string> = {};
  const attributes: Record<string, string> = {};
  for (const [path, value] of leaves.rest()) {
    if (ENVELOPE.test(path)) continue;
    if (OF_RESOURCE.test(path)) resource[RENAMED[path] ?? path] = valueText(value);
    else attributes[path] = valueText(value);
  }
  const own = resource['host.hostname'];
  if (own !== undefined) resource['host.name'] ??= own;
  return { resource, attributes };
}
