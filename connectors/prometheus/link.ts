import { formatRfc3339, parseDuration, parseRfc3339, type TimeWindow } from '../../core/base';
import {
  addressAbove,
  asText,
  labelMatchers,
  linkToExplore,
  quotedLabel,
  readGrafanaDashboard,
  readGrafanaExplore,
  type JsonObject,
  type LinkPlace,
  type LinkSource,
  type PageLink,
  type PullLink,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { selectorsOf } from './promql';

const PAGE = /\/(graph|query)\/?$/;
/** Loki's API ends alike. */
const API = /(?<!\/loki)\/api\/v1\/(query|query_range)\/?$/;

/**
 * A graph of Prometheus' own pages (`/graph` up to version 2, `/query` of 3) or a call of its query API: the
 * series of its expressions, and the window of its first graph.
 */
export function readLink(url: URL): PullLink | undefined {
  const page = addressAbove(url, PAGE);
  const api = page === undefined ? addressAbove(url, API) : undefined;
  const base = page ?? api;
  if (base === undefined) return readGrafanaLink(url);
  const query = url.searchParams;
  const expressions = [...query]
    .filter(([key]) => (page === undefined ? key === 'query' : /^g\d+\.expr$/.test(key)))
    .map(([, value]) => value);
  if (expressions.length === 0) return undefined;
  const match = [...new Set(expressions.flatMap(selectorsOf))].join('; ');
  return {
    connector: 'prometheus',
    url: base,
    title: page === undefined ? 'a query of Prometheus’ API' : 'a Prometheus graph',
    config: { match },
    ...(page === undefined ? apiWindow(query) : graphWindow(query)),
  };
}

/** Types of Grafana's data sources that are asked as Prometheus is. */
export const GRAFANA_TYPES = ['prometheus', 'grafana-amazonprometheus-datasource'];

function readGrafanaLink(url: URL): PullLink | undefined {
  const configOf = (queries: readonly JsonObject[]): { readonly match: string } | undefined => {
    const expressions = queries.map(({ expr }) => asText(expr)).filter(Boolean);
    if (expressions.length === 0) return undefined;
    return { match: [...new Set(expressions.flatMap(selectorsOf))].join('; ') };
  };
  const reading = { connector: 'prometheus', types: GRAFANA_TYPES, untyped: true, configOf };
  return readGrafanaExplore(url, reading) ?? readGrafanaDashboard(url, 'prometheus');
}

type Window = Pick<PullLink, 'from' | 'to' | 'lacks'>;

function apiWindow(query: URLSearchParams): Window {
  const [from, to] = [query.get('start'), query.get('end')];
  return from !== null && to !== null ? { from, to } : { lacks: 'It names no stretch of time.' };
}

/** The graph ends at `end_input` (UTC), else now, and reaches back by `range_input`, an hour unless said. */
function graphWindow(query: URLSearchParams): Window {
  const range = query.get('g0.range_input') ?? '1h';
  const length = parseDuration(range);
  if (length === undefined) return { lacks: `Its range "${range}" is no duration.` };
  const end = (query.get('g0.end_input') ?? '').trim().replace(' ', 'T');
  const to = parseRfc3339(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(end) ? `${end}:00Z` : `${end}Z`);
  if (to === undefined) return { from: `now-${range}`, to: 'now' };
  return { from: formatRfc3339(to - length), to: formatRfc3339(to) };
}

/** The graph of a series, or of an alert as Prometheus keeps it; in Grafana's Explore where it was asked through it. */
export function linkTo(source: LinkSource, place: LinkPlace): PageLink | undefined {
  const expr = expressionOf(place);
  if (expr === undefined) return undefined;
  const { window } = place;
  if (source.grafana !== undefined) {
    return linkToExplore(source, 'prometheus', { expr, range: true }, window);
  }
  const query = new URLSearchParams({ 'g0.expr': expr, 'g0.tab': '0', ...inputsOf(window) });
  return { product: 'Prometheus', url: `${source.url}/graph?${query}` };
}

function expressionOf(place: LinkPlace): string | undefined {
  if (place.kind === 'alert') return selector('ALERTS', place.labels);
  if (place.kind !== 'series') return undefined;
  const { metric, metricKind, labels } = place;
  if (metricKind !== 'histogram' || labels['le'] !== undefined) return selector(metric, labels);
  // Its buckets are kept as one series: what was `_bucket` there, unless it is a native one.
  const names = `${metric.replace(/[.+*?^$|(){}[\]\\]/g, '\\$&')}(_bucket)?`;
  return `{${[`__name__=~${quotedLabel(names)}`, ...labelMatchers(labels)].join(',')}}`;
}

function selector(metric: string, labels: Attributes): string {
  const matchers = labelMatchers(labels);
  if (!/^[a-zA-Z_:][\w:]*$/.test(metric)) {
    return `{${[`__name__=${quotedLabel(metric)}`, ...matchers].join(',')}}`;
  }
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(',')}}`;
}

/** In whole seconds, as the graph is set: the window and up to a second more on either side. */
function inputsOf({ from, to }: TimeWindow): Record<string, string> {
  const start = from / 1_000_000_000n;
  const end = (to + 999_999_999n) / 1_000_000_000n;
  const length = end > start ? end - start : 1n;
  return {
    'g0.range_input': `${length}s`,
    'g0.end_input': formatRfc3339(end * 1_000_000_000n)
      .slice(0, 19)
      .replace('T', ' '),
  };
}
