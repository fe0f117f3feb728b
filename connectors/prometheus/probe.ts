import type { Probe } from '../../core/connect';
import type { Notice } from '../../core/model';
import type { PrometheusApi } from './api';
import { refusalOf } from './failures';

type Flavour = 'prometheus' | 'thanos' | 'victoriametrics' | 'mimir' | 'cortex' | 'compatible';

interface Told {
  readonly facts: readonly string[];
  readonly notices?: readonly Notice[];
}

/** Undefined where the backend does not have it; trouble with network and sign-in is thrown. */
async function maybe<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    refusalOf(error);
    return undefined;
  }
}

/** Which of the family answers, its version, its limits and what it holds. */
export async function probe(api: PrometheusApi): Promise<Probe> {
  const build = await maybe(api.build());
  const today = await maybe(api.seriesToday());
  const stores = build?.application ? undefined : await maybe(api.stores());
  const flavour = flavourOf(build?.application, build?.version ?? '', Boolean(stores), today?.head);
  const told = await ABOUT[flavour](api, stores);
  const version = told.version ?? build?.version ?? '';
  const product = build?.application ?? PRODUCTS[flavour];
  const [up] = await api.vector('count(up)', api.nowMs());
  const [down] = await api.vector('count(up == 0)', api.nowMs());
  const facts = [
    ...(today?.series === undefined
      ? []
      : [`${today.series} series ${today.head ? 'in memory' : 'today'}`]),
    `${up?.value?.[1] ?? 0} targets${down?.value ? ` (${down.value[1]} of them down)` : ''}`,
    ...told.facts,
  ];
  const notices = [...(told.notices ?? []), ...api.notices()];
  return { product: `${product} ${version}`.trim(), version, facts, notices };
}

/** By what only one of them has: a name in its build, Thanos' stores, VictoriaMetrics' TSDB status. */
export function flavourOf(
  application: string | undefined,
  version: string,
  hasStores: boolean,
  headStats: boolean | undefined,
): Flavour {
  if (application !== undefined) {
    if (/mimir/i.test(application)) return 'mimir';
    if (/cortex/i.test(application)) return 'cortex';
    return 'compatible';
  }
  if (hasStores) return 'thanos';
  if (headStats === false) return 'victoriametrics';
  return version === '' ? 'compatible' : 'prometheus';
}

const PRODUCTS: Readonly<Record<Flavour, string>> = {
  prometheus: 'Prometheus',
  thanos: 'Thanos',
  victoriametrics: 'VictoriaMetrics',
  mimir: 'Grafana Mimir',
  cortex: 'Cortex',
  compatible: 'Prometheus-compatible',
};

type Stores = Awaited<ReturnType<PrometheusApi['stores']>>;
type About = (
  api: PrometheusApi,
  stores: Stores | undefined,
) => Promise<Told & { readonly version?: string }>;

const TENANTED = 'limits are those of the tenant and are told when a query meets one';

const ABOUT: Readonly<Record<Flavour, About>> = {
  prometheus: async (api) => ({ facts: flagFacts((await maybe(api.flags())) ?? {}) }),
  thanos: async (api, stores = {}) => {
    const flags = (await maybe(api.flags())) ?? {};
    return { facts: [...storeFacts(stores), ...flagFacts(flags)], notices: deadStores(stores) };
  },
  victoriametrics: async (api) => victoriaFacts((await maybe(api.ownMetrics())) ?? ''),
  mimir: () => Promise.resolve({ facts: [TENANTED] }),
  cortex: () => Promise.resolve({ facts: [TENANTED] }),
  compatible: () => Promise.resolve({ facts: [] }),
};

/** Flags that limit what can be asked, in words. */
const FLAGS: readonly (readonly [flag: string, fact: (value: string) => string])[] = [
  ['query.max-samples', (v) => `at most ${v} samples a query`],
  ['storage.remote.read-sample-limit', (v) => `${v} samples a remote read`],
  ['query.timeout', (v) => `${v} a query`],
  ['storage.tsdb.retention.time', (v) => `keeps ${v}`],
  ['query.replica-label', (v) => `replicas by ${v} are one`],
  [
    'query.auto-downsampling',
    (v) => (v === 'true' ? 'downsamples by itself unless asked not to' : ''),
  ],
];

function flagFacts(flags: Readonly<Record<string, string>>): readonly string[] {
  const limits = FLAGS.flatMap(([flag, fact]) => {
    const value = flags[flag];
    return value === undefined || value === '' || value === '0s' || value === '[]'
      ? []
      : [fact(value)];
  });
  const features = flags['enable-feature'];
  const exemplars =
    features === undefined
      ? []
      : [features.includes('exemplar-storage') ? 'keeps exemplars' : 'keeps no exemplars'];
  return [...limits, ...exemplars].filter((fact) => fact !== '');
}

function storeFacts(stores: Stores): readonly string[] {
  const kinds = Object.entries(stores).filter(([, list]) => (list?.length ?? 0) > 0);
  const all = kinds.flatMap(([, list]) => list ?? []);
  const oldest = Math.min(...all.map(({ minTime = Number.POSITIVE_INFINITY }) => minTime));
  const since =
    Number.isFinite(oldest) && oldest > 0 ? [`since ${new Date(oldest).toISOString()}`] : [];
  return [...kinds.map(([kind, list]) => `${list?.length ?? 0} ${kind} stores`), ...since];
}

function deadStores(stores: Stores): readonly Notice[] {
  const dead = Object.values(stores)
    .flatMap((list) => list ?? [])
    .filter(({ lastError }) => lastError !== undefined && lastError !== null);
  if (dead.length === 0) return [];
  const names = dead.map(({ name }) => name).join(', ');
  const message = `${dead.length} stores of this Thanos did not answer when it last asked them: ${names}. What only they hold will be missing.`;
  return [{ code: 'stores-failing', severity: 'warning', count: dead.length, message }];
}

/** `-search.…` flags of VictoriaMetrics that limit what can be asked. */
const VICTORIA_FLAGS: readonly (readonly [flag: string, fact: (value: string) => string])[] = [
  ['search.maxUniqueTimeseries', (v) => `at most ${v} series a query`],
  ['search.maxSamplesPerQuery', (v) => `${v} samples a query`],
  ['search.maxPointsPerTimeseries', (v) => `${v} points a series`],
  ['search.maxQueryDuration', (v) => `${v} a query`],
  ['search.latencyOffset', (v) => `hides the newest ${v} from others, not from us`],
  ['dedup.minScrapeInterval', (v) => (/^(0|1ms$)/.test(v) ? '' : `keeps one sample of each ${v}`)],
  ['retentionPeriod', (v) => `keeps ${v}`],
];

/** What VictoriaMetrics exposes of itself: its version and `flag{name="…", value="…"}`. */
export function victoriaFacts(metrics: string): Told & { readonly version?: string } {
  const flags = new Map(
    [...metrics.matchAll(/^flag\{name="([^"]*)",\s*value="((?:[^"\\]|\\.)*)"/gm)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );
  const version = /^vm_app_version\{[^}]*short_version="v?([^"]+)"/m.exec(metrics)?.[1];
  const limits = VICTORIA_FLAGS.flatMap(([flag, fact]) => {
    const value = flags.get(flag);
    return value === undefined ? [] : [fact(value)];
  }).filter((fact) => fact !== '');
  return { version, facts: [...limits, 'keeps no exemplars'] };
}
