import { z } from 'zod';
import {
  PREVIEW_BY,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
} from '../../core/connect';
import { LokiClient } from './api';
import { discover } from './discover';
import { GRAFANA_TYPES, linkTo, readLink } from './link';
import { preview } from './preview';
import { pull, type PullSettings } from './pull';

/** What Loki allows unless it is told otherwise (max_entries_limit_per_query). */
const LINES = 5000;

const config = z.strictObject({
  query: z.string().optional(),
  tenant: z
    .string()
    .regex(
      /^[\w!.*'()|-]*$/,
      "has letters, digits and !-_.*'() alone; several stand with | between them",
    )
    .optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'is a number of lines, 1 to 999999')
    .optional(),
});

/** Log lines through Loki's HTTP API. */
export const loki: ConnectorFactory = {
  id: 'loki',
  title: 'Loki',
  signals: ['logs'],
  exampleUrl: 'http://127.0.0.1:3100',
  fields: [
    {
      name: 'query',
      label: 'LogQL query',
      hint: '{namespace="shop"} |= "payment"; all streams with a service unless given',
      required: false,
    },
    {
      name: 'tenant',
      label: 'Tenant',
      hint: 'X-Scope-OrgID, where Loki has several tenants',
      required: false,
    },
    {
      name: 'limit',
      label: 'Lines per query',
      hint: `${LINES}, or what Loki allows`,
      required: false,
    },
  ],
  config,
  previewBy: PREVIEW_BY,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  linkTo,
  open: (given, env) => open(config.parse(given), env),
};

function open(given: z.output<typeof config>, env: ConnectorEnv): Connector {
  const told = (text: string | undefined): string | undefined => text?.trim() || undefined;
  const settings: PullSettings = {
    query: told(given.query),
    limit: Number(given.limit ?? LINES),
  };
  const client = (): LokiClient => new LokiClient(env, told(given.tenant));
  return {
    probe: (signal) => probe(client(), env, signal),
    discover: (windows, signal) => discover(client(), settings.query, windows, signal),
    pull: (request, signal) => pull(client(), settings, request, signal),
    preview: (request, signal) => preview(client(), settings.query, request, signal),
  };
}

const HOUR = 3_600_000_000_000n;

async function probe(client: LokiClient, env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const version = await client.version(signal);
  const now = env.now();
  const labels = await client.labels({ from: now - 6n * HOUR, to: now }, signal);
  const retried = client.retries.notice();
  return {
    product: version === '' ? 'Loki' : `Loki ${version}`,
    version,
    facts: [`${labels.length} labels in the last six hours`],
    notices: retried ? [retried] : [],
  };
}
