import { z } from 'zod';
import type { TimeWindow } from '../../core/base';
import {
  disjointWindows,
  type Catalog,
  type CatalogItem,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
} from '../../core/connect';
import { JaegerClient, microsOf } from './client';
import { DEPENDENCIES, isOwn, itemOf, pullTraces } from './pull';
import { GRAFANA_TYPES, readLink } from './link';

const DEFAULT_LIMIT = 200;

/** Traces looked at to count them; where there are more, the list gives no number. */
const COUNT_UP_TO = 100;

const config = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'A whole number of traces, 1 to 99999.')
    .optional(),
});

/** Stored traces through Jaeger's query API (/api of Jaeger 1.x and 2.x). */
export const jaeger: ConnectorFactory = {
  id: 'jaeger',
  title: 'Jaeger',
  signals: ['spans', 'topology'],
  exampleUrl: 'http://127.0.0.1:16686',
  fields: [
    {
      name: 'limit',
      label: 'Traces per query',
      hint: `Most traces that one query may bring; ${DEFAULT_LIMIT} unless given. Fewer where traces are large.`,
      required: false,
    },
  ],
  config,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  open: (given, env) => open(Number(given['limit'] ?? DEFAULT_LIMIT), env),
};

function open(limit: number, env: ConnectorEnv): Connector {
  return {
    probe: (signal) => probe(env, signal),
    discover: (windows, signal) => discover(env, windows, signal),
    pull: (request, signal) => pullTraces(env, limit, request, signal),
  };
}

async function probe(env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const client = new JaegerClient(env);
  const services = await client.services(signal);
  const version = await client.version(signal);
  const retried = client.retries.notice();
  return {
    product: version === '' ? 'Jaeger' : `Jaeger ${version}`,
    version,
    facts: [`${services.length} services`],
    notices: retried ? [retried] : [],
  };
}

async function discover(
  env: ConnectorEnv,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<Catalog> {
  const client = new JaegerClient(env);
  const slices = disjointWindows(windows).map(microsOf);
  const items: CatalogItem[] = [];
  for (const service of await client.services(signal)) {
    let count: number | null = 0;
    for (const slice of slices) {
      if (count === null) break;
      const limit = COUNT_UP_TO + 1;
      const { traces } = await client.traces(service, slice, { limit, signal });
      count = traces.length > COUNT_UP_TO ? null : count + traces.length;
    }
    items.push({
      id: itemOf(service),
      title: service,
      signal: 'spans',
      count,
      unit: 'traces',
      selected: !isOwn(service),
    });
  }
  items.push({
    id: DEPENDENCIES,
    title: 'Calls between services, as Jaeger counts them',
    signal: 'topology',
    count: null,
    unit: 'calls',
    selected: true,
  });
  const retried = client.retries.notice();
  return { items, notices: retried ? [retried] : [] };
}
