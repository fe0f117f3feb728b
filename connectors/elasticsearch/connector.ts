import { z } from 'zod';
import {
  PREVIEW_BY,
  RetryCount,
  TRACE_FIELD,
  namedTraces,
  traceIds,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
} from '../../core/connect';
import { Client } from './api';
import { catalogOf, list } from './discover';
import { probe } from './identify';
import { preview } from './preview';
import { pull, type PullSettings } from './pull';
import { ALWAYS } from './named';
import { GRAFANA_TYPES, linkTo, readLink } from './link';

const SLICE_DOCUMENTS = 10_000;
const PARALLEL = 4;
const PAGE_DOCUMENTS = 10_000;

const config = z.strictObject({
  trace: traceIds,
  index: z.string().optional(),
  time: z.string().optional(),
  message: z.string().optional(),
  service: z.string().optional(),
  severity: z.string().optional(),
  kibana: z
    .string()
    .regex(/^(https?:\/\/[^\s@?#]+)?$/, 'is the address of Kibana, without a sign-in')
    .optional(),
  slice: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'is a number of documents, 1 to 999999')
    .optional(),
  parallel: z
    .string()
    .regex(/^[1-8]$/, 'is a number of searches, 1 to 8')
    .optional(),
  page: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'is a number of documents, 1 to 99999')
    .optional(),
});

function settingsOf(given: z.output<typeof config>): PullSettings {
  const told = (text: string | undefined): string | undefined => text?.trim() || undefined;
  return {
    index: told(given.index),
    overrides: {
      time: told(given.time),
      message: told(given.message),
      service: told(given.service),
      severity: told(given.severity),
    },
    traces: namedTraces(given.trace),
    sliceDocuments: Number(given.slice ?? SLICE_DOCUMENTS),
    parallel: Number(given.parallel ?? PARALLEL),
    pageDocuments: Number(given.page ?? PAGE_DOCUMENTS),
  };
}

const field = (name: string, label: string, hint: string) => ({
  name,
  label,
  hint,
  required: false,
});

/** Elasticsearch 7 to 9 and OpenSearch: logs and spans as people keep them there. */
export const elasticsearch: ConnectorFactory = {
  id: 'elasticsearch',
  title: 'Elasticsearch or OpenSearch',
  signals: ['logs', 'spans', 'samples', 'alerts'],
  exampleUrl: 'https://localhost:9200',
  fields: [
    field(
      'index',
      'Index pattern',
      'logs-*, jaeger-span-*; everything that is not hidden unless given',
    ),
    field('time', 'Time field', '@timestamp, or what looks like a time'),
    field('message', 'Message field', 'message, or what looks like one'),
    field('service', 'Service field', 'service.name, or what looks like one'),
    field('severity', 'Severity field', 'log.level, or what looks like one'),
    { ...TRACE_FIELD, hint: `${TRACE_FIELD.hint}: their spans and lines` },
    field('kibana', 'Kibana', 'Its address, for the way from a line back to it; it is not asked'),
    field('slice', 'Documents per step', `${SLICE_DOCUMENTS}; what is committed at once`),
    field('parallel', 'Searches at once', `${PARALLEL}; fewer while the cluster is busy`),
    field('page', 'Documents per answer', 'sized to 8 MiB and by speed; at most this many'),
  ],
  config,
  previewBy: PREVIEW_BY,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  linkTo,
  open: (given, env) => open(config.parse(given), env),
};

function open(given: z.output<typeof config>, env: ConnectorEnv): Connector {
  const settings = settingsOf(given);
  return {
    probe: (signal) => probe(env, signal),
    discover: async (windows, signal) => {
      const client = new Client(env, signal, new RetryCount());
      const asked = settings.traces.length > 0 ? [ALWAYS] : windows;
      return catalogOf(await list(client, { ...settings, windows: asked }));
    },
    pull: (request, signal) => pull(env, settings, request, signal),
    preview: (request, signal) => preview(env, settings, request, signal),
  };
}
