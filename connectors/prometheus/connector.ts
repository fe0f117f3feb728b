import { z } from 'zod';
import { parseDuration, type TimeWindow } from '../../core/base';
import {
  disjointWindows,
  type Catalog,
  type CatalogItem,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
} from '../../core/connect';
import { PrometheusApi } from './api';
import { kindOf } from './kinds';
import { internalNotice, isSelected } from './make-plan';
import { refusalOf } from './failures';
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
  ],
  config,
  grafanaTypes: GRAFANA_TYPES,
  readLink,
  open: (values, env) => {
    const { match, step } = config.parse(values);
    const ns = parseDuration(step);
    const stepMs = ns === undefined ? undefined : Number(ns / MS_NS);
    return open(env, parseSelectors(match), stepMs);
  },
};

function open(
  env: ConnectorEnv,
  selectors: readonly Selector[],
  stepMs: number | undefined,
): Connector {
  return {
    probe: (signal) => probe(new PrometheusApi(env, signal)),
    discover: (windows, signal) => discover(new PrometheusApi(env, signal), selectors, windows),
    pull: (request, signal) =>
      pullSteps({ api: new PrometheusApi(env, signal), selectors, stepMs }, request, signal),
  };
}

async function probe(api: PrometheusApi): Promise<Probe> {
  const { version, application } = await api.build().catch((error: unknown) => {
    refusalOf(error);
    return { version: '', application: undefined };
  });
  const facts: string[] = [];
  try {
    facts.push(`${await api.seriesInHead()} series in memory`);
  } catch (error) {
    refusalOf(error);
  }
  const [up] = await api.vector('count(up)', api.nowMs());
  facts.push(`${up?.value?.[1] ?? 0} targets`);
  // VictoriaMetrics answers as Prometheus does, but without a version.
  const product = application ?? (version === '' ? 'Prometheus-compatible' : 'Prometheus');
  return { product: `${product} ${version}`.trim(), version, facts, notices: api.notices() };
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
