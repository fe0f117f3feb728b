import { z } from 'zod';
import { parseDuration, type TimeWindow } from '../../core/base';
import {
  disjointWindows,
  type Catalog,
  type CatalogItem,
  type Connector,
  type ConnectorFactory,
} from '../../core/connect';
import { PrometheusApi } from './api';
import { kindOf } from './kinds';
import { internalNotice, isSelected, type PlanSetup } from './make-plan';
import { refusalOf } from './failures';
import { probe } from './probe';
import { estimate } from './estimate';
import { GROUPS, familyName, groupOf } from './groups';
import { pullSteps } from './pull';
import { ofService } from './service';
import { parseSelectors } from './selector';
import { ALERTS, survey } from './survey';
import { msWindow } from './windows';
import { GRAFANA_TYPES, linkTo, readLink } from './link';

const MS_NS = 1_000_000n;

const config = z.object({
  match: z.string().default(''),
  step: z
    .string()
    .default('')
    .refine((text) => text === '' || (parseDuration(text) ?? 0n) >= MS_NS, {
      message: 'The step must be a duration such as 30s.',
    }),
  service: z.string().default(''),
  tenant: z
    .string()
    .default('')
    .refine((text) => /^[\x20-\x7e]{0,300}$/.test(text), {
      message: 'A tenant is one line of plain characters.',
    }),
  partial: z.enum(['', 'with a warning', 'never']).default(''),
  transport: z.enum(['', 'queries', 'remote read']).default(''),
});

/** Prometheus and what answers like it (Thanos, Mimir, VictoriaMetrics): metrics, exemplars, alerts. */
export const prometheus: ConnectorFactory = {
  id: 'prometheus',
  title: 'Prometheus',
  signals: ['samples', 'alerts'],
  exampleUrl: 'http://127.0.0.1:9090',
  fields: [
    {
      name: 'match',
      label: 'Series',
      hint: 'Selectors such as {namespace="shop"}, one a line or separated by semicolons. Empty: every series.',
      required: false,
    },
    {
      name: 'step',
      label: 'Step',
      hint: 'One sample for each step, e.g. 30s. Empty: raw samples where they fit the budget, else the finest step that does.',
      required: false,
    },
    {
      name: 'service',
      label: 'Service',
      hint: 'Only what belongs to it, by job, service, app, container, pod and the like. Empty: everything.',
      required: false,
    },
    {
      name: 'tenant',
      label: 'Tenant',
      hint: 'Sent as X-Scope-OrgID: whose series Mimir or Cortex answers with; several as a|b. It is no secret and is kept with the case.',
      required: false,
    },
    {
      name: 'partial',
      label: 'Partial answers',
      hint: 'Of a Thanos with a store that fails: the rest with a warning (usual), or no answer.',
      required: false,
      options: ['with a warning', 'never'],
    },
    {
      name: 'transport',
      label: 'Raw samples by',
      hint: 'Queries (usual), or remote read, which Prometheus answers with its chunks as they are: less work for it. Queries where it is refused.',
      required: false,
      options: ['queries', 'remote read'],
    },
  ],
  config,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  linkTo,
  open: (values, env) => {
    const { match, step, service, tenant, partial, transport } = config.parse(values);
    const ns = parseDuration(step);
    const stepMs = ns === undefined ? undefined : Number(ns / MS_NS);
    const wire = { tenant: tenant.trim(), partial: partial !== 'never' };
    const api = (signal: AbortSignal): PrometheusApi => new PrometheusApi(env, signal, wire);
    const selectors = parseSelectors(match);
    const remote = transport === 'remote read';
    return open(api, { selectors, service: service.trim(), stepMs, remote });
  },
};

function open(
  apiFor: (signal: AbortSignal) => PrometheusApi,
  asked: Omit<PlanSetup, 'api'>,
): Connector {
  return {
    probe: (signal) => probe(apiFor(signal)),
    discover: (windows, signal) => discover({ ...asked, api: apiFor(signal) }, windows),
    pull: (request, signal) => pullSteps({ ...asked, api: apiFor(signal) }, request, signal),
  };
}

async function discover(
  { api, selectors: asked, service }: PlanSetup,
  windows: readonly TimeWindow[],
): Promise<Catalog> {
  const ms = disjointWindows(windows).map(msWindow);
  const selectors = await ofService(api, asked, service, ms);
  const found = await survey(api, selectors, ms);
  const estimates = await estimate(api, found, selectors, ms);
  const names = new Set(found.metrics.map(({ name }) => name));
  const stated = await api.metadata().catch((error: unknown) => {
    refusalOf(error);
    return new Map<string, never>();
  });
  const items = found.metrics.map((metric): CatalogItem => {
    const { name, series } = metric;
    const { kind, unit, description } = kindOf(name, stated, (other) => names.has(other));
    const what = [kind === 'unknown' ? '' : kind, unit].filter((word) => word !== '').join(', ');
    const about = [what, description].filter((word) => word !== '').join(': ');
    return {
      id: name,
      title: about === '' ? name : `${name} (${about})`,
      signal: 'samples',
      count: Math.max(...series),
      unit: 'series',
      selected: isSelected(metric),
      // What a Prometheus says about itself is no part of the incident.
      group: metric.internal === 'all' ? 'runtime' : groupOf(name),
      family: familyName(name),
      estimate: estimates.get(name),
    };
  });
  if (found.alertSeries > 0) {
    items.push({
      id: ALERTS,
      title: 'Alerts that fired',
      signal: 'alerts',
      count: found.alertSeries,
      unit: 'series',
      selected: true,
      group: 'alerts',
      estimate: { rows: found.alertSeries, bytes: found.alertSeries * 500 },
    });
  }
  const used = new Set(items.map(({ group }) => group));
  const groups = GROUPS.filter(({ id }) => used.has(id));
  return {
    items,
    groups,
    notices: [...found.notices, ...internalNotice(found.metrics), ...api.notices()],
  };
}
