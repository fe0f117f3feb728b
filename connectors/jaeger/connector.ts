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
import { JaegerClient } from './client';
import { JaegerV3Client } from './client-v3';
import { GRAFANA_TYPES, linkTo, readLink } from './link';

const DEFAULT_LIMIT = 200;

const config = z.strictObject({
  trace: traceIds,
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'A whole number of traces, 1 to 99999.')
    .optional(),
  api: z.enum(['', 'v1', 'v3']).optional(),
});

/** Stored traces through Jaeger's query API: /api of its own pages, else /api/v3 (OTLP); of Jaeger 1.x and 2.x. */
export const jaeger = (decode: DecodeTraces): ConnectorFactory => ({
  id: 'jaeger',
  title: 'Jaeger',
  signals: ['spans', 'topology'],
  exampleUrl: 'http://127.0.0.1:16686',
  fields: [
    TRACE_FIELD,
    {
      name: 'limit',
      label: 'Traces per query',
      hint: `Most traces that one query may bring; ${DEFAULT_LIMIT} unless given. Fewer where traces are large.`,
      required: false,
    },
    {
      name: 'api',
      label: 'API',
      hint: 'v1 (/api) has calls between services, v3 (/api/v3) nanoseconds; v1 where it is there, unless given',
      required: false,
      options: ['', 'v1', 'v3'],
    },
  ],
  config,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  linkTo,
  open: (given, env) => open(config.parse(given), env, decode),
});

function open(
  { limit, api, trace }: z.output<typeof config>,
  env: ConnectorEnv,
  decode: DecodeTraces,
): Connector {
  const most = Number(limit ?? DEFAULT_LIMIT);
  const named = namedTraces(trace);
  const clientOf = async (signal: AbortSignal): Promise<JaegerClient | JaegerV3Client> => {
    const first = new JaegerClient(env);
    const third = new JaegerV3Client(env, decode);
    if (api === 'v3') return third;
    return api === 'v1' || (await hasFirst(first, signal)) ? first : third;
  };
  return {
    probe: async (signal) => probe(await clientOf(signal), env, signal),
    discover: async (windows, signal) =>
      discoverTraces(await clientOf(signal), windows, signal, named),
    pull: async function* (request, signal) {
      yield* pullTraces(await clientOf(signal), most, request, signal, named);
    },
  };
}

/** A gateway may let version 3 alone through. */
async function hasFirst(client: JaegerClient, signal: AbortSignal): Promise<boolean> {
  try {
    await client.services(signal);
    return true;
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    if (error.code === 'connector/bad-answer') return false;
    if (error.code === 'connector/refused' && error.detail?.['status'] === 404) return false;
    throw error;
  }
}

async function probe(
  client: JaegerClient | JaegerV3Client,
  env: ConnectorEnv,
  signal: AbortSignal,
): Promise<Probe> {
  const services = await client.services(signal);
  const version = await new JaegerClient(env).version(signal);
  const retried = client.retries.notice();
  const third = client instanceof JaegerV3Client;
  return {
    product: version === '' ? 'Jaeger' : `Jaeger ${version}`,
    version,
    facts: [`${services.length} services`, third ? 'through /api/v3' : 'through /api'],
    notices: retried ? [retried] : [],
  };
}
