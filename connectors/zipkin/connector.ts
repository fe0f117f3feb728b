import { z } from 'zod';
import {
  discoverTraces,
  pullTraces,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
} from '../../core/connect';
import { ZipkinClient } from './client';
import { GRAFANA_TYPES, linkTo, readLink } from './link';

const DEFAULT_LIMIT = 200;

const config = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'A whole number of traces, 1 to 99999.')
    .optional(),
});

/** Stored traces through Zipkin's query API (/api/v2). */
export const zipkin: ConnectorFactory = {
  id: 'zipkin',
  title: 'Zipkin',
  signals: ['spans', 'topology'],
  exampleUrl: 'http://127.0.0.1:9411',
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
  linkTo,
  open: (given, env) => open(Number(given['limit'] ?? DEFAULT_LIMIT), env),
};

function open(limit: number, env: ConnectorEnv): Connector {
  return {
    probe: (signal) => probe(env, signal),
    discover: (windows, signal) => discoverTraces(new ZipkinClient(env), windows, signal),
    pull: (request, signal) => pullTraces(new ZipkinClient(env), limit, request, signal),
  };
}

async function probe(env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const client = new ZipkinClient(env);
  const services = await client.services(signal);
  const version = await client.version(signal);
  const retried = client.retries.notice();
  return {
    product: version === '' ? 'Zipkin' : `Zipkin ${version}`,
    version,
    facts: [`${services.length} services`],
    notices: retried ? [retried] : [],
  };
}
