import type { Attributes } from '../../model';
import { splitLabels } from '../prometheus-labels';

/** Tags of agents (Telegraf, StatsD, Graphite) as OpenTelemetry's semantic conventions call them. */
const NAMES: Readonly<Record<string, string>> = {
  host: 'host.name',
  hostname: 'host.name',
  service: 'service.name',
  service_name: 'service.name',
  env: 'deployment.environment.name',
  version: 'service.version',
};

/** A metric's tags as its resource (host, service, pod, …) and what is left as labels. */
export function placeOfTags(tags: Iterable<readonly [string, string]>): {
  readonly resource: Attributes;
  readonly labels: Attributes;
} {
  const named: Record<string, string> = {};
  const others: (readonly [string, string])[] = [];
  for (const [name, value] of tags) {
    const known = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    if (known !== undefined && !Object.hasOwn(named, known)) named[known] = value;
    else others.push([name, value]);
  }
  const { resource, rest } = splitLabels(others);
  return { resource: { ...named, ...resource }, labels: rest };
}
