import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import {
  TRACE_FIELD,
  discoverTraces,
  namedTraces,
  pullTraces,
  traceIds,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type DecodeTraces,
  type Probe,
} from '../../core/connect';
import { TempoClient } from './client';
import { GRAFANA_TYPES, linkTo, readLink } from './link';

const DEFAULT_LIMIT = 200;

const config = z.strictObject({
  trace: traceIds,
  query: z.string().optional(),
  tenant: z.string().optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'A whole number of traces, 1 to 99999.')
    .optional(),
});

const field = (name: string, label: string, hint: string) => ({
  name,
  label,
  hint,
  required: false,
});

/** Stored traces through Tempo's HTTP API. */
export const tempo = (decode: DecodeTraces): ConnectorFactory => ({
  id: 'tempo',
  title: 'Tempo',
  signals: ['spans'],
  exampleUrl: 'http://127.0.0.1:3200',
  fields: [
    TRACE_FIELD,
    field('query', 'TraceQL query', '{ resource.namespace = "shop" }; all traces unless given'),
    field('tenant', 'Tenant', 'X-Scope-OrgID, where Tempo has several tenants'),
    field('limit', 'Traces per query', `${DEFAULT_LIMIT}, or what Tempo allows`),
  ],
  config,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  linkTo,
  open: (given, env) => open(config.parse(given), env, decode),
});

function open(
  { query, tenant, limit, trace }: z.output<typeof config>,
  env: ConnectorEnv,
  decode: DecodeTraces,
): Connector {
  const told = (text: string | undefined): string | undefined => text?.trim() || undefined;
  const clientOf = (): TempoClient => {
    const traceQl = told(query);
    if (traceQl !== undefined && !traceQl.startsWith('{') && !traceQl.startsWith('(')) {
      const message = 'A TraceQL query begins with a set of spans, such as { status = error }.';
      throw new FaultlineError('connector/config', message);
    }
    return new TempoClient(env, decode, { query: traceQl, tenant: told(tenant) });
  };
  const named = namedTraces(trace);
  return {
    probe: (signal) => probe(clientOf(), env, signal),
    discover: (windows, signal) => discoverTraces(clientOf(), windows, signal, named),
    pull: (request, signal) =>
      pullTraces(clientOf(), Number(limit ?? DEFAULT_LIMIT), request, signal, named),
  };
}

const HOUR = 3_600_000_000_000n;

async function probe(client: TempoClient, env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const version = await client.version(signal);
  const now = env.now();
  const services = await client.services(signal, [{ from: now - HOUR, to: now }]);
  const retried = client.retries.notice();
  return {
    product: version === '' ? 'Tempo' : `Tempo ${version}`,
    version,
    facts: [`${services.length} services in the last hour`],
    notices: retried ? [retried] : [],
  };
}
