import { z } from 'zod';
import {
  TRACE_FIELD,
  discoverTraces,
  namedTraces,
  pullTraces,
  traceIds,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
} from '../../core/connect';
import { ZipkinClient } from './client';
import { GRAFANA_TYPES, linkTo, readLink } from './link';

const DEFAULT_LIMIT = 200;

const config = z.strictObject({
  trace: traceIds,
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
    TRACE_FIELD,
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
  open: (given, env) => open(config.parse(given), env),
};

function open({ limit, trace }: z.output<typeof config>, env: ConnectorEnv): Connector {
  const most = Number(limit ?? DEFAULT_LIMIT);
  const named = namedTraces(trace);
  return {
    probe: (signal) => probe(env, signal),
    discover: (windows, signal) => discoverTraces(new ZipkinClient(env), windows, signal, named),
    pull: (request, signal) => pullTraces(new ZipkinClient(env), most, request, signal, named),
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
