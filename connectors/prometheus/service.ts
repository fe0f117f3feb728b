import { FaultlineError } from '../../core/base';
import type { PrometheusApi } from './api';
import { refusalOf } from './failures';
import { escapeRegex, matcher, type Selector } from './selector';
import type { MsWindow } from './windows';

/** Labels that name a service, by conventions of Prometheus, OpenTelemetry, Kubernetes and Istio. */
const LABELS = [
  'service_name',
  'service',
  'app',
  'job',
  'container',
  'deployment',
  'app_kubernetes_io_name',
  'destination_workload',
];

/**
 * Selectors of what a service has: by every label that names it in the windows, and by pods that are called after
 * it. Throws 'connector/config' where no label does, with names that there are.
 */
export async function ofService(
  api: PrometheusApi,
  selectors: readonly Selector[],
  service: string,
  windows: readonly MsWindow[],
): Promise<readonly Selector[]> {
  if (service === '' || windows.length === 0) return selectors;
  const window = {
    from: Math.min(...windows.map(({ from }) => from)),
    to: Math.max(...windows.map(({ to }) => to)),
  };
  const valuesOf = async (label: string): Promise<readonly string[]> => {
    try {
      return await api.labelValues(label, window);
    } catch (error) {
      refusalOf(error);
      return [];
    }
  };
  const named: string[] = [];
  const known = new Set<string>();
  for (const label of LABELS) {
    const values = await valuesOf(label);
    if (values.includes(service)) named.push(matcher(label, '=', service));
    for (const value of values) known.add(value);
  }
  if ((await valuesOf('pod')).some((pod) => pod.startsWith(`${service}-`))) {
    named.push(matcher('pod', '=~', `${escapeRegex(service)}-.+`));
  }
  if (named.length > 0) {
    return selectors.flatMap(({ name, matchers }) =>
      named.map((one) => ({ name, matchers: matchers === '' ? one : `${matchers},${one}` })),
    );
  }
  const some = [...known].sort().slice(0, 10).join(', ');
  throw new FaultlineError(
    'connector/config',
    `No series is of a service ${service} in this time. ${some === '' ? '' : `There are ${some}.`}`.trim(),
  );
}
