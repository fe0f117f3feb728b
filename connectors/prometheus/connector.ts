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
import { internalNotice, isSelected } from './make-plan';
import { refusalOf } from './failures';
import { probe } from './probe';
import { pullSteps } from './pull';
import { parseSelectors, type Selector } from './selector';
import { ALERTS, survey } from './survey';
import { msWindow } from './windows';
import { GRAFANA_TYPES, readLink } from './link';

const MS_NS = 1_000_000n;

const config = z.object({
  match: z.string().default(''),
  step: z
    .string()
    .default('')
    .refine((text) => text === '' || (parseDuration(text) ?? 0n) >= MS_NS, {
      message: 'The step must be a duration such as 30s.',
    }),
  tenant: z
    .string()
    .default('')
    .refine((text) => /^[\x20-\x7e]{0,300}$/.test(text), {
      message: 'A tenant is one line of plain characters.',
    }),
  partial: z.enum(['', 'with a warning', 'never']).default(''),
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
  ],
  config,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  open: (values, env) => {
    const { match, step, tenant, partial } = config.parse(values);
    const ns = parseDuration(step);
    const stepMs = ns === undefined ? undefined : Number(ns / MS_NS);
    const wire = { tenant: tenant.trim(), partial: partial !== 'never' };
    const api = (signal: AbortSignal): PrometheusApi => new PrometheusApi(env, signal, wire);
    return open(api, parseSelectors(match), stepMs);
  },
};

function open(
  apiFor: (signal: AbortSignal) => PrometheusApi,
  selectors: readonly Selector[],
  stepMs: number | undefined,
): Connector {
  return {
    probe: (signal) => probe(apiFor(signal)),
    discover: (windows, signal) => discover(apiFor(signal), selectors, windows),
    pull: (request, signal) =>
      pullSteps({ api: apiFor(signal), selectors, stepMs }, request, signal),
  };
}

async function discover(
  api: PrometheusApi,
  selectors: readonly Selector[],
  windows: readonly TimeWindow[],
): Promise<Catalog> {
  const found = await survey(api, selectors, disjointWindows(windows).map(msWindow));
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
    });
  }
  return { items, notices: [...found.notices, ...internalNotice(found.metrics), ...api.notices()] };
}
