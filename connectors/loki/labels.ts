import { isJsonObject, jsonText, type JsonObject } from '../../core/connect';
import type { Attributes } from '../../core/model';

/** A stream's labels as what they say of who wrote its lines, and what they say of the lines. */
export interface StreamLabels {
  readonly resource: Attributes;
  readonly fields: JsonObject;
}

/** Labels under the names that OpenTelemetry has for them; of several, the first is taken. */
const NAMES: readonly (readonly [string, readonly string[]])[] = [
  [
    'service.name',
    ['service_name', 'service', 'app', 'app_kubernetes_io_name', 'application', 'container', 'job'],
  ],
  ['service.namespace', ['service_namespace']],
  ['service.instance.id', ['service_instance_id']],
  ['deployment.environment.name', ['deployment_environment_name', 'deployment_environment', 'env']],
  ['k8s.namespace.name', ['k8s_namespace_name', 'namespace']],
  ['k8s.pod.name', ['k8s_pod_name', 'pod']],
  ['k8s.container.name', ['k8s_container_name', 'container']],
  ['k8s.node.name', ['k8s_node_name', 'node_name', 'node']],
  ['k8s.deployment.name', ['k8s_deployment_name']],
  ['k8s.cluster.name', ['k8s_cluster_name', 'cluster']],
  ['host.name', ['host_name', 'hostname', 'host']],
  ['cloud.region', ['cloud_region']],
];
/** What differs from line to line, though it may be a label. */
const OF_LINES =
  /^(?:level|detected_level|severity|severity_text|severity_number|trace_?id|span_?id|traceparent)$/i;
/** Every stream has these. */
const OWN = /^__/;

/** A stream's labels as text, in the order of their names. */
export function streamKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** From an object, or from `{app="cart", pod="cart-0"}` as old releases write it. */
export function labelsOf(given: unknown): StreamLabels {
  const labels = isJsonObject(given) ? given : typeof given === 'string' ? fromText(given) : {};
  const resource: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  const named = new Set<string>();
  for (const [name, labelled] of NAMES) {
    const label = labelled.find((of) => labels[of] !== undefined && labels[of] !== '');
    if (label === undefined) continue;
    resource[name] = jsonText(labels[label]);
    named.add(label);
  }
  for (const [label, value] of Object.entries(labels)) {
    if (OWN.test(label)) continue;
    if (OF_LINES.test(label)) fields[label] = value;
    else if (!named.has(label)) resource[label] = jsonText(value);
  }
  return { resource, fields };
}

const PAIR = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function fromText(text: string): Record<string, string> {
  const pairs = [...text.matchAll(PAIR)];
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [name, value.replace(/\\(.)/g, '$1')]),
  );
}
